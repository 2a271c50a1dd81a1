import PluginKit
import PluginTesting
import Synchronization
import Testing

/// Answers with the help of one tool.
private struct Clerk: Department {
    static let manifest = DepartmentManifest(
        id: "org.example.clerk", department: "clerk", version: "1.0.0", title: "Clerk", summary: "Looks things up.",
        wants: Wants(models: ["*"]))

    static let tasks: [TaskDefinition<Clerk>] = [
        .task("answer", summary: "Answers with tools.") { (_: Clerk, input: Question, context: TaskContext) in
            let price = try ToolHandler("price", "The price of a thing.") { (thing: Thing) async throws -> String in
                guard thing.name != "unicorn" else { throw TaskFailure.notFound("nobody sells unicorns") }
                return "\(thing.name) costs 7"
            }
            let reply = try await context.respond(
                to: [.user(input.text)], using: [price], maximumRounds: 3, step: "ask")
            return Question(text: reply.text)
        },
        .task("typed", summary: "Answers with a value.") { (_: Clerk, input: Question, context: TaskContext) in
            try await context.model(input.text, as: Thing.self)
        },
    ]

    init(configuration: Configuration) throws {}
}

private struct Question: Codable, Sendable { var text: String }
private struct Thing: Codable, Sendable { var name: String }

@Suite("A model that uses tools")
struct ToolLoopTests {
    private func call(_ name: String, id: String = "c1") -> ModelReply {
        ModelReply(
            text: "", toolCalls: [ModelToolCall(id: id, name: "price", arguments: ["name": .string(name)])],
            finishReason: "tool_calls")
    }

    @Test("what it asks for is done and told, failures too, until it answers")
    func loop() async throws {
        let harness = try TaskHarness(Clerk.self)
        let asked = Mutex<[ScriptedModelRequest]>([])
        harness.onModelReply { request in
            asked.withLock { $0.append(request) }
            switch request.step {
            case "ask-1": return call("tea")
            case "ask-2": return call("unicorn", id: "c2")
            default:
                let results = request.messages.filter { $0.role == "tool" }.map(\.content)
                return ModelReply(text: results.joined(separator: "; "))
            }
        }
        let answer: Question = try await harness.run("answer", input: Question(text: "How much?"))
        #expect(answer.text == "tea costs 7; failed: nobody sells unicorns")
        let last = try #require(asked.withLock { $0.last })
        #expect(last.messages.map(\.role) == ["user", "assistant", "tool", "assistant", "tool"])
        #expect(last.messages.map(\.toolCallID) == [nil, nil, "c1", nil, "c2"])
        #expect(last.options.tools?.first?.parameters["required"] == ["name"])
    }

    @Test("a model that never stops asking is told to answer after as many rounds as are allowed")
    func bounded() async throws {
        let harness = try TaskHarness(Clerk.self)
        let choices = Mutex<[ToolChoice?]>([])
        harness.onModelReply { request in
            choices.withLock { $0.append(request.options.toolChoice) }
            return request.options.toolChoice == ToolChoice.none ? ModelReply(text: "enough") : call("tea")
        }
        let answer: Question = try await harness.run("answer", input: Question(text: "How much?"))
        #expect(answer.text == "enough")
        #expect(choices.withLock { $0 } == [nil, .auto, .auto, ToolChoice.none])
    }

    @Test("a typed answer asks for its schema and is decoded")
    func typed() async throws {
        let harness = try TaskHarness(Clerk.self)
        harness.onModelReply { request in
            #expect(request.options.responseSchema?["properties"]?["name"] != nil)
            return ModelReply(text: #"{"name":"tea"}"#)
        }
        let answer: Thing = try await harness.run("typed", input: Question(text: "What?"))
        #expect(answer.name == "tea")
    }
}
