import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// Ways to deceive, one a line: each is found, and named. Single statements on rows are in ``AuditVerifierTests``.
@Suite("Tampering with the database, its copies and backups")
struct TamperTests {
    private static let anchored = "are not those of the checkpoint kept outside the store"
    private static let rolledBack = "the store was rolled back or truncated"
    private static let otherRoot = "has another root"

    static let log: [Manipulation] = [
        Manipulation("a leaf is edited and hashed again", .verify(otherRoot)) { scene in
            try await scene.rewrite(tree: false) { $0[1] = $0[1].with("ts", "2027-01-15T08:00:00.001Z") }
        },
        Manipulation("a leaf is edited and the frontier computed again", .opening("newest checkpoint")) { scene in
            try await scene.rewrite(tree: false) { $0[1] = $0[1].with("ts", "2027-01-15T08:00:00.001Z") }
        },
        Manipulation("the whole tree is computed again over an edited leaf, with checkpoints", .verify(anchored)) {
            try await $0.rewrite { $0[0] = $0[0].with("ts", "2027-01-15T08:00:00.001Z") }
        },
        Manipulation("the same, but the frontier", .verify("it is not that of the leaves")) { scene in
            try await scene.rewrite(frontier: false) { $0[0] = $0[0].with("ts", "2027-01-15T08:00:00.001Z") }
        },
        Manipulation("a leaf is taken out and the rest moves up", .verify("it says that it is leaf 3", leaf: 2)) {
            try await $0.rewrite(renumbers: false) { $0.remove(at: 2) }
        },
        Manipulation("a leaf is taken out, the rest says new places", .verify(otherRoot)) { scene in
            try await scene.rewrite(tree: false) { $0.remove(at: 2) }
        },
        Manipulation("a leaf is taken out and everything computed again", .verify(rolledBack)) { scene in
            try await scene.rewrite { $0.remove(at: 2) }
        },
        Manipulation("a leaf about a run that never was is put in", .verify("the row is gone", leaf: 1)) { scene in
            try await scene.rewrite { leaves in
                leaves.insert(
                    leaves[0].with("run", "00000000-0000-7000-8000-000000000000").with("number", 77), at: 1)
            }
        },
        Manipulation("a leaf is put in twice", .verify("it says that it is leaf 0", leaf: 1)) { scene in
            try await scene.rewrite(renumbers: false) { $0.insert($0[0], at: 1) }
        },
        Manipulation("a leaf is put in the place of another", .verify("it says that it is leaf 1", leaf: 4)) { scene in
            try await scene.rewrite(renumbers: false) { $0[4] = $0[1] }
        },
        Manipulation("two leaves change places, everything computed again", .verify(anchored)) { scene in
            try await scene.rewrite { $0.swapAt(3, 4) }
        },
        Manipulation("two leaves change places but their numbers", .verify("it says that it is leaf 4", leaf: 3)) {
            try await $0.rewrite(renumbers: false) { $0.swapAt(3, 4) }
        },
        Manipulation("the log begins later", .verify("it and all up to 4 are missing", leaf: 0)) { scene in
            try scene.sql("DELETE FROM audit_leaf WHERE idx < 5")
        },
        Manipulation("the end of the log is cut off, with its checkpoints and frontier", .verify(rolledBack)) { scene in
            try await scene.rewrite { $0.removeLast(3) }
        },
        Manipulation("a leaf is emptied", .verify("it is not canonical", leaf: 6)) { scene in
            let hash = MerkleTree.leafHash([])
            try scene.sql("UPDATE audit_leaf SET bytes = X'', hash = X'\(hash.hex)' WHERE idx = 6")
        },
        Manipulation("a leaf becomes other JSON of the same meaning", .verify("it is not canonical", leaf: 6)) {
            scene in
            let leaf = try await scene.log().leaves[6]
            let bytes = [UInt8(ascii: "{"), UInt8(ascii: " ")] + leaf.bytes.dropFirst()
            let hash = MerkleTree.leafHash(bytes)
            try scene.sql(
                "UPDATE audit_leaf SET bytes = X'\(Hex.encode(bytes))', hash = X'\(hash.hex)' WHERE idx = 6")
        },
    ]

