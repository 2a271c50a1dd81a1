import Journal
import Kernel
import Placement

/// Runs that may have killed the process that they shared with others.
extension Scheduler {
    /// In a process that is made for this run and ends with it: if that dies, the run is the cause.
    ///
    /// - Returns: false when the department has no process that could be made.
    func executeAlone(_ run: RunRecord) async throws(EngineError) -> Bool {
        let (steps, path, agent) = try await context(of: run)
        // False: the host is closing, and the run stays open for the next start.
        guard let ward = await core.health.ward.enter() else {
            core.noteRefused(run)
            return true
        }
        defer { ward.leave() }
        let lease = try await core.departments.available(run.task.department).enter()
        do {
            guard let load = lease.generation.loadAlone else {
                lease.end()
                return false
            }
            let task = try lease.generation.definition(of: run.task)
            let (place, instance) = try await Self.seat(load, agent?.configuration)
            let (grants, descriptor) = (core.departments.grants, lease.generation.descriptor)
            let permissions = { @Sendable in grants.permissions(of: descriptor) }
            let execution = RunExecution(
                run: run, core: core, place: place, lease: lease, instance: instance, task: task, steps: steps,
                budgetPath: path, permissions: permissions)
            execution.onFirstWait { ward.leave() }
            await execution.execute()
            await place.shutdown()
            return true
        } catch {
            lease.end()
            throw error
        }
    }

    private static func seat(
        _ load: Generation.Load, _ configuration: [UInt8]?
    ) async throws(EngineError) -> (any PlacedPlugin, InstanceID) {
        do {
            let place = try await load()
            return (place, try await instance(at: place, configuration))
        } catch {
            throw EngineError(error)
        }
    }

    /// A place that cannot make the agent is of no use to anyone.
    private static func instance(
        at place: any PlacedPlugin, _ configuration: [UInt8]?
    ) async throws(PlacementError) -> InstanceID {
        do throws(PlacementError) {
            return try await place.createInstance(configuration: configuration ?? Array("{}".utf8))
        } catch {
            await place.shutdown()
            throw error
        }
    }

    /// Back to the queue, where the quarantine keeps it.
    func handBack(_ run: RunRecord) async {
        let cancelled = try? await core.journal.write { transaction throws(JournalError) -> RunRecord? in
            let requeued = try transaction.runRequeue(
                run.id, fence: run.fence, crashed: false, reason: "its department is quarantined")
            // Asked for in the meantime: nothing begins here that would hear of it.
            guard requeued.cancelRequested else { return nil }
            _ = try transaction.runRequestCancel(run.id, reason: "cancelled")
            return try transaction.run(run.id)
        }
        if let cancelled { core.announceEnd(of: cancelled) }
    }
}
