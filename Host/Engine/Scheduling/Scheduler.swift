import Journal
import Kernel
import Placement

/// Claims ready runs while there is room and hands each to an execution. One loop; woken by pokes, with a slow
/// poll for runs that become due.
struct Scheduler: Sendable {
    let core: EngineCore
    let plans = PlanPlugin()

    private static let pollMilliseconds = 500
    private static let claimBatch = 64
    private static let deadlineTickMilliseconds = 100
    private static let defaultAgent = "default"

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await tick(every: Self.pollMilliseconds) { core.pokeScheduler() } }
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

    private func tick(every milliseconds: Int, _ body: @Sendable () -> Void) async {
        while (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil { body() }
    }

    /// True when there may be more to claim.
    private func claim(_ group: inout DiscardingTaskGroup) async -> Bool {
        let room = min(Self.claimBatch, core.settings.maximumActiveRuns - core.activeCounts.computing)
        guard room > 0 else { return false }
        let open = core.departments.claimable.filter { core.health.quarantine(of: $0.name) == nil }
        let free = open.filter { $0.concurrency == nil }.map(\.name) + [PlanPlugin.task.department]
        let limited = open.compactMap { department in
            department.concurrency.map { (department.name, core.room(of: department.name, concurrency: $0)) }
        }
        do {
            let claimed = try await core.journal.write { transaction throws(JournalError) in
                _ = try transaction.runReleaseDue()
                // Those with a limit first: they cannot crowd the others out.
                var claimed: [RunRecord] = []
                for (name, places) in limited where places > 0 && claimed.count < room {
                    claimed += try transaction.runClaim(departments: [name], limit: min(places, room - claimed.count))
                }
                return claimed + (try transaction.runClaim(departments: free, limit: room - claimed.count))
            }
            for run in claimed {
                core.noteClaimed(run)
                group.addTask { await execute(run) }
            }
            return claimed.count == room
        } catch {
            // A closed store ends the host elsewhere; anything else is tried again at the next poke.
            return false
        }
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
                let agent =
                    run.agent == Self.defaultAgent
                    ? nil : try journal.agents(department: run.task.department).first { $0.name == run.agent }
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
