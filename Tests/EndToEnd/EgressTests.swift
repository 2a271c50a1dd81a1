import Foundation
import Kernel
import TestSupport
import Testing

/// `bureau serve` before a provider that takes a second for its answer, killed in the middle.
@Suite("A host that is killed while a provider answers, by the real command", .timeLimit(.minutes(5)))
struct EgressTests {
    private static let prices = """
        model,provider,input,output
        slow,scripted,1000000,2000000
        """
    /// "Say yes." and the twenty words that the upstream answers at most.
    private static let runCost: Int64 = 2 * 1000 + 20 * 2000

    private let command: Command
    private let upstream: ScriptServer

    init() async throws {
        command = try Command()
        let script = Built.checkout.appendingPathComponent("Tests/EndToEnd/Clients/model_upstream.py")
        upstream = try await ScriptServer.start(script)
        let file = try command.scratch.write(Array(Self.prices.utf8), to: "prices.csv")
        #expect(try command("prices", "import", file).status == 0)
        #expect(try command("budget", "set", "organisation", "1000").status == 0)
        #expect(try command("keys", "set", "mine", input: "sk-of-the-vault\n").status == 0)
    }

    private func configure(egress: String?) throws {
        var document: [String: JSONValue] = [
            "providers": [
                "scripted": [
                    "api": "openai-chat", "base_url": .string("http://127.0.0.1:\(upstream.port)/v1"),
                    "keys": [["vault": "mine"]], "prices": "scripted", "default_model": "slow",
                    "output_limit_field": "max_tokens",
                ]
            ],
            "default": "scripted/slow",
        ]
        if let egress { document["egress"] = .string(egress) }
        _ = try command.scratch.write(JSONValue.object(document).bytes, to: "store/gateway.json")
    }

    private struct Host {
        let started: Started
        let address: String

        func kill9() {
            kill(started.process.processIdentifier, SIGKILL)
            started.process.waitUntilExit()
        }

        func stop() {
            started.process.terminate()
            #expect(started.process.waitUntilExit(upTo: Command.limitSeconds))
        }
    }

    private func serve() throws -> Host {
        let started = try command.start([
            "serve", "--secure-mode", "off", "--port", "0", "--json", "--drain-seconds", "30", "--grant-all",
            "--plugins",
            try CompiledPlugin.desk.get(),
        ])
        let line = try started.line(with: "address")
        return Host(
            started: started, address: try JSONParser.parse(Array(line.utf8))["address"]?.stringValue ?? "")
    }

    private func curl(_ arguments: String...) throws -> JSONValue {
        try command.run(["curl", "-sS", "--max-time", "120"] + arguments, program: "/usr/bin/env").json()
    }

    private func seen() throws -> JSONValue { try curl("-d", "{}", "http://127.0.0.1:\(upstream.port)/seen") }

    private func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let end = Date().addingTimeInterval(60)
        while Date() < end {
            if try condition() { return true }
            usleep(10_000)
        }
        return false
    }

    private func startRun(at host: Host) throws -> String {
        let started = try curl(
            "-H", "Content-Type: application/json", "-d", #"{"task":"model","parameters":{}}"#,
            host.address + "/agents/desk/execute")
        return try #require(started["job_id"]?.stringValue, "\(started)")
    }

    private func budget() throws -> (held: Int64?, spent: Int64?) {
        let budgets = try command("budget", "show", "--json").json()["budgets"]?.arrayValue ?? []
        let node = budgets.first { $0["node"] == "organisation" }
        return (node?["held_nanodollars"]?.integerValue, node?["spent_nanodollars"]?.integerValue)
    }

    private func spools() -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: command.scratch.folder("store/egress"))
        return (names ?? []).filter { $0.hasSuffix(".spool") }
    }

    @Test("a run goes on with the answer that its first host asked for: one request upstream, its exact cost")
    func run() throws {
        try configure(egress: nil)
        let first = try serve()
        let job = try startRun(at: first)
        #expect(try eventually { try seen()["calls"] == 1 })
        first.kill9()
        let second = try serve()
        #expect(try curl(second.address + "/status")["models"]?["egress"] == "process")
        #expect(try eventually { try curl(second.address + "/jobs/" + job)["status"] == "done" })
        second.stop()
        let asked = try seen()
        #expect(asked["calls"] == 1 && asked["finished"] == 1)
        #expect(asked["headers"]?["authorization"] == "Bearer sk-of-the-vault")
        let (held, spent) = try budget()
        #expect(held == 0 && spent == Self.runCost)
        #expect(eventually { spools().isEmpty })
        #expect(try command("ledger", "verify").status == 0)
        #expect(try command("audit", "verify").status == 0)
        let status = try command("status", "--json").json()["egress"]
        #expect(status?["place"] == .null && status?["kept_answers"] == 0)
    }

    @Test("a client's call is settled by its answer, though nobody waits for it any more")
    func call() throws {
        try configure(egress: "process")
        let (held, spent) = try afterKill()
        #expect(held == 0 && spent == 3 * 1000 + 20 * 2000)
        #expect(try seen()["calls"] == 1)
        #expect(eventually { spools().isEmpty })
        #expect(try command("models", "list", "--json").json()["egress"] == "process")
    }

    @Test("in one process a client's call is lost with its host, and counts at its bound")
    func inProcess() throws {
        try configure(egress: "in-process")
        let (held, spent) = try afterKill()
        #expect(held == 0 && (spent ?? 0) > 3 * 1000 + 20 * 2000, "\(spent ?? -1)")
        #expect(try seen()["calls"] == 1)
    }

    private func afterKill() throws -> (held: Int64?, spent: Int64?) {
        let first = try serve()
        let body: JSONValue = [
            "model": "scripted/slow", "max_tokens": 100, "messages": [["role": "user", "content": "one two three"]],
        ]
        let client = try command.start(
            [
                "curl", "-sS", "-H", "Content-Type: application/json", "-d", body.serialized(),
                first.address + "/v1/chat/completions",
            ], program: "/usr/bin/env"
        ).process
        #expect(try eventually { try seen()["calls"] == 1 })
        first.kill9()
        client.waitUntilExit()
        let second = try serve()
        #expect(
            try eventually {
                let nodes = try curl(second.address + "/budgets")["budgets"]?.arrayValue ?? []
                return nodes.first { $0["node"] == "organisation" }?["held_nanodollars"] == 0
            })
        second.stop()
        #expect(try command("ledger", "verify").status == 0)
        return try budget()
    }
}
