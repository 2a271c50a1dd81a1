import Kernel
import TestSupport
import Testing

@Suite("Merkle tree")
struct MerkleTreeTests {
    static let leafHashes = MerkleVectors.leaves.map { MerkleTree.leafHash(Hex.decode($0) ?? []) }

    static func decimalLeaves(_ count: Int) -> [Digest] {
        (0..<count).map { MerkleTree.leafHash(Array(String($0).utf8)) }
    }

    static func digests(_ hex: [String]) throws -> [Digest] {
        try hex.map { try #require(Digest(hex: $0)) }
    }

    @Test("the roots of Certificate Transparency's reference leaves hold", arguments: MerkleVectors.roots)
    func referenceRoots(size: Int, root: String) {
        #expect(MerkleTree.root(of: Array(Self.leafHashes.prefix(size))).hex == root)
    }

    @Test("the golden roots up to 100,000 decimal leaves hold")
    func decimalRoots() {
        var frontier = MerkleFrontier()
        var expected = MerkleVectors.decimalRoots[...]
        for leaf in Self.decimalLeaves(100_000) {
            frontier.append(leaf)
            guard Int(frontier.size) == expected.first?.size else { continue }
            #expect(frontier.root.hex == expected.removeFirst().root)
        }
        #expect(expected.isEmpty)
    }

    /// From the reference tests of Certificate Transparency (index and size counted from 0 and 1).
    static let inclusion: [(index: Int, size: Int, proof: [String])] = [
        (0, 1, []),
        (
            0, 8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        ),
        (
            5, 8,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        (
            1, 5,
            [
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]
        ),
    ]

    @Test("the reference inclusion proofs hold", arguments: inclusion)
    func inclusionProofs(index: Int, size: Int, proof: [String]) throws {
        let leaves = Array(Self.leafHashes.prefix(size))
        #expect(MerkleTree.inclusionProof(index: index, leafHashes: leaves) == (try Self.digests(proof)))
    }

    static let consistency: [(old: Int, new: Int, proof: [String])] = [
        (1, 1, []),
        (
            1, 8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]
        ),
        (
            6, 8,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        ),
        (
            2, 5,
            [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]
        ),
    ]

    @Test("the reference consistency proofs hold", arguments: consistency)
    func consistencyProofs(old: Int, new: Int, proof: [String]) throws {
        let leaves = Array(Self.leafHashes.prefix(new))
        #expect(MerkleTree.consistencyProof(from: old, leafHashes: leaves) == (try Self.digests(proof)))
    }

    @Test("every proof of every small tree verifies, and no altered one does")
    func allProofs() throws {
        let leaves = Self.decimalLeaves(40)
        let stranger = MerkleTree.leafHash([1, 2, 3])
        for size in 1...leaves.count {
            let tree = Array(leaves.prefix(size))
            let root = MerkleTree.root(of: tree)
            for index in 0..<size {
                let proof = try #require(MerkleTree.inclusionProof(index: index, leafHashes: tree))
                func verifies(_ leaf: Digest, _ index: Int, _ size: Int, _ proof: [Digest]) -> Bool {
                    MerkleTree.verifyInclusion(
                        leafHash: leaf, index: Int64(index), size: Int64(size), proof: proof, root: root)
                }
                #expect(verifies(leaves[index], index, size, proof))
                #expect(!verifies(stranger, index, size, proof))
                #expect(!verifies(leaves[index], index, size, proof + [stranger]))
                #expect(!verifies(leaves[index], size, size, proof))
                #expect(!verifies(leaves[index], -1, size, proof))
                if !proof.isEmpty {
                    #expect(!verifies(leaves[index], index, size, Array(proof.dropLast())))
                    #expect(!verifies(leaves[index], index ^ 1, size, proof))
                    #expect(!verifies(leaves[index], index, size, Array(proof.dropLast()) + [stranger]))
                }
            }
        }
    }

    @Test("consistency holds between every two sizes, and not with another root or proof")
    func allConsistency() throws {
        let leaves = Self.decimalLeaves(33)
        let roots = (0...leaves.count).map { MerkleTree.root(of: Array(leaves.prefix($0))) }
        let stranger = MerkleTree.leafHash([1, 2, 3])
        for new in 0...leaves.count {
            for old in 0...new {
                let tree = Array(leaves.prefix(new))
                let proof = try #require(MerkleTree.consistencyProof(from: old, leafHashes: tree))
                func verifies(_ oldRoot: Digest, _ newRoot: Digest, _ proof: [Digest]) -> Bool {
                    MerkleTree.verifyConsistency(
                        oldSize: Int64(old), oldRoot: oldRoot, newSize: Int64(new), newRoot: newRoot, proof: proof)
                }
                #expect(verifies(roots[old], roots[new], proof))
                #expect(!verifies(stranger, roots[new], proof))
                #expect(!verifies(roots[old], roots[new], proof + [stranger]))
                if old > 0 { #expect(!verifies(roots[old], stranger, proof)) }
                if !proof.isEmpty { #expect(!verifies(roots[old], roots[new], Array(proof.dropLast()))) }
            }
        }
        #expect(MerkleTree.consistencyProof(from: 3, leafHashes: Array(leaves.prefix(2))) == nil)
    }

    @Test("extreme sizes are refused without a trap", arguments: [Int64.min, -1, 0, Int64.max])
    func extremes(size: Int64) {
        let leaf = Self.leafHashes[0]
        #expect(!MerkleTree.verifyInclusion(leafHash: leaf, index: .max, size: size, proof: [leaf], root: leaf))
        #expect(!MerkleTree.verifyInclusion(leafHash: leaf, index: 0, size: size, proof: [], root: leaf))
        #expect(
            !MerkleTree.verifyConsistency(oldSize: size, oldRoot: leaf, newSize: .max, newRoot: leaf, proof: [leaf]))
        #expect(
            !MerkleTree.verifyConsistency(oldSize: .max, oldRoot: leaf, newSize: size, newRoot: leaf, proof: [leaf]))
    }

    @Test("a frontier that was stored and read back goes on as before")
    func frontierStorage() throws {
        var frontier = MerkleFrontier()
        for leaf in Self.decimalLeaves(300) {
            let encoded = frontier.encoded
            #expect(encoded.count == 8 + 32 * frontier.size.nonzeroBitCount)
            #expect(MerkleFrontier(decoding: encoded) == frontier)
            #expect(MerkleFrontier(decoding: encoded + [0]) == nil)
            #expect(MerkleFrontier(decoding: Array(encoded.dropLast())) == nil)
            frontier = try #require(MerkleFrontier(decoding: encoded))
            frontier.append(leaf)
        }
        #expect(frontier.root == MerkleTree.root(of: Self.decimalLeaves(300)))
        #expect(MerkleFrontier(decoding: Array(repeating: 0xFF, count: 8)) == nil)
    }
}
