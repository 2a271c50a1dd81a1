import Audit
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Audit verification")
struct AuditVerifierTests {
    @Test("an untouched store is sound, with and without a checkpoint from outside")
    func sound() async throws {
        let store = try await SampleStore()
        let report = try await store.verify(outside: store.outside)
        #expect(report.problems == [])
        #expect(report.isSound && report.isAnchored)
        #expect(report.size == store.outside.size)
        #expect(report.root == store.outside.root)
        #expect(report.checkpointCount > 3)
        let unanchored = try await store.verify()
        #expect(unanchored.isSound && !unanchored.isAnchored)
    }

    @Test("an empty store is sound")
    func empty() async throws {
        let store = try await SampleStore(runs: 1)
        let folder = try Scratch()
        await (try SampleStore.open(folder.path)).close()
        let journal = try await SQLiteJournal.openReadOnly(
            folder: folder.path, clock: { Instant(unixMilliseconds: 0) })
        let report = try await AuditVerifier.verify(journal, outside: nil)
        #expect(report.isSound)
        #expect(report.size == 0 && report.root == MerkleTree.emptyRoot)
        // Nothing instead of something is a rollback.
        let emptied = try await AuditVerifier.verify(journal, outside: store.outside)
        #expect(emptied.problems.first?.message.contains("rolled back or truncated") == true)
        await journal.close()
    }

    /// What is done to the store, the leaf that must be named (nil: none in particular), and words of the message.
    static let attacks: [(sql: String, leaf: Int64?, words: String)] = [
        (
            "UPDATE audit_leaf SET bytes = CAST(replace(bytes, 'acme', 'acne') AS BLOB) WHERE idx = 0", 0,
            "do not have the hash"
        ),
        ("UPDATE audit_leaf SET bytes = CAST(bytes || X'20' AS BLOB) WHERE idx = 2", 2, "is not canonical"),
        ("UPDATE audit_leaf SET hash = zeroblob(32) WHERE idx = 4", 4, "do not have the hash"),
        ("DELETE FROM audit_leaf WHERE idx = 3", 3, "it is missing"),
        ("DELETE FROM audit_leaf WHERE idx BETWEEN 3 AND 5", 3, "it and all up to 5 are missing"),
        ("DELETE FROM audit_leaf WHERE idx = 0", 0, "it is missing"),
        (
            """
            UPDATE audit_leaf SET idx = -1 WHERE idx = 1; UPDATE audit_leaf SET idx = 1 WHERE idx = 2;
            UPDATE audit_leaf SET idx = 2 WHERE idx = -1
            """, 1, "says that it is leaf 2"
        ),
        ("DELETE FROM audit_leaf WHERE idx >= (SELECT max(idx) FROM audit_leaf)", nil, "were removed from its end"),
        (
            "INSERT INTO audit_leaf SELECT idx + 1, hash, bytes FROM audit_leaf ORDER BY idx DESC LIMIT 1", nil,
            "leaves added outside the host"
        ),
        (
            "UPDATE audit_checkpoint SET root = zeroblob(32) WHERE size = (SELECT min(size) FROM audit_checkpoint)",
            nil,
            "has another root"
        ),
        (
            "DELETE FROM audit_checkpoint WHERE size = (SELECT max(size) FROM audit_checkpoint)", nil,
            "checkpoints were removed"
        ),
        ("UPDATE audit_leaf SET idx = 9223372036854775807 WHERE idx = 5", Int64.max, "a log has no such place"),
        ("INSERT INTO audit_leaf SELECT -7, hash, bytes FROM audit_leaf WHERE idx = 0", -7, "a log has no such place"),
        ("UPDATE run SET tenant = 'other' WHERE run_no = 1", 0, "the row differs from what was recorded"),
        ("UPDATE run SET output = X'7B7D20' WHERE run_no = 2", nil, "the row differs from what was recorded"),
        ("UPDATE run SET cost = cost + 1 WHERE run_no = 2", nil, "the row differs from what was recorded"),
        ("DELETE FROM run WHERE run_no = 3", nil, "the row is gone"),
        ("UPDATE step SET result_data = X'00'", nil, "the row differs from what was recorded"),
        ("UPDATE step SET cost = 5", nil, "the row differs from what was recorded"),
        ("DELETE FROM step WHERE run_no = 1", nil, "the row is gone"),
        ("UPDATE state SET value = X'01'", nil, "the row differs from what was recorded"),
        ("UPDATE ledger SET amount = amount - 1 WHERE entry = 1", nil, "the rows differ from what was recorded"),
        ("DELETE FROM ledger WHERE entry = (SELECT max(entry) FROM ledger)", nil, "the rows differ"),
        ("UPDATE budget SET spent = 0", nil, "its balance is not the sum of its ledger entries"),
        ("UPDATE content SET bytes = X'00'", nil, "do not hash to its digest"),
        ("UPDATE artifact SET name = 'other.md'", nil, "no leaf speaks of this row"),
        ("UPDATE event SET body = '{}'", nil, "the rows differ from what was recorded"),
    ]

