import Foundation
import Kernel
import TestSupport
import Testing

@Suite("bureau doctor finds each fault that it claims to find", .timeLimit(.minutes(4)))
struct DoctorTests {
    private struct Look {
        var status: Int32
        var findings: [(check: String, level: String, message: String)]

        func has(_ level: String, _ check: String, _ words: String) -> Bool {
            findings.contains { $0.check == check && $0.level == level && $0.message.contains(words) }
        }
    }

    /// - Parameter arguments: checks first, then options.
    private func look(_ command: Command, _ arguments: [String], environment: [String: String] = [:]) throws -> Look {
        let result = try command.run(["doctor"] + arguments + ["--json"], environment: environment)
        let list = try result.json()["findings"]?.arrayValue ?? []
        return Look(
            status: result.status,
            findings: list.map { ($0.text("check"), $0.text("level"), $0.text("message")) })
    }

    /// With one run in its store.
    private func used() throws -> (Command, String) {
        let desk = try CompiledPlugin.desk.get(), command = try Command()
        let ran = try command("run", "desk/echo", "--input", #"{"text":"hello","count":1}"#, plugins: [desk])
        #expect(ran.status == 0, "\(ran.errors)")
        return (command, desk)
    }

    @Test("a sound host has no fault, and the exit code says so")
    func sound() throws {
        let (command, desk) = try used()
        let look = try look(
            command, ["settings", "programs", "store", "exposure", "models", "plugins", "--plugins", desk],
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(look.findings.filter { $0.level == "failure" }.isEmpty, "\(look.findings)")
        #expect(look.status == 0 || look.status == 14, "\(look.findings)")
        let text = try command("doctor", "store")
        #expect(text.status == 0 && text.output.contains("ok") && text.output.contains("store"))
        #expect(try command("doctor", "stor").status == 2)
    }

    @Test("settings: a wrong key, a wrong variable, a database that is not served")
    func settings() throws {
        let command = try Command(environment: ["BUREAU_STORE": ""])
        let file = try command.scratch.write(Array("server: {prot: 1}\n".utf8), to: "bureau.yaml")
        let wrong = try look(command, ["settings"])
        #expect(wrong.status == 15 && wrong.has("failure", "settings", "did you mean server.port"))
        try FileManager.default.removeItem(atPath: file)
        let noted = try look(command, ["settings"], environment: ["BUREAU_PROT": "1"])
        #expect(noted.status == 14 && noted.has("warning", "settings", "BUREAU_PROT"))
        let postgres = try look(command, ["settings"], environment: ["DATABASE_URL": "postgresql://h/d"])
        #expect(postgres.has("failure", "settings", "PostgreSQL"))
    }

    @Test("exposure: an open API on a network, and origins that never match")
    func exposure() throws {
        let command = try Command()
        let open = try look(command, ["exposure"], environment: ["BUREAU_HOST": "0.0.0.0", "BUREAU_SECURE": "off"])
        #expect(open.status == 15 && open.has("failure", "exposure", "0.0.0.0"))
        #expect(
            try look(command, ["exposure"], environment: ["BUREAU_HOST": "0.0.0.0"]).status == 0,
            "closed is the default")
        #expect(
            try look(command, ["exposure"], environment: ["BUREAU_HOST": "::1", "BUREAU_SECURE": "off"]).status == 0)
        let origins = try look(
            command, ["exposure"], environment: ["ALLOWED_ORIGINS": "https://a.example,localhost:3000/"])
        #expect(origins.has("failure", "exposure", "localhost:3000/"))
        #expect(!origins.has("failure", "exposure", "a.example"))
    }

