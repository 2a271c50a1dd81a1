package import Kernel

/// The journal: the one place where facts are durable. Everything the host acknowledges was committed here first.
///
/// Writes are closures that one writer thread runs in groups: each in a savepoint of its own, all in one
/// transaction, one sync for the group. A closure that throws is rolled back alone.
package protocol JournalStore: AnyObject, Sendable {
    /// Runs `body` on the writer thread and returns once its group is committed and synced.
    ///
    /// - Throws: what `body` threw (its savepoint was rolled back), or `.storage` when the commit failed.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value

    /// Reads a committed snapshot, on a thread of its own.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value

    /// What waits for a place, as it changes.
    var readyRuns: ReadyFeed { get }

    /// Ends the writer after the groups already submitted, and closes the store.
    func close() async
}

/// Questions. Available inside writes too, where they see the transaction's own changes.
package protocol JournalReading: OversightReading, IdentityReading, FactorReading {
    func run(_ id: RunID) throws(JournalError) -> RunRecord?
    func runByIdempotencyKey(tenant: String, task: TaskReference, key: String) throws(JournalError) -> RunRecord?
    /// Newest first. `before` is the run number to go on from.
    func runs(_ filter: RunFilter, before: Int64?, limit: Int) throws(JournalError) -> [RunRecord]
    func runCounts() throws(JournalError) -> [RunState: Int]
    func children(of parent: RunID) throws(JournalError) -> [RunRecord]
    /// Those that wait for a place, in order of their numbers.
    func runsReady(after number: Int64, limit: Int) throws(JournalError) -> [ReadyRun]
    /// When something becomes due by itself: a run begins, or has waited too long.
    func runNextDue() throws(JournalError) -> Instant?
    /// Agents of which nothing begins.
    func agentsHeld() throws(JournalError) -> [AgentAddress]
    func claimLimits() throws(JournalError) -> [ClaimScope: ClaimLimit]
    func claimWeights() throws(JournalError) -> [ClaimWeight]
    func maintenances() throws(JournalError) -> [MaintenanceRecord]
    /// In order of sequence, without the bytes of their requests.
    func steps(of run: RunID) throws(JournalError) -> [StepRecord]
    /// The run with its steps, their requests and its agent's configuration; nil when there is no such run.
    func recording(of run: RunID) throws(JournalError) -> RunRecording?

    /// Events of a run tree after a position, in order.
    func events(root: RunID?, after position: Int64, limit: Int) throws(JournalError) -> [EventRecord]

    /// With what each belongs to.
    func eventsAndOrigins(
        after position: Int64, limit: Int, of scope: RowScope
    ) throws(JournalError) -> [StreamDelivery]
    /// 0 for an empty log.
    func lastEventPosition() throws(JournalError) -> Int64
    func streamGroups() throws(JournalError) -> [StreamGroupStatus]
    func streamGroup(_ name: String) throws(JournalError) -> StreamGroup?
    /// What a group has given out and not seen acknowledged. `.notFound` for a group that is not there.
    func streamPending(_ group: String, after position: Int64, limit: Int) throws(JournalError) -> [PendingDelivery]
    /// When the next event is to be given out again, over all groups.
    func streamNextDue() throws(JournalError) -> Instant?
    /// Those that are open, oldest first, of some groups or of all.
    func deadLetters(groups: Set<String>?, after number: Int64, limit: Int) throws(JournalError) -> [DeadLetter]
    func deadLetter(_ number: Int64) throws(JournalError) -> DeadLetter?
    func triggers() throws(JournalError) -> [TriggerRecord]
    func webhooks() throws(JournalError) -> [WebhookRecord]
    /// Newest first.
    func webhookAttempts(_ webhook: String, limit: Int) throws(JournalError) -> [WebhookAttempt]

    func schedules() throws(JournalError) -> [ScheduleRecord]
    func schedule(_ name: String) throws(JournalError) -> ScheduleRecord?
    /// `.invalid` for an expression that is none, or a zone that is not known.
    func scheduleTimes(
        _ definition: ScheduleDefinition, anchor: Instant
    ) throws(JournalError) -> (recurrence: Recurrence, zone: TimeZoneRules)
    /// Newest first, before a nominal time. Those of a schedule that is gone, too.
    func scheduleFires(_ name: String, before: Instant?, limit: Int) throws(JournalError) -> [ScheduleFireRecord]
    func scheduleOutlooks() throws(JournalError) -> [ScheduleOutlook]
    func scheduleOutlook(_ name: String) throws(JournalError) -> ScheduleOutlook?

    func state(_ scope: StateScope, key: String) throws(JournalError) -> StateEntry?
    func stateKeys(_ scope: StateScope, prefix: String, limit: Int) throws(JournalError) -> [String]

    func artifact(_ digest: Digest) throws(JournalError) -> ArtifactContent?
    /// Of a run and all its descendants, newest name first replaced.
    func artifacts(of run: RunID) throws(JournalError) -> [ArtifactRecord]

    func budgets() throws(JournalError) -> [BudgetRecord]
    func budget(_ node: BudgetNode) throws(JournalError) -> BudgetRecord?
    func ledger(of run: RunID?, after entry: Int64, limit: Int) throws(JournalError) -> [LedgerEntry]
    func ledger(_ filter: LedgerFilter, after entry: Int64, limit: Int) throws(JournalError) -> [LedgerEntry]
    /// Oldest first.
    func ledgerAdjustments() throws(JournalError) -> [LedgerAdjustment]
    /// Where accounts, entries and holds disagree; needs no audit log. Reads the whole ledger.
    func ledgerFaults() throws(JournalError) -> LedgerReport
    /// Newest first.
    func budgetAlerts(limit: Int) throws(JournalError) -> [BudgetAlert]
    /// One for each limit of the node that begins anew.
    func budgetForecasts(_ node: BudgetNode) throws(JournalError) -> [BudgetForecastRecord]
    /// What a run gets that brings no caps of its own: from the nodes of its path, nearest first.
    func runCaps(for payer: BudgetPayer) throws(JournalError) -> RunCaps
    func runCaps() throws(JournalError) -> [BudgetNode: RunCaps]
    /// What was paid for, in order of the holds, until `body` gives false. `.invalid` for a zone that is not known.
    func charges(_ query: CostQuery, _ body: (Charge) -> Bool) throws(JournalError)
    /// The same, added up by the query's dimensions.
    func costs(_ query: CostQuery) throws(JournalError) -> CostReport
    /// Money and tokens by department, model and task, over a run tree or everything.
    func costs(root: RunID?) throws(JournalError) -> [CostRow]

    /// Open are those that somebody can still decide.
    func approvals(open: Bool?, of scope: RowScope) throws(JournalError) -> [ApprovalRecord]
    /// As committed: open until the commit that decides it, also when its time is over.
    func approval(run: RunID, sequence: Int) throws(JournalError) -> ApprovalRecord?
    /// In order.
    func approvalActs(run: RunID, sequence: Int) throws(JournalError) -> [ApprovalActRecord]
    /// When ``JournalTransaction/approvalAdvanceDue(limit:)`` has something to do; nil: never by time.
    func approvalNextLook() throws(JournalError) -> Instant?
    /// By department and task.
    func approvalRules() throws(JournalError) -> [ApprovalRuleRecord]
    func agents(department: String?) throws(JournalError) -> [AgentRecord]
    func agent(_ address: AgentAddress) throws(JournalError) -> AgentRecord?
    /// Of all departments.
    func agents(named name: String) throws(JournalError) -> [AgentRecord]
    /// Retired ones too.
    func agents(of pool: AgentAddress) throws(JournalError) -> [AgentRecord]
    /// The run's agent, with the configuration that the run began with; nil for a department's own.
    func agent(of run: RunRecord) throws(JournalError) -> AgentRecord?
    /// Oldest first.
    func agentVersions(_ address: AgentAddress) throws(JournalError) -> [AgentVersion]
    /// Of one tenant's runs, or of all.
    func agentStatistics(_ address: AgentAddress, of tenant: String?) throws(JournalError) -> AgentStatistics
    func pools() throws(JournalError) -> [AgentPoolRecord]
    func pool(_ address: AgentAddress) throws(JournalError) -> AgentPoolRecord?
    /// Those that are not retired.
    func poolMembers(_ address: AgentAddress) throws(JournalError) -> [PoolScaling.Member]
    /// Members of pools that are no more, on their way out.
    func poolOrphans() throws(JournalError) -> [AgentRecord]
    func message(_ number: Int64) throws(JournalError) -> MessageRecord?
    /// To one agent, in order of their numbers; of one tenant or of all.
    func messages(
        _ receiver: AgentAddress, _ state: AgentMessage.State, after number: Int64, limit: Int, of tenant: String?
    ) throws(JournalError) -> [MessageRecord]
    /// Those that are due and start runs of their receivers.
    func messagesToStart(limit: Int) throws(JournalError) -> [MessageRecord]
    /// When the next one that starts a run is due again.
    func messageNextDue() throws(JournalError) -> Instant?
    func departments() throws(JournalError) -> [DepartmentRecord]
    /// Oldest first.
    func installs() throws(JournalError) -> [InstallRecord]
    /// Oldest first.
    func publishers() throws(JournalError) -> [PublisherRecord]
    /// Oldest first, of one department or of all.
    func grants(department: String?) throws(JournalError) -> [GrantRecord]
    /// Bytes of keys and values, removed keys too, of all agents.
    func stateBytes(tenant: String, department: String) throws(JournalError) -> Int64
    /// The newest; nil when none was ever imported.
    func priceBook() throws(JournalError) -> PriceBookRecord?
    /// Those in force, by name.
    func toolBindings() throws(JournalError) -> [ToolBindingRecord]
    /// Newest first.
    func crashes(of department: String, limit: Int) throws(JournalError) -> [CrashRecord]
    /// Those that were lifted, too; the newest of each department.
    func quarantines() throws(JournalError) -> [Quarantine]

    /// Nil for a run that is in the store, or never was.
    func archivedRun(_ id: RunID) throws(JournalError) -> ArchivedRun?
    func retentionPolicy() throws(JournalError) -> RetentionPolicy

    /// Oldest first, the erased too.
    func subjects() throws(JournalError) -> [SubjectRecord]
    func subject(_ id: SubjectID) throws(JournalError) -> SubjectRecord?
    /// By what people call them.
    func subject(alias: String, tenant: String) throws(JournalError) -> SubjectRecord?
    func subjectExtent(_ id: SubjectID) throws(JournalError) -> SubjectExtent
    /// In order of their numbers.
    func runs(of subject: SubjectID, after number: Int64, limit: Int) throws(JournalError) -> [RunRecord]
    func events(of run: RunID, after position: Int64, limit: Int) throws(JournalError) -> [EventRecord]
    func approvals(of run: RunID) throws(JournalError) -> [ApprovalRecord]
    func messages(about subject: SubjectID) throws(JournalError) -> [MessageRecord]
    /// Of model calls about a subject that are held for: an answer may be kept outside the store.
    func openAttempts(of subject: SubjectID) throws(JournalError) -> [String]
    /// What agents keep about a subject.
    func stateEntries(of subject: SubjectID) throws(JournalError) -> [SubjectStateEntry]

    /// Nil for a key that nobody used, or whose answer is no longer kept.
    func keptRequest(_ key: AnswerKey) throws(JournalError) -> KeptRequest?
    /// By day, tenant, client, version, operation and status.
    func usage(_ query: UsageQuery) throws(JournalError) -> [UsageRow]

    func auditSize() throws(JournalError) -> Int64
    /// Stored leaf bytes from `index` on, in order.
    func auditLeaves(from index: Int64, limit: Int) throws(JournalError) -> [AuditLeaf]
    func auditCheckpoints(after size: Int64, limit: Int) throws(JournalError) -> [AuditCheckpoint]
    func latestAuditCheckpoint() throws(JournalError) -> AuditCheckpoint?
    /// Where rows and leaves disagree: a row that no longer gives what its newest leaf says, a row without a leaf, a
    /// leaf whose row is gone. Reads the whole store.
    func auditMismatches() throws(JournalError) -> [AuditMismatch]
}

