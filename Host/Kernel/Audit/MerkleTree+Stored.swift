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
        guard index >= 0, index < size else { return nil }
        var siblings: [Range<Int64>] = []
        var range = 0..<size
        while range.count > 1 {
            let split = range.lowerBound + leftCount(of: range)
            if index < split {
                siblings.append(split..<range.upperBound)
                range = range.lowerBound..<split
            } else {
                siblings.append(range.lowerBound..<split)
                range = split..<range.upperBound
            }
        }
        var proof: [Digest] = []
        for sibling in siblings.reversed() { proof.append(try root(of: sibling, subtree)) }
        return proof
    }

    /// Of leaves that begin where a subtree of at least their number does.
    private static func root<Failure: Error>(
        of leaves: Range<Int64>, _ subtree: (_ level: Int, _ number: Int64) throws(Failure) -> Digest
    ) throws(Failure) -> Digest {
        var complete: [Digest] = []
        var start = leaves.lowerBound
        // Each one in the count is a complete subtree, the largest first.
        while start < leaves.upperBound {
            let level = Int64.bitWidth - 1 - (leaves.upperBound - start).leadingZeroBitCount
            complete.append(try subtree(level, start >> level))
            start += 1 << level
        }
        var hash = complete.removeLast()
        for left in complete.reversed() { hash = nodeHash(left, hash) }
        return hash
    }

    /// The largest power of two smaller than the count, which is at least 2.
    private static func leftCount(of range: Range<Int64>) -> Int64 {
        1 << (Int64.bitWidth - 1 - (Int64(range.count) - 1).leadingZeroBitCount)
    }
}
