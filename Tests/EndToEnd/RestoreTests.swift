import Foundation
import Kernel
import TestSupport
import Testing

@Suite("bureau db backup and restore")
struct RestoreTests {
    private let command: Command
    private let desk: String
    private let backups: String

    init() throws {
        command = try Command(environment: ["BUREAU_BACKUP_KEY": String(repeating: "0f", count: 32)])
        desk = try CompiledPlugin.desk.get()
        backups = command.scratch.folder("backups")
    }

    private func expect(_ status: Int32, _ arguments: String...) throws -> Command.Result {
        let result = try command.run(arguments)
        #expect(result.status == status, "\(arguments): \(result.output) \(result.errors)")
        return result
    }

    private func count(_ store: String) throws -> Int {
        try command("runs", "--json", "--store", store).json()["runs"]?.arrayValue?.count ?? -1
    }

    @Test("a served store is backed up, and restored to the moment before the last runs and to the newest")
    func pointInTime() throws {
        _ = try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk])
        _ = try expect(0, "db", "archive", "start", backups, "--interval", "1")
        let served = try Served(command, desk: desk)
        let task = #"{"task":"echo","parameters":{"text":"hello","count":1}}"#
        func submit() throws {
            let job = try served.post("/agents/desk/execute", task).json()["job_id"]?.stringValue ?? ""
            _ = try served.get("/jobs/\(job)/events")
        }
        try submit()
        _ = try expect(0, "db", "backup", backups)
        try submit()
        usleep(50_000)
        let moment = Int64(Date().timeIntervalSince1970 * 1_000)
        usleep(50_000)
        try submit()
        let status = try served.get("/status").json()["archive"]
        #expect(status?["problem"] == .null && status?["epoch"]?.stringValue != nil)
        #expect(served.stop() == 0)

        let (middle, newest) = (command.scratch.folder("middle"), command.scratch.folder("newest"))
        _ = try expect(0, "db", "restore", "--from", backups, "--to-time", "\(moment)", "--into", middle)
        _ = try expect(0, "db", "restore", "--from", backups, "--into", newest)
        #expect(try count(middle) == 3)
        #expect(try count(newest) == 4)
        for store in [middle, newest] {
            _ = try expect(0, "db", "check", "--store", store)
            _ = try expect(0, "audit", "verify", "--store", store)
        }
        let again = try command("db", "restore", "--from", backups, "--into", newest)
        #expect(again.status == 2 && again.errors.contains("already"), "\(again.errors)")
    }

    @Test("a restore in the old store's place shows as a rollback until it is accepted, which is recorded")
    func rollback() throws {
        _ = try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk])
        let file = command.scratch.folder("one.backup")
        _ = try expect(0, "db", "backup", file)
        for _ in 0..<3 {
            _ = try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk])
        }
        _ = try expect(0, "db", "restore", "--from", file, "--into", command.scratch.folder("new"))
        let manager = FileManager.default
        try manager.removeItem(atPath: command.store)
        try manager.moveItem(atPath: command.scratch.folder("new"), toPath: command.store)
        #expect(try expect(9, "audit", "verify").output.contains("rolled back"))
        _ = try expect(0, "db", "accept-restore", "--reason", "the disk died")
        _ = try expect(0, "audit", "verify")
        _ = try expect(0, "db", "check")
        #expect(try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk]).status == 0)
        _ = try expect(0, "audit", "verify")
        let kept = try manager.contentsOfDirectory(atPath: command.scratch.path).filter {
            $0.contains(".checkpoint.before-")
        }
        #expect(kept.count == 1)
        #expect(try command("db", "accept-restore", "--reason", "again").status != 0, "nothing was rolled back now")
    }

    @Test("without a key, with another key or of an altered file, nothing is read and each says why in a line")
    func refusals() throws {
        _ = try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk])
        let file = command.scratch.folder("one.backup")
        let none = try command("db", "backup", file, environment: ["BUREAU_BACKUP_KEY": ""])
        #expect(none.status == 3 && none.errorLines.count == 1, "\(none.errors)")
        _ = try expect(0, "db", "backup", file)
        _ = try expect(0, "db", "backups", "verify", file)
        let other = ["BUREAU_BACKUP_KEY": String(repeating: "ab", count: 32)]
        #expect(try command("db", "backups", "verify", file, environment: other).status == 8)
        let into = command.scratch.folder("new")
        #expect(try command("db", "restore", "--from", file, "--into", into, environment: other).status == 8)
        #expect(!FileManager.default.fileExists(atPath: into))
        #expect(try expect(8, "db", "backup", file).errors.contains("already"))
    }
}
