import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Settings, as the command finds and uses them", .timeLimit(.minutes(3)))
struct ConfigCommandTests {
    private func write(_ text: String, to name: String, in command: Command) throws -> String {
        try command.scratch.write(Array(text.utf8), to: name)
    }

    @Test("a flag goes over a variable over a file over a default, and explain tells each")
    func explain() throws {
        let command = try Command()
        _ = try write("server:\n  port: 1234\nlog:\n  level: info\n", to: "bureau.yaml", in: command)
        let one = try command("config", "explain", "server.port", "--json", environment: ["BUREAU_PORT": "99"]).json()
        #expect(one["value"] == 99)
        #expect(one["source"] == "BUREAU_PORT in the environment")
        #expect(one["overridden"] == [["value": 1234, "source": "bureau.yaml:2"]])
        let text = try command("config", "explain", "LOG_LEVEL")
        #expect(text.output.contains("log.level") && text.output.contains("bureau.yaml:4"), "\(text.output)")
        let set = try command("config", "explain", "--set", "--json").json()["settings"]?.arrayValue ?? []
        #expect(set.compactMap { $0["key"]?.stringValue } == ["store.folder", "server.port", "log.level"])
        let unknown = try command("config", "explain", "server.prot")
        #expect(unknown.status == 4 && unknown.errors.contains("did you mean server.port?"))
    }

    @Test("a wrong file stops every command with all that is wrong, but those that help")
    func wrong() throws {
        let command = try Command()
        let path = try write("server:\n  prot: 1\n  port: x\n", to: "bureau.yaml", in: command)
        let status = try command("status")
        #expect(status.status == 3)
        #expect(status.errors.contains("bureau.yaml:2: server.prot is no setting; did you mean server.port?"))
        #expect(status.errors.contains("bureau.yaml:3: server.port must be a number"))
        #expect(try command("version").status == 0)
        let checked = try command("config", "check", path, "--json")
        #expect(checked.status == 3)
        #expect(try checked.json()["problems"]?.arrayValue?.map { $0["line"] } == [2, 3])
        let missing = try command("status", "--config", "nowhere.yaml")
        #expect(missing.status == 3 && missing.errors.contains("nowhere.yaml: No such file"))
    }

    @Test("a file that everybody may write is not believed unless it is named")
    func distrust() throws {
        let command = try Command()
        let path = try write("server:\n  port: 1\n", to: "bureau.yaml", in: command)
        chmod(path, 0o666)
        let status = try command("status")
        #expect(status.status == 3 && status.errors.contains("may be written by everybody"))
        #expect(try command("config", "explain", "server.port", "--json", "--config", path).json()["value"] == 1)
    }

    @Test("the file says where the store is, below its own folder; a file of variables is environment")
    func store() throws {
        let command = try Command(environment: ["BUREAU_STORE": ""])
        try FileManager.default.createDirectory(
            atPath: command.scratch.folder("etc"), withIntermediateDirectories: true)
        let file = try write("store:\n  folder: data\n", to: "etc/bureau.yaml", in: command)
        let told = try command("status", "--config", file)
        #expect(told.status == 8 && told.errors.contains("/etc/data;"), "\(told.errors)")
        let variables = try write("DATABASE_URL=sqlite:///other.db\nLOG_LEVEL=debug\n", to: "vars.env", in: command)
        let other = try command("config", "explain", "store.folder", "--json", "--env-file", variables).json()
        #expect(other["value"] == "other")
        #expect(other["source"]?.stringValue?.hasPrefix("DATABASE_URL in ") == true)
        let postgres = try command(
            "run", "analytics/forecast", "--input", "{}", environment: ["DATABASE_URL": "postgresql://u:geheim@h/d"])
        #expect(postgres.status == 2 && postgres.errors.contains("PostgreSQL"), "\(postgres.errors)")
        #expect(!postgres.errors.contains("geheim"))
    }

    @Test("init makes a file that check takes, once")
    func initialise() throws {
        let command = try Command()
        #expect(try command("config", "init").status == 0)
        #expect(try command("config", "check").output.contains("is sound"))
        #expect(try command("config", "init").status == 2)
        #expect(try command("config", "schema").json()["properties"]?["server"] != nil)
    }

    @Test("a host takes up what can change while it serves, names the rest, and records both")
    func live() throws {
        let desk = try CompiledPlugin.desk.get()
        let command = try Command()
        let path = try write("log:\n  level: error\nserver:\n  drain_seconds: 1\n", to: "bureau.yaml", in: command)
        let served = try Served(
            command, starting: ["serve", "--port", "0", "--json", "--grant-all", "--plugins", desk])
        func wait(_ words: String) throws {
            let end = Date().addingTimeInterval(Command.limitSeconds)
            while !served.started.errorsSoFar.contains(words) {
                guard Date() < end else { throw Failure(.deadline, "\(words): \(served.started.errorsSoFar)") }
                usleep(20_000)
            }
        }
        _ = try write(
            "log:\n  level: info\nserver:\n  drain_seconds: 2\nruns:\n  max_active: 3\n", to: "bureau.yaml", in: command
        )
        try wait("holds now: log.level, runs.max_active")
        try wait("needs a restart: server.drain_seconds")
        // A broken file changes nothing, and says why.
        try Data("log: {level: [\n".utf8).write(to: URL(fileURLWithPath: path))
        try wait("the settings stay as they were")
        _ = try write(
            "log:\n  level: debug\nserver:\n  drain_seconds: 2\nruns:\n  max_active: 3\n", to: "bureau.yaml",
            in: command)
        kill(served.started.process.processIdentifier, SIGHUP)
        try wait("holds now: log.level\n")
        #expect(served.stop() == 0)
        let leaves = try command("audit", "search", "--type", "host.configured", "--json")
        #expect(leaves.status == 0, "\(leaves.errors)")
        #expect(leaves.output.contains("runs.max_active") && leaves.output.contains("server.drain_seconds"))
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("a changed file of variables holds while a host serves, below the host's own environment")
    func variables() throws {
        let desk = try CompiledPlugin.desk.get()
        let command = try Command(environment: ["MAX_CONCURRENT_DECISIONS": "5"])
        let file = try write("LOG_LEVEL=error\nMAX_CONCURRENT_DECISIONS=6\n", to: "vars.env", in: command)
        let served = try Served(
            command,
            starting: ["serve", "--port", "0", "--json", "--grant-all", "--plugins", desk, "--env-file", file])
        _ = try write("LOG_LEVEL=info\nMAX_CONCURRENT_DECISIONS=7\n", to: "vars.env", in: command)
        kill(served.started.process.processIdentifier, SIGHUP)
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while !served.started.errorsSoFar.contains("holds now: log.level\n") {
            guard Date() < end else { throw Failure(.deadline, served.started.errorsSoFar) }
            usleep(20_000)
        }
        #expect(served.stop() == 0)
    }

    @Test("the seeds' variables set up a provider without a gateway file")
    func provider() throws {
        let command = try Command()
        let variables = [
            "LLM_PROVIDER": "openai", "OPENAI_API_KEY": "sk-test-1234567890abcdef", "OPENAI_MODEL": "gpt-5",
        ]
        let listed = try command.run(["models", "list", "--json"], environment: variables)
        #expect(listed.status == 0, "\(listed.errors)")
        #expect(listed.output.contains("openai"))
        #expect(!listed.output.contains("sk-test"))
    }
}
