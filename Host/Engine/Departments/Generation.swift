import Kernel
import Placement
import Synchronization

/// One version of a department's plugin, with its place once it is needed and the agents that live there. A reload
/// makes the next generation; at most two of a department are alive.
final class Generation: Sendable {
    typealias Load = @Sendable () async throws(PlacementError) -> any PlacedPlugin

    /// 1 for the first since the host started.
    let number: Int
    let descriptor: PluginDescriptor

    private let inputSchemas: [String: JSONSchema]
    private let outputSchemas: [String: JSONSchema]
    private let messageSchemas: [String: JSONSchema]
    private let load: Load
    /// Places it once more, in a process of its own. Nil where there is no process.
    let loadAlone: Load?

    /// Instances that nobody uses and that remember nothing are ended beyond so many: an agent that has nothing to do
    /// costs no memory in the plugin.
    static let maximumIdle = 256

    /// One agent with one configuration: two versions of an agent may be at work at the same time.
    struct Seat: Hashable, Sendable {
        var agent: String
        var configuration: [UInt8]
    }

    private typealias Making = Task<Result<InstanceID, PlacementError>, Never>

    private struct Occupant {
        /// Nil after it could not be made: the next use tries again.
        var making: Making?
        var users = 0
        /// In the order of uses.
        var lastUse: UInt64
        /// It has memory that would be lost.
        var stays = false
    }

    private struct State {
        var place: Task<Result<any PlacedPlugin, PlacementError>, Never>?
        var seats: [Seat: Occupant] = [:]
        var uses: UInt64 = 0
        /// Occupants that may be ended.
        var idle = 0
        var isEvicting = false
        /// The instances are being handed over: none of them may go.
        var keepsAll = false
        var users = 0
        var reloadsBegun = 0
    }

    private let maximumIdle: Int
    private let state = Mutex(State())
    /// Woken when the last user leaves.
    private let idle = Waiters<Bool>()

    init(
        number: Int, descriptor: PluginDescriptor, load: @escaping Load, loadAlone: Load?,
        maximumIdle: Int = Generation.maximumIdle
    ) throws(PlacementError) {
        self.maximumIdle = maximumIdle
        self.number = number
        self.descriptor = descriptor
        self.load = load
        self.loadAlone = loadAlone
        var inputs: [String: JSONSchema] = [:]
        var outputs: [String: JSONSchema] = [:]
        for task in descriptor.manifest.tasks {
            do {
                inputs[task.name] = try JSONSchema(task.inputSchema)
                outputs[task.name] = try JSONSchema(task.outputSchema)
            } catch {
                throw PlacementError(.brokenManifest, "schema of task \(task.name): \(error.description)")
            }
        }
        var messages: [String: JSONSchema] = [:]
        for (type, schema) in descriptor.manifest.messages {
            do {
                messages[type] = try JSONSchema(schema)
            } catch {
                throw PlacementError(.brokenManifest, "schema of message \(type): \(error.description)")
            }
        }
        inputSchemas = inputs
        outputSchemas = outputs
        messageSchemas = messages
    }

    func definition(of task: TaskReference) throws(EngineError) -> Manifest.Task {
        guard let definition = descriptor.manifest.task(named: task.task) else {
            let known = descriptor.manifest.tasks.map(\.name).joined(separator: ", ")
            throw EngineError(
                .unknownTask, "department \(task.department) has no task \"\(task.task)\"; it has: \(known)")
        }
        return definition
    }

    /// All violations at once.
    func violations(input: JSONValue, of task: String) -> [SchemaViolation] {
        inputSchemas[task]?.validate(input) ?? []
    }

    func violations(output: JSONValue, of task: String) -> [SchemaViolation] {
        outputSchemas[task]?.validate(output) ?? []
    }

    /// Nothing where the manifest says nothing of the type.
    func violations(message: JSONValue, of type: String) -> [SchemaViolation] {
        messageSchemas[type]?.validate(message) ?? []
    }

    // MARK: Place and agents

    /// The plugin at its place, loaded at first use. A failed load is tried again at the next use.
    func place() async throws(PlacementError) -> any PlacedPlugin {
        let loading = state.withLock { state in
            if let place = state.place { return place }
            let task = Task { await self.loaded() }
            state.place = task
            return task
        }
        let result = await loading.value
        if case .failure = result { state.withLock { $0.place = nil } }
        return try result.get()
    }

    /// The instance of one agent, made at first use.
    func instance(agent: String, configuration: [UInt8]) async throws(PlacementError) -> InstanceID {
        let seat = Seat(agent: agent, configuration: configuration)
        let attempt = state.withLock { making(seat, &$0) }
        let result = await attempt.value
        if case .failure = result {
            state.withLock { state in
                if state.seats[seat]?.making == attempt { state.seats[seat]?.making = nil }
            }
        }
        return try result.get()
    }

    private func making(_ seat: Seat, _ state: inout State) -> Making {
        state.uses += 1
        if state.seats[seat] == nil {
            state.seats[seat] = Occupant(making: nil, lastUse: 0)
            state.idle += 1
        }
        state.seats[seat]?.lastUse = state.uses
        if let known = state.seats[seat]?.making { return known }
        let task = Task { await self.made(seat.configuration) }
        state.seats[seat]?.making = task
        return task
    }

