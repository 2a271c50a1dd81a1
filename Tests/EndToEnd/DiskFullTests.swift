import Foundation
import Kernel
import TestSupport
import Testing

/// A small file system of its own, which only processes started in it see; this test looks in through `/proc`.
private struct SmallDisk {
    /// What the kernel allows here; without it these tests cannot be made.
    static let isAllowed: Bool = {
        guard let command = try? Command(),
            let result = try? command.run(
                ["--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"], program: "/usr/bin/unshare")
        else { return false }
        return result.status == 0
    }()

    let command: Command
    let mount: String
    let store: String

    init(_ command: Command) throws {
        self.command = command
        mount = command.scratch.folder("disk")
        store = mount + "/store"
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    }

    /// Holds the file system; every other process joins it.
    func hold(mebibytes: Int) throws -> Started {
        let script = "mount -t tmpfs -o size=\(mebibytes)m none '\(mount)' && echo mounted && exec sleep 600"
        let holder = try command.start(["--mount", "sh", "-c", script], program: "/usr/bin/unshare")
        _ = try holder.line(with: "mounted")
        return holder
    }

    func inside(_ holder: Started, _ arguments: [String]) -> [String] {
        ["--mount=/proc/\(holder.process.processIdentifier)/ns/mnt", "--"] + arguments
    }

    /// As this test sees the mounted folder.
    func path(_ holder: Started, _ name: String) -> String {
        "/proc/\(holder.process.processIdentifier)/root\(mount)/\(name)"
    }

    /// Leaves so many bytes.
    func fill(_ holder: Started, leaving bytes: Int) throws {
        var status = statvfs()
        guard statvfs(path(holder, ""), &status) == 0 else { throw Failure(.io, "statvfs: \(errno)") }
        var left = max(0, Int(status.f_bavail) * Int(status.f_frsize) - bytes)
        let file = open(path(holder, "filler-\(UUID())"), O_CREAT | O_WRONLY, 0o600)
        guard file >= 0 else { throw Failure(.io, "open: \(errno)") }
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 16)
        // The host writes too: to the last byte means until nothing more fits.
        while left > 0 || bytes == 0 {
            let count = write(file, zeros, bytes == 0 ? zeros.count : min(zeros.count, left))
            guard count > 0 else { break }
            left -= count
        }
    }

    func empty(_ holder: Started) throws {
        let folder = path(holder, "")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("filler") {
            try FileManager.default.removeItem(atPath: folder + name)
        }
    }
}

@Suite(
    "A full disk", .serialized,
    .enabled(if: SmallDisk.isAllowed, "the kernel refuses a mount namespace with a tmpfs here"))
struct DiskFullTests {
    private let disk: SmallDisk
    private let holder: Started
    private let desk: String

    init() throws {
        desk = try CompiledPlugin.desk.get()
        disk = try SmallDisk(try Command())
        holder = try disk.hold(mebibytes: 24)
    }

    private func serve() throws -> Served {
        try Served(
            disk.command,
            starting: disk.inside(
                holder,
                [
                    Built.binary("bureau").path, "serve", "--secure-mode", "off", "--port", "0", "--json",
                    "--drain-seconds", "1",
                    "--grant-all", "--plugins", desk, "--store", disk.store, "--min-free-space", "4", "--ballast", "2",
                ]), program: "/usr/bin/nsenter")
    }

    private func bureau(_ arguments: String...) throws -> Command.Result {
        try disk.command.run(
            disk.inside(holder, [Built.binary("bureau").path] + arguments + ["--store", disk.store]),
            program: "/usr/bin/nsenter")
    }

    private static let task = #"{"task":"echo","parameters":{"text":"hello","count":1}}"#

    private func submit(_ served: Served) throws -> (status: Int, job: String?) {
        let response = try served.post("/agents/desk/execute", Self.task)
        return (response.status, try? response.json()["job_id"]?.stringValue)
    }

    private func state(_ served: Served) throws -> String {
        try served.get("/status").json()["storage"]?["state"]?.stringValue ?? "?"
    }

