/// Whether a model kept to what it was asked: tools that exist, arguments and text that fit their schemas.
package struct AnswerCheck: Hashable, Sendable {
    private static let maximumShown = 10

    /// The text, taken out of the fence that models put around JSON.
    package let text: String
    package let toolCalls: [ToolCall]
    /// Each with its place, in plain words; empty when the answer may be used.
    package let violations: [String]
    /// What is wrong with each tool call, by its index.
    private let wrongCalls: [Int: [String]]

    package init(text: String, toolCalls: [ToolCall], options: ModelOptions) {
        self.toolCalls = toolCalls
        var wrongCalls = [Int: [String]]()
        for (index, call) in toolCalls.enumerated() {
            var found = Self.violations(of: call, tools: options.tools)
            if index > 0, !options.allowsParallelCalls { found.append("only one tool may be called at a time") }
            if !found.isEmpty { wrongCalls[index] = found }
        }
        var violations = wrongCalls.sorted { $0.key < $1.key }
            .flatMap { index, found in found.map { "tool call \(index + 1) (\(toolCalls[index].name)): \($0)" } }
        switch options.toolChoice {
        case .required where toolCalls.isEmpty: violations.append("a tool must be called")
        case .tool(let name) where !toolCalls.contains { $0.name == name }:
            violations.append("the tool \(name) must be called")
        case .none where !toolCalls.isEmpty: violations.append("no tool may be called")
        default: break
        }
        var body = text
        if let schema = options.responseSchema, toolCalls.isEmpty, violations.isEmpty {
            body = Self.unfenced(text)
            violations += Self.violations(of: body, schema: schema)
        }
        self.text = body
        self.wrongCalls = wrongCalls
        self.violations = Array(violations.prefix(Self.maximumShown))
    }

    package var isSound: Bool { violations.isEmpty }

    /// What to add to the conversation so that the model does it again, right.
    package var repair: [ChatMessage] {
        let told = violations.joined(separator: "; ")
        guard !toolCalls.isEmpty else {
            let answered = ChatMessage(role: .assistant, content: text.isEmpty ? "(nothing)" : text)
            return [answered, ChatMessage(role: .user, content: "That answer cannot be used: \(told). Answer again.")]
        }
        // A wrong document cannot travel as arguments: providers take objects only.
        let echoed = toolCalls.map { call in
            ToolCall(id: call.id, name: call.name, arguments: (call.argumentObject ?? [:]).serialized())
        }
        let parts = text.isEmpty ? [] : [MessagePart(.text(text))]
        return [ChatMessage(role: .assistant, parts: parts, toolCalls: echoed)]
            + toolCalls.enumerated().map { index, call in
                let reason = wrongCalls[index]?.joined(separator: "; ")
                let result =
                    reason.map { "Not done: \($0). Call it again." } ?? "Not done, because another call was wrong."
                return ChatMessage(role: .tool, parts: [MessagePart(.text(result))], toolCallID: call.id)
            }
    }

    private static func violations(of call: ToolCall, tools: [ToolDefinition]) -> [String] {
        guard let tool = tools.first(where: { $0.name == call.name }) else {
            let names = tools.map(\.name).joined(separator: ", ")
            return ["there is no such tool; there are: \(names.isEmpty ? "none" : names)"]
        }
        guard let arguments = call.argumentObject else { return ["the arguments are not a JSON object"] }
        return tool.parameters.validate(arguments).prefix(maximumShown).map(\.description)
    }

    private static func violations(of text: String, schema: JSONSchema) -> [String] {
        do {
            return schema.validate(try JSONParser.parse(text)).prefix(maximumShown).map(\.description)
        } catch {
            return ["the text is not one JSON document (\(error))"]
        }
    }

    /// Models put JSON between lines of three backticks, whatever they are told.
    private static func unfenced(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let isBlank = { (line: Substring) in line.allSatisfy(\.isWhitespace) }
        guard let first = lines.firstIndex(where: { !isBlank($0) }), lines[first].hasPrefix("```"),
            let last = lines.lastIndex(where: { !isBlank($0) }), last > first,
            lines[last].allSatisfy({ $0 == "`" || $0.isWhitespace }), lines[last].hasPrefix("```")
        else { return text }
        return lines[(first + 1)..<last].joined(separator: "\n")
    }
}