    /// All that were made here or are being made, and are not ended.
    var seats: [Seat] {
        state.withLock { Array($0.seats.keys) }.sorted {
            ($0.agent, $0.configuration.count) < ($1.agent, $1.configuration.count)
        }
    }

    private func loaded() async -> Result<any PlacedPlugin, PlacementError> {
        do throws(PlacementError) {
            return .success(try await load())
        } catch {
            return .failure(error)
        }
    }

    private func made(_ configuration: [UInt8]) async -> Result<InstanceID, PlacementError> {
        do throws(PlacementError) {
            return .success(try await place().createInstance(configuration: configuration))
        } catch {
            return .failure(error)
        }
    }

    /// Nil before the first use, and when it cannot be loaded.
    func placed() async -> (any PlacedPlugin)? {
        guard let loading = state.withLock({ $0.place }), case .success(let place) = await loading.value else {
            return nil
        }
        return place
    }

    func shutdown() async { await placed()?.shutdown() }

    // MARK: Users

    /// The use of a generation's place by one run. The place is not ended before all have left.
    struct Lease: Sendable {
        let generation: Generation
        fileprivate let seat: Seat?
        fileprivate let reloadsBefore: Int

        /// Once.
        func end() { generation.leave(seat) }

        /// Since this use began, a reload began to take the generation from the stage. What ends badly here is then
        /// the reload's doing, not the run's.
        var overlapsReload: Bool { generation.reloadsBegun != reloadsBefore }
    }

    /// - Parameter agent: whom the use is of, if anyone: made now, unless it is there. A hand-over of memory that
    ///   begins after this use sees it, though its run may still be on the way to the plugin.
    func enter(_ agent: (name: String, configuration: [UInt8])?) -> Lease {
        let seat = agent.map { Seat(agent: $0.name, configuration: $0.configuration) }
        return state.withLock { state in
            if let seat {
                _ = making(seat, &state)
                state.seats[seat]?.users += 1
                if let occupant = state.seats[seat], occupant.users == 1, !occupant.stays { state.idle -= 1 }
            }
            state.users += 1
            return Lease(generation: self, seat: seat, reloadsBefore: state.reloadsBegun)
        }
    }

    fileprivate func leave(_ seat: Seat?) {
        let (isLast, evicts) = state.withLock { state -> (Bool, Bool) in
            if let seat, let occupant = state.seats[seat], occupant.users > 0 {
                state.seats[seat]?.users -= 1
                if occupant.users == 1, !occupant.stays { state.idle += 1 }
            }
            state.users -= 1
            let evicts = state.idle > maximumIdle && !state.isEvicting && !state.keepsAll
            if evicts { state.isEvicting = true }
            return (state.users == 0, evicts)
        }
        if isLast { idle.wake(true) }
        if evicts { Task { await self.evict() } }
    }

    var isIdle: Bool { state.withLock { $0.users == 0 } }

    /// Waits until nobody uses the place. False when that took too long.
    func becomesIdle(within limit: Duration) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.untilIdle() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
        return isIdle
    }

    private func untilIdle() async {
        let ticket = idle.register(true)
        defer { idle.remove(ticket, for: true) }
        if !isIdle { await ticket.wait() }
    }

    fileprivate var reloadsBegun: Int { state.withLock { $0.reloadsBegun } }
    /// A hand-over begins: no instance goes away by itself.
    func noteReload() {
        state.withLock { state in
            state.reloadsBegun += 1
            state.keepsAll = true
        }
    }

    /// The hand-over failed, and this generation goes on.
    func noteReloadFailed() { state.withLock { $0.keepsAll = false } }
}

// MARK: - Instances that nobody uses

extension Generation {
    /// Ends the instances that were used longest ago, until few enough idle ones are left. One that says it has memory
    /// stays: that would be lost.
    fileprivate func evict() async {
        while let victims = victims() {
            for victim in victims { await end(victim) }
        }
    }

    private typealias Victim = (seat: Seat, occupant: Occupant)

    /// A quarter more than must go, so that the search is worth it; nil when enough have gone.
    private func victims() -> [Victim]? {
        state.withLock { state in
            let idle =
                state.idle > maximumIdle && !state.keepsAll
                ? state.seats.filter { $0.value.users == 0 && !$0.value.stays } : [:]
            guard !idle.isEmpty else {
                state.isEvicting = false
                return nil
            }
            let count = state.idle - maximumIdle + maximumIdle / 4
            return idle.sorted { $0.value.lastUse < $1.value.lastUse }.prefix(count).map { ($0.key, $0.value) }
        }
    }

    private func end(_ victim: Victim) async {
        var instance: InstanceID?
        if case .success(let made)? = await victim.occupant.making?.value { instance = made }
        let place = await placed()
        var hasMemory = false
        if let instance, let answer = try? await place?.ask(.probe, of: instance) { hasMemory = answer.hasState }
        let isFree = state.withLock { state in
            // Used meanwhile, or about to be handed over.
            guard let now = state.seats[victim.seat], now.users == 0, now.lastUse == victim.occupant.lastUse,
                !now.stays, !state.keepsAll
            else { return false }
            state.idle -= 1
            if hasMemory { state.seats[victim.seat]?.stays = true } else { state.seats[victim.seat] = nil }
            return !hasMemory
        }
        if isFree, let instance { await place?.destroyInstance(instance) }
    }
}
