import Foundation
import Kernel
import TestSupport
import Testing

/// A served host before a scripted model, and the official Python clients before the host: nothing of ours at either
/// end.
final class Desk {
    static let inputPrice: Int64 = 1_000, outputPrice: Int64 = 2_000
    private static let prices = """
        model,provider,input,output
        plain,scripted,1000000,2000000
        slow,scripted,1000000,2000000
        missing,scripted,1000000,2000000
        broken,scripted,1000000,2000000
        echo,scripted,1000000,2000000
        json,scripted,1000000,2000000
        agent,scripted,1000000,2000000
        """
    private static let folder = Built.checkout.appendingPathComponent("Tests/EndToEnd/Clients")

    let command: Command
    private let upstream: ScriptServer
    private let hasGateway: Bool
    private var started: Started
    private(set) var address = ""

    /// - Parameters:
    ///   - gateway: the operator's file, with `PORT` for the model's.
    ///   - policy: the operator's, too.
    init(gateway: String? = nil, policy: String? = nil) async throws {
        command = try Command(environment: ["BUREAU_MODEL_KEY": "sk-of-the-host"])
        upstream = try await ScriptServer.start(Self.folder.appendingPathComponent("model_upstream.py"))
        let file = try command.scratch.write(Array(Self.prices.utf8), to: "prices.csv")
        for arguments in [["prices", "import", file], ["budget", "set", "organisation", "1000"]] {
            let result = try command.run(arguments)
            guard result.status == 0 else { throw Failure(.internal, result.errors) }
        }
        hasGateway = gateway != nil
        if let gateway {
            let text = gateway.replacingOccurrences(of: "PORT", with: String(upstream.port))
            _ = try command.scratch.write(Array(text.utf8), to: "store/gateway.json")
        }
        if let policy { _ = try command.scratch.write(Array(policy.utf8), to: "store/policy.json") }
        started = try Self.serve(command, hasGateway ? nil : upstream.port)
        address = try Self.address(of: started)
    }

    deinit { kill(started.process.processIdentifier, SIGKILL) }

    /// - Parameter port: of the model; nil where the gateway file says it.
    private static func serve(_ command: Command, _ port: Int?) throws -> Started {
        let server = port.map {
            ["--model-server", "http://127.0.0.1:\($0)/v1", "--model", "plain", "--price-as", "scripted"]
        }
        return try command.start(
            [
                "serve", "--secure-mode", "off", "--port", "0", "--json", "--drain-seconds", "30", "--grant-all",
                "--egress", "in-process",
                "--plugins", try CompiledPlugin.desk.get(),
            ] + (server ?? []))
    }

    private static func address(of started: Started) throws -> String {
        let line = try started.line(with: "address")
        return try JSONParser.parse(Array(line.utf8))["address"]?.stringValue ?? ""
    }

    func restart() throws {
        started = try Self.serve(command, hasGateway ? nil : upstream.port)
        address = try Self.address(of: started)
    }

    func kill9() {
        kill(started.process.processIdentifier, SIGKILL)
        started.process.waitUntilExit()
    }

    /// Ends the host by its signal, so that calls under way are drained.
    func stop() throws {
        started.process.terminate()
        guard started.process.waitUntilExit(upTo: Command.limitSeconds) else {
            throw Failure(.deadline, "the host did not end")
        }
        #expect(started.result.status == 0, "\(started.result.errors)")
    }

    func clients(_ scenario: String) throws -> JSONValue {
        var environment: [String: String] = [:]
        for name in ["PATH", "HOME", "BUREAU_TEST_CACHE"] {
            environment[name] = ProcessInfo.processInfo.environment[name]
        }
        let script = Self.folder.appendingPathComponent("official_clients.py").path
        let result = try command.run(
            ["python3", script, scenario, address], environment: environment, program: "/usr/bin/env")
        guard result.status == 0 else { throw Failure(.internal, result.errors) }
        return try result.json()
    }

    func seen() throws -> JSONValue {
        try command.run(
            ["curl", "-sS", "-d", "{}", "http://127.0.0.1:\(upstream.port)/seen"], program: "/usr/bin/env"
        ).json()
    }

    /// By node; also checks that nothing is held any more and that the audit log is sound. The host has ended.
    func spent() throws -> [String: Int64] {
        let verified = try command("audit", "verify")
        #expect(verified.status == 0, "\(verified.output)")
        let budgets = try command("budget", "show", "--json").json()["budgets"]?.arrayValue ?? []
        #expect(budgets.allSatisfy { $0["held_nanodollars"] == 0 }, "\(budgets)")
        return Dictionary(
            uniqueKeysWithValues: budgets.map {
                ($0["node"]?.stringValue ?? "", $0["spent_nanodollars"]?.integerValue ?? -1)
            })
    }

    static func price(input: Int64, output: Int64) -> Int64 { input * inputPrice + output * outputPrice }
}

extension Desk {
    func get(_ path: String) throws -> JSONValue {
        try command.run(["curl", "-sS", address + path], program: "/usr/bin/env").json()
    }

    /// Whether the text stands anywhere in the store.
    func mentions(_ text: String) throws -> Bool {
        let result = try command.run(["grep", "-rqF", text, command.store], program: "/usr/bin/env")
        return result.status == 0
    }

    func startCall(model: String, maximumTokens: Int) throws -> Process {
        let body: JSONValue = [
            "model": .string(model), "max_tokens": .integer(Int64(maximumTokens)),
            "messages": [["role": "user", "content": "one two three four"]],
        ]
        return try command.start(
            [
                "curl", "-sS", "-H", "content-type: application/json", "-H", "x-bureau-tenant: acme",
                "-H", "x-bureau-department: writing", "-d", body.serialized(), address + "/v1/chat/completions",
            ], program: "/usr/bin/env"
        ).process
    }
}
