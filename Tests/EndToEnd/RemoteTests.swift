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
        let failed = try command.run(["run", "desk/fail", "--input", #"{"text":"hello","count":1}"#] + at)
        #expect(failed.status == 1 && failed.errors.contains("printer is on fire"), "\(failed.errors)")
        let asked = try command.run(["execute", "desk", "review", "--parameters", #"{"text":"bb","count":1}"#] + at)
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
            try command.run(["events", "--topic", "run.completed", "--limit", "2"] + at).output.contains(
                "run.completed"))
        let missing = try command.run(["run", "desk/nothing", "--input", "{}"] + at)
        #expect(missing.status == 4, "\(missing.errors)")
        #expect(served.stop() == 0)
        let gone = try command.run(["runs"] + at)
        #expect(gone.status == 8 && gone.errors.contains("no host answers"))
    }

    @Test("login keeps tokens to itself, renews them once, and logout ends the session")
    func login() throws {
        let command = try Command(), desk = try CompiledPlugin.desk.get()
        let password = "correct horse & co"
        #expect(
            try command.run(
                ["users", "add", "ada@example.com", "--role", "admin"], input: password + "\n"
            ).status == 0)
        let served = try Served(
            command,
            starting: ["serve", "--port", "0", "--json", "--drain-seconds", "1", "--grant-all", "--plugins", desk])
        let address = served.address, free = ["BUREAU_STORE": ""]
        let refused = try command("runs", "--address", address, environment: free)
        #expect(refused.status == 12 && refused.errors.contains("bureau login"), "\(refused.errors)")
        func login(_ word: String, _ options: String...) throws -> Command.Result {
            try command.run(
                ["login", address, "--email", "ada@example.com", "--password-stdin"] + options, input: word + "\n")
        }
        let wrong = try login("a wrong password")
        #expect(wrong.status == 12 && !wrong.errors.contains("a wrong password"))
        let done = try login(password, "--name", "prod")
        #expect(done.status == 0, "\(done.errors)")
        let path = command.scratch.folder(".config/bureau/contexts.json")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let run = try command.run(
            ["run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, "--queue", "slow", "--json"],
            environment: free)
        #expect(run.status == 0, "\(run.errors)")
        // The current login is asked without a word.
        let runs = try command.run(["runs", "--json"], environment: free)
        #expect(runs.output.contains("desk/echo") && runs.output.contains("slow"), "\(runs.output) \(runs.errors)")
        #expect(try command("whoami", environment: free).output.contains("ada"))
        #expect(try command("contexts", environment: free).output.contains("prod"))
        // A token that has ended is renewed, by many at once only once: a second use of a refresh token would end the
        // session.
        for _ in 0..<2 {
            var contexts = try #require(
                JSONParser.parse(Array(Data(contentsOf: URL(fileURLWithPath: path)))).objectValue)
            var all = try #require(contexts["contexts"]?.objectValue, "\(contexts)")
            var prod = try #require(all["prod"]?.objectValue)
            prod["expires_at"] = 1
            all["prod"] = .object(prod)
            contexts["contexts"] = .object(all)
            try Data(JSONValue.object(contexts).bytes).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
            let many = try (0..<4).map { _ in try command.start(["runs"], environment: free) }
            for one in many {
                #expect(one.process.waitUntilExit(upTo: Command.limitSeconds))
                #expect(one.result.status == 0, "\(one.result.errors)")
            }
        }
        chmod(path, 0o644)
        let open = try command("runs", environment: free)
        #expect(open.status == 2 && open.errors.contains("may be read by others"))
        chmod(path, 0o600)
        let logout = try command("logout", environment: free)
        #expect(logout.status == 0 && logout.errors.isEmpty, "\(logout.errors)")
        #expect(!(try String(contentsOfFile: path, encoding: .utf8)).contains("access_token"))
        let plain = try command.run(
            ["login", "http://192.0.2.1:1", "--email", "a@b", "--password-stdin"], input: "x\n")
        #expect(plain.status == 2 && plain.errors.contains("TLS"))
        #expect(served.stop() == 0)
        // A store that is named goes before the login.
        #expect(try command("runs", "--store", command.store, environment: free).status == 0)
    }
}

