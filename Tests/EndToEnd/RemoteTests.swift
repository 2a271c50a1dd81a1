import Foundation
import Kernel
import TestSupport
import Testing

@Suite("The command asks a host that serves", .timeLimit(.minutes(4)))
struct RemoteTests {
    /// A host with some history, stopped: its store can be asked beside it.
    private func served() throws -> Served {
        let command = try Command()
        let served = try Served(command, desk: try CompiledPlugin.desk.get())
        for body in [
            #"{"task":"echo","data":{"text":"hi","count":1}}"#, #"{"task":"review","data":{"text":"aa","count":1}}"#,
        ] {
            #expect(try served.post("/agents/desk/task", body).status == 202)
        }
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while try served.get("/approvals").json()["approvals"]?.arrayValue?.isEmpty != false
            || served.get("/jobs?status=done").json()["jobs"]?.arrayValue?.count != 1
        {
            guard Date() < end else { throw Failure(.deadline, "the runs") }
            usleep(50_000)
        }
        return served
    }

    @Test(
        "tables and JSON are those of the store",
        arguments: [
            ["runs"], ["jobs", "--status", "done"], ["approvals"], ["schedules"], ["costs"], ["budget", "show"],
        ])
    func same(arguments: [String]) throws {
        let served = try served()
        let store = served.command.store
        for form in [[], ["--json"]] {
            let remote = try served.command.run(arguments + form + ["--address", served.address])
            let local = try served.command.run(arguments + form + ["--store", store])
            #expect(remote.status == local.status, "\(remote.errors) \(local.errors)")
            #expect(remote.output == local.output)
            #expect(!remote.output.isEmpty)
        }
        #expect(served.stop() == 0)
    }

    @Test("lists what the host has, runs a task to its end, and decides")
    func work() throws {
        let served = try served()
        let command = served.command, at = ["--address", served.address]
        #expect(try command.run(["agents"] + at).output.contains("desk"))
        #expect(try command.run(["departments"] + at).output.contains("desk"))
        let status = try command.run(["status", "--json"] + at)
        #expect(try status.status == 0 && status.json()["healthy"] == true, "\(status.errors)")
        let run = try command.run(["run", "desk/echo", "--input", #"{"text":"hello","count":2}"#, "--json"] + at)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try run.json()["output"]?["text"] == "hello")
        let failed = try command.run(["run", "desk/fail", "--input", #"{"text":"x","count":1}"#] + at)
        #expect(failed.status == 1 && failed.errors.contains("printer is on fire"), "\(failed.errors)")
        let asked = try command.run(["execute", "desk", "review", "--parameters", #"{"text":"b","count":1}"#] + at)
        #expect(asked.status == 10, "\(asked.errors)")
        let open = try command.run(["approvals", "--json"] + at).json()["approvals"]?.arrayValue ?? []
        #expect(open.count == 2)
        for approval in open {
            let id = [approval["run"]?.stringValue ?? "", String(approval["sequence"]?.integerValue ?? 0)]
            let decided = try command.run(
                ["approvals", "approve"] + id + ["--as", "ann", "--reason", "fine", "--json"] + at)
            #expect(try decided.json()["decision"]?["by"] == "ann", "\(decided.errors)")
        }
        #expect(
            try command.run(["events", "--topic", "run.finished", "--limit", "2"] + at).output.contains("run.finished"))
        let missing = try command.run(["run", "desk/nothing", "--input", "{}"] + at)
        #expect(missing.status == 4, "\(missing.errors)")
        #expect(served.stop() == 0)
        let gone = try command.run(["runs"] + at)
        #expect(gone.status == 8 && gone.errors.contains("no host answers"))
    }

    @Test("login keeps tokens to itself, renews them once, and logout forgets them")
    func login() throws {
        let served = try served()
        let command = served.command
        let script = Built.checkout.appendingPathComponent("Tests/EndToEnd/Clients/identity_proxy.py").path
        let proxy = try command.start(["python3", script, served.address, "1"], program: "/usr/bin/env")
        defer { proxy.process.terminate() }
        let address = try JSONParser.parse(Array(try proxy.line(with: "address").utf8))["address"]?.stringValue ?? ""
        let free = ["BUREAU_STORE": ""]
        let refused = try command("runs", "--address", address)
        #expect(refused.status == 12 && refused.errors.contains("bureau login"), "\(refused.errors)")
        let wrong = try command.run(
            ["login", address, "--email", "ada@example.com", "--password-stdin"], input: "wrong\n")
        #expect(wrong.status == 12 && !wrong.errors.contains("wrong\n"))
        let done = try command.run(
            ["login", address, "--email", "ada@example.com", "--password-stdin", "--name", "prod"],
            input: "correct horse & co\n")
        #expect(done.status == 0, "\(done.errors)")
        let path = command.scratch.folder(".config/bureau/contexts.json")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // The current login is asked without a word, also when its token has ended.
        sleep(2)
        #expect(try command("runs", environment: free).output.contains("desk/echo"))
        #expect(try command("whoami", environment: free).output.contains("ada@example.com"))
        #expect(try command("contexts", environment: free).output.contains("prod"))
        // Many at once renew once: a second use of a refresh token would end the login.
        sleep(2)
        let many = try (0..<4).map { _ in try command.start(["runs"], environment: free) }
        for one in many {
            #expect(one.process.waitUntilExit(upTo: Command.limitSeconds))
            #expect(one.result.status == 0, "\(one.result.errors)")
        }
        let log = try served.curl([address + "/log"]).json().arrayValue?.compactMap(\.stringValue) ?? []
        #expect(log.filter { $0 == "POST /auth/refresh" }.count >= 2)
        // A store that is named goes before the login.
        #expect(try command("runs", "--store", command.store, environment: free).status == 0)
        chmod(path, 0o644)
        let open = try command("runs", environment: free)
        #expect(open.status == 2 && open.errors.contains("may be read by others"))
        chmod(path, 0o600)
        #expect(try command("logout", environment: free).status == 0)
        #expect(!(try String(contentsOfFile: path, encoding: .utf8)).contains("access_token"))
        let plain = try command.run(
            ["login", "http://192.0.2.1:1", "--email", "a@b", "--password-stdin"], input: "x\n")
        #expect(plain.status == 2 && plain.errors.contains("TLS"))
        let key = try command.run(["login", address, "--api-key", "--name", "key"], input: "key-1\n")
        #expect(key.status == 0, "\(key.errors)")
        #expect(try command("runs", "--context", "key").status == 0)
        #expect(served.stop() == 0)
    }
}

@Suite("scripts/smoke-test", .timeLimit(.minutes(2)))
struct SmokeTests {
    @Test("passes a host that works, and fails one that does not")
    func smoke() throws {
        let command = try Command(), served = try Served(command, desk: try CompiledPlugin.desk.get())
        let script = Built.checkout.appendingPathComponent("scripts/smoke-test").path
        func smoke(_ arguments: String...) throws -> Command.Result {
            try command.run(["python3", script, served.address] + arguments, program: "/usr/bin/env")
        }
        let good = try smoke("--run", "desk/echo", "--input", #"{"text":"t","count":1}"#)
        #expect(good.status == 0 && good.output.contains("ok       a run"), "\(good.output)")
        let bad = try smoke("--run", "desk/fail", "--input", #"{"text":"t","count":1}"#)
        #expect(bad.status == 1 && bad.output.contains("FAILURE  a run"), "\(bad.output)")
        #expect(served.stop() == 0)
        let gone = try smoke()
        #expect(gone.status == 1 && gone.output.contains("FAILURE  alive"))
    }
}
