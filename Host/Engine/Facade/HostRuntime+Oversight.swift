import Audit
package import Journal
package import Kernel

/// Classes of data, holds and reports.
extension HostRuntime {
    package func classify(
        _ run: RunID, as sensitivity: Sensitivity, by: String, because reason: String
    ) async throws(EngineError) -> RunClassRecord {
        let record = try await change { journal throws(JournalError) in
            try journal.runClassify(run, as: sensitivity, by: by, because: reason)
        }
        // What goes on from here on goes by it.
        core.execution(of: run)?.adopt(sensitivity)
        return record
    }

    /// Before content of a run is shown, where its class asks for a leaf of each look. Nothing is shown when the log
    /// cannot be written.
    ///
    /// - Parameter user: nil where nobody is known.
    package func noteAccess(to run: RunRecord, _ action: String, by user: String?) async throws(EngineError) {
        guard run.sensitivity.controls.isAudited else { return }
        let access = AccessDecision(
            id: core.newRunID(), user: user ?? "unknown", resource: "run:\(run.id)", action: action, run: run.id)
        try await change { journal throws(JournalError) in try journal.audit(access, success: true) }
    }

    package func placeHold(_ hold: LegalHold) async throws(EngineError) {
        try await change { journal throws(JournalError) in try journal.holdPlace(hold) }
    }

    package func releaseHold(_ name: String, by: String, because reason: String) async throws(EngineError) {
        try await change { journal throws(JournalError) in
            try journal.holdRelease(name, by: by, because: reason)
        }
    }

    package func complianceDesk() async throws(EngineError) -> ComplianceDesk {
        let departments = await departments().compactMap { status in
            status.descriptor.map { ComplianceDesk.Department($0, isEnabled: status.enabled) }
        }
        do {
            return ComplianceDesk(
                journal: core.journal, departments: departments, policy: core.settings.policy,
                providers: core.settings.providers.map(\.name), dates: core.settings.complianceDates,
                outside: try auditDesk.place.outside(), now: core.clock())
        } catch {
            throw EngineError(.storage, "the checkpoint outside the store cannot be read: \(error)")
        }
    }
}
