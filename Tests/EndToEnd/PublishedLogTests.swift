import Foundation
import Kernel
import TestSupport
import Testing

/// The published log of the real command and of a served host, as strangers and witnesses see it.
@Suite("bureau audit publishes a log that others check")
struct PublishedLogTests {
    private let command: Command
    private let desk: String

    init() throws {
        command = try Command(environment: ["BUREAU_AUDIT_ORIGIN": "example.org/log"])
        desk = try CompiledPlugin.desk.get()
    }

    private func expect(_ status: Int32, _ arguments: String...) throws -> Command.Result {
        let result = try command.run(arguments)
        #expect(result.status == status, "\(arguments): \(result.output) \(result.errors)")
        return result
    }

    private func run() throws {
        let result = try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk])
        #expect(result.status == 0, "\(result.errors)")
    }

    private func verify(_ bundle: String, _ arguments: String...) throws -> Command.Result {
        let script = Built.checkout.appendingPathComponent("scripts/verify-audit.py").path
        return try command.run([script, bundle] + arguments, program: "/usr/bin/python3")
    }

    @Test("leaves are found, proved, exported and verified offline; sizes are proved to grow")
    func commands() throws {
        try run()
        let key = try expect(0, "audit", "key", "show").output.split(separator: "\n").first.map(String.init) ?? ""
        let old = command.scratch.folder("old")
        _ = try expect(0, "audit", "checkpoint", "--to", old)
        let oldSize = try #require(
            try String(contentsOfFile: old, encoding: .utf8).split(separator: "\n").dropFirst().first.map(String.init))
        try run()
        let newest = try expect(0, "audit", "checkpoint", "--json").json()
        let size = try #require(newest["size"]?.integerValue)
        _ = try expect(0, "audit", "verify", "--key", key, "--checkpoint", old)

        let found = try expect(0, "audit", "search", "--type", "run.", "--json").json()["leaves"]?.arrayValue ?? []
        #expect(found.count > 2)
        let leaf = try #require(found.first), run = try #require(leaf["leaf"]?["run"]?.stringValue)
        let index = try #require(leaf["index"]?.integerValue)
        let proof = try expect(0, "audit", "prove", "\(index)").output
        #expect(proof.hasPrefix("c2sp.org/tlog-proof@v1\nextra ") && proof.contains("\nindex \(index)\n"))
        let proofs = try expect(0, "audit", "prove", run).json()["proofs"]?.arrayValue ?? []
        #expect(proofs.contains { $0["index"]?.integerValue == index })
        _ = try expect(4, "audit", "prove", "\(size)")
        _ = try expect(4, "audit", "search", "--type", "no.such")
        #expect(try expect(0, "audit", "tail", "-n", "3").output.split(separator: "\n").count == 3)
        let grown = try expect(0, "audit", "consistency", oldSize, "--json").json()
        #expect(grown["new_size"]?.integerValue == size)
        _ = try expect(0, "audit", "consistency", old)

        let (whole, part) = (command.scratch.folder("whole"), command.scratch.folder("part"))
        _ = try expect(0, "audit", "export", "--to", whole)
        _ = try expect(0, "audit", "export", "--run", run, "--since-checkpoint", old, "--to", part)
        for bundle in [whole, part] {
            let verified = try verify(bundle, "--key", key, "--checkpoint", old)
            #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
        }
    }

    @Test("a host serves the log as tlog-tiles within moments of a commit, and says where it stands")
    func served() throws {
        let served = try Served(command, desk: desk)
        let job = try served.post("/agents/desk/execute", #"{"task":"echo","parameters":{"text":"aa","count":1}}"#)
            .json()
        _ = try served.get("/jobs/\(job["job_id"]?.stringValue ?? "")/events")
        var (size, leaves) = (Int64(-1), Int64(0))
        let end = Date().addingTimeInterval(60)
        while size < leaves || leaves < 5, Date() < end {
            leaves = try expect(0, "audit", "verify", "--json").json()["leaves"]?.integerValue ?? 0
            size = try served.get("/status").json()["audit"]?["signed_leaves"]?.integerValue ?? -1
        }
        #expect(size >= leaves && leaves >= 5, "\(size) of \(leaves); \(job)")
        let checkpoint = try served.get("/audit/checkpoint")
        #expect(checkpoint.status == 200 && checkpoint.headers.contains("text/plain; charset=utf-8"))
        #expect(checkpoint.body.hasPrefix("example.org/log\n"))
        let width = checkpoint.body.split(separator: "\n")[1]
        let tile = try served.get("/audit/tile/0/000.p/\(width)")
        #expect(tile.status == 200 && tile.headers.contains("immutable"))
        #expect(tile.headers.contains("Content-Length: \((Int(width) ?? 0) * 32)"))
        #expect(try served.get("/audit/proof?leaf=0").body.hasPrefix("c2sp.org/tlog-proof@v1\n"))
        #expect(try served.get("/audit/proof?leaf=0", "Accept: application/json").json()["index"] == 0)
        for path in ["tile/0/999", "tile/0/..%2f..%2f..%2fcheckpoint", "tile/0/000.p/0", "tile/9/000"] {
            #expect(try served.get("/audit/" + path).status == 404, "\(path)")
        }
        #expect(try served.get("/audit/proof?leaf=-1").status == 400)
        #expect(try served.get("/audit/proof?leaf=999999").status == 404)
        #expect(served.stop() == 0)
        _ = try expect(0, "audit", "verify")
    }

    @Test("a store that was put back is not gone on from, but can be read")
    func putBack() throws {
        try run()
        let copy = command.scratch.folder("copy"), manager = FileManager.default
        try manager.copyItem(atPath: command.store, toPath: copy)
        try run()
        try manager.removeItem(atPath: command.store)
        try manager.moveItem(atPath: copy, toPath: command.store)
        let refused = try command("run", "desk/echo", "--input", #"{"text":"a","count":1}"#, plugins: [desk])
        #expect(refused.status == 9 && refused.errors.contains("put back to an earlier state"), "\(refused.errors)")
        #expect(try command("serve", "--port", "0", plugins: [desk]).status == 9)
        #expect(try expect(9, "audit", "verify").output.contains("rolled back"))
        _ = try expect(0, "db", "accept-restore", "--reason", "a test")
        _ = try expect(0, "audit", "verify")
        try run()
        _ = try expect(0, "audit", "verify")
    }

    @Test("keys follow one another, with a leaf that the old one signed")
    func keys() throws {
        try run()
        let old = try expect(0, "audit", "key", "show").output.split(separator: "\n").map(String.init)
        let both = try expect(0, "audit", "key", "rotate").output.split(separator: "\n").map(String.init)
        #expect(both.count == 2 && both.last == old.first)
        for key in both { _ = try expect(0, "audit", "verify", "--key", key) }
        let leaf = try expect(0, "audit", "search", "--type", "log.key_rotated", "--json").json()
        #expect(leaf["leaves"]?.arrayValue?.first?["leaf"]?["new_key"]?.stringValue == both.first)
        let id = String(old[0].split(separator: "+")[1])
        _ = try expect(0, "audit", "key", "retire", id)
        _ = try expect(9, "audit", "verify", "--key", old[0])
        _ = try expect(0, "audit", "verify")
    }

    private static let python: String? = [
        "python3.14", "python3.13", "python3.12",
    ].flatMap { name in ["/usr/bin/\(name)", "/usr/local/bin/\(name)"] + pyenv }.first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let pyenv: [String] = {
        let folder = NSHomeDirectory() + "/.pyenv/versions"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { name in ["3.12.", "3.13.", "3.14."].contains { name.hasPrefix($0) } }.sorted(by: >)
        return versions.map { "\(folder)/\($0)/bin/python3" }
    }()

    @Test(
        "a witness of others signs what grew, and neither a rollback nor a fork",
        .enabled(if: python != nil, "there is no Python 3.12 or newer, which aics-witness needs"))
    func witness() throws {
        try run()
        let key = try expect(0, "audit", "key", "show").output.split(separator: "\n").first.map(String.init) ?? ""
        let folder = command.scratch.folder("witness")
        let started = try command.start(
            [Built.checkout.appendingPathComponent("Tests/Audit/Checkers/witness.py").path, folder, key],
            environment: ["HOME": NSHomeDirectory()], program: try #require(Self.python))
        defer { started.process.terminate() }
        let ready = try JSONParser.parse(Array(try started.line(with: "port").utf8))
        let port = try #require(ready["port"]?.integerValue)
        let vkey = try String(contentsOfFile: folder + "/vkey", encoding: .utf8)
        _ = try expect(0, "audit", "witness", "add", "http://127.0.0.1:\(port)", vkey)
        _ = try expect(0, "audit", "checkpoint")
        let list = try expect(0, "audit", "witness", "list", "--json").json()
        #expect(list["witnesses"]?.arrayValue?.first?["signed"] == true)
        #expect(try expect(0, "audit", "verify", "--json").json()["published"]?["witnesses"] == ["witness.example/w1"])

        // All that the host has is put back at once: store, key and checkpoint outside.
        let manager = FileManager.default
        let names = ["", ".checkpoint", ".audit-key", ".audit-witnesses"].map { command.store + $0 }
        for name in names { try manager.copyItem(atPath: name, toPath: name + ".old") }
        try run()
        _ = try expect(0, "audit", "checkpoint")
        for name in names {
            try manager.removeItem(atPath: name)
            try manager.moveItem(atPath: name + ".old", toPath: name)
        }
        _ = try expect(0, "audit", "verify")
        let rollback = try expect(9, "audit", "checkpoint")
        #expect(rollback.errors.contains("this log was put back"), "\(rollback.errors)")
        // Going on from there to another history is a fork.
        for _ in 0..<3 { _ = try command("run", "desk/fail", plugins: [desk]) }
        let fork = try expect(9, "audit", "checkpoint")
        #expect(fork.errors.contains("another history of this log"), "\(fork.errors)")
    }
}
