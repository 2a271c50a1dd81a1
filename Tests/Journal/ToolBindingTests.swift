import Journal
import Kernel
import TestSupport
import Testing

@Suite("Tool bindings")
struct ToolBindingTests {
    static func binding(_ name: String, signature: String = "f64 cbrt(f64 x)") -> ToolBindingRecord {
        ToolBindingRecord(
            name: name, path: "/lib/libm.so.6", digest: Digest.sha256([1]), signature: signature, summary: "Root.",
            hasSideEffects: false, followsUpgrades: true, timeoutMilliseconds: 10_000,
            boundAt: Instant(unixMilliseconds: 1_800_000_000_000))
    }

    private static func isSound(_ store: TestStore) async throws -> Bool {
        try await store.journal.read { journal throws(JournalError) in try journal.auditMismatches() }.isEmpty
    }

    @Test("a binding is kept, replaced and taken back, and the audit log agrees at each point")
    func life() async throws {
        let store = try await TestStore()
        let first = Self.binding("math.cbrt"), second = Self.binding("math.root", signature: "f64 sqrt(f64)")
        try await store.journal.write { journal throws(JournalError) in
            try journal.toolBind(first)
            try journal.toolBind(second)
        }
        #expect(try await Self.isSound(store))
        try await store.journal.write { journal throws(JournalError) in try journal.toolUnbind("math.cbrt") }
        #expect(try await Self.isSound(store))
        let bindings = try await store.journal.read { journal throws(JournalError) in try journal.toolBindings() }
        #expect(bindings == [second])
        await #expect(throws: JournalError.self) {
            try await store.journal.write { journal throws(JournalError) in try journal.toolUnbind("math.cbrt") }
        }
        await store.journal.close()
    }

    @Test("a changed signature in the store is found")
    func tampering() async throws {
        let store = try await TestStore()
        try await store.journal.write { journal throws(JournalError) in try journal.toolBind(Self.binding("m.cbrt")) }
        await store.journal.close()
        try Tampering.run(store.folder.path, "UPDATE tool_binding SET signature = 'void abort()'")
        let again = try await TestStore(folder: store.folder)
        let mismatches = try await again.journal.read { journal throws(JournalError) in try journal.auditMismatches() }
        #expect(mismatches.map(\.row) == ["tool m.cbrt"])
        await again.journal.close()
    }
}
