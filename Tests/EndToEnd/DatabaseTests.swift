import Foundation
import Kernel
import TestSupport
import Testing

@Suite("bureau db")
struct DatabaseTests {
    private let command: Command
    private let desk: String

    init() throws {
        command = try Command()
        desk = try CompiledPlugin.desk.get()
        let result = try command("run", "desk/echo", "--input", #"{"text":"hello","count":2}"#, plugins: [desk])
        guard result.status == 0 else { throw Failure(.internal, result.errors) }
    }

    @Test("check names every check; money and audit that do not add up are code 9, damage is code 8")
    func check() throws {
        let sound = try command("db", "check", "--json")
        #expect(sound.status == 0, "\(sound.output)")
        let names = try sound.json()["checks"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        #expect(names.contains("sqlite.integrity") && names.contains("audit") && names.contains("ledger"))
        try alter("UPDATE step SET cost = cost + 1 WHERE run_no = 1 AND seq = 0")
        #expect(try command("db", "check", "--quick").status == 0, "quick does not read every row")
        let altered = try command("db", "check")
        #expect(altered.status == 9 && altered.output.contains("audit: "), "\(altered.output)")
        try alter("UPDATE step SET seq = seq + 5 WHERE run_no = 1")
        #expect(try command("db", "check").status == 8)
    }

    @Test("check and info work beside a host; vacuum and migrate refuse with who has the store")
    func besideHost() throws {
        let served = try Served(command, desk: desk)
        let holder = served.started.process.processIdentifier
        #expect(try command("db", "check").status == 0)
        let info = try command("db", "info", "--json").json()
        #expect(info["holder"]?.stringValue == "\(holder)")
        for word in ["vacuum", "migrate"] {
            let refused = try command("db", word)
            #expect(refused.status == 8 && refused.errors.contains("process \(holder)"), "\(refused.errors)")
        }
        #expect(served.stop() == 0)
        #expect(try command("db", "vacuum").status == 0)
        #expect(try command("db", "migrate").output.contains("is the newest"))
        #expect(try command("db", "check").status == 0)
    }

    @Test("without a store each of them says so")
    func noStore() throws {
        let empty = try Command()
        for word in ["check", "info", "vacuum", "migrate"] {
            let result = try empty("db", word)
            #expect(result.status == 8 && result.errorLines.count == 1, "\(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: empty.store))
    }

    private func alter(_ statement: String) throws {
        let script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute(sys.argv[2]); db.commit()"
        let result = try command.run(
            ["python3", "-c", script, command.store + "/journal.sqlite", statement], program: "/usr/bin/env")
        guard result.status == 0 else { throw Failure(.internal, result.errors) }
    }
}
