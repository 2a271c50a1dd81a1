import CBureau

/// Why something failed, in the vocabulary of the boundary (`bureau/base.h`). Extensible: a later host may send
/// values that this version has no name for, so a `switch` over it needs a `default`.
public struct FailureStatus: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The request is malformed; the same request fails again.
    public static let invalid = FailureStatus(rawValue: BUREAU_E_INVALID)
    /// This host cannot do that; degrade.
    public static let unsupported = FailureStatus(rawValue: BUREAU_E_UNSUPPORTED)
    /// A grant or a policy refuses.
    public static let denied = FailureStatus(rawValue: BUREAU_E_DENIED)
    /// A hard cap would be passed.
    public static let budget = FailureStatus(rawValue: BUREAU_E_BUDGET)
    /// The run was cancelled.
    public static let cancelled = FailureStatus(rawValue: BUREAU_E_CANCELLED)
    /// The time limit passed.
    public static let deadline = FailureStatus(rawValue: BUREAU_E_DEADLINE)
    /// Try later.
    public static let busy = FailureStatus(rawValue: BUREAU_E_BUSY)
    /// The task's call or the operation has ended.
    public static let stale = FailureStatus(rawValue: BUREAU_E_STALE)
    /// Saved state has a schema that this code cannot read.
    public static let stateVersion = FailureStatus(rawValue: BUREAU_E_STATE_VERSION)
    /// The world outside failed: network, provider, disk.
    public static let io = FailureStatus(rawValue: BUREAU_E_IO)
    /// A defect.
    public static let `internal` = FailureStatus(rawValue: BUREAU_E_INTERNAL)
    /// No such key, artifact, department or task.
    public static let notFound = FailureStatus(rawValue: BUREAU_E_NOT_FOUND)
    /// The expected revision is not the current one.
    public static let conflict = FailureStatus(rawValue: BUREAU_E_CONFLICT)
    /// Over a documented size limit.
    public static let tooLarge = FailureStatus(rawValue: BUREAU_E_TOO_LARGE)
    /// The request differs from the one recorded for this step.
    public static let replay = FailureStatus(rawValue: BUREAU_E_REPLAY)

    private static let names = [
        "ok", "invalid", "unsupported", "denied", "budget", "cancelled", "deadline", "busy", "stale",
        "state_version", "io", "internal", "not_found", "conflict", "too_large", "replay",
    ]

    /// The stable word used in logs; "internal" for a value without a name.
    public var name: String {
        let index = -Int(rawValue)
        return index > 0 && index < Self.names.count ? Self.names[index] : "internal"
    }
}

/// The one error of PluginKit: every effect throws it, and a task throws it to say how it failed. Any other error
/// that leaves a task reaches the host as ``FailureStatus/internal`` with its description.
///
/// ```swift
/// guard input.minimum <= input.maximum else { throw TaskFailure.invalid("minimum is over maximum") }
/// ```
public struct TaskFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var status: FailureStatus
    /// For a person: what went wrong and what to do about it.
    public var message: String

    public init(_ status: FailureStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    public var description: String { "\(status.name): \(message)" }

    public static func invalid(_ message: String) -> TaskFailure { .init(.invalid, message) }
    public static func unsupported(_ message: String) -> TaskFailure { .init(.unsupported, message) }
    public static func denied(_ message: String) -> TaskFailure { .init(.denied, message) }
    public static func budget(_ message: String) -> TaskFailure { .init(.budget, message) }
    public static func cancelled(_ message: String) -> TaskFailure { .init(.cancelled, message) }
    public static func deadline(_ message: String) -> TaskFailure { .init(.deadline, message) }
    public static func busy(_ message: String) -> TaskFailure { .init(.busy, message) }
    public static func io(_ message: String) -> TaskFailure { .init(.io, message) }
    public static func `internal`(_ message: String) -> TaskFailure { .init(.internal, message) }
    public static func notFound(_ message: String) -> TaskFailure { .init(.notFound, message) }
    public static func conflict(_ message: String) -> TaskFailure { .init(.conflict, message) }
    public static func tooLarge(_ message: String) -> TaskFailure { .init(.tooLarge, message) }
    public static func replay(_ message: String) -> TaskFailure { .init(.replay, message) }
    /// Saved state that this code cannot read (``StatefulDepartment``).
    public static func stateVersion(_ message: String) -> TaskFailure { .init(.stateVersion, message) }

    /// Whatever an author's code threw, as a failure.
    package init(catching error: any Error) {
        switch error {
        case let failure as TaskFailure: self = failure
        case is CancellationError: self.init(.cancelled, "the task was cancelled")
        default: self.init(.internal, String(describing: error))
        }
    }
}
