import CBureau
import FoundationEssentials

/// What a task is given to act on the world.
///
/// Every effect (each `async` member) is written once to the run's journal under its step's name. When the run is
/// repeated, after a crash or with a newer plugin, recorded effects answer from the journal: nothing is done or paid
/// twice. So a task must ask for the same effects each time: take time and randomness from ``now(step:)`` and
/// ``random(bytes:step:)``, and give a name to each effect that runs in parallel with others (`step: nil` means: named
/// by kind and start order).
///
/// ```swift
/// // Right: named, because both run at the same time.
/// async let title = context.model("A title for: \(text)", step: "title")
/// async let summary = context.model("Summarise: \(text)", step: "summary")
/// // Wrong: the request differs on each attempt, so the journal cannot answer it.
/// let reply = try await context.model("It is \(ContinuousClock.now). …")
/// ```
///
/// A context is of no use after its task has returned: effects then throw ``FailureStatus/cancelled``. Do not keep
/// one in an unstructured `Task`.
public struct TaskContext: Sendable {
    let call: OpenCall

    public let runID: String
    /// 1 for the first.
    public let attempt: Int
    /// The same on every attempt of this run.
    public let idempotencyKey: String

    /// True once the run is cancelled or late: stop soon. Effects throw ``FailureStatus/cancelled`` by themselves.
    public var isCancelled: Bool { Task.isCancelled || call.isCancelled }

    /// Durable key and value of this agent.
    public var state: AgentState { AgentState(call: call) }

    // MARK: Shown while the task runs; neither journaled nor paid

    /// - Parameter fraction: 0 to 1.
    public func progress(_ fraction: Double, _ text: String = "") {
        let clamped = fraction.isFinite ? min(max(fraction, 0), 1) : 0
        let document: JSONValue = ["fraction_milli": .integer(Int64(clamped * 1_000)), "text": .string(text)]
        guard let data = try? JSONCoding.encode(document, "progress") else { return }
        emit(BUREAU_EMIT_PROGRESS, data)
    }

    /// A piece of the output's text, shown live.
    public func partial(_ text: String) {
        emit(BUREAU_EMIT_PARTIAL, Data(text.utf8))
    }

    /// A line for the operator. Never put secrets or personal data into it.
    public func log(_ level: LogLevel, _ text: String) {
        guard !call.isFinished else { return }
        call.services.write(level, text, call: call.handle)
    }

    private func emit(_ kind: UInt32, _ data: Data) {
        guard !call.isFinished else { return }
        let services = call.services
        withBorrowed(data) { _ = services.host.pointee.emit?(services.host, call.handle, kind, $0) }
    }
}

public struct LogLevel: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let debug = LogLevel(rawValue: BUREAU_LOG_DEBUG)
    public static let info = LogLevel(rawValue: BUREAU_LOG_INFO)
    public static let warning = LogLevel(rawValue: BUREAU_LOG_WARNING)
    public static let error = LogLevel(rawValue: BUREAU_LOG_ERROR)
}

extension TaskFailure {
    /// A host without the extension `id`.
    static func missing(_ id: String) -> TaskFailure {
        .unsupported("this host does not offer \(id)")
    }
}
