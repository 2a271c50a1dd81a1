import Kernel
import Placement

/// Replaces a department's plugin by a newer generation, or changes nothing.
///
/// The new generation is checked, placed and given the same agents while the old one works. Then nothing begins for
/// as long as the hand-over takes: the old one is quiesced, its memory goes to the new one, which is probed. Then
/// routing is switched. Any failure resumes the old generation and ends the new one.
struct Reload: Sendable {
    typealias Failure = ReloadReport.Failure

    let entry: DepartmentEntry
    let placements: Placement
    let limits: ReloadLimits
    /// Whether this plugin may follow that one.
    let admit: @Sendable (_ new: PluginDescriptor, _ old: PluginDescriptor) async throws(EngineError) -> Void
    /// Of the new generation's worker.
    let workerLimits: @Sendable (PluginDescriptor) -> WorkerLimits
    /// Makes the switch durable before it is made.
    let record: @Sendable (ReloadReport) async throws(EngineError) -> Void
    /// Asks the runs of a generation back.
    let handBack: @Sendable (Generation, _ reason: String) -> Void

    /// - Throws: a failure; the department is as it was.
    func run(_ path: String, _ report: inout ReloadReport, isForced: Bool) async throws(Failure) -> Outcome {
        let old = entry.current
        let inspected = try await at(.inspect) { () async throws(PlacementError) in try await placements.examine(path) }
        report.to = ReloadReport.Side(inspected.descriptor)
        if inspected.descriptor.digest == old.descriptor.digest, !isForced { return .unchanged }
        do {
            try await admit(inspected.descriptor, old.descriptor)
        } catch {
            throw Failure(step: .admit, reason: error.message)
        }
        let kind = entry.placement.alone
        let next = try await at(.inspect) { () async throws(PlacementError) in
            let load: Generation.Load = { [placements, workerLimits] () async throws(PlacementError) in
                try await placements.place(inspected, as: kind, limits: workerLimits(inspected.descriptor))
            }
            return try Generation(
                number: old.number + 1, descriptor: inspected.descriptor, load: load,
                loadAlone: kind == .inline ? nil : load)
        }
        do throws(Failure) {
            let place = try await at(.start) { () async throws(PlacementError) in try await next.place() }
            try await createAgents(of: old, at: next)
            try await handOver(from: old, to: next, place, &report)
        } catch {
            await next.shutdown()
            throw error
        }
        return .replaced(old)
    }

    enum Outcome: Sendable {
        /// The file is the one that serves.
        case unchanged
        /// Now to be drained.
        case replaced(Generation)
    }

    /// Lets the runs of the replaced generation finish, asks those back that do not in time, and ends it.
    func drain(_ old: Generation) async {
        _ = await empty(old, within: limits.drain, "its plugin was replaced, and it did not end within the drain limit")
        await old.shutdown()
    }

    // MARK: Steps

    /// The same agents with the same configurations; a department that was never used gets its default agent, so
    /// that `create` and `setup` are tried before anything depends on them.
    private func createAgents(of old: Generation, at next: Generation) async throws(Failure) {
        let known = Set(next.seats)
        var wanted = old.seats
        if wanted.isEmpty { wanted = [Generation.Seat(agent: "default", configuration: Array("{}".utf8))] }
        for seat in wanted where !known.contains(seat) {
            _ = try await at(.create) { () async throws(PlacementError) in
                try await next.instance(agent: seat.agent, configuration: seat.configuration)
            }
        }
    }

    private func handOver(
        from old: Generation, to next: Generation, _ place: any PlacedPlugin, _ report: inout ReloadReport
    ) async throws(Failure) {
        var quiesced: [InstanceID] = []
        entry.hold()
        old.noteReload()
        do throws(Failure) {
            // Those that were made meanwhile.
            try await createAgents(of: old, at: next)
            report.stateBytes = try await handOverMemory(from: old, to: next, place, &quiesced)
            let agents = await next.instances()
            report.agents = agents.count
            for agent in agents.values { _ = try await ask(.probe, .probe, of: agent, at: place) }
            report.generation = next.number
            try await written(report)
            entry.release(on: next)
        } catch {
            report.generation = old.number
            old.noteReloadFailed()
            if let place = await old.placed() {
                // One that does not resume is started anew by its placement.
                for agent in quiesced { _ = try? await place.ask(.resume, of: agent) }
            }
            entry.release()
            throw error
        }
    }

