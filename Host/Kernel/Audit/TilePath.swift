/// Names a resource of a published log (C2SP tlog-tiles): 256 consecutive hashes of one level, or 256 entries; fewer
/// at the right edge of the tree.
package struct TilePath: Hashable, Sendable, CustomStringConvertible {
    package static let fullWidth = 256
    /// Of 256 to the power of the level, in a tree of at most 2^63 leaves.
    package static let maximumLevel = 7

    package enum Kind: Hashable, Sendable {
        /// Level 0: leaf hashes. Above: each hash is the root of a full tile below.
        case hashes(level: Int)
        case entries
    }

    package let kind: Kind
    package let index: Int64
    /// Hashes or entries in it; 256 for a full one.
    package let width: Int

    package init(_ kind: Kind, index: Int64, width: Int = fullWidth) {
        self.kind = kind
        self.index = index
        self.width = width
    }

    package var isFull: Bool { width == Self.fullWidth }

    /// The same place when it is full.
    package var full: TilePath { TilePath(kind, index: index) }

    /// Below the log's prefix: `tile/0/x001/067.p/12`.
    package var description: String {
        let kindText =
            switch kind {
            case .hashes(let level): String(level)
            case .entries: "entries"
            }
        return "tile/\(kindText)/\(Self.indexText(index))\(isFull ? "" : ".p/\(width)")"
    }

    /// Nil for anything but what ``description`` writes.
    package init?(_ path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard path.utf8.count <= 100, parts.count >= 3, parts[0] == "tile" else { return nil }
        if parts[1] == "entries" {
            kind = .entries
        } else {
            guard let level = Int(parts[1]), (0...Self.maximumLevel).contains(level) else { return nil }
            kind = .hashes(level: level)
        }
        var rest = parts.dropFirst(2)
        var width = Self.fullWidth
        if rest.count >= 2, rest[rest.endIndex - 2].hasSuffix(".p") {
            guard let number = Int(rest.removeLast()), (1..<Self.fullWidth).contains(number) else { return nil }
            width = number
            rest[rest.endIndex - 1].removeLast(2)
        }
        self.width = width
        let digits = rest.map { $0.hasPrefix("x") ? String($0.dropFirst()) : $0 }.joined()
        guard (3...18).contains(digits.utf8.count), let index = Int64(digits), index >= 0 else { return nil }
        self.index = index
        guard description == path else { return nil }
    }

    /// Zero-padded groups of three digits, all but the last with an `x` before.
    private static func indexText(_ index: Int64) -> String {
        func group(_ number: Int64) -> String {
            let digits = String(number)
            return String(repeating: "0", count: 3 - digits.count) + digits
        }
        var text = group(index % 1_000)
        var rest = index / 1_000
        while rest > 0 {
            text = "x\(group(rest % 1_000))/\(text)"
            rest /= 1_000
        }
        return text
    }

    /// The tile that holds the hash of a complete subtree, as wide as it is in a tree of `size` leaves.
    package static func holding(_ node: TreeNode, size: Int64) -> TilePath {
        let level = node.level / 8
        let index = node.index >> Int64(8 - node.level % 8)
        return TilePath(.hashes(level: level), index: index, width: width(level: level, index: index, size: size))
    }

    /// 0 when a tree of `size` leaves has no such tile.
    package static func width(level: Int, index: Int64, size: Int64) -> Int {
        let hashes = size >> Int64(8 * level)
        return Int(max(0, min(Int64(fullWidth), hashes - index * Int64(fullWidth))))
    }
}

/// A complete subtree: 2^level leaves, the `index`-th of that size.
package struct TreeNode: Hashable, Sendable {
    package let level: Int
    package let index: Int64
}

extension MerkleTree {
    /// The ranges of leaves whose roots are the audit path of a leaf, from its sibling upwards. Nil when there is no
    /// such leaf.
    package static func inclusionRanges(index: Int64, size: Int64) -> [Range<Int64>]? {
        guard index >= 0, index < size else { return nil }
        var ranges: [Range<Int64>] = []
        var (low, high) = (Int64(0), size)
        while high - low > 1 {
            let split = low + splitPoint(high - low)
            if index < split {
                ranges.append(split..<high)
                high = split
            } else {
                ranges.append(low..<split)
                low = split
            }
        }
        return ranges.reversed()
    }

    /// The ranges of leaves whose roots prove that a tree of `newSize` leaves begins with that of `oldSize`. Nil when
    /// the old one is larger; empty when it is empty or the same.
    package static func consistencyRanges(from oldSize: Int64, to newSize: Int64) -> [Range<Int64>]? {
        guard oldSize >= 0, oldSize <= newSize else { return nil }
        guard oldSize > 0 else { return [] }
        var ranges: [Range<Int64>] = []
        var (low, high) = (Int64(0), newSize)
        while oldSize < high {
            let split = low + splitPoint(high - low)
            if oldSize <= split {
                ranges.append(split..<high)
                high = split
            } else {
                ranges.append(low..<split)
                low = split
            }
        }
        // The old tree itself is known to who asks, unless only a part of it is a subtree of the new one.
        if low > 0 { ranges.append(low..<high) }
        return ranges.reversed()
    }

    /// The root over a range of leaves that stands for a subtree in some tree, from complete subtrees.
    package static func root<Failure: Error>(
        of range: Range<Int64>, node: (TreeNode) throws(Failure) -> Digest
    ) throws(Failure) -> Digest {
        guard !range.isEmpty else { return emptyRoot }
        var nodes: [TreeNode] = []
        var low = range.lowerBound
        while low < range.upperBound {
            let level = Int64.bitWidth - 1 - (range.upperBound - low).leadingZeroBitCount
            nodes.append(TreeNode(level: level, index: low >> Int64(level)))
            low += 1 << Int64(level)
        }
        var hash = try node(nodes.removeLast())
        for left in nodes.reversed() { hash = nodeHash(try node(left), hash) }
        return hash
    }

    /// The largest power of two smaller than `count`, which is at least 2.
    private static func splitPoint(_ count: Int64) -> Int64 {
        1 << Int64(Int64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
