package import Audit
import Gateway
import HostTools
package import Journal
package import Kernel
import Placement
import Synchronization

/// A running host: the journal, the departments, the gateway and the scheduler, joined. The command line and the
/// server see only this.
package final class HostRuntime: Sendable {
    package static let version = HostVersion.current
    static let maximumCorrelationBytes = 200

    let core: EngineCore
    /// Model calls outside any run.
    package let calls: ModelCalls
    /// What the start itself granted, by the operator's policy.
    package let grantedAtStart: [GrantRecord]
    let store: SQLiteJournal
    private let startedAt: Instant
    let auditDesk: AuditDesk
    private let workerStarts: WorkerStartLog
    private let nativeTools: NativeTools
    private let scheduler: Task<Void, Never>
    private let pump: Task<Void, Never>
    private let orphans: Task<Void, Never>
    private let approvals: Task<Void, Never>
    private let keeper: Task<Void, Never>
    private let forecaster: Task<Void, Never>
    private let retention: Task<Void, Never>
    private let publisher: Task<Void, Never>
    private let isClosed = Mutex(false)
    /// What ``factorKey()`` read or made.
    let keptFactorKey = Mutex<[UInt8]?>(nil)

    /// Opens the store, takes over the runs that an earlier host left open, inspects the departments, and starts.
    package static func open(_ settings: HostSettings) async throws(EngineError) -> HostRuntime {
        let clock = settings.clock
        let store: SQLiteJournal
        do {
            let hostID = RunID(unixMilliseconds: clock().unixMilliseconds, random: SystemClock.randomBytes(count: 10))
            store = try await SQLiteJournal.open(
                folder: settings.storeFolder, clock: clock, hostID: hostID.description, faults: settings.faults,
                space: settings.space)
        } catch {
            throw EngineError(error)
        }
        do {
            try await AuditDesk.requireUnbroken(store, settings)
            return try await start(store, settings, clock)
        } catch {
            await store.close()
            throw error
        }
    }

    private static func start(
        _ store: SQLiteJournal, _ settings: HostSettings, _ clock: @escaping @Sendable () -> Instant
    ) async throws(EngineError) -> HostRuntime {
        let overrides: [DepartmentRecord]
        let bindings: [ToolBindingRecord]
        let quarantines: [Quarantine]
        let installed: InstalledPlugins
        do {
            try await store.write { transaction throws(JournalError) in
                // A very large rest is taken over beside the first claims.
                _ = try transaction.runRecover(limit: 4 * Scheduler.sweepBatch)
            }
            overrides = try await store.read { journal throws(JournalError) in try journal.departments() }
            bindings = try await store.read { journal throws(JournalError) in try journal.toolBindings() }
            quarantines = try await store.read { journal throws(JournalError) in try journal.quarantines() }
            let history = try await store.read { journal throws(JournalError) in try journal.installs() }
            installed = InstalledPlugins(history, storeFolder: settings.storeFolder)
        } catch {
            throw EngineError(error)
        }
        let workerStarts = WorkerStartLog(journal: store)
        let health = DepartmentHealth(
            journal: store, stored: quarantines, limit: settings.crashLimit, clock: clock)
        var settings = settings
        settings.placements.pins = installed.pins
        var placements = settings.placements.telling(health)
        let (log, mask) = (placements.log, settings.logMask)
        placements.log = { plugin, level, line in log(plugin, level, mask.masked(line)) }
        placements.workerStarted = { workerStarts.note($0) }
        let placement: Placement
        do {
            placement = try Placement(workerPath: settings.workerPath, settings: placements)
        } catch {
            throw EngineError(error)
        }
        let registry = DepartmentRegistry(
            placements: placement, readOnlyTools: Set(settings.tools.filter { !$0.needsGrant }.map(\.name)))
        await registry.load(
            paths: PluginFolders.files(in: settings.pluginPaths) + installed.paths, placement: settings.placement,
            overrides: overrides)
        for department in settings.builtIn {
            do {
                try registry.add(department)
            } catch {
                throw EngineError(error)
            }
        }
        try checkNames(settings.placement, registry)
        let granted = try await grantAtStart(registry, store, settings.grants)
        let priceBook = try await prices(store, over: settings.priceBook)
        try await StartRecord(settings: settings, prices: priceBook.digest, departments: registry.all).write(to: store)
        let gateway = Gateway(providers: settings.providers, priceBook: priceBook, settings: settings.gateway)
        let nativeTools = NativeTools(
            placement: placement, bindings: bindings, plugins: registry.open.map(\.descriptor))
        settings.tools += nativeTools.tools
        let core = EngineCore(
            journal: store, gateway: gateway, departments: registry, health: health, settings: settings,
            clock: clock)
        try await core.liftOutdatedQuarantines(quarantines)
        try await core.loadLimits()
        let orphans: [Reservation]
        do {
            orphans = try await OrphanedHolds(core: core).collect()
        } catch {
            throw EngineError(error)
        }
        return HostRuntime(
            core, store, workerStarts, nativeTools, orphans, startedAt: clock(), grantedAtStart: granted)
    }

    private static func checkNames(
        _ plan: PlacementPlan, _ registry: DepartmentRegistry
    ) throws(EngineError) {
        guard let name = registry.unknown(of: plan).first else { return }
        let known = registry.all.map(\.name).joined(separator: ", ")
        throw EngineError(
            .unknownDepartment, "a place is asked for department \(name), which is not there; there are: \(known)")
    }

    private init(
        _ core: EngineCore, _ store: SQLiteJournal, _ workerStarts: WorkerStartLog, _ nativeTools: NativeTools,
        _ orphans: [Reservation], startedAt: Instant, grantedAtStart: [GrantRecord]
    ) {
        self.core = core
        calls = ModelCalls(core: core)
        self.grantedAtStart = grantedAtStart
        self.store = store
        self.workerStarts = workerStarts
        self.nativeTools = nativeTools
        self.startedAt = startedAt
        let auditDesk = AuditDesk(store: store, settings: core.settings)
        self.auditDesk = auditDesk
        // What the journal refuses stays open, and the next start tries again.
        self.orphans = Task { _ = try? await OrphanedHolds(core: core).settle(orphans) }
        // Before anybody can submit: what was committed unheard, after the scheduler has read what waits, would wait
        // for good.
        store.readyRuns.listen { core.pokeScheduler() }
        scheduler = Task { await Scheduler(core: core).run() }
        pump = Task {
            guard core.settings.servesEvents else { return }
            await withDiscardingTaskGroup { group in
                group.addTask { await EventPump(core: core, store: store).run() }
                group.addTask { await ScheduleRunner(core: core, store: store).run() }
                group.addTask { await PoolKeeper(core: core).run() }
            }
        }
        approvals = Task { await ApprovalClock(core: core).run() }
        keeper = Task {
            var lost = LostRuns(core: core, store: store)
            var keys = KeyWatch(core.settings.vault)
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                await lost.look()
                await keys.look(store)
                await store.archiveIfDue()
            }
        }
        publisher = Task { await auditDesk.run(asksWitnesses: core.settings.servesEvents) }
        retention = Task {
            if core.settings.servesEvents { await RetentionLoop(core: core, store: store).run() }
        }
        forecaster = Task {
            while (try? await Task.sleep(for: .seconds(Self.forecastIntervalSeconds))) != nil {
                // What fails now is tried again with the next look.
                try? await Self.raiseForecasts(store)
            }
        }
    }

    package var journal: any JournalStore { store }
    package var agentDesk: AgentDesk { AgentDesk(core: core) }
    package var isReady: Bool { !core.isDraining && !isClosed.withLock { $0 } }

    // MARK: Runs

    package func submit(_ submission: RunSubmission) async throws(EngineError) -> RunRecord {
        guard isReady else { throw EngineError(.draining, "the host is draining; try again later") }
        try requireRoom()
        try core.admit(submission.task, input: submission.input)
        try await agentDesk.admit(submission.task, by: submission.agent)
        if let id = submission.correlation, id.isEmpty || id.utf8.count > Self.maximumCorrelationBytes {
            throw EngineError(.invalid, "correlation id: use 1 to \(Self.maximumCorrelationBytes) bytes")
        }
        if let user = submission.user, !Name.isUser(user) {
            throw EngineError(.invalid, "user \"\(user)\": use \(Name.userForm)")
        }
        var run = NewRun(
            id: submission.id ?? core.newRunID(), tenant: submission.tenant, task: submission.task,
            agent: submission.agent ?? "default", priority: submission.priority, input: submission.input,
            idempotencyKey: submission.idempotencyKey, caps: submission.caps, user: submission.user,
            startAt: submission.startAt, correlation: submission.correlation, scheduling: submission.scheduling,
            subject: submission.subject
        ).classified(by: core.settings.policy, said: submission.sensitivity)
        run.isReviewed = submission.isReviewed
        do {
            let admission = try await core.journal.write { [run] transaction throws(JournalError) in
                try transaction.runAdmit(try run.withDefaultCaps(transaction))
            }
            for stopped in admission.stopped { core.cancel(stopped, "run \(run.id) of the same key replaces it") }
            return admission.run
        } catch {
            // The same request again is answered with the run that the first one made.
            guard case .duplicate(let existing?) = error.code else { throw EngineError(error) }
            return try await record(of: existing)
        }
    }

    package func submitPlan(
        _ plan: [UInt8], tenant: String = "default", budget: Nanodollars?, caps: RunCaps = .none,
        user: String? = nil, idempotencyKey: String? = nil, subject: SubjectID? = nil, isReviewed: Bool = false
    ) async throws(EngineError) -> RunRecord {
        try admit(plan: try PlanPlugin.parse(plan))
        var submission = RunSubmission(
            task: PlanPlugin.task, input: plan, tenant: tenant, budget: budget, idempotencyKey: idempotencyKey,
            caps: caps, user: user, subject: subject)
        submission.isReviewed = isReviewed
        return try await submit(submission)
    }

    func admit(plan: Plan) throws(EngineError) {
        for node in plan.nodes {
            // An input with references is checked when they are known.
            if let input = try? plan.resolvedInput(node, outputs: [:]) {
                try core.admit(node.task, input: input.bytes)
            } else {
                _ = try core.departments.available(node.task.department).current.definition(of: node.task)
            }
        }
    }

    package func cancel(_ run: RunID, reason: String) async throws(EngineError) {
        do {
            let running = try await core.journal.write { transaction throws(JournalError) in
                try transaction.runRequestCancel(run, reason: reason)
            }
            for record in running { core.cancel(record, reason) }
        } catch {
            throw EngineError(error)
        }
        let record = try await record(of: run)
        if record.state.isTerminal { core.announceEnd(of: record) }
    }

    package func retry(_ run: RunID) async throws(EngineError) -> RunRecord {
        do {
            return try await core.journal.write { transaction throws(JournalError) in
                try AgentDesk.checkNotRetired(run, transaction)
                return try transaction.runRetry(run)
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// Suspends until the run is terminal or paused.
    package func outcome(of run: RunID) async throws(EngineError) -> RunRecord {
        while true {
            let ticket = core.runEnds.register(run)
            defer { core.runEnds.remove(ticket, for: run) }
            let record = try await record(of: run)
            if record.state.isTerminal || record.state == .paused || Task.isCancelled { return record }
            await ticket.wait()
        }
    }

    /// For a run that is watched before it is submitted.
    package func newRunID() -> RunID { core.newRunID() }

    /// Live notices of a run tree, from now on; ends when its root is terminal.
    package func watch(root: RunID) -> AsyncStream<RunNotice> { core.notices.watch(root: root) }

    private func record(of run: RunID) async throws(EngineError) -> RunRecord {
        let found: RunRecord?
        do {
            found = try await core.journal.read { journal throws(JournalError) in try journal.run(run) }
        } catch {
            throw EngineError(error)
        }
        if let found { return found }
        throw EngineError(.notFound, await whereabouts(of: run))
    }

    // MARK: Departments

    package func departments() async -> [DepartmentStatus] {
        await core.departments.statuses(placement: core.settings.placement).map { status in
            var status = status
            status.quarantine = core.health.quarantine(of: status.name)
            return status
        }
    }

    package func setDepartment(_ name: String, enabled: Bool) async throws(EngineError) {
        let placement = try core.departments.known(name).placement
        do {
            try await core.journal.write { transaction throws(JournalError) in
                try transaction.departmentUpsert(
                    DepartmentRecord(name: name, enabled: enabled, placement: placement.rawValue))
            }
        } catch {
            throw EngineError(error)
        }
        core.departments.setEnabled(name, enabled)
        core.pokeScheduler()
    }

    // MARK: The host itself

    package func status() async throws(EngineError) -> HostStatus {
        let counts: [RunState: Int]
        do {
            counts = try await core.journal.read { journal throws(JournalError) in try journal.runCounts() }
        } catch {
            throw EngineError(error)
        }
        let active = core.activeCounts
        return HostStatus(
            version: Self.version, startedAt: startedAt, isReady: isReady, isDraining: core.isDraining,
            activeRuns: active.computing, waitingRuns: active.waiting, runCounts: counts, storage: store.storage,
            archive: store.archiveStatus, audit: auditDesk.status,
            departments: await departments(), providers: core.settings.providers.map(\.name),
            models: core.gateway.status,
            minimumIsolation: core.settings.placements.minimumIsolation, isolation: core.departments.isolation)
    }

    /// Takes no new work and lets what computes finish, up to a limit. Runs that wait stay in the journal and go on
    /// at the next start.
    package func drain(timeoutSeconds: Int) async {
        core.startDraining()
        let end = ContinuousClock.now.advanced(by: .seconds(timeoutSeconds))
        while core.activeCounts.computing + calls.openCount > 0, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends everything that runs here; open runs stay open in the journal.
    package func shutdown() async {
        guard
            isClosed.withLock({ closed in
                defer { closed = true }; return !closed
            })
        else { return }
        core.startDraining()
        pump.cancel()
        approvals.cancel()
        keeper.cancel()
        forecaster.cancel()
        retention.cancel()
        publisher.cancel()
        // Executions first: what is cancelled from here on is cut short, not decided.
        core.startClosing()
        core.health.ward.close()
        core.gateway.detach()
        for execution in core.executions { execution.abandon() }
        await core.departments.shutdown()
        await nativeTools.shutdown()
        scheduler.cancel()
        orphans.cancel()
        core.pokeScheduler()
        await scheduler.value
        await orphans.value
        core.gateway.close()
        core.fetcher.close()
        await calls.close()
        await workerStarts.finish()
        await core.health.close()
        await publisher.value
        await auditDesk.publish()
        await auditDesk.close()
        await store.close()
    }

    /// Recomputes the audit log and compares it with the journal and with the checkpoint outside the store.
    package func verifyAudit() async throws(EngineError) -> AuditReport {
        do {
            return try await AuditVerifier.verify(store, outside: auditDesk.place.outside())
        } catch {
            throw EngineError(.storage, "the audit log cannot be read: \(error)")
        }
    }
}
