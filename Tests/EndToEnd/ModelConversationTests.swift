import Foundation
import Kernel
import TestSupport
import Testing

/// What agents need of a model endpoint, by the official clients: tools, images, structured output, and the operator's
/// routes, cache and policy around them.
@Suite("Conversations at the model endpoints, by the official clients", .timeLimit(.minutes(5)))
struct ModelConversationTests {
    private static let department = "department:acme/writing"

    @Test("tools: two calls at once, their results, the answer; streamed or not, in both protocols; one at a time")
    func tools() async throws {
        let desk = try await Desk()
        let said = try desk.clients("tools")
        let told: JSONValue = "Oslo: 3 C. Bergen: 7 C. "
        for (client, call, end) in [("openai", "tool_calls", "stop"), ("anthropic", "tool_use", "end_turn")] {
            let turns: JSONValue = [
                ["finish": .string(call), "text": "Let me see.", "calls": ["weather", "weather"]],
                ["finish": .string(end), "text": told, "calls": []],
            ]
            #expect(said[client] == [turns, turns], "\(client)")
            let single = said[client + "_single"]?.arrayValue ?? []
            #expect(single.map { $0["calls"] } == [["weather"], ["weather"], []], "\(client)")
            #expect(single.last?["text"] == told, "\(client)")
        }
        #expect(said["failed"] == "The tool failed:\nno sun")
        #expect(said["unknown_tool"]?["status"] == 400)
        #expect(said["server_tool"]?["status"] == 400)

        let bodies = try desk.seen()["bodies"]?.arrayValue ?? []
        let first = try #require(bodies.first), second = try #require(bodies.dropFirst().first)
        #expect(first["tools"]?.arrayValue?.first?["function"]?["name"] == "weather")
        let roles = second["messages"]?.arrayValue?.map { $0["role"] }
        #expect(roles == ["user", "assistant", "tool", "tool"])
        #expect(bodies.contains { $0["parallel_tool_calls"] == false })
        try desk.stop()
        #expect(try desk.spent()[Self.department] ?? 0 > 0)
    }

    @Test("images reach the model in base64; what would have to be fetched, or cannot be passed on, is refused by name")
    func images() async throws {
        let desk = try await Desk()
        let said = try desk.clients("images")
        #expect(said["openai"] == "what is it" && said["anthropic"] == "what is it", "\(said)")
        let refusals: [(String, String, String)] = [
            ("openai_url", "unsupported_parameter", "messages[0].content[1].image_url.url"),
            ("anthropic_url", "unsupported_parameter", "messages[0].content[0].source.type"),
            ("detail", "unsupported_parameter", "messages[0].content[1].image_url.detail"),
            ("type", "unsupported_parameter", "messages[0].content[1].image_url.url"),
            ("bytes", "invalid_value", "messages[0].content[1].image_url.url"),
        ]
        for (name, code, parameter) in refusals {
            let body = said[name]?["body"]
            let error = body?["error"] ?? body
            #expect(said[name]?["status"] == 400, "\(name): \(said[name] as Any)")
            #expect(error?["code"] == .string(code), "\(name): \(said[name] as Any)")
            #expect(error?["param"] == .string(parameter), "\(name): \(said[name] as Any)")
        }
        let bodies = try desk.seen()["bodies"]?.arrayValue ?? []
        #expect(bodies.count == 2)
        for body in bodies {
            let parts = body["messages"]?.arrayValue?.last?["content"]?.arrayValue ?? []
            let url = parts.first { $0["type"] == "image_url" }?["image_url"]?["url"]?.stringValue
            #expect(url?.hasPrefix("data:image/png;base64,iVBOR") == true)
        }
        try desk.stop()
    }

    @Test("answers fit their schema, after one repair that is paid; streams show only the one that fits")
    func structured() async throws {
        let desk = try await Desk()
        let said = try desk.clients("structured")
        #expect(said["openai"] == #"{"n": 3}"# && said["anthropic"] == #"{"n": 3}"#, "\(said)")
        #expect(said["pieces"] == [#"{"n": 3}"#])
        #expect(said["object"] == #"{"n": "three"}"#)
        #expect(said["hopeless"]?["status"] == 502)
        #expect(said["hopeless"]?["body"]?["code"] == "answer_invalid")
        #expect(said["hopeless"]?["retry"] == "false")
        let bodies = try desk.seen()["bodies"]?.arrayValue ?? []
        #expect(bodies.count == 9, "2 for each that is repaired, 1 for the object, 2 for what no repair helps")
        let words = bodies.prefix(2).flatMap { $0["messages"]?.arrayValue ?? [] }
            .reduce(0) { $0 + Int64(($1["content"]?.stringValue ?? "").split(whereSeparator: \.isWhitespace).count) }
        #expect(said["cost"]?.integerValue == Desk.price(input: words, output: 4))
        try desk.stop()
        _ = try desk.spent()
    }