    @Test("every kind of tampering is found and named", arguments: attacks)
    func attack(sql: String, leaf: Int64?, words: String) async throws {
        let store = try await SampleStore()
        try store.tamper(sql)
        let report = try await store.verify()
        #expect(!report.isSound)
        let named = report.problems.filter { $0.message.contains(words) && (leaf == nil || $0.leaf == leaf) }
        #expect(!named.isEmpty, "\(report.problems.map(\.description))")
    }

    @Test("any changed bit of any leaf is found, and the leaf is named")
    func bits() async throws {
        let store = try await SampleStore()
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for leaf in try await store.leaves() {
            var bytes = leaf.bytes
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try store.tamper("UPDATE audit_leaf SET bytes = X'\(Hex.encode(bytes))' WHERE idx = \(leaf.index)")
            let report = try await store.verify()
            #expect(report.problems.contains { $0.leaf == leaf.index }, "seed \(seed), leaf \(leaf.index)")
            try store.tamper("UPDATE audit_leaf SET bytes = X'\(Hex.encode(leaf.bytes))' WHERE idx = \(leaf.index)")
        }
        #expect(try await store.verify(outside: store.outside).isSound)
    }

    @Test("who rewrites leaves, hashes and checkpoints alike is found by the checkpoint outside alone")
    func rewritten() async throws {
        let genuine = try await SampleStore()
        let forged = try await SampleStore(salt: "forged")
        #expect(genuine.outside.size == forged.outside.size)
        #expect(try await forged.verify().isSound)
        let report = try await forged.verify(outside: genuine.outside)
        #expect(
            report.problems.map(\.message) == [
                "the first \(genuine.outside.size) leaves are not those of the checkpoint kept outside the store"
            ])
    }

    @Test("an older copy of the store is sound in itself, and found by the checkpoint outside")
    func rolledBack() async throws {
        let older = try await SampleStore(runs: 2)
        let newer = try await SampleStore(runs: 3)
        #expect(try await older.verify().isSound)
        let report = try await older.verify(outside: newer.outside)
        #expect(report.problems.count == 1)
        #expect(report.problems.first?.message.contains("the store was rolled back or truncated") == true)
        // A store that has grown since is a continuation, not a problem.
        #expect(try await newer.verify(outside: older.outside).isSound)
    }

    @Test("a checkpoint from outside at a size between two commits is compared too")
    func betweenCommits() async throws {
        let store = try await SampleStore()
        let hashes = try await store.leaves().map(\.hash)
        for size in 0...hashes.count {
            let root = MerkleTree.root(of: Array(hashes.prefix(size)))
            let good = try #require(CheckpointNote(origin: SampleStore.origin, size: Int64(size), root: root))
            #expect(try await store.verify(outside: good).isSound)
            let wrong = Digest.sha256(root.bytes)
            let bad = try #require(CheckpointNote(origin: SampleStore.origin, size: Int64(size), root: wrong))
            #expect(try await !store.verify(outside: bad).isSound)
        }
    }
}