@Suite("Signing in at a terminal", .timeLimit(.minutes(2)))
struct TerminalSignInTests {
    private static let code = """
        import base64, hashlib, hmac, struct, sys, time
        key = base64.b32decode(sys.argv[1] + "=" * (-len(sys.argv[1]) % 8))
        mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
        at = mac[-1] & 15
        print("%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000))
        """

    @Test("a password that was given is changed, and a second factor is asked for")
    func factors() throws {
        let command = try Command(), desk = try CompiledPlugin.desk.get()
        let given = try command("users", "add", "ada@example.com", "--generate", "--json").json()["password"]
        let served = try Served(
            command,
            starting: [
                "serve", "--port", "0", "--json", "--drain-seconds", "1", "--rate-limit", "login=off", "--plugins",
                desk,
            ])
        func login(_ steps: [[String]]) throws -> Command.Result {
            try command.atTerminal(["login", served.address, "--email", "ada@example.com"], steps)
        }
        let chosen = "a quiet harbour at dusk\r"
        let first = try login([
            ["Password", (given?.stringValue ?? "") + "\r"], ["New password", chosen], ["again", chosen],
        ])
        #expect(first.status == 0, "\(first.output)")
        let contexts = try String(
            contentsOfFile: command.scratch.folder(".config/bureau/contexts.json"), encoding: .utf8)
        var token = String(try #require(contexts.firstMatch(of: #/"access_token": *"([^"]+)"/#)?.output.1))
        func ask(_ path: String, _ body: String) throws -> Served.Response {
            try served.curl([
                "-X", "POST", "-H", "Content-Type: application/json", "-H", "Authorization: Bearer \(token)", "-d",
                body,
                served.address + path,
            ])
        }
        // Another program with the terminal's token must prove anew who asks.
        let proof = #"{"method":"password","password":"a quiet harbour at dusk"}"#
        #expect(try ask("/auth/mfa/totp", #"{"label":"phone"}"#).status == 401)
        token = try #require(try ask("/auth/step-up", proof).json()["access_token"]?.stringValue)
        let begun = try ask("/auth/mfa/totp", #"{"label":"phone"}"#)
        let secret = try #require(try begun.json()["secret"]?.stringValue, "\(begun.body)")
        let id = try #require(try begun.json()["id"]?.stringValue, "\(begun.body)")
        let code = try command.run(["python3", "-c", Self.code, secret], program: "/usr/bin/env").output.prefix(6)
        let confirmed = try ask("/auth/mfa/totp/\(id)/confirm", #"{"code":"\#(code)"}"#)
        let recovery = try #require(
            try confirmed.json()["recovery_codes"]?.arrayValue?.first?.stringValue, "\(confirmed.body)")
        // The same code does not prove anything twice; a recovery code does, once.
        let again = try login([["Password", chosen], ["Code", code + "\r"]])
        #expect(again.status == 12, "\(again.output)")
        let second = try login([["Password", chosen], ["Code", recovery + "\r"]])
        #expect(second.status == 0, "\(second.output)")
        #expect(try login([["Password", chosen], ["Code", recovery + "\r"]]).status == 12)
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
        let good = try smoke("--run", "desk/echo", "--input", #"{"text":"hello","count":1}"#)
        #expect(good.status == 0 && good.output.contains("ok       a run"), "\(good.output)")
        let bad = try smoke("--run", "desk/fail", "--input", #"{"text":"hello","count":1}"#)
        #expect(bad.status == 1 && bad.output.contains("FAILURE  a run"), "\(bad.output)")
        #expect(served.stop() == 0)
        let gone = try smoke()
        #expect(gone.status == 1 && gone.output.contains("FAILURE  alive"))
    }
}