    private func waitUntil(_ text: String, _ condition: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(60)
        while try !condition() {
            guard Date() < end else { throw Failure(.deadline, text) }
            usleep(20_000)
        }
    }

    @Test("admission ends early, what runs waits and then ends, nothing is lost, and all goes on by itself")
    func serving() throws {
        defer { holder.process.terminate() }
        let served = try serve()
        var jobs: [String] = []
        for _ in 0..<5 { jobs.append(try #require(try submit(served).job)) }
        let nap = try #require(
            try served.post("/agents/desk/execute", #"{"task":"nap","parameters":{}}"#).json()["job_id"]?.stringValue)
        try waitUntil("the nap did not begin") { try served.get("/jobs/\(nap)").json()["status"] == "waiting" }

        // Below the mark: no new runs, others are told how it stands.
        try disk.fill(holder, leaving: 3 << 20)
        let refused = try served.post("/agents/desk/execute", Self.task)
        #expect(refused.status == 507, "\(refused.body)")
        #expect(try refused.json()["code"] == "storage_full")
        #expect(refused.headers.lowercased().contains("retry-after:"))
        #expect(try state(served) == "low")
        let once = try bureau("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, "--plugins", desk)
        #expect(once.status == 8 && once.errorLines.count == 1, "\(once.errors)")

        // Nothing left at all: the ballast is given back, and a change waits instead of being lost.
        try disk.fill(holder, leaving: 0)
        let cancel = try disk.command.start(
            ["curl", "-sS", "--max-time", "120", "-X", "POST", served.address + "/jobs/\(nap)/cancel"],
            program: "/usr/bin/env")
        try waitUntil("the ballast stays") {
            try served.get("/status").json()["storage"]?["ballast_bytes"] == 0
        }
        try disk.fill(holder, leaving: 0)
        let second = try disk.command.start(
            [
                "curl", "-sS", "--max-time", "120", "-X", "PUT", "--data", #"{"limit":"9"}"#, "-H",
                "Content-Type: application/json", served.address + "/budgets/organisation",
            ],
            program: "/usr/bin/env")
        try waitUntil("it is not full") { try state(served) == "full" }
        #expect(try served.get("/jobs/\(jobs[0])").json()["status"] == "done", "reading goes on")

        try disk.empty(holder)
        try waitUntil("it does not recover") { try state(served) == "ok" }
        #expect(cancel.process.waitUntilExit(upTo: 60) && second.process.waitUntilExit(upTo: 60))
        try waitUntil("the nap was not cancelled") { try served.get("/jobs/\(nap)").json()["status"] == "cancelled" }
        #expect(try served.get("/budgets/organisation").status == 200)
        jobs.append(try #require(try submit(served).job))
        for job in jobs {
            try waitUntil("\(job) does not end") { try served.get("/jobs/\(job)").json()["status"] == "done" }
        }
        #expect(try FileManager.default.fileExists(atPath: disk.path(holder, "store/journal.ballast")))
        #expect(served.stop() == 0)
        #expect(try bureau("db", "check").status == 0)
    }

    @Test("killed while full and without its -shm file, the store opens again and has all that was acknowledged")
    func killed() throws {
        defer { holder.process.terminate() }
        let served = try serve()
        var jobs: [String] = []
        for _ in 0..<5 { jobs.append(try #require(try submit(served).job)) }
        try disk.fill(holder, leaving: 0)
        kill(served.started.process.processIdentifier, SIGKILL)
        served.started.process.waitUntilExit()
        try FileManager.default.removeItem(atPath: disk.path(holder, "store/journal.sqlite-shm"))
        try disk.fill(holder, leaving: 0)

        let again = try serve()
        for job in jobs { #expect(try again.get("/jobs/\(job)").status == 200) }
        #expect(try again.post("/agents/desk/execute", Self.task).status == 507)
        try disk.empty(holder)
        for job in jobs {
            try waitUntil("\(job) does not end") { try again.get("/jobs/\(job)").json()["status"] == "done" }
        }
        try waitUntil("it does not recover") { try submit(again).status == 202 }
        #expect(again.stop() == 0)
        #expect(try bureau("db", "check").status == 0)
    }
}
