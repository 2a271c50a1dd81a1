import Kernel
import Placement
import Synchronization

/// Collects a call's events, and wakes the test when one comes that it waits for.
final class CallWatcher: Sendable {
    private let events = Mutex<[CallEvent]>([])
    private let waiter = Mutex<[(test: @Sendable (CallEvent) -> Bool, found: CheckedContinuation<CallEvent, Never>)]>([]
    )

    var sink: CallSink {
        { [self] event in
            events.withLock { $0.append(event) }
            let woken = waiter.withLock { waiters in
                let woken = waiters.filter { $0.test(event) }
                waiters.removeAll { $0.test(event) }
                return woken
            }
            for waiter in woken { waiter.found.resume(returning: event) }
        }
    }

    var all: [CallEvent] { events.withLock { $0 } }

    /// The first event that passes `test`, now or later.
    func first(where test: @escaping @Sendable (CallEvent) -> Bool) async -> CallEvent {
        await withCheckedContinuation { continuation in
            let known: CallEvent? = waiter.withLock { waiters in
                if let event = events.withLock({ $0.first(where: test) }) { return event }
                waiters.append((test, continuation))
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    func end() async -> CallEnd {
        switch await first(where: { $0.isTerminal }) {
        case .completed(.success(let bytes)): .success(String(decoding: bytes, as: UTF8.self))
        case .completed(.failure(let failure)): .failure(failure.status)
        case .lost(let loss): .lost(loss.cause)
        default: .failure(.internal)
        }
    }

    func operation() async -> OperationID {
        guard case .effect(let operation, _) = await first(where: { if case .effect = $0 { true } else { false } })
        else { return OperationID(0) }
        return operation
    }
}

enum CallEnd: Hashable, Sendable {
    case success(String)
    case failure(Status)
    case lost(PluginLoss.Cause)
}

extension CallEvent {
    var isTerminal: Bool {
        switch self {
        case .completed, .lost: true
        default: false
        }
    }
}

extension PlacementKind {
    /// One of each. A group of one is a worker behind the group's own way.
    static let allCases: [PlacementKind] = [.inline, .worker, .group("one")]
}

/// A placement for tests: short limits, and a plugin of this folder placed in it.
struct Stage {
    let placement: Placement
    let plugin: any PlacedPlugin
    let agent: InstanceID

    static func settings() -> PlacementSettings {
        var settings = PlacementSettings()
        settings.graceMilliseconds = 300
        settings.backoffMinimumMilliseconds = 1
        settings.backoffMaximumMilliseconds = 5
        return settings
    }

    init(
        _ source: String, as kind: PlacementKind = .worker, configuration: String = "{}",
        settings: PlacementSettings = Stage.settings(), worker: String = PluginCompiler.workerPath
    ) async throws {
        placement = try Placement(workerPath: worker, settings: settings)
        let descriptor = try await placement.inspect(try PluginCompiler.library(source))
        plugin = try await placement.place(descriptor, as: kind)
        agent = try await plugin.createInstance(configuration: Array(configuration.utf8))
    }

    func begin(
        _ task: String, input: String = "{}", timeout: UInt64? = nil, on instance: InstanceID? = nil
    ) -> (call: CallID, watcher: CallWatcher) {
        let watcher = CallWatcher()
        let start = TaskStart(
            task: task, input: Array(input.utf8), attempt: 1, idempotencyKey: "key", runID: "run",
            timeoutMilliseconds: timeout)
        return (plugin.begin(start, on: instance ?? agent, sink: watcher.sink), watcher)
    }

    func run(
        _ task: String, input: String = "{}", timeout: UInt64? = nil, on instance: InstanceID? = nil
    ) async -> CallEnd {
        await begin(task, input: input, timeout: timeout, on: instance).watcher.end()
    }
}
