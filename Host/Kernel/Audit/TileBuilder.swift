/// Turns entries, in order, into the resources of a published log. Holds the right edge of the tree: at most 256
/// entries and 256 hashes a level.
package struct TileBuilder: Sendable {
    package struct File: Hashable, Sendable {
        package let path: TilePath
        package let bytes: [UInt8]
    }

    /// The standard's length prefix has 16 bits.
    package static let maximumEntryBytes = 0xFFFF

    package private(set) var size: Int64 = 0
    /// By level: the hashes of the tile that is not full yet.
    private var pending: [[Digest]] = [[]]
    private var bundle: [UInt8] = []

    package init() {}

    /// The state after `size` entries, as it stands in the partial resources of that size.
    ///
    /// - Parameters:
    ///   - pending: by level, as many hashes as a tree of this size has in its partial tile.
    ///   - bundle: the partial entry bundle; empty when there is none.
    package init(size: Int64, pending: [[Digest]], bundle: [UInt8]) {
        self.size = size
        self.pending = pending.isEmpty ? [[]] : pending
        self.bundle = bundle
    }

    /// The partial resources that a tree of this size has.
    package static func edge(size: Int64) -> [TilePath] {
        var paths: [TilePath] = []
        if size % 256 > 0 { paths.append(TilePath(.entries, index: size / 256, width: Int(size % 256))) }
        for level in 0...TilePath.maximumLevel {
            let hashes = size >> Int64(8 * level)
            guard hashes > 0 else { break }
            let width = Int(hashes % 256)
            if width > 0 { paths.append(TilePath(.hashes(level: level), index: hashes / 256, width: width)) }
        }
        return paths
    }

    /// Adds an entry of at most 65,535 bytes, and gives back what became full by it.
    package mutating func append(_ entry: [UInt8]) -> [File] {
        precondition(entry.count <= Self.maximumEntryBytes)
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(entry.count & 0xFF))
        bundle += entry
        pending[0].append(MerkleTree.leafHash(entry))
        size += 1
        guard size.isMultiple(of: 256) else { return [] }
        var full = [File(path: TilePath(.entries, index: size / 256 - 1), bytes: bundle)]
        bundle = []
        var level = 0
        while pending[level].count == TilePath.fullWidth {
            let index = (size >> Int64(8 * (level + 1))) - 1
            full.append(
                File(path: TilePath(.hashes(level: level), index: index), bytes: pending[level].flatMap(\.bytes)))
            let root = MerkleTree.root(of: pending[level])
            pending[level] = []
            if pending.count == level + 1 { pending.append([]) }
            pending[level + 1].append(root)
            level += 1
        }
        return full
    }

    /// The resources at the edge that are not full.
    package var partial: [File] {
        Self.edge(size: size).map { path in
            switch path.kind {
            case .entries: File(path: path, bytes: bundle)
            case .hashes(let level): File(path: path, bytes: pending[level].flatMap(\.bytes))
            }
        }
    }

    package var root: Digest {
        var root: Digest?
        for hashes in pending {
            // Complete subtrees of this level, smallest first, each to the left of all that is smaller.
            var rest = hashes[...]
            while !rest.isEmpty {
                let count = 1 << rest.count.trailingZeroBitCount
                let subtree = MerkleTree.root(of: Array(rest.suffix(count)))
                root = root.map { MerkleTree.nodeHash(subtree, $0) } ?? subtree
                rest = rest.dropLast(count)
            }
        }
        return root ?? MerkleTree.emptyRoot
    }
}

/// The bytes of tiles and bundles, read back.
package enum TileContent {
    /// Nil unless the bytes are exactly that many hashes.
    package static func hashes(_ bytes: [UInt8], width: Int) -> [Digest]? {
        guard bytes.count == width * Digest.byteCount else { return nil }
        return (0..<width).map {
            Digest(bytes: Array(bytes[$0 * Digest.byteCount..<($0 + 1) * Digest.byteCount]))
        }
    }

    /// Nil unless the bytes are exactly that many entries.
    package static func entries(_ bytes: [UInt8], width: Int) -> [[UInt8]]? {
        var entries: [[UInt8]] = []
        var position = 0
        while position + 2 <= bytes.count {
            let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
            guard position + 2 + length <= bytes.count else { return nil }
            entries.append(Array(bytes[position + 2..<position + 2 + length]))
            position += 2 + length
        }
        return position == bytes.count && entries.count == width ? entries : nil
    }
}
