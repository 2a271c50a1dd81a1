/// One loss of a department's plugin, as kept in the journal.
package struct CrashRecord: Hashable, Sendable {
    /// So many are kept for each department.
    package static let keptPerDepartment = 20

    package var department: String
    package var at: Instant
    package var plugin: String
    package var version: String
    package var build: Digest
    package var generation: Int
    /// The loss in words, as runs and logs have it.
    package var reason: String
    package var report: CrashReport?
    /// Runs that may have caused it; one when it is known.
    package var suspects: [RunID]

    package init(
        department: String, at: Instant, plugin: String, version: String, build: Digest, generation: Int,
        reason: String, report: CrashReport?, suspects: [RunID]
    ) {
        self.department = department
        self.at = at
        self.plugin = plugin
        self.version = version
        self.build = build
        self.generation = generation
        self.reason = reason
        self.report = report
        self.suspects = suspects
    }
}

/// A department that crashed in a loop begins no runs, until a person resets it or its file changes.
package struct Quarantine: Hashable, Sendable {
    package var department: String
    /// The file that crashed: another one lifts the quarantine.
    package var build: Digest
    package var since: Instant
    package var reason: String
    package var liftedAt: Instant?
    package var liftedBy: String?

    package init(
        department: String, build: Digest, since: Instant, reason: String, liftedAt: Instant? = nil,
        liftedBy: String? = nil
    ) {
        self.department = department
        self.build = build
        self.since = since
        self.reason = reason
        self.liftedAt = liftedAt
        self.liftedBy = liftedBy
    }

    package var isActive: Bool { liftedAt == nil }

    /// For people who wonder why a run does not begin.
    package var advice: String {
        "department \(department) is quarantined: \(reason); bureau departments reset \(department)"
    }
}