/// Changes. Each names its precondition; when it does not hold, the change throws and nothing is written.
///
/// What changes the state of a run also tells of it, as an event of ``EventTopic``.
///
/// Functions that take a `fence` first check, in the same statement, that the run still carries it and is not
/// terminal; otherwise `.fenced`.
package protocol JournalTransaction: JournalReading, OversightChanging, IdentityChanging, FactorChanging {
    /// The host's clock, read once for the group.
    var now: Instant { get }

    /// `.duplicate` with the existing run when tenant, task and idempotency key are taken. A run for a pool becomes one
    /// of its agents'; `.conflict` where the agent takes no new work.
    func runInsert(_ run: NewRun) throws(JournalError) -> RunRecord
    /// The same for a run with a strategy towards other runs of its key. `.conflict` when that refuses it.
    func runAdmit(_ run: NewRun) throws(JournalError) -> RunAdmission
    /// Those of the named runs that are ready become running, owned by this host, fence and attempt raised.
    func runClaim(_ numbers: [Int64]) throws(JournalError) -> [RunRecord]
    /// Scheduled runs that are due become ready; returns how many.
    func runReleaseDue() throws(JournalError) -> Int
    /// Ends up to `limit` idle runs of each kind that have waited too long.
    func runExpire(limit: Int) throws(JournalError) -> RunExpiry
    /// To be tried again at `until`; the failure stays with the run until it ends.
    func runDelay(
        _ id: RunID, fence: Fence, until: Instant, failure: Failure, history: RetryHistory
    ) throws(JournalError) -> RunRecord
    /// Nil lifts the limit.
    func claimLimitSet(_ scope: ClaimScope, _ limit: ClaimLimit?, by: String) throws(JournalError)
    /// 1 is usual.
    func claimWeightSet(_ weight: ClaimWeight, by: String) throws(JournalError)
    func maintenanceSet(_ maintenance: MaintenanceRecord, by: String) throws(JournalError)
    func maintenanceRemove(_ name: String, by: String) throws(JournalError)
    func runSetBuild(_ id: RunID, fence: Fence, build: Digest) throws(JournalError)
    /// Running to waiting and back; no change when already so.
    func runSetWaiting(_ id: RunID, fence: Fence, waiting: Bool) throws(JournalError)
    func runFinish(_ id: RunID, fence: Fence, outcome: RunOutcome) throws(JournalError) -> RunRecord
    func runPause(_ id: RunID, fence: Fence, failure: Failure) throws(JournalError)
    /// Back to ready with a raised fence; `crashed` also raises the crash count.
    func runRequeue(_ id: RunID, fence: Fence, crashed: Bool, reason: String) throws(JournalError) -> RunRecord
    /// Marks the run and its open descendants. Those not on a lane become cancelled now; the others are returned,
    /// for their owner to cancel.
    func runRequestCancel(_ id: RunID, reason: String) throws(JournalError) -> [RunRecord]
    /// A failed, cancelled, dead or paused run becomes ready, fence raised; committed steps stay, failed ones and
    /// open intents are kept for recovery to decide.
    func runRetry(_ id: RunID) throws(JournalError) -> RunRecord
    /// Runs that other incarnations of the host own become ready, fence raised, crash count raised where they were
    /// running; at most `limit` of them, and the return value says how many.
    func runRecover(limit: Int) throws(JournalError) -> Int
    func runAddCost(_ id: RunID, fence: Fence, cost: Nanodollars) throws(JournalError)
    /// A text that goes into the log, sealed where the run is about somebody.
    func sealedText(_ text: String, run: RunID, as column: String) throws(JournalError) -> String

    /// Appends an intent, or a step that is done at once. `.duplicate` when sequence is taken.
    func stepInsert(_ step: StepRecord, run: RunID, fence: Fence) throws(JournalError)
    /// Writes state, attempt, result, failure, reference, cost and finish time of an existing step.
    func stepUpdate(_ step: StepRecord, run: RunID, fence: Fence) throws(JournalError)

    func eventAppend(_ event: NewEvent) throws(JournalError) -> Int64

    /// `.conflict` when the name is taken.
    func streamGroupCreate(_ group: StreamGroup, by: String) throws(JournalError)
    func streamGroupRemove(_ name: String, by: String) throws(JournalError)
    /// The next event is the one after `position`; what is in somebody's hands or waits is let go.
    func streamGroupReset(_ name: String, to position: Int64, by: String) throws(JournalError)
    /// What is due again first, then new events; each is this consumer's until it is acknowledged, rejected, or
    /// claimed by another.
    func streamRead(_ group: String, consumer: String, limit: Int) throws(JournalError) -> [StreamDelivery]
    /// Returns how many of them were in the group's hands.
    func streamAcknowledge(_ group: String, _ positions: [Int64]) throws(JournalError) -> Int
    /// Takes over what consumers have had for so long, as they may be gone; what was given out too often becomes a
    /// dead letter instead.
    func streamClaim(
        _ group: String, consumer: String, idleMilliseconds: Int64, limit: Int
    ) throws(JournalError) -> [StreamDelivery]
    /// Gives an event back: it comes again at `retryAt` (nil: never), or becomes a dead letter when it came too often.
    func streamReject(
        _ group: String, _ position: Int64, reason: String, retryAt: Instant?
    ) throws(JournalError) -> RejectedDelivery
    /// Gives the event to its group once more, as if for the first time.
    func deadLetterReprocess(_ number: Int64, by: String) throws(JournalError)
    func deadLetterDelete(_ number: Int64, by: String) throws(JournalError)
    /// Makes or replaces it. A new one sees events from now on; one that was there goes on where it was.
    func triggerSet(_ trigger: TriggerRecord, by: String) throws(JournalError)
    func triggerRemove(_ name: String, by: String) throws(JournalError)
    /// Makes or replaces it, as ``triggerSet(_:by:)``.
    func webhookSet(_ webhook: WebhookRecord, by: String) throws(JournalError)
    func webhookRemove(_ name: String, by: String) throws(JournalError)
    /// Keeps the newest ``WebhookAttempt/keptPerWebhook`` of a webhook.
    func webhookAttemptAppend(_ attempt: WebhookAttempt) throws(JournalError)

    /// Makes it, owing nothing to the past, or changes it: what was due by its old times is then given up.
    ///
    /// - Parameter expected: the revision that was read, 0 for none; nil does not care. `.conflict` for another.
    func scheduleSet(
        _ name: String, _ definition: ScheduleDefinition, expected: Int64?, by: String
    ) throws(JournalError) -> ScheduleRecord
    /// Its fires stay, so that one of the same name fires no time again.
    func scheduleRemove(_ name: String, by: String) throws(JournalError)
    func schedulePause(_ name: String, by: String) throws(JournalError) -> ScheduleRecord
    func scheduleResume(_ name: String, by: String) throws(JournalError) -> ScheduleRecord
    /// Looks at the clock: the schedule's new state, the runs it starts with their fires, and what is missed. What it
    /// says of ``ScheduleLook/stop`` is the caller's, in the same transaction. Nil when the schedule is another by
    /// now, paused, or gone.
    ///
    /// - Parameter refusal: why no run of it is admitted; what fires then is missed.
    func scheduleLook(
        _ name: String, revision: Int64, refusal: String?, run: ScheduledRun
    ) throws(JournalError) -> ScheduleLook?
    /// Starts what has not fired from `first` to `last`, at most `limit`; nothing when all has. `.invalid` for a range
    /// with more, or one that the schedule has not passed.
    func scheduleBackfill(
        _ name: String, from first: Instant, through last: Instant, limit: Int, run: ScheduledRun
    ) throws(JournalError) -> [RunRecord]

    /// `.conflict` with the current revision when `expected` (0: missing) does not hold. Returns the new revision.
    func statePut(_ scope: StateScope, key: String, value: [UInt8], expected: UInt64?) throws(JournalError) -> UInt64
    func stateRemove(_ scope: StateScope, key: String, expected: UInt64?) throws(JournalError)

    func artifactPut(_ bytes: [UInt8], name: String, mediaType: String, run: RunID) throws(JournalError) -> Digest

    /// Creates or changes the limit of a node's whole life; nil is unlimited. Held and spent stay.
    func budgetSet(_ node: BudgetNode, limit: Nanodollars?) throws(JournalError)
    /// Creates or changes the limit of one period. What was charged before the limit was made is not in its window.
    func budgetSet(_ node: BudgetNode, _ limit: BudgetLimit) throws(JournalError)
    /// `.notFound` when there is none.
    func budgetRemoveLimit(_ node: BudgetNode, period: BudgetPeriod) throws(JournalError)
    /// From this commit on, nothing is held and no run admitted at or below the node. Its open runs are the
    /// caller's to cancel: ``runsOpen(below:)``.
    func budgetStop(_ node: BudgetNode, by: String, reason: String) throws(JournalError)
    /// `.notFound` when the node is not stopped.
    func budgetResume(_ node: BudgetNode, by: String, reason: String) throws(JournalError)
    /// Those that are not terminal.
    func runsOpen(below node: BudgetNode) throws(JournalError) -> [RunID]
    func runCapsSet(_ node: BudgetNode, _ caps: RunCaps) throws(JournalError)
    /// Says once for each window that it will be passed.
    func budgetForecastAlert(
        _ node: BudgetNode, _ period: BudgetPeriod, _ forecast: BudgetForecast) throws(JournalError)
    /// Corrects what an ended attempt cost, on all accounts of its path and in the windows of its hold.
    func ledgerAdjust(
        _ attempt: String, cost: Nanodollars, by: String, reason: String, evidence: String
    ) throws(JournalError) -> LedgerAdjustment
    /// Holds `amount` on every account of the path, all or none: each node's own and the windows of its limits, which
    /// open here. `.budget` names the first node without room, or stopped; `.cancelled` after the run's cancellation.
    func budgetReserve(_ reservation: Reservation) throws(JournalError)
    /// Ends a hold: `actual` becomes spent, the rest is free again. More than was held is always posted. Settling
    /// an ended hold again is a no-op that returns false. `usage`: what was used; nil where nobody said, and a cap on
    /// tokens then counts the hold's.
    func budgetSettle(_ attempt: String, actual: Nanodollars, usage: ChargeUsage?) throws(JournalError) -> Bool
    /// Ends a hold without spending.
    func budgetRelease(_ attempt: String) throws(JournalError) -> Bool
    /// The answer is unknown: the whole hold counts as spent, marked ambiguous.
    func budgetAmbiguous(_ attempt: String) throws(JournalError) -> Bool
    /// Holds that are still open, of one run or of all.
    func reservations(of run: RunID?) throws(JournalError) -> [Reservation]

    /// By the operator's rules for the run's task; the run's user is kept from deciding where they say so. `.denied`
    /// when nobody could ever decide.
    func approvalOpen(_ approval: ApprovalRecord) throws(JournalError)
    /// `.conflict` when it is decided, expired, or another revision by now; `.denied` for who may not.
    func approvalAct(
        run: RunID, sequence: Int, _ wish: ApprovalWish, by: String, reason: String
    ) throws(JournalError) -> ApprovalRecord
    /// One vote, of an approver; another content is an edit first.
    func approvalDecide(run: RunID, sequence: Int, decision: ApprovalDecision) throws(JournalError)
    /// Escalates and expires what is due.
    func approvalAdvanceDue(limit: Int) throws(JournalError) -> [ApprovalRecord]
    /// For requests from now on.
    func approvalRuleSet(_ rule: ApprovalRuleRecord, by: String) throws(JournalError)
    func approvalRuleRemove(department: String, task: String?, by: String) throws(JournalError)

    /// At version 1. `.conflict` when the name is taken, by a pool too.
    func agentCreate(_ agent: AgentRecord, by: String) throws(JournalError) -> AgentRecord
    /// Makes the next version; what is not given stays, and nothing happens where all stays. Runs that began keep
    /// theirs. `.conflict` with the current version when `expected` does not hold.
    func agentConfigure(
        _ address: AgentAddress, configuration: [UInt8]?, profile: AgentProfile?, expected: Int?, by: String,
        note: String
    ) throws(JournalError) -> AgentRecord
    /// `.conflict` where ``AgentState`` does not allow it.
    func agentApply(
        _ transition: AgentTransition, to address: AgentAddress, by: String
    ) throws(JournalError) -> AgentRecord
    /// Notes which version of their agents these runs begin with; the first time counts.
    func agentPin(_ runs: [RunRecord]) throws(JournalError)
    /// Makes or replaces it, with its members: at least the policy's minimum, all with this configuration.
    func poolSet(_ pool: AgentPoolRecord, by: String) throws(JournalError) -> AgentPoolRecord
    /// Its members drain.
    func poolRemove(_ address: AgentAddress, by: String) throws(JournalError)
    func poolGrow(
        _ address: AgentAddress, by count: Int, reason: String, by: String
    ) throws(JournalError) -> [AgentRecord]
    func poolShrink(_ address: AgentAddress, draining names: [String], by: String) throws(JournalError)
    func departmentUpsert(_ department: DepartmentRecord) throws(JournalError)
    func grantAppend(_ grant: Grant, isRevoked: Bool) throws(JournalError) -> GrantRecord
    /// - Parameter prices: a price file that was read without an error; nil to go back to the host's own prices.
    func priceBookAppend(_ prices: String?, by: String) throws(JournalError) -> PriceBookRecord
    /// Replaces a binding of the same name.
    func toolBind(_ binding: ToolBindingRecord) throws(JournalError)
    /// `.notFound` when nothing is bound under the name.
    func toolUnbind(_ name: String) throws(JournalError)
    /// Keeps the newest ``CrashRecord/keptPerDepartment`` of a department; the audit log keeps the fact of all.
    func crashAppend(_ crash: CrashRecord) throws(JournalError)
    /// Replaces what is known of the department's quarantine.
    func quarantineSet(_ quarantine: Quarantine) throws(JournalError)
    /// `.notFound` when the department is not quarantined.
    func quarantineLift(_ department: String, by: String) throws(JournalError)
    /// Number and time are the store's.
    func installAppend(_ record: InstallRecord) throws(JournalError) -> InstallRecord
    func publisherAppend(_ record: PublisherRecord) throws(JournalError) -> PublisherRecord
    /// The same message under the same key is the first one; `.conflict` for another, and where the receiver takes
    /// none.
    func messageSend(_ message: NewMessage) throws(JournalError) -> MessageRecord
    /// What is due, at most one from each sender; it comes again after `visibilityMilliseconds` unless it is
    /// acknowledged, and becomes a dead letter when it came too often.
    ///
    /// - Parameter tenant: whose messages; nil: everybody's.
    func messageReceive(
        _ receiver: AgentAddress, limit: Int, visibilityMilliseconds: Int64, of tenant: String?
    ) throws(JournalError) -> [MessageRecord]
    /// False when it had ended already.
    func messageAcknowledge(_ number: Int64, by receiver: AgentAddress) throws(JournalError) -> Bool
    /// Gives it back: it comes again at `retryAt` (nil: never), or becomes a dead letter when it came too often.
    func messageReject(
        _ number: Int64, by receiver: AgentAddress, reason: String, retryAt: Instant?
    ) throws(JournalError) -> MessageRecord
    /// A dead letter is open again, as if it were new.
    func messageRequeue(_ number: Int64, by: String) throws(JournalError) -> MessageRecord
    /// Admits the run and acknowledges the message: one message, one run. Nil when it has ended already.
    func messageStart(_ number: Int64, _ run: NewRun) throws(JournalError) -> RunRecord?
    /// As ``messageReject(_:by:reason:retryAt:)``, for what no agent had in its hands.
    func messageNotStarted(_ number: Int64, reason: String, retryAt: Instant?) throws(JournalError)
    /// - Parameter days: nil keeps the class for ever.
    func retentionSet(_ dataClass: DataClass, days: Int?, by: String) throws(JournalError)

    /// Takes a request under a key. `.conflict` when there is one. Answers of yesterday are forgotten.
    func answerReserve(_ key: AnswerKey, digest: Digest) throws(JournalError)
    func answerKeep(_ key: AnswerKey, _ answer: RepeatedAnswer) throws(JournalError)
    func answerForget(_ key: AnswerKey) throws(JournalError)
    /// Adds to what was counted before.
    func usageAdd(_ rows: [UsageRow]) throws(JournalError)

    /// Appends a leaf; the index and the Merkle frontier follow in the same transaction, and the group's commit
    /// writes one checkpoint. `fields` gets `seq`, `ts` and `type` added and must fit the profile of
    /// `Kernel/Audit`. Returns the index.
    func auditAppend(type: String, fields: [String: JSONValue]) throws(JournalError) -> Int64
}

