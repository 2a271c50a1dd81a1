import Kernel
import Placement
import Synchronization

/// Departments that the operator put into one process.
///
/// It forms once, when the first of them is used, of those that may take work then. Who comes later, because it was
/// enabled, reloaded or refused before, gets a process of its own until the host starts again: nothing that happens to
/// one member stops the others for a hand-over, or lets them fail with it.
final class DepartmentGroup: Sendable {
    private struct Member: Sendable {
        let department: String
        let plugin: InspectedPlugin
    }

    private typealias Forming = Task<[String: Result<any PlacedPlugin, PlacementError>], Never>

    private struct State {
        var members: [Member] = []
        var forming: Forming?
        /// Departments that have taken their place, or will not.
        var gone: Set<String> = []
    }

    private let name: String
    private let placements: Placement
    private let limits: @Sendable (PluginDescriptor) -> WorkerLimits
    private let mayWork: @Sendable (_ department: String) -> Bool
    private let state = Mutex(State())

    init(
        name: String, placements: Placement, limits: @escaping @Sendable (PluginDescriptor) -> WorkerLimits,
        mayWork: @escaping @Sendable (_ department: String) -> Bool
    ) {
        self.name = name
        self.placements = placements
        self.limits = limits
        self.mayWork = mayWork
    }

    func add(_ plugin: InspectedPlugin) {
        let member = Member(department: plugin.descriptor.manifest.department, plugin: plugin)
        state.withLock { $0.members.append(member) }
    }

    /// The member's place: in the group at its first use, by itself afterwards.
    func place(_ plugin: InspectedPlugin) async throws(PlacementError) -> any PlacedPlugin {
        let department = plugin.descriptor.manifest.department
        let forming = state.withLock { state -> Forming? in
            guard state.gone.insert(department).inserted else { return nil }
            if let forming = state.forming { return forming }
            let gone = state.gone.subtracting([department])
            let members = state.members.filter { !gone.contains($0.department) }
            let task = Task { await self.formed(of: members, for: department) }
            state.forming = task
            return task
        }
        if let forming {
            let results = await forming.value
            forget(forming, results)
            if let result = results[department] { return try result.get() }
        }
        return try await placements.place(plugin, as: .worker, limits: limits(plugin.descriptor))
    }

    private func formed(
        of members: [Member], for first: String
    ) async -> [String: Result<any PlacedPlugin, PlacementError>] {
        let present = members.filter { $0.department == first || mayWork($0.department) }
        let results = await placements.place(
            group: name, present.map { (plugin: $0.plugin, limits: limits($0.plugin.descriptor)) })
        return Dictionary(zip(present.map(\.department), results), uniquingKeysWith: { first, _ in first })
    }

    /// A group of which nobody could be placed forms again at the next use.
    private func forget(_ forming: Forming, _ results: [String: Result<any PlacedPlugin, PlacementError>]) {
        for case .success in results.values { return }
        state.withLock { state in
            guard state.forming == forming else { return }
            state.forming = nil
            state.gone.subtract(results.keys)
        }
    }

    /// Its plugin is replaced, or the host is closing: a place that it has not taken is not needed.
    func leave(_ department: String) async {
        let forming = state.withLock { $0.gone.insert(department).inserted ? $0.forming : nil }
        if case .success(let place)? = await forming?.value[department] { await place.shutdown() }
    }

    func shutdown() async {
        for department in state.withLock({ $0.members.map(\.department) }) { await leave(department) }
    }
}
