import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Tiles and proofs")
struct TreeTests {
    @Test("roots of the golden log of 100,000 leaves and of RFC 6962 come out of tiles")
    func goldenRoots() throws {
        let vectors = try Vectors.load()
        var builder = TileBuilder()
        for number in 0..<100_000 {
            _ = builder.append(Array(String(number).utf8))
            if let root = vectors.goldenDecimalLeavesRoots[String(number + 1)] {
                #expect(builder.root.hex == root, "\(number + 1)")
            }
        }
        var reference = TileBuilder()
        for size in 0...8 {
            #expect(reference.root.hex == vectors.rfc6962ReferenceRoots[String(size)])
            if size < 8 { _ = reference.append(try #require(Hex.decode(vectors.rfc6962LeafInputsHex[size]))) }
        }
    }

    @Test("a tree of 70,000 leaves has the tiles that the standard counts")
    func widths() {
        var builder = TileBuilder()
        var full: [TilePath: Int] = [:]
        for number in 0..<70_000 {
            for file in builder.append(Array(String(number).utf8)) { full[file.path] = file.bytes.count }
        }
        func count(_ kind: TilePath.Kind) -> Int { full.keys.count { $0.kind == kind } }
        #expect(count(.hashes(level: 0)) == 273 && count(.entries) == 273 && count(.hashes(level: 1)) == 1)
        #expect(
            builder.partial.map(\.path.description) == [
                "tile/entries/273.p/112", "tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1",
            ])
        var small = TileBuilder()
        let files = (0..<256).flatMap { small.append([UInt8($0)]) }
        #expect(files.map(\.path.description) == ["tile/entries/000", "tile/0/000"])
        #expect(small.partial.map(\.path.description) == ["tile/1/000.p/1"])
    }

    @Test("paths have one spelling")
    func paths() {
        for text in ["tile/0/000", "tile/entries/x001/x234/067", "tile/7/x001/067.p/255", "tile/1/999.p/1"] {
            #expect(TilePath(text)?.description == text)
        }
        let wrong = [
            "", "tile", "tile/0", "tile/0/", "tile/8/000", "tile/00/000", "tile/-1/000", "tile/0/0", "tile/0/0000",
            "tile/0/x000/067", "tile/0/001/067", "tile/0/x001/x067", "tile/0/067.p/0", "tile/0/067.p/256",
            "tile/0/067.p/01", "tile/0/067.p/", "tile/0/067.p", "tile/data/000", "tile/0/../../checkpoint",
            "tile/0/000/", "/tile/0/000", "tile/0/ 00", "tile/0/+00", "tile/entries/x999/x999/x999/x999/x999/x999/x999",
            "tile/0/x001/067.p/1/2", "tile/0/067.P/12", "tile/0/0\u{0661}0",
        ]
        for text in wrong { #expect(TilePath(text) == nil, "\(text)") }
    }

    @Test("proofs of random trees hold, and no altered one does")
    func properties() throws {
        var random = SplitMix64(seed: TestSeed.next())
        for _ in 0..<60 {
            let size = Int.random(in: 1...700, using: &random)
            let hashes = (0..<size).map { MerkleTree.leafHash(Array("\($0)".utf8)) }
            let root = MerkleTree.root(of: hashes)
            func node(_ node: TreeNode) -> Digest {
                MerkleTree.root(of: Array(hashes[Int(node.index) << node.level..<Int(node.index + 1) << node.level]))
            }
            let index = Int.random(in: 0..<size, using: &random)
            let ranges = try #require(MerkleTree.inclusionRanges(index: Int64(index), size: Int64(size)))
            let proof = ranges.map { MerkleTree.root(of: $0, node: node) }
            #expect(proof == MerkleTree.inclusionProof(index: index, leafHashes: hashes))
            func holds(_ index: Int64, _ size: Int64, _ proof: [Digest], _ leaf: Digest, _ root: Digest) -> Bool {
                MerkleTree.verifyInclusion(leafHash: leaf, index: index, size: size, proof: proof, root: root)
            }
            #expect(holds(Int64(index), Int64(size), proof, hashes[index], root))
            for other in Self.altered(proof, &random) {
                #expect(!holds(Int64(index), Int64(size), other, hashes[index], root))
            }
            #expect(!holds(Int64(index), Int64(size), proof, Digest.sha256([1]), root))
            for wrong in [-1, Int64(size), Int64.max, Int64.min] {
                #expect(!holds(wrong, Int64(size), proof, hashes[index], root))
            }
            for wrong in [0, -1, Int64.max, Int64.min] where wrong != Int64.max || !proof.isEmpty {
                #expect(!holds(Int64(index), wrong, proof, hashes[index], root))
            }

            let old = Int.random(in: 0...size, using: &random)
            let oldRoot = MerkleTree.root(of: Array(hashes.prefix(old)))
            let growth = try #require(MerkleTree.consistencyRanges(from: Int64(old), to: Int64(size)))
                .map { MerkleTree.root(of: $0, node: node) }
            #expect(growth == MerkleTree.consistencyProof(from: old, leafHashes: hashes))
            func grew(_ old: Int64, _ oldRoot: Digest, _ size: Int64, _ root: Digest, _ proof: [Digest]) -> Bool {
                MerkleTree.verifyConsistency(
                    oldSize: old, oldRoot: oldRoot, newSize: size, newRoot: root, proof: proof)
            }
            #expect(grew(Int64(old), oldRoot, Int64(size), root, growth))
            for other in Self.altered(growth, &random) { #expect(!grew(Int64(old), oldRoot, Int64(size), root, other)) }
            if old > 0 { #expect(!grew(Int64(old), Digest.sha256([2]), Int64(size), root, growth)) }
            if old < size { #expect(!grew(Int64(size), root, Int64(old), oldRoot, growth)) }
            for wrong in [Int64.min, -1, Int64.max] { #expect(!grew(wrong, oldRoot, Int64(size), root, growth)) }
        }
        #expect(MerkleTree.inclusionRanges(index: 0, size: 0) == nil)
        #expect(MerkleTree.consistencyRanges(from: 3, to: 2) == nil)
    }

    /// One hash flipped in a bit, left out, doubled, or two exchanged; or one more.
    private static func altered(_ proof: [Digest], _ random: inout SplitMix64) -> [[Digest]] {
        var all = [proof + [Digest.sha256([0])], [Digest.sha256([0])] + proof]
        guard let place = proof.indices.randomElement(using: &random) else { return all }
        var flipped = proof[place].bytes
        flipped[Int.random(in: 0..<32, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        var proofs = [proof, proof, proof]
        proofs[0][place] = Digest(bytes: flipped)
        proofs[1].remove(at: place)
        proofs[2].insert(proof[place], at: place)
        all += proofs
        if proof.count > 1 { all.append(proof.reversed()) }
        return all
    }

    @Test("bundles and tiles that are not whole are refused")
    func contents() {
        var builder = TileBuilder()
        for number in 0..<5 { _ = builder.append(Array("entry \(number)".utf8)) }
        let (bundle, tile) = (builder.partial[0].bytes, builder.partial[1].bytes)
        #expect(TileContent.entries(bundle, width: 5)?.count == 5 && TileContent.hashes(tile, width: 5)?.count == 5)
        for width in [4, 6] {
            #expect(TileContent.entries(bundle, width: width) == nil && TileContent.hashes(tile, width: width) == nil)
        }
        for count in 1...3 {
            #expect(TileContent.entries(Array(bundle.dropLast(count)), width: 5) == nil)
            #expect(TileContent.entries(bundle + Array(repeating: 0, count: count), width: 5) == nil)
            #expect(TileContent.hashes(Array(tile.dropLast(count)), width: 5) == nil)
        }
    }
}
