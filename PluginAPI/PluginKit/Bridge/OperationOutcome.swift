import CBureau
import FoundationEssentials

/// The terminal event of one operation, copied.
struct OperationResult: Sendable {
    var value: UInt64
    var data: Data
    var message: String
    var usage: ModelUsage?
}

enum OperationOutcome: Sendable {
    case done(OperationResult)
    /// Answer to step.begin: compute, then record under the ticket.
    case compute(ticket: UInt64)
    case failed(TaskFailure)

    init(_ event: bureau_event) {
        switch event.kind {
        case BUREAU_EVENT_DONE:
            self = .done(
                OperationResult(
                    value: event.value, data: event.data.copy, message: event.message.copy,
                    usage: event.usage.map { ModelUsage($0.pointee) }))
        case BUREAU_EVENT_COMPUTE:
            self = .compute(ticket: event.value)
        case BUREAU_EVENT_CANCELLED:
            let message = event.message.copy
            self = .failed(.cancelled(message.isEmpty ? "the operation was cancelled" : message))
        default:
            let status = FailureStatus(rawValue: event.status < 0 ? event.status : BUREAU_E_INTERNAL)
            let message = event.message.copy
            self = .failed(TaskFailure(status, message.isEmpty ? "the host gave no reason" : message))
        }
    }

    func result() throws(TaskFailure) -> OperationResult {
        switch self {
        case .done(let result): return result
        case .compute: throw .internal("the host asked to compute something that is not a step")
        case .failed(let failure): throw failure
        }
    }
}
