import Kernel
import TestSupport
import Testing

@Suite("Proofs from stored hashes")
struct StoredProofTests {
    private struct Missing: Error {}

    @Test("an inclusion proof from complete subtrees is the one from all leaves")
    func inclusion() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let leaves = (0..<1_100).map { MerkleTree.leafHash(Array("\($0)".utf8)) }
        let sizes = Array(1...70) + (0..<60).map { _ in Int.random(in: 1...leaves.count, using: &random) }
        for size in sizes {
            let stored = Array(leaves.prefix(size)), root = MerkleTree.root(of: stored)
            for index in Set([0, size - 1, size / 2, Int.random(in: 0..<size, using: &random)]) {
                let proof = try MerkleTree.inclusionProof(index: Int64(index), size: Int64(size)) {
                    level, number throws(Missing) in
                    let first = Int(number) << level, end = first + (1 << level)
                    guard end <= size else { throw Missing() }
                    return MerkleTree.root(of: Array(stored[first..<end]))
                }
                #expect(proof == MerkleTree.inclusionProof(index: index, leafHashes: stored), "seed \(seed)")
                #expect(
                    MerkleTree.verifyInclusion(
                        leafHash: stored[index], index: Int64(index), size: Int64(size), proof: proof ?? [], root: root)
                )
            }
        }
    }

    @Test(
        "there is no proof of a leaf that is not there",
        arguments: [(-1, 5), (5, 5), (0, 0), (Int64.max, 5)] as [(Int64, Int64)])
    func none(index: Int64, size: Int64) {
        let proof = MerkleTree.inclusionProof(index: index, size: size) { _, _ in MerkleTree.emptyRoot }
        #expect(proof == nil)
    }
}
