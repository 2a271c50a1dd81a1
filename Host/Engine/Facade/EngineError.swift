import Journal
package import Kernel
import Placement

/// Why the engine refused. The same error reads well on the command line, as problem+json and in the log.
package struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case unknownDepartment
        case unknownTask
        /// All violations at once.
        case invalidInput([SchemaViolation])
        case invalid
        case notFound
        case pluginRefused
        case disabled
        /// The department asks for more than the operator decided on.
        case needsGrant
        case budget
        case conflict
        /// Who acts may not.
        case denied
        case inUse
        case draining
        case storage
        /// The store's medium has no room for new runs.
        case storageFull
        /// The department stays as it was; the step that failed is named.
        case reloadFailed(ReloadReport.Step)
        case reloadBusy
        /// The store is not what its audit log promised.
        case auditBroken
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    init(_ error: JournalError) {
        let code: Code =
            switch error.code {
            case .notFound: .notFound
            case .duplicate, .conflict, .fenced, .cancelled: .conflict
            case .budget: .budget
            case .denied: .denied
            case .invalid: .invalid
            case .inUse: .inUse
            case .closed, .storage: .storage
            case .full: .storageFull
            }
        self.init(code, error.message)
    }

    init(_ error: PlacementError) { self.init(.pluginRefused, error.message) }

    /// The same request will be refused again; anything else may be another in a while.
    var isFinal: Bool {
        switch code {
        case .invalidInput, .invalid, .unknownTask, .unknownDepartment, .notFound: true
        default: false
        }
    }

    /// As a plugin sees a refused child.
    var failure: Failure {
        switch code {
        case .unknownDepartment, .unknownTask, .notFound: Failure(.notFound, message)
        case .invalidInput(let violations):
            Failure(.invalid, message + violations.map { "; \($0.pointer): \($0.message)" }.joined())
        case .invalid: Failure(.invalid, message)
        case .budget: Failure(.budget, message)
        case .disabled, .needsGrant, .denied: Failure(.denied, message)
        case .conflict: Failure(.conflict, message)
        case .draining, .reloadBusy: Failure(.busy, message)
        case .pluginRefused, .reloadFailed: Failure(.unsupported, message)
        case .inUse, .storage, .storageFull, .auditBroken: Failure(.io, message)
        }
    }
}
