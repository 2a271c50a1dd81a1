import Kernel
import Placement
import Synchronization

/// One library in one worker, loaded at first use. One call at a time: a function that hangs takes nobody with it.
final class NativeLibrary: Sendable {
    let path: String
    /// What the file must be; nil takes it as it is when it is loaded.
    let digest: Digest?
    private let functions: [String]
    private let placement: Placement

    private struct Loaded: Sendable {
        let plugin: any PlacedPlugin
        let instance: InstanceID
    }

    private struct State {
        var loading: Task<Result<Loaded, PlacementError>, Never>?
        var isBusy = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    init(path: String, digest: Digest?, functions: [String], placement: Placement) {
        self.path = path
        self.digest = digest
        self.functions = functions
        self.placement = placement
    }

    /// Calls a function. Cancelling the task ends the call, by force where it must be.
    func call(
        _ symbol: String, _ block: [UInt8], timeoutMilliseconds: UInt64
    ) async throws(Failure) -> [UInt8] {
        await takeTurn()
        defer { passTurn() }
        let loaded: Loaded
        do {
            loaded = try await load()
        } catch {
            throw Failure(error.code == .unreadable ? .conflict : .unsupported, error.message)
        }
        let start = TaskStart(
            task: symbol, input: block, attempt: 1, idempotencyKey: "", runID: "",
            timeoutMilliseconds: timeoutMilliseconds)
        switch await Self.end(of: start, at: loaded) {
        case .completed(let result): return try result.get()
        case .lost(let loss): throw failure(loss, symbol, timeoutMilliseconds)
        default: throw Failure(.internal, "\(symbol) of \(path) ended without an answer")
        }
    }

    private func failure(_ loss: PluginLoss, _ symbol: String, _ timeoutMilliseconds: UInt64) -> Failure {
        if case .hung = loss.cause {
            return Failure(
                .deadline, "\(symbol) of \(path) did not return within \(timeoutMilliseconds) ms; its worker was ended")
        }
        let advice = "; does its signature fit?"
        return Failure(.internal, "the worker that called \(symbol) of \(path) \(loss.cause)\(advice)")
    }

    func shutdown() async {
        guard let loading = state.withLock({ $0.loading }), case .success(let loaded) = await loading.value else {
            return
        }
        await loaded.plugin.shutdown()
    }

    // MARK: One at a time

    private func takeTurn() async {
        await withCheckedContinuation { waiter in
            let isFree = state.withLock { state in
                if state.isBusy {
                    state.waiters.append(waiter)
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFree { waiter.resume() }
        }
    }

    private func passTurn() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiters.isEmpty {
                state.isBusy = false
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.resume()
    }

    // MARK: The worker

    /// A failed load is tried again at the next call.
    private func load() async throws(PlacementError) -> Loaded {
        let loading = state.withLock { state in
            if let loading = state.loading { return loading }
            let task = Task { await self.loaded() }
            state.loading = task
            return task
        }
        let result = await loading.value
        if case .failure = result { state.withLock { $0.loading = nil } }
        return try result.get()
    }

    private func loaded() async -> Result<Loaded, PlacementError> {
        do throws(PlacementError) {
            let plugin = try await placement.placeLibrary(path, digest: digest, exporting: functions)
            return .success(Loaded(plugin: plugin, instance: try await plugin.createInstance(configuration: [])))
        } catch {
            return .failure(error)
        }
    }

    /// The call's terminal event.
    private static func end(of start: TaskStart, at loaded: Loaded) async -> CallEvent {
        let open = OpenCall()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<CallEvent, Never>) in
                let call = loaded.plugin.begin(start, on: loaded.instance) { event in
                    switch event {
                    case .completed, .lost: waiter.resume(returning: event)
                    default: break
                    }
                }
                let isCancelled = open.state.withLock { open in
                    open.call = call
                    return open.isCancelled
                }
                if isCancelled { loaded.plugin.cancel(call, reason: .cancelled) }
            }
        } onCancel: {
            let call = open.state.withLock { open in
                open.isCancelled = true
                return open.call
            }
            if let call { loaded.plugin.cancel(call, reason: .cancelled) }
        }
    }
}

/// Which call is to be ended when its task is cancelled, maybe before it has begun.
private final class OpenCall: Sendable {
    let state = Mutex<(call: CallID?, isCancelled: Bool)>((nil, false))
}
