import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Model endpoints, by the official clients", .timeLimit(.minutes(5)))
struct ModelEndpointTests {
    private static let department = "department:acme/writing"
    private let desk: Desk

    init() async throws { desk = try await Desk() }

    @Test("plain answers: text, usage, and a cost that the ledger says too")
    func plain() throws {
        let said = try desk.clients("plain")
        let (openAI, anthropic) = (try #require(said["openai"]), try #require(said["anthropic"]))
        #expect(openAI["text"] == "word0 word1 word2 word3 word4 ")
        #expect(openAI["finish"] == "length")
        #expect(openAI["usage"]?["prompt_tokens"] == 4)
        #expect(openAI["usage"]?["completion_tokens"] == 5)
        #expect(openAI["cost"]?.integerValue == Desk.price(input: 4, output: 5))
        #expect(openAI["id"]?.stringValue == "chatcmpl-" + (openAI["call"]?.stringValue ?? "?"))
        #expect(openAI["request_id"] == openAI["call"])
        #expect(anthropic["usage"]?["input_tokens"] == 6)
        #expect(anthropic["usage"]?["output_tokens"] == 20)
        #expect(anthropic["stop"] == "end_turn")
        #expect(anthropic["request_id"] == anthropic["call"])
        #expect(anthropic["cost"]?.integerValue == Desk.price(input: 6, output: 20))
        #expect(openAI["left"]?.integerValue == 1_000_000_000_000 - Desk.price(input: 4, output: 5))

        let headers = try desk.seen()["headers"]
        #expect(headers?["authorization"] == "Bearer sk-of-the-host")
        #expect(headers?["x-api-key"] == nil)
        try desk.stop()
        let total = Desk.price(input: 10, output: 25)
        let spent = try desk.spent()
        #expect(spent[Self.department] == total)
        #expect(spent["tenant:acme"] == total)
        #expect(spent["organisation"] == total)
        #expect(try !desk.mentions("sk-of-the-client"))
        #expect(try !desk.mentions("sk-of-the-host"))
    }

    @Test("streams: pieces as they come, usage where it was asked for")
    func streamed() throws {
        let said = try desk.clients("streamed")
        #expect(said["openai"]?["pieces"] == ["word0 ", "word1 ", "word2 ", "word3 "])
        #expect(said["openai"]?["finish"] == "length")
        #expect(said["openai"]?["usage"]?["total_tokens"] == 8)
        #expect(said["openai"]?["bureau"]?["cost_nanodollars"]?.integerValue == Desk.price(input: 4, output: 4))
        #expect(said["without"]?["usages"]?.arrayValue?.allSatisfy { $0 == true } == true)
        #expect(said["anthropic"]?["pieces"] == ["word0 ", "word1 ", "word2 "])
        #expect(said["anthropic"]?["text"] == "word0 word1 word2 ")
        #expect(said["anthropic"]?["stop"] == "max_tokens")
        #expect(said["anthropic"]?["usage"]?["input_tokens"] == 4)
        #expect(said["anthropic"]?["usage"]?["output_tokens"] == 3)
        try desk.stop()
        #expect(try desk.spent()[Self.department] == Desk.price(input: 12, output: 4 + 2 + 3))
    }

    @Test("a client that leaves half-way is charged what the provider bills, exactly")
    func aborted() throws {
        let said = try desk.clients("aborted")
        #expect(said["heard"] == 3)
        #expect(said["timeout"] == "APITimeoutError")
        try desk.stop()
        #expect(try desk.seen()["finished"] == 3)
        #expect(try desk.spent()[Self.department] == Desk.price(input: 12, output: 12 + 10 + 20))
    }

    @Test("refusals: each client raises its own error, nothing is sent again, nothing is charged")
    func refused() throws {
        let said = try desk.clients("refused")
        let expected: [(String, String, Int64, String)] = [
            ("model", "NotFoundError", 404, "model_not_found"),
            ("unpriced", "PermissionDeniedError", 403, "model_unpriced"),
            ("unknown", "BadRequestError", 400, "unknown_parameter"),
            ("several", "BadRequestError", 400, "unsupported_parameter"),
            ("role", "BadRequestError", 400, "invalid_value"),
            ("tenant", "BadRequestError", 400, "invalid_header"),
            ("streamed", "PermissionDeniedError", 403, "model_unpriced"),
        ]
        for (name, type, status, code) in expected {
            #expect(said[name]?["type"] == .string(type), "\(name): \(said[name] as Any)")
            #expect(said[name]?["status"] == .integer(status), "\(name)")
            #expect(said[name]?["body"]?["code"] == .string(code), "\(name): \(said[name] as Any)")
            #expect(said[name]?["retry"] == "false", "\(name)")
        }
        for (name, status, code) in [
            ("anthropic_unpriced", 403, "model_unpriced"), ("top_k", 400, "unsupported_parameter"),
        ] as [(String, Int64, String)] {
            #expect(said[name]?["status"] == .integer(status), "\(name)")
            #expect(said[name]?["body"]?["error"]?["code"] == .string(code), "\(name): \(said[name] as Any)")
        }
        // Only the model that is priced, and that the provider does not have, was asked for, and once.
        #expect(try desk.seen()["calls"] == 1)
        try desk.stop()
        #expect(try desk.spent()[Self.department] == 0)
    }

    @Test("a call that a cap has no room for is refused before it is sent; one that fits is not")
    func exhausted() throws {
        try desk.stop()
        #expect(try desk.command("budget", "set", "tenant:poor", "0.01").status == 0)
        try desk.restart()
        let said = try desk.clients("exhausted")
        #expect(said["openai"]?["status"] == 402)
        #expect(said["openai"]?["retry"] == "false")
        #expect(said["openai"]?["body"]?["code"] == "budget_would_exceed")
        #expect(said["openai"]?["body"]?["param"] == "max_tokens")
        #expect(said["anthropic"]?["status"] == 402)
        #expect(said["anthropic"]?["body"]?["error"]?["type"] == "billing_error")
        let cost = Desk.price(input: 4, output: 2)
        #expect(said["fits"]?.integerValue == cost)
        #expect(said["left"]?.integerValue == 10_000_000 - cost)
        #expect(try desk.seen()["calls"] == 1)
        try desk.stop()
        #expect(try desk.spent()["tenant:poor"] == cost)
    }

    @Test("fifty at once: the ledger holds the sum of what each was told")
    func many() throws {
        let costs = try desk.clients("many")["costs"]?.arrayValue?.compactMap(\.integerValue) ?? []
        #expect(costs.count == 50)
        #expect(costs == (0..<50).map { Desk.price(input: 4, output: 1 + $0 % 7) })
        try desk.stop()
        #expect(try desk.spent()["organisation"] == costs.reduce(0, +))
    }

    @Test("models: the same list for both clients")
    func models() throws {
        let said = try desk.clients("models")
        #expect(said["openai"]?.arrayValue?.contains("server/plain") == true)
        #expect(said["openai"]?.arrayValue?.contains("offline/extractive-1") == true)
        #expect(said["anthropic"] == said["openai"])
        #expect(said["one"] == "server")
    }

    @Test("a host killed in the middle of a call: its hold counts as spent, marked ambiguous, at the next start")
    func killed() throws {
        let client = try desk.startCall(model: "slow", maximumTokens: 20)
        let end = Date().addingTimeInterval(60)
        while try desk.seen()["calls"] != 1, Date() < end { usleep(10_000) }
        desk.kill9()
        client.waitUntilExit()
        try desk.restart()
        try desk.stop()
        let spent = try desk.spent()[Self.department] ?? 0
        #expect(spent >= Desk.price(input: 4, output: 20), "\(spent)")
        #expect(try desk.mentions("call.ambiguous"))
    }
}
