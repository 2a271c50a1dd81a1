import Kernel
import Placement
import Synchronization

/// One department that the host found: its verified file, and its place once it is needed.
final class DepartmentEntry: Sendable {
    let descriptor: PluginDescriptor
    let placement: PlacementKind

    private let inputSchemas: [String: JSONSchema]
    private let outputSchemas: [String: JSONSchema]
    private let load: @Sendable () async throws(PlacementError) -> any PlacedPlugin

    private struct State {
        var place: Task<Result<any PlacedPlugin, PlacementError>, Never>?
        var instances: [String: Task<Result<InstanceID, PlacementError>, Never>] = [:]
    }

    private let state = Mutex(State())

    init(
        descriptor: PluginDescriptor, placement: PlacementKind,
        load: @escaping @Sendable () async throws(PlacementError) -> any PlacedPlugin
    ) throws(PlacementError) {
        self.descriptor = descriptor
        self.placement = placement
        self.load = load
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
        let place = try await place()
        let making = state.withLock { state in
            if let instance = state.instances[agent] { return instance }
            let task = Task { await Self.made(at: place, configuration: configuration) }
            state.instances[agent] = task
            return task
        }
        let result = await making.value
        if case .failure = result { state.withLock { $0.instances[agent] = nil } }
        return try result.get()
    }

    private func loaded() async -> Result<any PlacedPlugin, PlacementError> {
        do throws(PlacementError) {
            return .success(try await load())
        } catch {
            return .failure(error)
        }
    }

    private static func made(
        at place: any PlacedPlugin, configuration: [UInt8]
    ) async -> Result<InstanceID, PlacementError> {
        do throws(PlacementError) {
            return .success(try await place.createInstance(configuration: configuration))
        } catch {
            return .failure(error)
        }
    }

    /// Nil before the first use.
    func statistics() async -> PlacementStatistics? {
        guard let loading = state.withLock({ $0.place }), case .success(let place) = await loading.value else {
            return nil
        }
        return place.statistics()
    }

    func shutdown() async {
        guard let loading = state.withLock({ $0.place }), case .success(let place) = await loading.value else { return }
        await place.shutdown()
    }
}