    @Test("machine: too little memory, disk and files, and a clock that was set back")
    func machine() throws {
        let (command, _) = try used()
        let small = try look(command, ["machine", "--min-ram", "1000000", "--min-disk", "100000000"])
        #expect(small.status == 14 && small.has("warning", "machine", "of memory"))
        #expect(small.has("warning", "machine", "a disk of"))
        let full = try look(command, ["machine", "--min-free-space", "1048576"])
        #expect(full.status == 15 && full.has("failure", "machine", "no new runs"))
        let limited = try command.run(
            ["sh", "-c", "ulimit -n 128; exec \"$0\" doctor machine --json", Built.binary("bureau").path],
            program: "/usr/bin/env")
        #expect(limited.status == 15 && limited.output.contains("open 128 files"), "\(limited.output)")
        let later = Date().addingTimeInterval(7_200)
        for name in try FileManager.default.contentsOfDirectory(atPath: command.store) where name.hasPrefix("journal.")
        {
            try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: command.store + "/" + name)
        }
        #expect(try look(command, ["machine"]).has("failure", "machine", "in the future"))
    }

    @Test("store: damaged, of another schema; held by a host, which is no fault")
    func store() throws {
        let (command, desk) = try used()
        let served = try Served(command, desk: desk)
        let held = try look(command, ["store"])
        #expect(held.status == 0 && held.has("ok", "store", "held by"), "\(held.findings)")
        #expect(served.stop() == 0)
        let file = command.store + "/journal.sqlite"
        let shell = try command.run(["sqlite3", file, "PRAGMA user_version = 3"], program: "/usr/bin/env")
        if shell.status == 0 {
            #expect(try look(command, ["store"]).has("failure", "store", "schema"))
            #expect(try command("migrate", "current", "--json").json()["current"] == 3)
        }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes.replaceSubrange(0..<100, with: Data(repeating: 0x5A, count: 100))
        try bytes.write(to: URL(fileURLWithPath: file))
        #expect(try look(command, ["store"]).status == 15)
    }

    @Test("port: taken by another program, which is named; a host that answers is none")
    func port() throws {
        let (command, desk) = try used()
        let script =
            "import socket,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen()\n"
            + "print('port',s.getsockname()[1],flush=True)\ntime.sleep(300)"
        let other = try command.start(["python3", "-c", script], program: "/usr/bin/env")
        defer { other.process.terminate() }
        let taken = String(try other.line(with: "port").split(separator: " ").last ?? "")
        let found = try look(command, ["port"], environment: ["BUREAU_PORT": taken])
        #expect(
            found.status == 15 && found.has("failure", "port", "python3 (process \(other.process.processIdentifier))"))
        let served = try Served(command, desk: desk)
        let own = String(served.address.split(separator: ":").last ?? "")
        #expect(try look(command, ["port"], environment: ["BUREAU_PORT": own]).has("ok", "port", "a host serves"))
        #expect(served.stop() == 0)
    }

    @Test("plugins: a refused file; models: a wrong file, a missing key, a provider that does not answer")
    func plugins() throws {
        let command = try Command()
        let file = try command.scratch.write(Array("no library".utf8), to: "libbad.so")
        #expect(try look(command, ["plugins", "--plugins", file]).has("failure", "plugins", "libbad.so"))
        let gateway = { (text: String) in try command.scratch.write(Array(text.utf8), to: "gateway.json") }
        var path = try gateway(#"{"providers":{"x":{"api":"openai-chat","base_url":"http://127.0.0.1:9","port":1}}}"#)
        #expect(try look(command, ["models", "--gateway", path]).has("failure", "models", "/providers/x/port"))
        path = try gateway(
            #"{"providers":{"x":{"api":"openai-chat","base_url":"http://127.0.0.1:9/v1","prices":"free","#
                + #""keys":[{"env":"NO_SUCH_KEY"}]}}}"#)
        let found = try look(command, ["models", "--gateway", path])
        #expect(found.has("failure", "models", "NO_SUCH_KEY") && found.has("failure", "models", "does not answer"))
        let script =
            "import http.server\nclass H(http.server.BaseHTTPRequestHandler):\n  def do_GET(s): s.send_error(401)\n"
            + "s=http.server.HTTPServer(('127.0.0.1',0),H)\nprint('port',s.server_port,flush=True)\ns.serve_forever()"
        let provider = try command.start(["python3", "-c", script], program: "/usr/bin/env")
        defer { provider.process.terminate() }
        let port = String(try provider.line(with: "port").split(separator: " ").last ?? "")
        path = try gateway(
            #"{"providers":{"x":{"api":"openai-chat","base_url":"http://127.0.0.1:\#(port)/v1","prices":"free"}}}"#)
        #expect(try look(command, ["models", "--gateway", path]).status == 0)
    }

    @Test("certificate: expired, near its end, of another key")
    func certificate() throws {
        let command = try Command()
        func make(_ name: String, _ days: String) throws -> [String: String] {
            let (key, certificate) = (command.scratch.folder(name + ".key"), command.scratch.folder(name + ".pem"))
            let made = try command.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                    + ["-keyout", key, "-out", certificate, "-days", days, "-subj", "/CN=localhost"],
                program: "/usr/bin/env")
            #expect(made.status == 0, "\(made.errors)")
            return ["BUREAU_TLS_CERTIFICATE": certificate, "BUREAU_TLS_KEY": key]
        }
        let good = try make("good", "365")
        #expect(try look(command, ["certificate"], environment: good).status == 0)
        #expect(
            try look(command, ["certificate"], environment: try make("soon", "5")).has(
                "warning", "certificate", "expires in"))
        let past = try make("past", "5"), file = past["BUREAU_TLS_CERTIFICATE"] ?? ""
        let aged = try command.run(
            ["openssl", "x509", "-in", file, "-signkey", past["BUREAU_TLS_KEY"] ?? "", "-days", "-1", "-out", file],
            program: "/usr/bin/env")
        #expect(aged.status == 0, "\(aged.errors)")
        #expect(try look(command, ["certificate"], environment: past).has("failure", "certificate", "expired"))
        let mixed = good.merging(["BUREAU_TLS_KEY": command.scratch.folder("soon.key")]) { $1 }
        #expect(
            try look(command, ["certificate"], environment: mixed).has("failure", "certificate", "is not the key of"))
        let none = good.merging(["BUREAU_TLS_KEY": command.scratch.folder("good.pem")]) { $1 }
        #expect(try look(command, ["certificate"], environment: none).has("failure", "certificate", "no private key"))
    }

    @Test("audit: a store that was rolled back; secrets: a key that others may read")
    func audit() throws {
        let (command, desk) = try used()
        let old = command.scratch.folder("old")
        try FileManager.default.copyItem(atPath: command.store, toPath: old)
        let served = try Served(command, desk: desk)
        #expect(served.stop() == 0)
        #expect(try look(command, ["audit"]).findings.allSatisfy { $0.level != "failure" })
        try FileManager.default.removeItem(atPath: command.store)
        try FileManager.default.copyItem(atPath: old, toPath: command.store)
        #expect(try look(command, ["audit"]).has("failure", "audit", "rolled back"))
        let token = try command.scratch.write(Array("t".utf8), to: "store/operator-token")
        chmod(token, 0o644)
        #expect(try look(command, ["secrets"]).has("failure", "secrets", "operator-token may be read by others"))
        chmod(token, 0o600)
        #expect(!(try look(command, ["secrets"]).has("failure", "secrets", "operator-token")))
    }

    @Test("work, backups, log: failed runs, no backup or an old one, errors at the log's end")
    func work() throws {
        let (command, desk) = try used()
        #expect(try look(command, ["work"]).status == 0)
        #expect(try command("run", "desk/fail", "--input", #"{"text":"hello","count":1}"#, plugins: [desk]).status == 1)
        #expect(try look(command, ["work"]).has("warning", "work", "1 runs failed"))
        let folder = command.scratch.folder("backups")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(try look(command, ["backups", "--backups", folder]).has("failure", "backups", "no backup"))
        let key = ["BUREAU_BACKUP_KEY": String(repeating: "ab", count: 32)]
        let made = try command.run(["db", "backup", folder], environment: key)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try look(command, ["backups", "--backups", folder]).status == 0)
        let old = try look(command, ["backups", "--backups", folder, "--backup-hours", "0"])
        #expect(old.has("warning", "backups", "hours old"))
        let log = try command.scratch.write(Array("all well\n0 errors today\nno failure\n".utf8), to: "host.log")
        #expect(try look(command, ["log", "--log", log]).status == 0)
        try Data("all well\nERROR the disk is on fire\n".utf8).write(to: URL(fileURLWithPath: log))
        #expect(try look(command, ["log", "--log", log]).has("warning", "log", "on fire"))
    }

    @Test("a token is read and never believed; scopes are compared")
    func token() throws {
        let command = try Command()
        func encode(_ text: String) -> String {
            Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
                "=", with: "")
        }
        let token = [
            encode(#"{"alg":"none"}"#), encode(#"{"sub":"ada","scope":"admin.* life.read","exp":4102444800}"#), "x",
        ].joined(separator: ".")
        let read = try command("doctor", "token", token, "--json")
        #expect(try read.status == 0 && read.json()["verified"] == false)
        #expect(try read.json()["payload"]?["sub"] == "ada")
        #expect(try command("doctor", "token", token).output.contains("NOT verified"))
        #expect(try command("doctor", "token", token, "--needs", "admin.write").status == 0)
        #expect(try command("doctor", "token", token, "--needs", "runs.write").status == 13)
        let past = [encode("{}"), encode(#"{"exp":1}"#), "x"].joined(separator: ".")
        #expect(try command("doctor", "token", past).status == 14)
        #expect(try command("doctor", "token", "a.b").status == 3)
    }

    @Test("ops writes a report of the day, the week and the month")
    func ops() throws {
        let (command, desk) = try used()
        for kind in ["daily", "weekly", "monthly"] {
            let made = try command.run(["ops", kind, "--json", "--plugins", desk, "--min-ram", "0", "--min-disk", "0"])
            let path = try made.json()["report"]?.stringValue ?? ""
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(
                path.contains("ops/\(kind)-") && text.contains("| store | ok |") && text.contains("1 done"), "\(text)")
        }
        let shown = try command("ops", "daily", "--report", "-")
        #expect(shown.output.contains("# Daily checks"))
    }
}

extension JSONValue {
    fileprivate func text(_ name: String) -> String { self[name]?.stringValue ?? "" }
}
