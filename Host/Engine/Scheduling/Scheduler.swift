import Journal
import Kernel
import Placement

/// Claims runs while there is room and hands each to an execution. One loop, woken by pokes; beside it what happens by
/// time: runs become due, wait too long, compute too long.
struct Scheduler: Sendable {
    let core: EngineCore
    let plans = PlanPlugin()

    private static let lookMilliseconds = 250
    private static let claimBatch = 64
    private static let deadlineTickMilliseconds = 100
    /// Runs read at once at the start. The first claims need not wait for the last of them.
    private static let loadBatch = 2_000
    /// Runs changed in one commit by what happens by time, and by the recovery.
    static let sweepBatch = 500
    private static let defaultAgent = "default"

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await recoverRest() }
            group.addTask { await load() }
            group.addTask { await tick(every: Self.lookMilliseconds) { await sweep() } }
            group.addTask {
                await tick(every: Self.deadlineTickMilliseconds) {
                    let now = ContinuousClock.now
                    for execution in core.executions { execution.checkDeadline(now: now) }
                }
            }
            for await _ in core.pokes {
                if Task.isCancelled { break }
                while !core.isDraining, await claim(&group) {}
            }
            group.cancelAll()
        }
    }

    private func tick(every milliseconds: Int, _ body: @Sendable () async -> Void) async {
        while (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil { await body() }
    }

    /// Those that an earlier host left and that the start did not take over yet.
    private func recoverRest() async {
        while !Task.isCancelled {
            let recovered = try? await core.journal.write { journal throws(JournalError) in
                try journal.runRecover(limit: Self.sweepBatch)
            }
            guard recovered == Self.sweepBatch else { return }
        }
    }

    /// What waited before this host began.
    private func load() async {
        var last: Int64 = 0
        while !Task.isCancelled {
            let page = try? await core.journal.read { [last] journal throws(JournalError) in
                try journal.runsReady(after: last, limit: Self.loadBatch)
            }
            guard let page, let end = page.last else { return }
            core.desk.add(page)
            core.pokeScheduler()
            last = end.number
        }
    }

    /// What is due begins, what has waited too long ends, and windows open and close.
    private func sweep() async {
        let now = core.clock()
        core.limits.look(at: now)
        // A window may have closed, a rate may let the next begin.
        if core.desk.waiting > 0 { core.pokeScheduler() }
        let due = try? await core.journal.read { journal throws(JournalError) in try journal.runNextDue() }
        guard !core.isDraining, let due = due ?? nil, due <= now else { return }
        let expiry = try? await core.journal.write { journal throws(JournalError) in
            _ = try journal.runReleaseDue()
            return try journal.runExpire(limit: Self.sweepBatch)
        }
        guard let expiry else { return }
        for run in expiry.stopped { core.cancel(run, "its parent ended") }
        for run in expiry.ended { core.announceEnd(of: run) }
    }

    /// True when there may be more to claim.
    private func claim(_ group: inout DiscardingTaskGroup) async -> Bool {
        let desk = core.desk, now = SystemClock.tick()
        desk.apply(core.journal.readyRuns.take(), at: now)
        let room = min(Self.claimBatch, core.tuning.maximumActiveRuns - desk.taken)
        guard room > 0, desk.waiting > 0 else { return false }
        if let limits = core.limits.changes(seen: desk.departments, served: served) { desk.setLimits(limits, at: now) }
        let choice = desk.choose(atMost: room, at: now)
        if let later = choice.lookAgainAt, later.milliseconds(since: now) < Self.lookMilliseconds {
            group.addTask { [core] in
                let milliseconds = later.milliseconds(since: SystemClock.tick())
                if (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil { core.pokeScheduler() }
            }
        }
        guard !choice.numbers.isEmpty else { return false }
        do {
            let claimed = try await core.journal.write { journal throws(JournalError) in
                let claimed = try journal.runClaim(choice.numbers)
                try journal.agentPin(claimed)
                return claimed
            }
            desk.settle(choice, claimed: claimed, at: SystemClock.tick())
            for run in claimed { group.addTask { await execute(run) } }
            return choice.numbers.count == room
        } catch {
            // A closed store ends the host elsewhere; anything else is tried again.
            desk.settle(choice, claimed: [], at: SystemClock.tick())
            group.addTask { await loadAgain() }
            return false
        }
    }

    private func loadAgain() async {
        if (try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))) != nil { await load() }
    }

    /// Departments whose runs may begin, each with its granted concurrency.
    private var served: [String: Int?] {
        var served: [String: Int?] = [PlanPlugin.task.department: nil]
        for department in core.departments.claimable where core.health.quarantine(of: department.name) == nil {
            served.updateValue(department.concurrency, forKey: department.name)
        }
        return served
    }

    private func execute(_ run: RunRecord) async {
        // The department may have crashed between the claim and now.
        if core.health.quarantine(of: run.task.department) != nil {
            core.noteRefused(run)
            return await handBack(run)
        }
        do {
            if core.health.isIsolated(run.id), try await executeAlone(run) { return }
            let execution = try await prepare(run)
            await execution.execute()
        } catch {
            core.noteRefused(run)
            await refuse(run, error)
        }
    }

    private func prepare(_ run: RunRecord) async throws(EngineError) -> RunExecution {
        let (steps, path, agent) = try await context(of: run)
        if run.task == PlanPlugin.task {
            return RunExecution(
                run: run, core: core, place: plans, lease: nil, instance: InstanceID(0),
                task: PlanPlugin.definition, steps: steps, budgetPath: path,
                permissions: { .all(of: PlanPlugin.wants) })
        }
        let configuration = agent?.configuration ?? Array("{}".utf8)
        let lease = try await core.departments.available(run.task.department).enter((run.agent, configuration))
        do {
            let task = try lease.generation.definition(of: run.task)
            let (place, instance) = try await seat(of: run.agent, configuration: configuration, in: lease.generation)
            return RunExecution(
                run: run, core: core, place: place, lease: lease, instance: instance, task: task, steps: steps,
                budgetPath: path,
                permissions: { [grants = core.departments.grants, descriptor = lease.generation.descriptor] in
                    grants.permissions(of: descriptor)
                })
        } catch {
            lease.end()
            throw error
        }
    }

    private func seat(
        of agent: String, configuration: [UInt8], in generation: Generation
    ) async throws(EngineError) -> (any PlacedPlugin, InstanceID) {
        do {
            let instance = try await generation.instance(agent: agent, configuration: configuration)
            return (try await generation.place(), instance)
        } catch {
            throw EngineError(error)
        }
    }

    /// What an execution needs from the journal: the steps so far, whose budgets bind, and its agent.
    func context(
        of run: RunRecord
    ) async throws(EngineError) -> (steps: [StepRecord], path: BudgetPath, agent: AgentRecord?) {
        let path = BudgetPath(of: run)
        // The common case needs nothing but the row that was claimed.
        if run.attempt == 1, run.parent == nil, run.forkedFrom == nil, run.agent == Self.defaultAgent {
            return ([], path, nil)
        }
        do {
            return try await core.journal.read { [path] journal throws(JournalError) in
                var path = path
                let steps = run.attempt > 1 || run.forkedFrom != nil ? try journal.steps(of: run.id) : []
                let agent = try journal.agent(of: run)
                var parent = run.parent
                while let id = parent, let ancestor = try journal.run(id) {
                    path.add(ancestor)
                    parent = ancestor.parent
                }
                return (steps, path, agent)
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// The run cannot even begin here.
    private func refuse(_ run: RunRecord, _ error: EngineError) async {
        let failure = error.failure
        let refused = try? await core.journal.write { transaction throws(JournalError) in
            try transaction.runFinish(run.id, fence: run.fence, outcome: .failed(failure))
        }
        if let refused { core.announceEnd(of: refused) }
    }
}
