import Foundation
import Kernel
import TestSupport
import Testing

/// Changes rows behind Bureau's back, with Python's sqlite3, and has the real command look.
@Suite("bureau audit verify finds what was changed by hand")
struct AuditTests {
    private let command: Command

    init() throws {
        command = try Command()
        let desk = try CompiledPlugin.desk.get()
        for count in 1...3 {
            let result = try command(
                "run", "desk/echo", "--input", #"{"text":"hello","count":\#(count)}"#, plugins: [desk])
            guard result.status == 0 else { throw Failure(.internal, result.errors) }
        }
        guard try command("audit", "verify").status == 0 else { throw Failure(.internal, "not sound to begin with") }
    }

    @Test(
        "a changed row of any kind",
        arguments: [
            "UPDATE run SET cost = cost + 1 WHERE run_no = 2",
            "UPDATE run SET input = CAST('{\"text\":\"other\",\"count\":2}' AS BLOB) WHERE run_no = 2",
            "UPDATE run SET state = 6 WHERE run_no = 1",
            "UPDATE step SET cost = 5 WHERE run_no = 1 AND seq = 0",
            "UPDATE step SET name = 'other' WHERE run_no = 1 AND seq = 0",
            "DELETE FROM step WHERE run_no = 3",
            "UPDATE event SET body = '{}' WHERE pos = 1",
            """
            UPDATE audit_leaf SET bytes = CAST(replace(CAST(bytes AS TEXT), 'desk', 'disk') AS BLOB)
            WHERE idx = (SELECT min(idx) FROM audit_leaf WHERE instr(CAST(bytes AS TEXT), 'desk') > 0)
            """,
            "DELETE FROM audit_leaf WHERE idx = (SELECT max(idx) FROM audit_leaf)",
        ])
    func changed(statement: String) throws {
        try tamper(statement)
        let result = try command("audit", "verify", "--json")
        #expect(result.status == 9, "\(result.output)")
        let report = try result.json()
        #expect(report["sound"] == false)
        #expect(report["problems"]?.arrayValue?.isEmpty == false)
        #expect(result.errors.contains("not sound"))
    }

    @Test("an older copy of the whole store")
    func rollback() throws {
        let copy = command.scratch.folder("copy")
        try FileManager.default.copyItem(atPath: command.store, toPath: copy)
        let desk = try CompiledPlugin.desk.get()
        _ = try command("run", "desk/fail", plugins: [desk])
        try FileManager.default.removeItem(atPath: command.store)
        try FileManager.default.moveItem(atPath: copy, toPath: command.store)
        #expect(try command("audit", "verify").status == 9)
    }

    /// Triggers that guard append-only tables are dropped first: who edits the file is not stopped by them.
    private func tamper(_ statement: String) throws {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                db.execute(f'DROP TRIGGER "{name}"')
            db.execute("PRAGMA foreign_keys = OFF")
            changed = db.execute(sys.argv[2]).rowcount
            db.commit()
            sys.exit(0 if changed > 0 else 3)
            """
        let result = try command.run(
            ["python3", "-c", script, command.store + "/journal.sqlite", statement], program: "/usr/bin/env")
        guard result.status == 0 else { throw Failure(.internal, "nothing was changed: \(result.errors)") }
    }
}
