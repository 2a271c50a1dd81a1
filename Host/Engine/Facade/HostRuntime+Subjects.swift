import Gateway
package import Journal
package import Kernel

/// Whom data is about.
extension HostRuntime {
    package func addSubject(
        tenant: String, alias: String?, by: String
    ) async throws(EngineError) -> SubjectRecord {
        try await asked { store throws(JournalError) in
            try await store.addSubject(tenant: tenant, alias: alias, by: by)
        }
    }

    /// What runs about the subject is cancelled, and answers that were kept for it are let go.
    package func eraseSubject(
        _ id: SubjectID, by: String, reason: String, request: String?
    ) async throws(EngineError) -> SubjectErasureReport {
        let attempts = try await core.read { journal throws(JournalError) in try journal.openAttempts(of: id) }
        let report = try await asked { store throws(JournalError) in
            try await store.eraseSubject(id, by: by, reason: reason, request: request)
        }
        for run in report.running { core.cancel(run, "its subject was erased") }
        for attempt in attempts { core.gateway.forget(attempt) }
        for id in report.cancelled {
            let record = try await core.read { journal throws(JournalError) in try journal.run(id) }
            if let record { core.announceEnd(of: record) }
        }
        return report
    }

    package func rotateSubjectKeys() async throws(EngineError) -> KeyRotation {
        try await asked { store throws(JournalError) in try await store.rotateSubjectKeys() }
    }

    package func forgetRetiredSubjectKeys() async throws(EngineError) -> [String] {
        try await asked { store throws(JournalError) in try await store.forgetRetiredKeys() }
    }

    private func asked<Value: Sendable>(
        _ body: (SQLiteJournal) async throws(JournalError) -> Value
    ) async throws(EngineError) -> Value {
        do {
            return try await body(store)
        } catch {
            throw EngineError(error)
        }
    }
}
