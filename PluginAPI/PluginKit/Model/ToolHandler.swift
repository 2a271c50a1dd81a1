import FoundationEssentials

/// A tool with what it does.
///
///     let search = try ToolHandler("search", "Finds papers by topic.") { (query: Query) in
///         try await context.tool("papers.search", arguments: query) as [Paper]
///     }
///     let reply = try await context.respond(to: [.user("What is new in batteries?")], using: [search])
///
/// What it does to the world must go through the context, so that a replay does not do it again.
public struct ToolHandler: Sendable {
    public let tool: ModelTool
    let perform: @Sendable (JSONValue) async throws(TaskFailure) -> JSONValue

    /// - Parameter body: what it throws is told to the model, which may try something else; only cancellation, a spent
    ///   budget and a passed deadline end the task.
    public init<Arguments: Decodable & Sendable, Result: Encodable & Sendable>(
        _ name: String, _ description: String,
        _ body: @escaping @Sendable (Arguments) async throws -> Result
    ) throws(TaskFailure) {
        tool = ModelTool(name: name, description: description, parameters: try SchemaDeriver.schema(of: Arguments.self))
        perform = { (arguments: JSONValue) async throws(TaskFailure) in
            let decoded: Arguments = try arguments.decode()
            do {
                return try JSONValue(encoding: try await body(decoded))
            } catch let failure as TaskFailure {
                throw failure
            } catch {
                throw TaskFailure(.internal, "\(error)")
            }
        }
    }
}

extension TaskContext {
    /// Asks a model, does what it asks for, and asks again with the results, until it answers.
    ///
    /// - Parameters:
    ///   - maximumRounds: how often it may ask for tools. After that it is told to answer without.
    ///   - step: each call of the model is `<step>-1`, `<step>-2`, …; nil leaves the names to the host.
    public func respond(
        to messages: [ChatMessage], using handlers: [ToolHandler], options: ModelOptions = .init(),
        maximumRounds: Int = 8, model: String = "", maximumOutputTokens: Int? = nil, step: String? = nil
    ) async throws(TaskFailure) -> ModelReply {
        var messages = messages
        var options = options
        options.tools = handlers.map(\.tool)
        var round = 1
        while true {
            // Required for good would never end.
            if round > 1 { options.toolChoice = round > maximumRounds ? ToolChoice.none : .auto }
            let reply = try await self.model(
                messages: messages, options: options, model: model, maximumOutputTokens: maximumOutputTokens,
                step: step.map { "\($0)-\(round)" })
            guard !reply.toolCalls.isEmpty, round <= maximumRounds else { return reply }
            messages.append(.assistant(reply))
            for call in reply.toolCalls {
                messages.append(.toolResult(try await Self.result(of: call, using: handlers), of: call))
            }
            round += 1
        }
    }

    private static func result(
        of call: ModelToolCall, using handlers: [ToolHandler]
    ) async throws(TaskFailure) -> String {
        guard let handler = handlers.first(where: { $0.tool.name == call.name }) else {
            return "failed: there is no tool \(call.name)"
        }
        do {
            let value = try await handler.perform(call.arguments)
            if let text = value.stringValue { return text }
            return String(decoding: try JSONCoding.encode(value, "a tool's result"), as: UTF8.self)
        } catch {
            guard ![.cancelled, .budget, .deadline].contains(error.status) else { throw error }
            return "failed: \(error.message)"
        }
    }
}
