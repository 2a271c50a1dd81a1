import Foundation
import Kernel
import TestSupport
import Testing

/// `bureau models try` and `status`, before a scripted server with prices.
@Suite("Models by command", .timeLimit(.minutes(3)))
struct ModelsCommandTests {
    private static let prices = """
        model,provider,input,output
        plain,scripted,1000000,2000000
        missing,scripted,1000000,2000000
        """
    private static let script = Built.checkout.appendingPathComponent("Tests/EndToEnd/Clients/model_upstream.py")

    private let command: Command
    private let upstream: ScriptServer

    init() async throws {
        command = try Command()
        upstream = try await ScriptServer.start(Self.script)
        let file = try command.scratch.write(Array(Self.prices.utf8), to: "prices.csv")
        #expect(try command("prices", "import", file).status == 0)
        let gateway = """
            {"providers": {
               "scripted": {"api": "openai-chat", "base_url": "http://127.0.0.1:\(upstream.port)/v1",
                            "output_limit_field": "max_tokens", "default_model": "plain",
                            "limits": {"requests_per_minute": 60}},
               "gone": {"api": "openai-chat", "base_url": "http://127.0.0.1:9/v1", "prices": "free",
                        "default_model": "any"}},
             "default": "scripted/plain", "classes": {"fast": "scripted/plain"}, "cache": {"mode": "deterministic"},
             "routes": {"careful": {"targets": [{"model": "scripted/plain", "weight": 3}],
                                    "fallbacks": ["offline/extractive-1"]}}}
            """
        try Data(gateway.utf8).write(to: URL(fileURLWithPath: command.store + "/gateway.json"))
    }

    /// What the server bills, by words.
    private static func price(input: Int64, output: Int64) -> Int64 { input * 1_000 + output * 2_000 }

    @Test("a call is answered, billed exactly, and stands in the ledger")
    func call() throws {
        let result = try command(
            "models", "try", "scripted/plain", "one two three", "--max-output-tokens", "4", "--json")
        #expect(result.status == 0, "\(result.errors)")
        let said = try result.json()
        #expect(said["text"] == "word0 word1 word2 word3 ")
        #expect(said["provider"] == "scripted" && said["model"] == "plain" && said["finish_reason"] == "length")
        #expect(said["usage"]?["input_tokens"] == 3 && said["usage"]?["output_tokens"] == 4)
        let cost = Self.price(input: 3, output: 4)
        #expect(said["usage"]?["cost_nanodollars"]?.integerValue == cost)
        let first = try #require(said["first_byte_milliseconds"]?.integerValue)
        #expect(first >= 0 && first <= said["total_milliseconds"]?.integerValue ?? -1)
        let id = try #require(said["call"]?.stringValue)
        let entries = try command("ledger", "list", "--attempt", "api/\(id)/1", "--json").json()["entries"]
        #expect(entries?.arrayValue?.contains { $0["amount_nanodollars"]?.integerValue == cost } == true)

        let plain = try command("models", "try", "fast", "one two", "--max-output-tokens", "2")
        #expect(plain.output.hasPrefix("word0 word1"))
        #expect(plain.output.contains("scripted/plain, length") && plain.output.contains("2 in, 2 out"))
        let piped = try command(
            "models", "try", "", "-", "--department", "lab", "--stream", input: "one two three four")
        #expect(piped.output.hasPrefix("word0 word1 word2") && piped.output.contains("4 in, 20 out"))
        let spent = try command("budget", "show", "department:default/lab", "--json").json()["budgets"]?.arrayValue
        #expect(spent?.first?["spent_nanodollars"]?.integerValue == Self.price(input: 4, output: 20))
        #expect(try command("ledger", "verify").status == 0)
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("each way to fail has its exit code")
    func failures() throws {
        #expect(try command("models", "try", "scripted/unpriced", "hi").status == 4)
        #expect(try command("models", "try", "scripted/missing", "hi").status == 4)
        #expect(try command("models", "try").status == 2)
        #expect(try command("models", "try", "fast", "hi", "--json", "--stream").status == 2)
        #expect(try command("models", "try", "fast", "hi", "--department", "No Name").status == 2)
        let gone = try command("models", "try", "gone/", "hi")
        #expect(gone.status == 1 && gone.errors.contains("gone"), "\(gone.errors)")
        #expect(try command("budget", "set", "organisation", "0.000001").status == 0)
        let poor = try command("models", "try", "fast", "hi")
        #expect(poor.status == 6 && poor.errorLines.count == 1, "\(poor.errors)")
        #expect(try command("models", "try", "offline/", "hi").status == 0, "what is free needs no budget")
    }

    @Test("the status of a running host, as a table and as its own document")
    func status() throws {
        let none = try command("models", "status", "--address", "http://127.0.0.1:9")
        #expect(none.status == 8 && none.errors.contains("bureau serve"), "\(none.errors)")
        #expect(try command("models", "status", "--address", "ftp://127.0.0.1").status == 2)
        let other = try command("models", "status", "--address", "http://127.0.0.1:\(upstream.port)")
        #expect(other.status != 0)

        let served = try command.start(["serve", "--secure-mode", "off", "--port", "0", "--json"])
        defer { served.process.terminate() }
        let line = try served.line(with: "address")
        let address = try #require(try JSONParser.parse(Array(line.utf8))["address"]?.stringValue)
        let document = try command("models", "status", "--json", environment: ["BUREAU_ADDRESS": address]).json()
        #expect(document["routing"]?["routes"]?.arrayValue?.first?["name"] == "careful")
        #expect(document["cache"]?["mode"] == "deterministic")
        let busy = try command("models", "try", "fast", "hi")
        #expect(busy.status == 8 && busy.errors.contains("in use"), "\(busy.errors)")
        let table = try command("models", "status", "--address", address + "/").output
        #expect(table.contains("careful") && table.contains("scripted/plain × 3"))
        #expect(table.contains("offline/extractive-1"))
        #expect(table.contains("cache  deterministic: 0 answers"))
        #expect(table.contains("scripted") && table.contains("no limit"), "\(table)")
    }
}
