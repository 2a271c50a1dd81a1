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
    private let load: Load
    /// Places it once more, in a process of its own. Nil where there is no process.
    let loadAlone: Load?

    private struct Agent {
        var configuration: [UInt8]
        var making: Task<Result<InstanceID, PlacementError>, Never>
    }

    private struct State {
        var place: Task<Result<any PlacedPlugin, PlacementError>, Never>?
        var agents: [String: Agent] = [:]
        var users = 0
        var reloadsBegun = 0
    }

    private let state = Mutex(State())
    /// Woken when the last user leaves.
    private let idle = Waiters<Bool>()

    init(
        number: Int, descriptor: PluginDescriptor, load: @escaping Load, loadAlone: Load?
    ) throws(PlacementError) {
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
        inputSchemas = inputs
        outputSchemas = outputs
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
        let result = await state.withLock { making(agent, configuration, &$0) }.value
        if case .failure = result { state.withLock { $0.agents[agent] = nil } }
        return try result.get()
    }

    private func making(
        _ agent: String, _ configuration: [UInt8], _ state: inout State
    ) -> Task<Result<InstanceID, PlacementError>, Never> {
        if let known = state.agents[agent] { return known.making }
        let task = Task { await self.made(configuration) }
        state.agents[agent] = Agent(configuration: configuration, making: task)
        return task
    }

    /// Configurations by agent, of all that were made here or are being made.
    var agentConfigurations: [String: [UInt8]] { state.withLock { $0.agents.mapValues(\.configuration) } }

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
        fileprivate let reloadsBefore: Int

        /// Once.
        func end() { generation.leave() }

        /// Since this use began, a reload began to take the generation from the stage. What ends badly here is then
        /// the reload's doing, not the run's.
        var overlapsReload: Bool { generation.reloadsBegun != reloadsBefore }
    }

    /// - Parameter agent: whom the use is of, if anyone: made now, unless it is there. A hand-over of memory that
    ///   begins after this use sees it, though its run may still be on the way to the plugin.
    func enter(_ agent: (name: String, configuration: [UInt8])?) -> Lease {
        state.withLock { state in
            if let agent { _ = making(agent.name, agent.configuration, &state) }
            state.users += 1
            return Lease(generation: self, reloadsBefore: state.reloadsBegun)
        }
    }

    fileprivate func leave() {
        let isLast = state.withLock { state in
            state.users -= 1
            return state.users == 0
        }
        if isLast { idle.wake(true) }
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
    func noteReload() { state.withLock { $0.reloadsBegun += 1 } }
}
