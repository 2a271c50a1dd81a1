package import Journal
package import Kernel

/// What the operator decides about the order of runs. Each holds for the next claim; what runs goes on.
extension HostRuntime {
    /// Nil lifts the limit.
    package func setLimit(_ limit: ClaimLimit?, of scope: ClaimScope, by: String) async throws(EngineError) {
        try await order { journal throws(JournalError) in try journal.claimLimitSet(scope, limit, by: by) }
    }

    package func setWeight(_ weight: ClaimWeight, by: String) async throws(EngineError) {
        try await order { journal throws(JournalError) in try journal.claimWeightSet(weight, by: by) }
    }

    package func setMaintenance(_ maintenance: MaintenanceRecord, by: String) async throws(EngineError) {
        try await order { journal throws(JournalError) in try journal.maintenanceSet(maintenance, by: by) }
    }

    package func removeMaintenance(_ name: String, by: String) async throws(EngineError) {
        try await order { journal throws(JournalError) in try journal.maintenanceRemove(name, by: by) }
    }

    private func order(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Void
    ) async throws(EngineError) {
        try await change(body)
        try await core.loadLimits()
    }
}