    private func written(_ report: ReloadReport) async throws(Failure) {
        do {
            try await record(report)
        } catch {
            throw Failure(step: .record, reason: error.message)
        }
    }

    /// - Returns: how many bytes were handed over.
    private func handOverMemory(
        from old: Generation, to next: Generation, _ nextPlace: any PlacedPlugin, _ quiesced: inout [InstanceID]
    ) async throws(Failure) -> Int {
        guard let place = await old.placed(), let hasMemory = try await hasMemory(old, place) else { return 0 }
        let agents = await old.instances()
        let limit = hasMemory ? limits.hold : limits.drain
        for agent in agents.values {
            let milliseconds = UInt64(max(0, limit.components.seconds * 1000))
            _ = try await ask(.quiesce, .quiesce(milliseconds: milliseconds), of: agent, at: place)
            quiesced.append(agent)
        }
        // Without memory there is nothing that a run in flight could still change: it may finish after the switch.
        guard hasMemory else { return 0 }
        let reason = "its plugin is being replaced, and its state cannot be handed over while it runs"
        guard await empty(old, within: limits.hold, reason) else {
            throw Failure(step: .quiesce, reason: "runs of generation \(old.number) did not come to an end")
        }
        let successors = await next.instances()
        var bytes = 0
        for (name, agent) in agents {
            let saved = try await ask(.save, .save, of: agent, at: place).state
            guard let saved, let successor = successors[name] else { continue }
            let answer = try await ask(.load, .load(saved), of: successor, at: nextPlace)
            if answer.hasState { bytes += saved.bytes.count }
        }
        return bytes
    }

    /// Whether an agent has memory to hand over; nil when no process is up, which then remembers nothing.
    private func hasMemory(_ old: Generation, _ place: any PlacedPlugin) async throws(Failure) -> Bool? {
        var hasMemory = false
        for agent in await old.instances().values {
            do {
                hasMemory = try await place.ask(.probe, of: agent).hasState || hasMemory
            } catch {
                if error.code == .notRunning { return nil }
                throw Failure(step: .quiesce, reason: error.message)
            }
        }
        return hasMemory
    }

    /// Waits until no run uses the place; past the limit they are asked back.
    private func empty(_ generation: Generation, within limit: Duration, _ reason: String) async -> Bool {
        if await generation.becomesIdle(within: limit) { return true }
        let end = ContinuousClock.now.advanced(by: limits.handBack)
        while ContinuousClock.now < end {
            // Again and again: a run may just be about to begin.
            handBack(generation, reason)
            if await generation.becomesIdle(within: .milliseconds(20)) { return true }
        }
        return false
    }

    private func ask(
        _ step: ReloadReport.Step, _ question: ReloadQuestion, of agent: InstanceID, at place: any PlacedPlugin
    ) async throws(Failure) -> ReloadAnswer {
        let answer = try await at(step) { () async throws(PlacementError) in try await place.ask(question, of: agent) }
        guard answer.status != .ok else { return answer }
        var reason = "\(place.descriptor.id) \(place.descriptor.version) answered \(answer.status.name)"
        if case .load(let state) = question { reason += " to state of schema \(state.schemaVersion)" }
        if !answer.message.isEmpty { reason += ": \(answer.message)" }
        throw Failure(step: step, reason: reason)
    }

    private func at<Value: Sendable>(
        _ step: ReloadReport.Step, _ body: () async throws(PlacementError) -> Value
    ) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch {
            throw Failure(step: step, reason: error.message)
        }
    }
}

/// Limits of one reload.
struct ReloadLimits: Hashable, Sendable {
    /// How long runs in flight may go on beside the new generation.
    var drain: Duration
    /// How long they may hold up a hand-over of memory, during which nothing begins.
    var hold: Duration
    /// From asking a run back to giving it up. Longer than the placement's grace period and its start.
    var handBack: Duration = .seconds(15)
}

extension Generation {
    /// The agents that are there now.
    func instances() async -> [Seat: InstanceID] {
        var instances: [Seat: InstanceID] = [:]
        for seat in seats {
            instances[seat] = try? await instance(agent: seat.agent, configuration: seat.configuration)
        }
        return instances
    }
}
