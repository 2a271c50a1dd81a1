import Audit
import Journal
package import Kernel

/// What may change while a host runs.
package struct HostTuning: Hashable, Sendable {
    /// Runs that compute at the same time. Those that are at work already go on.
    package var maximumActiveRuns: Int
    /// Active seconds of a task whose manifest names none; looked at anew for runs that are at work.
    package var defaultTimeoutSeconds: Int

    package init(maximumActiveRuns: Int, defaultTimeoutSeconds: Int) {
        self.maximumActiveRuns = maximumActiveRuns
        self.defaultTimeoutSeconds = defaultTimeoutSeconds
    }
}

/// What an operator changed while the host ran.
package struct ConfigurationChange: Hashable, Sendable {
    /// The keys that hold anew at once.
    package var live: [String]
    /// Those that the next start takes up.
    package var waiting: [String]
    /// Of all settings as they hold now.
    package var digest: Digest
    /// What made the host look: `file` or `signal`.
    package var cause: String

    package init(live: [String], waiting: [String], digest: Digest, cause: String) {
        self.live = live
        self.waiting = waiting
        self.digest = digest
        self.cause = cause
    }
}

extension HostSettings {
    var tuning: HostTuning {
        HostTuning(maximumActiveRuns: maximumActiveRuns, defaultTimeoutSeconds: defaultTimeoutSeconds)
    }
}

extension HostRuntime {
    /// Recorded first: what is not in the audit log does not happen.
    package func reconfigure(_ tuning: HostTuning, _ change: ConfigurationChange) async throws(EngineError) {
        let by = core.settings.startedBy
        do {
            try await store.write { transaction throws(JournalError) in
                _ = try transaction.auditAppend(
                    type: "host.configured",
                    fields: [
                        "by": .leafText(by), "cause": .leafText(change.cause), "settings": .string(change.digest.hex),
                        "live": .array(change.live.map { .leafText($0) }),
                        "waiting": .array(change.waiting.map { .leafText($0) }),
                    ])
            }
        } catch {
            throw EngineError(error)
        }
        core.tuning = tuning
        core.pokeScheduler()
    }
}
