package import Journal
package import Kernel
package import Placement

/// A run as asked for from outside.
package struct RunSubmission: Hashable, Sendable {
    /// Named before, by ``HostRuntime/newRunID()``, by who wants to watch the run from its first moment on.
    package var id: RunID?
    package var task: TaskReference
    /// Nil: the department's default agent.
    package var agent: String?
    package var input: [UInt8]
    package var tenant: String
    /// 0 (last) to 4 (first).
    package var priority: Int
    /// This run's own; what is not given here comes from the operator's defaults for the department.
    package var caps: RunCaps
    /// For whom the run works, where that is known.
    package var user: String?
    package var idempotencyKey: String?
    package var startAt: Instant?
    package var scheduling: RunScheduling
    /// What joins everything that belongs together.
    package var correlation: String?
    /// How far its data may go, at least; nil: what rules and the department say.
    package var sensitivity: Sensitivity?
    /// Whom its data is about: then all of it is sealed, and can be erased.
    package var subject: SubjectID?
    /// A person is to see its output before it counts as done, whatever its task says.
    package var isReviewed = false

    package init(
        task: TaskReference, agent: String? = nil, input: [UInt8], tenant: String = "default", priority: Int = 2,
        budget: Nanodollars? = nil, idempotencyKey: String? = nil, startAt: Instant? = nil,
        caps: RunCaps = .none, user: String? = nil, scheduling: RunScheduling = RunScheduling(),
        correlation: String? = nil, subject: SubjectID? = nil
    ) {
        self.subject = subject
        self.scheduling = scheduling
        self.correlation = correlation
        self.task = task
        self.agent = agent
        self.input = input
        self.tenant = tenant
        self.priority = priority
        self.caps = budget.map { RunCaps(cost: $0) }?.filled(from: caps) ?? caps
        self.user = user
        self.idempotencyKey = idempotencyKey
        self.startAt = startAt
    }
}

/// One department as the operator sees it.
package struct DepartmentStatus: Sendable {
    package var name: String
    package var path: String
    package var descriptor: PluginDescriptor?
    package var enabled: Bool
    package var placement: PlacementKind
    package var statistics: PlacementStatistics?
    package var standing: GrantStanding
    /// Why it cannot work, when it cannot.
    package var problem: String?
    /// Why it begins no runs, after crashes.
    package var quarantine: Quarantine?
    /// How its workers are confined; nil inline, which has no isolation.
    package var isolation: SandboxReport?
    /// 1 since the host started, and one more for each reload.
    package var generation = 1
    package var lastReload: ReloadReport?

    /// `ready`, `disabled`, `quarantined`, `needs_grant` or `refused`.
    package var state: String {
        if problem != nil { return "refused" }
        if !enabled { return "disabled" }
        if quarantine != nil { return "quarantined" }
        return standing.isMissing ? "needs_grant" : "ready"
    }

    /// The worker's memory shared out to its agents; nil inline, in a group, and before the first use.
    package var residentBytesPerAgent: Int64? {
        guard let statistics, let bytes = statistics.residentBytes, statistics.instances > 0,
            statistics.companions.count < 2
        else { return nil }
        return bytes / Int64(statistics.instances)
    }
}

package struct HostStatus: Sendable {
    package var version: String
    package var startedAt: Instant
    package var isReady: Bool
    package var isDraining: Bool
    package var activeRuns: Int
    package var waitingRuns: Int
    package var runCounts: [RunState: Int]
    package var storage: StorageStatus
    /// Nil when commits are not archived.
    package var archive: ArchiveStatus?
    package var audit: AuditStatus
    package var departments: [DepartmentStatus]
    package var providers: [String]
    /// Circuits, pauses and limits of model targets, and the response cache.
    package var models: JSONValue
    /// Less than this, and a worker gets no plugin.
    package var minimumIsolation: IsolationLevel
    /// What workers on this machine have; nil when no file was looked at.
    package var isolation: SandboxReport?
}
