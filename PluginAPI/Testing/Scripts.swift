import FoundationEssentials
public import PluginKit

/// What a script for ``TaskHarness/onModel(_:)`` is asked.
public struct ScriptedModelRequest: Sendable {
    public var step: String
    public var model: String
    public var messages: [ChatMessage]
    public var options: ModelOptions
    /// Nil when the task left it to the host.
    public var maximumOutputTokens: Int?

    /// The last message of the user.
    public var prompt: String { messages.last { $0.role == "user" }?.content ?? "" }
    /// The first system message.
    public var system: String? { messages.first { $0.role == "system" }?.content }
}

/// What a script for ``TaskHarness/onApproval(_:)`` is asked.
public struct ScriptedApprovalRequest: Sendable {
    public var step: String
    public var title: String
    public var body: String
    public var content: JSONValue
    public var expiresAfterSeconds: Int?
}

/// How the world answers in a test. A script throws ``TaskFailure`` to fail its effect.
struct Scripts: Sendable {
    typealias JSONScript = @Sendable (Data) throws -> Data

    var model: (@Sendable (ScriptedModelRequest) throws -> ModelReply)?
    var tools: [String: JSONScript] = [:]
    var calls: [String: JSONScript] = [:]
    var http: (@Sendable (HTTPRequest) throws -> HTTPResponse)?
    var approval: (@Sendable (ScriptedApprovalRequest) throws -> Approval)?
    /// Nil: nothing limits.
    var budgetNanodollars: Int64?

    static func callKey(_ department: String, _ task: String) -> String { "\(department)/\(task)" }
}