    static let ends: [Manipulation] = [
        Manipulation(
            "the newest checkpoint goes", .verify("checkpoints were removed, or leaves added"),
            sql: "DELETE FROM audit_checkpoint WHERE size = (SELECT max(size) FROM audit_checkpoint)"),
        Manipulation(
            "all checkpoints go", .opening("its newest checkpoint does not cover"),
            sql: "DELETE FROM audit_checkpoint"),
        Manipulation(
            "a checkpoint is invented between two", .verify(otherRoot),
            sql: "INSERT INTO audit_checkpoint VALUES (2, zeroblob(32), 1800000000000)"),
        Manipulation(
            "a checkpoint is given another time", .verify("it is not of the time of its last leaf"),
            sql: """
                UPDATE audit_checkpoint SET at_ms = at_ms - 3600000
                WHERE size = (SELECT min(size) FROM audit_checkpoint)
                """),
        Manipulation(
            "a checkpoint promises leaves to come", .verify("were removed from its end"),
            sql: "INSERT INTO audit_checkpoint VALUES (100000, zeroblob(32), 1800000000000)"),
        Manipulation(
            "the frontier is another", .opening("its frontier covers"),
            sql: "UPDATE audit_frontier SET frontier = X'0000000000000000'"),
        Manipulation(
            "the frontier is unreadable", .opening("its frontier is unreadable"),
            sql: "UPDATE audit_frontier SET frontier = X'00'"),
        Manipulation(
            "the frontier is gone", .opening("its frontier covers 0 leaves"), sql: "DELETE FROM audit_frontier"),
        Manipulation(
            "the frontier is gone, seen read-only", .verify("the log's frontier: the row is gone"),
            sql: "DELETE FROM audit_frontier"),
    ]

