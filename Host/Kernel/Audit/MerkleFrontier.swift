/// The right edge of a Merkle tree: the roots of its complete subtrees, largest first. All that is needed to append
/// and to know the root, in at most 64 hashes.
package struct MerkleFrontier: Hashable, Sendable {
    package private(set) var size: Int64
    private var subtrees: [Digest]

    package init() {
        size = 0
        subtrees = []
    }

    package mutating func append(_ leafHash: Digest) {
        var hash = leafHash
        // Each trailing one of the size is a complete subtree as large as the one that is carried.
        var carry = size
        while carry & 1 == 1 {
            hash = MerkleTree.nodeHash(subtrees.removeLast(), hash)
            carry >>= 1
        }
        subtrees.append(hash)
        size += 1
    }

    package var root: Digest {
        guard var hash = subtrees.last else { return MerkleTree.emptyRoot }
        for subtree in subtrees.dropLast().reversed() { hash = MerkleTree.nodeHash(subtree, hash) }
        return hash
    }

    /// The size as eight bytes, most significant first, and the hashes.
    package var encoded: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: size >> (56 - 8 * $0)) } + subtrees.flatMap(\.bytes)
    }

    /// Nil unless the bytes are a size and as many hashes as the size has ones.
    package init?(decoding bytes: [UInt8]) {
        guard bytes.count >= 8 else { return nil }
        size = bytes.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
        let hashes = bytes.dropFirst(8)
        guard size >= 0, hashes.count == size.nonzeroBitCount * Digest.byteCount else { return nil }
        subtrees = stride(from: 8, to: bytes.count, by: Digest.byteCount).map {
            Digest(bytes: Array(bytes[$0..<$0 + Digest.byteCount]))
        }
    }
}
