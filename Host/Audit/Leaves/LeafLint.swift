package import Journal
import Kernel

/// Holds leaves against the schemas of their types.
package struct LeafLint: Sendable {
    private static let page = 1_024

    package private(set) var count: Int64 = 0
    package private(set) var problems: [AuditProblem] = []
    /// How many of each type.
    package private(set) var types: [String: Int] = [:]
    private var schemas: [String: JSONSchema] = [:]

    package init() {}

    /// All leaves of a store, in one snapshot.
    package mutating func read(_ journal: any JournalReading) throws(JournalError) {
        var index: Int64 = 0
        while true {
            let leaves = try journal.auditLeaves(from: index, limit: Self.page)
            guard let last = leaves.last else { return }
            for leaf in leaves { read(leaf) }
            guard last.index < Int64.max else { return }
            index = last.index + 1
        }
    }

    package mutating func read(_ leaf: AuditLeaf) {
        count += 1
        guard let fields = try? CanonicalJSON.decode(leaf.bytes), let type = fields["type"]?.stringValue else {
            return add(leaf.index, "it is not canonical, or has no type")
        }
        types[type, default: 0] += 1
        guard let schema = schema(of: type) else { return add(leaf.index, "there is no schema for \(type)") }
        let violations = schema.validate(fields)
        guard !violations.isEmpty else { return }
        let list = violations.map(\.description).joined(separator: "; ")
        add(leaf.index, "\(type) does not follow its schema: \(list)")
    }

    private mutating func schema(of type: String) -> JSONSchema? {
        if let known = schemas[type] { return known }
        guard let schema = LeafSchemas.schema(of: type), let compiled = try? JSONSchema(schema.document) else {
            return nil
        }
        schemas[type] = compiled
        return compiled
    }

    private mutating func add(_ leaf: Int64, _ message: String) {
        guard problems.count < AuditReport.maximumProblems else { return }
        problems.append(AuditProblem(leaf: leaf, message))
    }
}