/// Everybody's.
extension JournalReading {
    package func eventsAndOrigins(after position: Int64, limit: Int) throws(JournalError) -> [StreamDelivery] {
        try eventsAndOrigins(after: position, limit: limit, of: .all)
    }

    package func deadLetters(group: String?, after number: Int64, limit: Int) throws(JournalError) -> [DeadLetter] {
        try deadLetters(groups: group.map { [$0] }, after: number, limit: limit)
    }

    package func approvals(open: Bool?) throws(JournalError) -> [ApprovalRecord] { try approvals(open: open, of: .all) }

    package func agentStatistics(_ address: AgentAddress) throws(JournalError) -> AgentStatistics {
        try agentStatistics(address, of: nil)
    }

    package func messages(
        _ receiver: AgentAddress, _ state: AgentMessage.State, after number: Int64, limit: Int
    ) throws(JournalError) -> [MessageRecord] {
        try messages(receiver, state, after: number, limit: limit, of: nil)
    }
}

extension JournalTransaction {
    package func messageReceive(
        _ receiver: AgentAddress, limit: Int, visibilityMilliseconds: Int64
    ) throws(JournalError) -> [MessageRecord] {
        try messageReceive(receiver, limit: limit, visibilityMilliseconds: visibilityMilliseconds, of: nil)
    }

    package func budgetSettle(_ attempt: String, actual: Nanodollars) throws(JournalError) -> Bool {
        try budgetSettle(attempt, actual: actual, usage: nil)
    }
}
