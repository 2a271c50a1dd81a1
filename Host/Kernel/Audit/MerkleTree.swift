/// The Merkle tree of RFC 6962 section 2.1, as used by Certificate Transparency: leaves and nodes are hashed with
/// different prefixes, so neither can pass for the other.
///
/// Proofs here are computed from all leaf hashes, in time linear in their number.
package enum MerkleTree {
    /// The root of a tree without leaves: SHA-256 of nothing.
    package static let emptyRoot = Digest.sha256([UInt8]())

    /// SHA-256(0x00 || entry).
    package static func leafHash(_ entry: [UInt8]) -> Digest { Digest.sha256(0, entry) }

    /// SHA-256(0x01 || left || right).
    package static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
        Digest.sha256(1, left.bytes, right.bytes)
    }

    package static func root(of leafHashes: [Digest]) -> Digest { root(of: leafHashes[...]) }

    private static func root(of leaves: ArraySlice<Digest>) -> Digest {
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leaf) }
        return frontier.root
    }

    /// The audit path of RFC 6962 section 2.1.1, from the leaf upwards. Nil when there is no such leaf.
    package static func inclusionProof(index: Int, leafHashes: [Digest]) -> [Digest]? {
        guard leafHashes.indices.contains(index) else { return nil }
        return path(index, leafHashes[...])
    }

    private static func path(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let split = splitPoint(leaves.count)
        let (left, right) = (leaves.prefix(split), leaves.dropFirst(split))
        return index < split
            ? path(index, left) + [root(of: right)]
            : path(index - split, right) + [root(of: left)]
    }

    /// The proof of RFC 6962 section 2.1.2 that the tree of the first `oldSize` leaves is a prefix of this one.
    /// Nil when the old tree is larger; empty when it is empty or the same.
    package static func consistencyProof(from oldSize: Int, leafHashes: [Digest]) -> [Digest]? {
        guard (0...leafHashes.count).contains(oldSize) else { return nil }
        return oldSize == 0 ? [] : subproof(oldSize, leafHashes[...], isWhole: true)
    }

    private static func subproof(_ oldSize: Int, _ leaves: ArraySlice<Digest>, isWhole: Bool) -> [Digest] {
        if oldSize == leaves.count { return isWhole ? [] : [root(of: leaves)] }
        let split = splitPoint(leaves.count)
        let (left, right) = (leaves.prefix(split), leaves.dropFirst(split))
        return oldSize <= split
            ? subproof(oldSize, left, isWhole: isWhole) + [root(of: right)]
            : subproof(oldSize - split, right, isWhole: false) + [root(of: left)]
    }

    /// The largest power of two smaller than `count`, which is at least 2.
    private static func splitPoint(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// RFC 9162 section 2.1.3.2. Never traps, whatever the numbers are.
    package static func verifyInclusion(
        leafHash: Digest, index: Int64, size: Int64, proof: [Digest], root: Digest
    ) -> Bool {
        guard index >= 0, index < size else { return false }
        var (node, last) = (index, size - 1)
        var hash = leafHash
        for sibling in proof {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = nodeHash(sibling, hash)
                while node & 1 == 0, node > 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = nodeHash(hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// RFC 9162 section 2.1.4.2. Never traps, whatever the numbers are.
    package static func verifyConsistency(
        oldSize: Int64, oldRoot: Digest, newSize: Int64, newRoot: Digest, proof: [Digest]
    ) -> Bool {
        guard oldSize >= 0, oldSize <= newSize else { return false }
        if oldSize == newSize { return proof.isEmpty && oldRoot == newRoot }
        if oldSize == 0 { return proof.isEmpty && oldRoot == emptyRoot }
        // A power of two is one complete subtree, whose root the proof leaves out.
        var hashes = (oldSize & (oldSize - 1) == 0 ? [oldRoot] : []) + proof
        guard !hashes.isEmpty else { return false }
        let first = hashes.removeFirst()
        var (node, last) = (oldSize - 1, newSize - 1)
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var (old, new) = (first, first)
        for sibling in hashes {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                old = nodeHash(sibling, old)
                new = nodeHash(sibling, new)
                while node & 1 == 0, node > 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                new = nodeHash(new, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}
