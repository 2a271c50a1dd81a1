import Kernel
import Placement
import Synchronization

/// One department that the host found, and the generation of its plugin that takes work now.
final class DepartmentEntry: Sendable {
    /// As the operator asked; a reload takes a department out of its group.
    let placement: PlacementKind

    private struct State {
        var current: Generation
        /// The one before, while its runs come to an end.
        var leaving: Generation?
        /// Nobody begins: state is being handed over.
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var isReloading = false
        var nextReload: CheckedContinuation<Bool, Never>?
        var lastReload: ReloadReport?
    }

    private let state: Mutex<State>

    init(
        descriptor: PluginDescriptor, placement: PlacementKind, load: @escaping Generation.Load,
        loadAlone: Generation.Load? = nil
    ) throws(PlacementError) {
        self.placement = placement
        let first = try Generation(number: 1, descriptor: descriptor, load: load, loadAlone: loadAlone)
        state = Mutex(State(current: first))
    }

    var current: Generation { state.withLock { $0.current } }
    var descriptor: PluginDescriptor { current.descriptor }

    /// Work may begin; otherwise runs stay ready until the hand-over is done.
    var takesWork: Bool { state.withLock { !$0.isHeld } }

    /// The generation to work on, once there is no hand-over. The caller leaves it.
    ///
    /// - Parameter agent: the one that is to work there; nil for work that takes a process of its own.
    func enter(_ agent: (name: String, configuration: [UInt8])? = nil) async -> Generation.Lease {
        while true {
            let entered = state.withLock { $0.isHeld ? nil : $0.current.enter(agent) }
            if let entered { return entered }
            await withCheckedContinuation { waiter in
                let isHeld = state.withLock { state in
                    if state.isHeld { state.held.append(waiter) }
                    return state.isHeld
                }
                if !isHeld { waiter.resume() }
            }
        }
    }

    /// Makes an agent before its first run needs it.
    func makeAgent(_ agent: String, configuration: [UInt8]) async throws(PlacementError) {
        let lease = await enter((agent, configuration))
        defer { lease.end() }
        _ = try await lease.generation.instance(agent: agent, configuration: configuration)
    }

    func shutdown() async {
        let (current, leaving) = state.withLock { ($0.current, $0.leaving) }
        await leaving?.shutdown()
        await current.shutdown()
    }

    // MARK: Reload

    var lastReload: ReloadReport? { state.withLock { $0.lastReload } }
    func note(_ report: ReloadReport) { state.withLock { $0.lastReload = report } }

    /// One reload at a time, until the generation that it replaced is gone; one more may wait for that.
    func beginReload() async throws(EngineError) {
        let hasTurn = await withCheckedContinuation { waiter in
            let answer = state.withLock { state -> Bool? in
                if !state.isReloading {
                    state.isReloading = true
                    return true
                }
                guard state.nextReload == nil else { return false }
                state.nextReload = waiter
                return nil
            }
            if let answer { waiter.resume(returning: answer) }
        }
        if hasTurn { return }
        let name = descriptor.manifest.department
        throw EngineError(
            .reloadBusy, "department \(name) is being reloaded, and another reload waits for its end; try again later")
    }

    func endReload() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            state.leaving = nil
            state.isReloading = state.nextReload != nil
            return state.nextReload.take()
        }
        next?.resume(returning: true)
    }

    /// Nobody begins from now on.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Work goes on, where there is one on the next generation.
    func release(on next: Generation? = nil) {
        let held = state.withLock { state in
            if let next {
                state.leaving = state.current
                state.current = next
            }
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for waiter in held { waiter.resume() }
    }
}
