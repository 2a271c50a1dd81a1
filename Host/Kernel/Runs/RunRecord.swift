/// A run as stored.
package struct RunRecord: Hashable, Sendable {
    package var number: Int64
    package var id: RunID
    package var tenant: String
    package var task: TaskReference
    /// The instance that executes it; "default" unless an agent was named.
    package var agent: String
    package var state: RunState
    package var fence: Fence
    package var priority: Int
    package var attempt: Int
    package var crashCount: Int
    package var input: [UInt8]
    package var output: [UInt8]?
    package var failure: Failure?
    /// Digest of the plugin file the run is pinned to, from its first begin on.
    package var build: Digest?
    package var idempotencyKey: String?
    /// The root run of the tree this run belongs to; its own id for a root.
    package var root: RunID
    package var parent: RunID?
    /// The step of the parent that waits for this run.
    package var parentSequence: Int?
    /// This run's own caps; budgets above it limit it too.
    package var caps: RunCaps
    /// For whom it works, where that is known.
    package var user: String?
    package var cost: Nanodollars
    package var cancelRequested: Bool
    package var wakeAt: Instant?
    package var createdAt: Instant
    package var startedAt: Instant?
    package var finishedAt: Instant?
    /// Where this run began as a copy of another.
    package var forkedFrom: ForkOrigin?
    /// What joins everything that belongs together, as its first submitter named it; children go by their root's.
    package var correlation: String?
    /// The event that started it.
    package var cause: EventCause?
    /// Its strategy towards other runs of its key is over once it is admitted, and not among these.
    package var scheduling = RunScheduling()
    /// Since when it has waited for a place, the last time that it did.
    package var readyAt: Instant?
    /// How often it was tried again, and why: ``RetryHistory/json``.
    package var retries: JSONValue?
    /// Its place among the runs that wait for another of the same key to end; nil when it waits for none.
    package var turn: Int64?
    /// How far its data may go.
    package var sensitivity = Sensitivity.usual
    /// Whom its data is about, where that is known.
    package var subject: SubjectID?
    /// A person sees its output before the run counts as done, as some tasks ask for all of theirs.
    package var isReviewed = false
    /// Whether input, output and failure are what they were.
    package var content = SealedState.open

    package init(
        number: Int64, id: RunID, tenant: String, task: TaskReference, agent: String, state: RunState, fence: Fence,
        priority: Int, attempt: Int, crashCount: Int, input: [UInt8], output: [UInt8]?, failure: Failure?,
        build: Digest?, idempotencyKey: String?, root: RunID, parent: RunID?, parentSequence: Int?,
        caps: RunCaps, user: String?, cost: Nanodollars, cancelRequested: Bool, wakeAt: Instant?, createdAt: Instant,
        startedAt: Instant?, finishedAt: Instant?, forkedFrom: ForkOrigin? = nil, correlation: String? = nil,
        cause: EventCause? = nil
    ) {
        self.number = number
        self.id = id
        self.tenant = tenant
        self.task = task
        self.agent = agent
        self.state = state
        self.fence = fence
        self.priority = priority
        self.attempt = attempt
        self.crashCount = crashCount
        self.input = input
        self.output = output
        self.failure = failure
        self.build = build
        self.idempotencyKey = idempotencyKey
        self.root = root
        self.parent = parent
        self.parentSequence = parentSequence
        self.caps = caps
        self.user = user
        self.cost = cost
        self.cancelRequested = cancelRequested
        self.wakeAt = wakeAt
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.forkedFrom = forkedFrom
        self.correlation = correlation
        self.cause = cause
    }
}

extension RunRecord {
    /// Whom its data is about, where that is a person: what is only sealed because of its class has the subject
    /// ``SubjectID/classified(tenant:)``, and keeps nothing apart.
    package var person: SubjectID? {
        guard let subject, subject != .classified(tenant: tenant) else { return nil }
        return subject
    }

    package var budget: Nanodollars? { caps.cost }