    static let copies: [Manipulation] = [
        Manipulation("the older copy is put in the store's place", .verify(rolledBack)) { scene in
            try FileManager.default.removeItem(atPath: scene.store)
            try FileManager.default.moveItem(atPath: scene.older, toPath: scene.store)
        },
        Manipulation("the older copy goes on as if nothing had been", .verify(anchored)) { scene in
            try FileManager.default.removeItem(atPath: scene.store)
            try FileManager.default.moveItem(atPath: scene.older, toPath: scene.store)
            let journal = try await SampleStore.open(scene.store)
            for number in 20..<26 { try await SampleStore.addRun(journal, number: UInt8(number), salt: "fork") }
            await journal.close()
        },
        Manipulation("an empty store is put in its place", .verify(rolledBack)) { scene in
            try FileManager.default.removeItem(atPath: scene.store)
            await (try SampleStore.open(scene.store)).close()
        },
        Manipulation("another store is put in its place", .verify(anchored)) { scene in
            try FileManager.default.removeItem(atPath: scene.store)
            let journal = try await SampleStore.open(scene.store)
            for number in 0..<9 { try await SampleStore.addRun(journal, number: UInt8(number), salt: "other") }
            await journal.close()
        },
        Manipulation("only the runs are those of the older copy", .verify("the row is gone")) { scene in
            try scene.takeBack(["run"])
        },
        Manipulation("only steps and money are those of the older copy", .verify("ledger entry")) { scene in
            try scene.takeBack(["step", "ledger", "reservation", "budget"])
        },
        Manipulation("only the log is that of the older copy", .verify("no leaf speaks of this row")) { scene in
            try scene.takeBack(["audit_leaf", "audit_checkpoint", "audit_frontier"])
        },
        Manipulation("all but the log is that of the older copy", .verify("the row is gone")) { scene in
            try scene.takeBack(["run", "step", "state", "state_size", "artifact", "content", "event"])
        },
        Manipulation(
            "the database is that of the older copy, with this one's write-ahead log", .check("sqlite.integrity", "")
        ) {
            try await $0.leaveUnfinished()
            try FileManager.default.removeItem(atPath: $0.store + "/journal.sqlite")
            try FileManager.default.copyItem(
                atPath: $0.older + "/journal.sqlite", toPath: $0.store + "/journal.sqlite")
            try $0.edit($0.store + "/journal.sqlite-wal") { $0[$0.count / 2] ^= 1 }
        },
        Manipulation("the write-ahead log of acknowledged commits is removed", .verify(rolledBack)) { scene in
            // The store as it was before its last runs, whose commits are in the log alone.
            try FileManager.default.removeItem(atPath: scene.store)
            try FileManager.default.moveItem(atPath: scene.older, toPath: scene.store)
            try await scene.leaveUnfinished()
            for name in ["journal.sqlite-wal", "journal.sqlite-shm"] {
                try? FileManager.default.removeItem(atPath: scene.store + "/" + name)
            }
        },
        Manipulation("the database is cut to half", .check("sqlite.integrity", "")) { scene in
            try scene.edit(scene.store + "/journal.sqlite") { $0.removeLast($0.count / 2) }
        },
        Manipulation("a page of the database is zeroes", .check("sqlite.integrity", "")) { scene in
            try scene.edit(scene.store + "/journal.sqlite") { data in
                let page = (data.range(of: Data("run.admitted".utf8))?.lowerBound ?? 0) / 4096
                data.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(count: 4096))
            }
        },
    ]

    static let schema: [Manipulation] = [
        Manipulation("a trigger swallows leaves", .writing("did not take audit leaf")) { scene in
            try scene.plain(
                "CREATE TRIGGER hush BEFORE INSERT ON audit_leaf BEGIN SELECT RAISE(IGNORE); END")
        },
        Manipulation("a trigger rewrites leaves on their way", .check("schema.objects", "trigger hush")) { scene in
            try scene.plain(
                "CREATE TRIGGER hush AFTER INSERT ON run BEGIN "
                    + "UPDATE run SET tenant = 'x' WHERE run_no = new.run_no; END"
            )
        },
        Manipulation("what such a trigger did", .verify("the row differs from what was recorded")) { scene in
            try scene.plain(
                "CREATE TRIGGER hush AFTER INSERT ON state BEGIN "
                    + "UPDATE state SET value = X'00' WHERE key = new.key; END"
            )
            let journal = try await SampleStore.open(scene.store)
            try await SampleStore.addRun(journal, number: 40, salt: "")
            await journal.close()
        },
        Manipulation("a guard is dropped", .check("schema.objects", "audit_leaf_no_update is missing"), sql: ""),
        Manipulation("a guard guards nothing any more", .check("schema.objects", "event_no_delete is not as")) {
            scene in
            try scene.plain(
                """
                DROP TRIGGER event_no_delete;
                CREATE TRIGGER event_no_delete BEFORE DELETE ON event WHEN 0 BEGIN SELECT RAISE(ABORT, 'no'); END
                """)
        },
        Manipulation("a view hides a leaf", .verify("it is missing", leaf: 3)) { scene in
            try scene.sql(
                """
                ALTER TABLE audit_leaf RENAME TO audit_leaf_all;
                CREATE VIEW audit_leaf AS SELECT * FROM audit_leaf_all WHERE idx <> 3
                """)
        },
        Manipulation("a view shows rows as they never were", .verify("the row differs")) { scene in
            try scene.sql(
                """
                ALTER TABLE budget RENAME TO budget_all;
                CREATE VIEW budget AS SELECT * FROM budget_all;
                UPDATE state SET value = X'01'
                """)
        },
        Manipulation("a view stands for a table", .check("schema.objects", "view budget is not of this host")) {
            scene in
            try scene.sql("ALTER TABLE budget RENAME TO budget_all; CREATE VIEW budget AS SELECT * FROM budget_all")
        },
        Manipulation(
            "the schema says that it is older", .check("schema.version", "the store has schema 1"),
            sql: "PRAGMA user_version = 1"),
    ]

    static let backups: [Manipulation] = [
        Manipulation("a bit of a backup is another", .backup("")) { scene in
            try scene.edit(scene.backup) { $0[$0.count / 2] ^= 1 }
        },
        Manipulation("the head of a backup says another moment", .backup("")) { scene in
            try scene.edit(scene.backup) { $0[60] ^= 1 }
        },
        Manipulation("a backup is cut short", .backup("")) { scene in
            try scene.edit(scene.backup) { $0.removeLast(100) }
        },
        Manipulation("a backup is put twice into one file", .backup("")) { scene in
            try scene.edit(scene.backup) { $0.append($0) }
        },
        Manipulation("the end of a backup is that of another", .backup("")) { scene in
            let elsewhere = scene.scratch.folder("elsewhere")
            try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
            let other = try await SQLiteJournal.backup(
                folder: scene.older, to: elsewhere, key: scene.key, clock: Scene.now
            ).path
            let tail = try Data(contentsOf: URL(fileURLWithPath: other)).suffix(64)
            try scene.edit(scene.backup) { $0.replaceSubrange($0.count - 64..<$0.count, with: tail) }
        },
        Manipulation("a run in the archive is another", .archive("as it was archived")) { scene in
            try Tampering.execute(
                "UPDATE archived_run SET document = replace(document, 'acme', 'acne')", file: try scene.archiveFile)
        },
        Manipulation("the archive's file is gone", .archive("which is not there any more")) { scene in
            try FileManager.default.removeItem(atPath: try scene.archiveFile)
        },
        Manipulation(
            "the archive's row is another", .verify("the row differs"), sql: "UPDATE archived_run SET steps = 9"),
        Manipulation("the archive's row is gone", .verify("the row is gone"), sql: "DELETE FROM archived_run"),
    ]

    private static let scene = SharedScene()

    @Test("the scene is sound before anybody touches it")
    func untouched() async throws {
        let scene = try await Self.scene.copy()
        let report = try await scene.verify()
        #expect(report.problems == [])
        #expect(report.isAnchored)
        let checks = try await SQLiteJournal.check(folder: scene.store, clock: Scene.now, isQuick: false)
        #expect(checks.allSatisfy { $0.result == .sound }, "\(checks)")
        #expect(try await SQLiteJournal.verifyBackup(scene.backup, key: scene.key).auditSize > 0)
        #expect(try await archived(scene) == nil)
        let count = Self.log.count + Self.ends.count + Self.copies.count + Self.schema.count + Self.backups.count
        #expect(count >= 50)
    }

    @Test("every manipulation is found and named", arguments: log + ends + copies + schema + backups)
    func found(_ manipulation: Manipulation) async throws {
        let scene = try await Self.scene.copy()
        try await manipulation.act(scene)
        let found = try await findings(manipulation.finder, scene)
        #expect(found.isMatch, "\(manipulation.name): \(found.said)")
    }

    private func findings(_ finder: Manipulation.Finder, _ scene: Scene) async throws -> (isMatch: Bool, said: String) {
        switch finder {
        case .verify(let words, let leaf):
            let problems = try await scene.verify().problems
            let isNamed = problems.contains { problem in
                problem.description.contains(words) && (leaf == nil || problem.leaf == leaf)
            }
            return (isNamed, "\(problems)")
        case .check(let name, let words):
            let checks = try await SQLiteJournal.check(folder: scene.store, clock: Scene.now, isQuick: false)
            let result = checks.first { $0.name == name }?.result
            guard case .unsound(let faults)? = result else { return (false, "\(String(describing: result))") }
            return (faults.contains { words.isEmpty || $0.contains(words) }, "\(faults)")
        case .opening(let words):
            return try await refusal(words) { await (try SampleStore.open(scene.store)).close() }
        case .writing(let words):
            let journal = try await SampleStore.open(scene.store)
            let found = try await refusal(words) { try await SampleStore.addRun(journal, number: 40, salt: "") }
            await journal.close()
            return found
        case .backup(let words):
            let verified = try await refusal(words) {
                _ = try await SQLiteJournal.verifyBackup(scene.backup, key: scene.key)
            }
            let target = scene.scratch.folder("restored")
            let restored = try await refusal(words) {
                let request = RestoreRequest(
                    source: scene.scratch.folder("backups"), time: nil, target: target, by: "ana")
                _ = try await SQLiteJournal.restore(request, key: scene.key, clock: Scene.now)
            }
            let isLeft = FileManager.default.fileExists(atPath: target)
            return (verified.isMatch && (restored.isMatch || !isLeft), verified.said + " / " + restored.said)
        case .archive(let words):
            let said = try await archived(scene) ?? "nothing"
            return (said.contains(words), said)
        }
    }

    private func refusal(
        _ words: String, _ body: () async throws -> Void
    ) async throws -> (isMatch: Bool, said: String) {
        do {
            try await body()
            return (false, "nothing")
        } catch let error as JournalError {
            return (words.isEmpty || error.message.contains(words), error.message)
        }
    }

    /// What is wrong with the first archived run; nil when it is as the log says.
    private func archived(_ scene: Scene) async throws -> String? {
        let journal = try await SQLiteJournal.openReadOnly(folder: scene.store, clock: Scene.now)
        let id = RunID(unixMilliseconds: 1_800_000_000_000, random: Array(repeating: 0, count: 10))
        let run = try await journal.read { journal throws(JournalError) in try journal.archivedRun(id) }
        await journal.close()
        do {
            _ = try await SQLiteJournal.archivedDocument(of: try #require(run), folder: scene.store)
            return nil
        } catch let error as JournalError {
            return error.message
        }
    }
}

/// Made once, copied for each manipulation.
private actor SharedScene {
    private var scene: Scene?

    func copy() async throws -> Scene {
        if let scene { return try Scene(copying: scene) }
        let made = try await Scene()
        scene = scene ?? made
        return try Scene(copying: made)
    }
}

extension Scene {
    /// Leaves commits in the write-ahead log, as a host does that is killed: a copy taken while it has the store open.
    fileprivate func leaveUnfinished() async throws {
        let journal = try await SampleStore.open(store)
        for number in 30..<33 { try await SampleStore.addRun(journal, number: UInt8(number), salt: "") }
        let kept = scratch.folder("kept")
        try FileManager.default.copyItem(atPath: store, toPath: kept)
        await journal.close()
        try FileManager.default.removeItem(atPath: store)
        try FileManager.default.moveItem(atPath: kept, toPath: store)
        try? FileManager.default.removeItem(atPath: store + "/journal.sqlite-shm")
    }
}

extension JSONValue {
    fileprivate func with(_ member: String, _ value: JSONValue) -> JSONValue {
        var members = objectValue ?? [:]
        members[member] = value
        return .object(members)
    }
}
