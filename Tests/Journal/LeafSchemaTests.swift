import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Schemas of audit leaves")
struct LeafSchemaTests {
    private func leaves(_ store: TestStore) async throws -> [AuditLeaf] {
        try await store.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 100_000)
        }
    }

    @Test("every schema is one that this host's own validator takes, each type has one, and none is of another type")
    func complete() throws {
        let types = LeafSchemas.all.map(\.type)
        #expect(Set(types).count == types.count, "a type is described twice")
        for schema in LeafSchemas.all {
            _ = try JSONSchema(schema.document)
            #expect(!schema.summary.isEmpty && schema.summary.hasSuffix("."))
        }
        _ = try JSONSchema(LeafSchemas.document)
        let written = SQLiteJournal.leafTypes.union(try Self.foreignTypes())
        #expect(written.subtracting(types).sorted() == [], "written, and nothing says what they say")
        #expect(Set(types).subtracting(written).sorted() == [], "described, and nobody writes them")
    }

    /// Types that rooms other than the journal append, as their sources name them.
    private static func foreignTypes() throws -> Set<String> {
        let host = Built.checkout.appendingPathComponent("Host")
        let files = try #require(FileManager.default.enumerator(at: host, includingPropertiesForKeys: nil))
        // Those whose name is not written where they are appended.
        var types: Set = [
            "call.answered", "call.failed", "department.reloaded", "department.reload_failed", "host.started",
            "department.serving", AccessDecision.leafType, DecisionRecord.leafType, "log.key_rotated",
            "log.key_retired", "audit.witness_added", "audit.witness_removed",
        ]
        let literal = #/auditAppend\(\s*type: "([a-z_.]+)"/#
        for case let file as URL in files where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            for match in source.matches(of: literal) { types.insert(String(match.output.1)) }
        }
        return types
    }

    @Test("every leaf of everything that the journal stores follows its schema")
    func journal() async throws {
        let store = try await AuditTests().populated()
        var lint = LeafLint()
        for leaf in try await leaves(store) { lint.read(leaf) }
        #expect(lint.problems == [])
        #expect(lint.types.count > 60)
        await store.journal.close()
    }

    @Test("a leaf of an unknown type, and one that says more, less or something else, is found")
    func strict() async throws {
        let store = try await TestStore()
        _ = try await store.insert(.sample())
        let good = try #require(try await leaves(store).first)
        let document = try CanonicalJSON.decode(good.bytes)
        let changes: [(String, JSONValue?)] = [
            ("type", "run.invented"), ("extra", 1), ("tenant", nil), ("tenant", 5), ("run", "not-an-id"),
            ("input", "0123"), ("now", ["state": "ready"]), ("created_at_ms", "soon"), ("ts", "2027-01-15"),
            ("tenant", .string(String(repeating: "x", count: 201))),
        ]
        for (member, value) in changes {
            var members = document.objectValue ?? [:]
            members[member] = value
            let bytes = try CanonicalJSON.encode(.object(members))
            var lint = LeafLint()
            lint.read(AuditLeaf(index: 0, bytes: bytes, hash: MerkleTree.leafHash(bytes)))
            #expect(lint.problems.count == 1, "\(member) = \(String(describing: value))")
        }
        await store.journal.close()
    }

    @Test("programs of other authors write every leaf in the same bytes, and find it valid by its schema")
    func independent() async throws {
        let store = try await AuditTests().populated()
        let scratch = try Scratch(), leaves = try await leaves(store)
        await store.journal.close()
        let schemas = Dictionary(uniqueKeysWithValues: LeafSchemas.all.map { ($0.type, $0.document) })
        let described = try scratch.write(JSONValue.object(schemas).bytes, to: "schemas.json")
        let lines = leaves.map { Hex.encode($0.bytes) + "\n" }.joined()
        let listed = try scratch.write(Array(lines.utf8), to: "leaves")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Support/check_leaves.py").path
        let child = try ChildProcess("/usr/bin/env", ["python3", script, described, listed])
        #expect(child.remainingLines() == ["\(schemas.count) schemas, \(leaves.count) leaves"])
    }
}