    package var payer: BudgetPayer {
        BudgetPayer(tenant: tenant, department: task.department, agent: agent, user: user)
    }

    /// What limits and shares see of it.
    package var claimGroup: ClaimGroup {
        ClaimGroup(
            tenant: tenant, department: task.department, agent: agent, queue: scheduling.queue, key: scheduling.key)
    }

    package var ready: ReadyRun {
        ReadyRun(
            number: number, group: claimGroup, priority: priority, readyAt: readyAt ?? createdAt,
            startBefore: scheduling.startBy)
    }

    /// What its earlier attempts leave for the next decision.
    package var retryHistory: RetryHistory {
        let begin = startedAt ?? createdAt
        return retries.flatMap { RetryHistory(json: $0, firstStartedAt: begin) } ?? RetryHistory(firstStartedAt: begin)
    }
}

extension NewRun {
    package var budget: Nanodollars? { caps.cost }

    package var payer: BudgetPayer {
        BudgetPayer(tenant: tenant, department: task.department, agent: agent, user: user)
    }
}

/// The run whose first steps another run took over, and the step at which that one goes its own way.
package struct ForkOrigin: Hashable, Sendable {
    package var run: RunID
    /// The first step that was not taken over.
    package var step: Int

    package init(run: RunID, step: Int) {
        self.run = run
        self.step = step
    }
}

/// The event that started a run, and how many runs started one another by events until this one.
package struct EventCause: Hashable, Sendable {
    /// In the event log.
    package var position: Int64
    /// From 1 on. Bounded, so that a trigger that fires on its own runs comes to an end.
    package var chain: Int

    package init(position: Int64, chain: Int) {
        self.position = position
        self.chain = chain
    }
}

/// A run to be admitted. It has passed identity, schema and policy.
package struct NewRun: Hashable, Sendable {
    package var id: RunID
    package var tenant: String
    package var task: TaskReference
    package var agent: String
    package var priority: Int
    package var input: [UInt8]
    package var idempotencyKey: String?
    package var root: RunID
    package var parent: RunID?
    package var parentSequence: Int?
    package var caps: RunCaps
    package var user: String?
    /// Nil: ready at once.
    package var startAt: Instant?
    package var forkedFrom: ForkOrigin?
    package var correlation: String?
    package var cause: EventCause?
    package var scheduling: RunScheduling
    /// At least; what it comes from may raise it.
    package var classification = Classification.usual
    /// Nil: that of what started it, if anything did.
    package var subject: SubjectID?
    /// A person is to see its output before it counts as done, whatever its task says.
    package var isReviewed = false

    package init(
        id: RunID, tenant: String, task: TaskReference, agent: String = "default", priority: Int = 2,
        input: [UInt8], idempotencyKey: String? = nil, root: RunID? = nil, parent: RunID? = nil,
        parentSequence: Int? = nil, caps: RunCaps = .none, user: String? = nil, startAt: Instant? = nil,
        forkedFrom: ForkOrigin? = nil, correlation: String? = nil, cause: EventCause? = nil,
        scheduling: RunScheduling = RunScheduling(), subject: SubjectID? = nil
    ) {
        self.subject = subject
        self.scheduling = scheduling
        self.id = id
        self.tenant = tenant
        self.task = task
        self.agent = agent
        self.priority = priority
        self.input = input
        self.idempotencyKey = idempotencyKey
        self.root = root ?? id
        self.parent = parent
        self.parentSequence = parentSequence
        self.caps = caps
        self.user = user
        self.startAt = startAt
        self.forkedFrom = forkedFrom
        self.correlation = correlation
        self.cause = cause
    }
}

/// How a run ends.
package enum RunOutcome: Hashable, Sendable {
    case done([UInt8])
    case failed(Failure)
    case cancelled(Failure)
    case dead(Failure)

    package var state: RunState {
        switch self {
        case .done: .done
        case .failed: .failed
        case .cancelled: .cancelled
        case .dead: .dead
        }
    }
}
