import Kernel
import Testing

@Suite("Judging a model's answer")
struct AnswerCheckTests {
    private let options: ModelOptions

    init() throws {
        let city = try JSONSchema([
            "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
        ])
        options = ModelOptions(tools: [ToolDefinition(name: "weather", description: "", parameters: city)])
    }

    private func check(_ calls: [ToolCall], _ choice: ToolChoice = .auto) -> AnswerCheck {
        var options = options
        options.toolChoice = choice
        return AnswerCheck(text: "", toolCalls: calls, options: options)
    }

    @Test(
        "a call of a tool that does not exist, or with wrong arguments, is named",
        arguments: [
            ("weather", #"{"city":"Bern"}"#, ""), ("weather", #"{"city":7}"#, "/city"),
            ("weather", "{", "not a JSON object"),
            ("weather", "", "city"), ("wether", "{}", "there is no such tool; there are: weather"),
        ])
    func calls(name: String, arguments: String, problem: String) {
        let check = check([ToolCall(id: "1", name: name, arguments: arguments)])
        #expect(check.isSound == problem.isEmpty)
        #expect(check.violations.joined().contains(problem), "\(check.violations)")
    }

    @Test("a model is held to the choice it was given")
    func choice() {
        let good = ToolCall(id: "1", name: "weather", arguments: #"{"city":"Bern"}"#)
        #expect(!check([], .required).isSound)
        #expect(!check([], .tool("weather")).isSound)
        #expect(!check([good], .none).isSound)
        #expect(check([good], .required).isSound && check([good], .tool("weather")).isSound && check([], .none).isSound)
    }

    @Test("each call gets a result in the repair, the sound ones too, and broken arguments are not sent back")
    func repair() throws {
        let check = check([
            ToolCall(id: "a", name: "weather", arguments: "{broken"),
            ToolCall(id: "b", name: "weather", arguments: #"{"city":"Bern"}"#),
        ])
        let repair = check.repair
        #expect(repair.map(\.role) == [.assistant, .tool, .tool])
        #expect(repair[0].toolCalls.map(\.arguments) == ["{}", #"{"city":"Bern"}"#])
        #expect(repair.dropFirst().map(\.toolCallID) == ["a", "b"])
        #expect(repair[1].text.contains("not a JSON object") && repair[2].text.contains("Not done"))
    }

    @Test(
        "text must be one document that fits, and may stand in a fence",
        arguments: [
            (#"{"n":1}"#, #"{"n":1}"#, true), ("```json\n{\"n\":1}\n```\n", #"{"n":1}"#, true),
            ("Here: {\"n\":1}", "Here: {\"n\":1}", false), (#"{"n":"1"}"#, #"{"n":"1"}"#, false),
            (#"{"n":1,"n":1}"#, #"{"n":1,"n":1}"#, false), ("", "", false),
        ])
    func text(said: String, body: String, isSound: Bool) throws {
        let schema = try JSONSchema(["type": "object", "properties": ["n": ["type": "integer"]], "required": ["n"]])
        let check = AnswerCheck(text: said, toolCalls: [], options: ModelOptions(responseSchema: schema))
        #expect(check.isSound == isSound)
        #expect(check.text == body)
        #expect(check.repair.map(\.role) == [.assistant, .user])
    }
}