    private static let gateway = """
        {"providers": {
           "up": {"api": "openai-chat", "base_url": "http://127.0.0.1:PORT/v1", "keys": [{"env": "BUREAU_MODEL_KEY"}],
                  "prices": {"book": "scripted"}, "output_limit_field": "max_tokens",
                  "limits": {"concurrent_calls": 20}},
           "spare": {"api": "openai-chat", "base_url": "http://127.0.0.1:PORT/v1",
                     "keys": [{"env": "BUREAU_MODEL_KEY"}], "prices": {"book": "scripted"},
                     "output_limit_field": "max_tokens"}},
         "default": "up/plain",
         "classes": {"fast": "up/plain", "calm": "up/slow"},
         "routes": {"careful": {"targets": ["up/broken"], "fallbacks": ["spare/plain"], "attempts": 1}},
         "cache": {"mode": "deterministic", "seconds": 600}}
        """

    @Test("a route falls over, classes resolve, equal calls are answered from the tenant's cache, a user pays beside")
    func routed() async throws {
        let desk = try await Desk(gateway: Self.gateway)
        let said = try desk.clients("routed")
        let price = Desk.price(input: 4, output: 3)
        // A 503 says nothing of what was used, so its hold is spent.
        let fallen = said["fallen"]?["cost"]?.integerValue ?? 0
        #expect(said["fallen"]?["model"] == "plain" && fallen > price, "\(said)")
        #expect(said["cache"] == ["miss", "hit", "miss", "hit", "miss"])
        #expect(said["costs"] == [.integer(price), 0, .integer(price)])
        #expect(said["same"] == true && said["streamed"] == "word0 word1 word2 ")
        let twins = said["twins"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(twins == Array(repeating: "hit", count: 7) + ["miss"])
        #expect(said["badly_named"]?["body"]?["code"] == "invalid_header")
        #expect(said["models"]?["careful"] == "route" && said["models"]?["fast"] == "class")
        #expect(said["models"]?["up/plain"] == "model" && said["route"] == "bureau")

        let status = try desk.get("/models/status")
        #expect(status["routing"]?["routes"]?.arrayValue?.first?["name"] == "careful")
        let targets = status["routing"]?["targets"]?.arrayValue ?? []
        #expect(targets.first { $0["name"] == "up/broken" }?["failures"] == 1, "\(status)")
        #expect(status["cache"]?["hits"] == 9 && status["cache"]?["shared"]?.integerValue ?? 0 <= 7)
        #expect(try desk.mentions("fallback after server_error"))
        try desk.stop()
        let spent = try desk.spent()
        #expect(spent["user:acme/ada"] == said["user"]?.integerValue)
        #expect(spent["user:acme/ada"] == Desk.price(input: 4, output: 4))
        #expect(spent["tenant:other"] == price)
        // Fallen, first, Anthropic's, one of the twins, the user's.
        let total: Int64 = fallen + 3 * price + Desk.price(input: 4, output: 4)
        #expect(spent["tenant:acme"] == total)
    }

    private static let policy = """
        {"version": 1, "lists": {"late": ["word9"]}, "rules": [
          {"id": "mask", "on": "model.request", "when": {"personal_data": ["email"]}, "then": "mask"},
          {"id": "secrets", "on": "model.request", "when": {"personal_data": ["secret"]}, "then": "forbid"},
          {"id": "late", "on": "model.answer", "when": {"words": "late", "models": ["server/*"]}, "then": "forbid"}
        ]}
        """

    @Test("the policy masks and forbids requests, and judges answers before any of them is shown")
    func guarded() async throws {
        let desk = try await Desk(policy: Self.policy)
        let said = try desk.clients("guarded")
        #expect(said["masked"] == "Write to ada@example.org now", "\(said)")
        #expect(said["masked_stream"] == "Write to ada@example.org now")
        #expect(said["pieces"] == ["word0 word1 word2 word3 word4 "])
        for name in ["secret", "answer", "streamed_answer", "anthropic"] {
            let body = said[name]?["body"]
            #expect(said[name]?["status"] == 403, "\(name): \(said[name] as Any)")
            #expect((body?["error"] ?? body)?["code"] == "policy_forbids", "\(name): \(said[name] as Any)")
            #expect(said[name]?["retry"] == "false", "\(name)")
        }
        let bodies = try desk.seen()["bodies"]?.arrayValue ?? []
        #expect(!bodies.description.contains("ada@") && !bodies.description.contains("AKIA"))
        #expect(bodies.count == 6)
        #expect(try !desk.mentions("ada@example.org"))
        try desk.stop()
        // Forbidden answers were paid: 2 words in, 12 out, three times.
        let echoes = 2 * Desk.price(input: 4, output: 1), forbidden = 3 * Desk.price(input: 2, output: 12)
        let total: Int64 = echoes + forbidden + Desk.price(input: 2, output: 5)
        #expect(try desk.spent()[Self.department] == total)
    }
}
