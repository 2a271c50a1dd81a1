/// Proofs from stored hashes of complete subtrees: in time logarithmic in the number of leaves, where those of
/// `MerkleTree.inclusionProof(index:leafHashes:)` are linear.
extension MerkleTree {
    /// The audit path of RFC 6962 section 2.1.1, from the leaf upwards. Nil when there is no such leaf.
    ///
    /// - Parameter subtree: the root of the leaves from `number << level` on, `1 << level` of them, all of them there;
    ///   level 0 are the leaves' own hashes.
    package static func inclusionProof<Failure: Error>(
        index: Int64, size: Int64, subtree: (_ level: Int, _ number: Int64) throws(Failure) -> Digest
    ) throws(Failure) -> [Digest]? {
        guard let ranges = inclusionRanges(index: index, size: size) else { return nil }
        var proof: [Digest] = []
        for range in ranges {
            proof.append(
                try root(of: range) { node throws(Failure) in try subtree(node.level, node.index) })
        }
        return proof
    }
}
