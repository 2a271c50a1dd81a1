import Engine
import Journal
import Kernel

/// What the command's exit code says. The table in the root README is this enum.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    /// The run failed by itself.
    case runFailed = 1
    /// The command line is wrong.
    case usage = 2
    /// The input is missing, unreadable, not JSON, or breaks its schema.
    case badInput = 3
    /// No such department, task, run, agent, artifact or approval.
    case notFound = 4
    /// A plugin file was refused, or cannot work.
    case pluginRefused = 5
    /// A budget would be passed.
    case budget = 6
    case cancelled = 7
    /// The store is held by another process, missing, damaged, or has no room.
    case storeUnavailable = 8
    /// The audit log does not match the store.
    case auditUnsound = 9
    /// A person must decide before the run goes on.
    case needsDecision = 10
    /// A replay differs from its recording.
    case replayDiffers = 11
    /// The host asks who this is: a login is missing or has ended.
    case notLoggedIn = 12
    /// The host knows who this is, and refuses.
    case forbidden = 13
    /// A check found something that a person should look at.
    case warnings = 14
    /// A check found something that keeps a host from working.
    case failures = 15
    case `internal` = 70
}

/// The end of a command that did not succeed: a status, and lines for the error stream.
struct CommandFailure: Error {
    var status: ExitStatus
    var lines: [String]

    init(_ status: ExitStatus, _ lines: String...) {
        self.init(status, lines: lines)
    }

    init(_ status: ExitStatus, lines: [String]) {
        self.status = status
        self.lines = lines
    }

    init(_ error: EngineError) {
        var lines = [error.message]
        let status: ExitStatus
        switch error.code {
        case .unknownDepartment, .unknownTask, .notFound: status = .notFound
        case .invalidInput(let violations):
            status = .badInput
            lines += violations.map { "\($0.pointer.isEmpty ? "/" : $0.pointer): \($0.message)" }
        case .invalid: status = .badInput
        case .pluginRefused, .disabled, .needsGrant, .reloadFailed, .reloadBusy: status = .pluginRefused
        case .budget: status = .budget
        case .conflict, .denied: status = .usage
        case .auditBroken: status = .auditUnsound
        case .inUse, .storage, .storageFull, .draining: status = .storeUnavailable
        }
        self.init(status, lines: lines)
    }

    init(_ error: JournalError) {
        let status: ExitStatus =
            switch error.code {
            case .notFound: .notFound
            case .budget: .budget
            case .invalid: .badInput
            case .duplicate, .conflict, .denied, .fenced, .cancelled: .usage
            case .inUse, .closed, .storage, .full: .storeUnavailable
            }
        self.init(status, error.message)
    }
}

extension ExitStatus {
    /// How a finished run ends its command.
    init(_ run: RunRecord) {
        switch run.state {
        case .done: self = .success
        case .cancelled: self = .cancelled
        case .failed, .dead:
            switch run.failure?.status {
            case Status.budget: self = .budget
            case Status.cancelled: self = .cancelled
            default: self = .runFailed
            }
        case .paused, .waiting, .running, .ready, .scheduled: self = .needsDecision
        }
    }
}
