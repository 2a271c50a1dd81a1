package import Kernel
package import Journal

/// Which leaves are looked for. Everything that is given must fit.
package struct AuditSearch: Hashable, Sendable {
    /// Members that say who acted, or for whom.
    private static let actorKeys = ["actor", "by", "user", "agent", "host", "plugin"]
    /// Members that say which run a leaf belongs to.
    private static let runKeys = ["run", "root", "parent"]

    /// A type, or all that begin with it when it ends with a dot.
    package var type: String?
    package var run: String?
    package var actor: String?
    /// Both inclusive.
    package var since: Instant?
    package var until: Instant?
    /// Anywhere in the leaf, as it is written.
    package var text: String?

    package init() {}

    package func fits(_ leaf: AuditLeaf) -> Bool {
        if let text, !Self.contains(leaf.bytes, Array(text.utf8)) { return false }
        guard type != nil || run != nil || actor != nil || since != nil || until != nil else { return true }
        guard let fields = try? JSONParser.parse(leaf.bytes) else { return false }
        if let type {
            let found = fields["type"]?.stringValue ?? ""
            guard type.hasSuffix(".") ? found.hasPrefix(type) : found == type else { return false }
        }
        if let run, !Self.runKeys.contains(where: { fields[$0]?.stringValue == run }) { return false }
        if let actor, !Self.actorKeys.contains(where: { fields[$0]?.stringValue == actor }) { return false }
        guard since != nil || until != nil else { return true }
        guard let at = fields["ts"]?.stringValue.flatMap(Instant.init(timestamp:)) else { return false }
        return (since.map { $0 <= at } ?? true) && (until.map { at <= $0 } ?? true)
    }

    /// The leaves that fit, in order, until `body` gives false.
    package func each(
        _ reading: any JournalReading, from index: Int64 = 0, _ body: (AuditLeaf) -> Bool
    ) throws(JournalError) {
        var position = index
        while true {
            let leaves = try reading.auditLeaves(from: position, limit: 1_024)
            guard let last = leaves.last?.index, last < Int64.max else { return }
            for leaf in leaves where fits(leaf) {
                if !body(leaf) { return }
            }
            position = last + 1
        }
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { start in
            bytes[start] == first && bytes[start..<start + part.count].elementsEqual(part)
        }
    }
}
