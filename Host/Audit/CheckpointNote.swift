package import Kernel

/// The promise about a log's content at one size, in the text form of C2SP tlog-checkpoint: three lines with the
/// origin, the number of leaves and the root in base64. What ``Note`` signs.
package struct CheckpointNote: Hashable, Sendable {
    package static let maximumBytes = 4_096

    /// Which log: unique among all logs of the operator.
    package let origin: String
    package let size: Int64
    package let root: Digest

    /// Nil for an origin that would not stand on one line, or a negative size.
    package init?(origin: String, size: Int64, root: Digest) {
        guard Self.isOrigin(origin), size >= 0 else { return nil }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// Nil unless the text is exactly what ``text`` writes.
    package init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard text.utf8.count <= Self.maximumBytes, lines.count == 4, lines[3].isEmpty,
            let size = Int64(lines[1]), let root = Base64.decode(lines[2]).flatMap(Digest.init(checking:))
        else { return nil }
        self.init(origin: lines[0], size: size, root: root)
        // Another spelling of the same numbers (`007`, `+7`, loose base64 bits) is refused.
        guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    package var text: String { "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n" }

    private static func isOrigin(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value > 0x1F && $0.value != 0x7F }
    }
}
