import CLimits
import Foundation
import Kernel
import Placement
import Synchronization

extension Bench {
    func inline() async throws -> [Measurement] {
        let call = limit_call_ns(200_000_000)
        let task = limit_inline_task_ns(echoPath, "echo", 5_000_000)
        guard task > 0 else { throw Failed(text: "cannot load \(echoPath)") }
        let place = try await place(echoPath, as: .inline)
        let instance = try await place.createInstance(configuration: Array("{}".utf8))
        let pipelined = await throughput(place, instance, task: "echo", tasks: 200_000, inFlight: 64)
        await place.shutdown()
        return [
            Measurement(
                name: "inline task in C: begin, arena, complete", value: task, unit: "ns",
                reference: ("a bare call", call), bar: .atMost(60)),
            Measurement(
                name: "inline task through the placement, 64 in flight", value: 1e6 / pipelined, unit: "µs",
                reference: nil, bar: .none),
        ]
    }

    func worker() async throws -> [Measurement] {
        let place = try await place(echoPath, as: .worker)
        let instance = try await place.createInstance(configuration: Array("{}".utf8))
        _ = await roundTrips(place, instance, count: 2_000)
        // Alternate, so that a change of the machine's pace meets both.
        var (mine, bare, idle, bareIdle, ring) = (Samples(), Samples(), Samples(), Samples(), Samples())
        for _ in 0..<5 {
            bare.add(limit_socketpair_us(4_000, 64, 0))
            mine.add(await roundTrips(place, instance, count: 4_000).median)
            bareIdle.add(limit_socketpair_us(1_000, 64, Self.pauseMicroseconds))
            idle.add(await pausedRoundTrips(place, instance, count: 1_000).median)
            ring.add(limit_ring_us(100_000, 64))
        }
        var loaded = Samples()
        for _ in 0..<3 {
            loaded.add(1e6 / (await throughput(place, instance, task: "echo", tasks: 200_000, inFlight: 64)))
        }
        await place.shutdown()
        return [
            Measurement(
                name: "worker task, 64 B, idle: round trip (p50)", value: idle.median, unit: "µs",
                reference: ("a bare socket pair, as idle", bareIdle.median), bar: .atMostTimes(1.5)),
            Measurement(
                name: "worker task, 64 B, one after the other (p50)", value: mine.median, unit: "µs",
                reference: ("a bare socket pair", bare.median), bar: .atMostTimes(1.5)),
            Measurement(
                name: "worker task, 64 B, 64 in flight", value: loaded.median, unit: "µs",
                reference: ("the bare ring", ring.median), bar: .atMost(3)),
        ]
    }

    /// Longer than any side looks before it sleeps.
    private static let pauseMicroseconds: UInt32 = 200

    /// One task after the other from a thread of its own, with a pause before each in which both sides fall asleep.
    private func pausedRoundTrips(_ place: any PlacedPlugin, _ instance: InstanceID, count: Int) async -> Samples {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var samples = Samples()
                let arrived = DispatchSemaphore(value: 0)
                for _ in 0..<count {
                    usleep(Self.pauseMicroseconds)
                    let chain = Chain(place, instance, count: 1) { one in
                        Self.last.withLock { $0 = one.median }
                        arrived.signal()
                    }
                    chain.next()
                    arrived.wait()
                    samples.add(Self.last.withLock { $0 })
                }
                continuation.resume(returning: samples)
            }
        }
    }

    private static let last = Mutex(0.0)

    func workerStart() async throws -> [Measurement] {
        let spawn = limit_spawn_us("/bin/true", 100)
        let cold = try await starts(warmWorkers: 0)
        let warm = try await starts(warmWorkers: 1)
        let reference = ("spawning a bare process", spawn / 1000)
        return [
            Measurement(
                name: "worker with a C plugin, start to ready (p50)", value: cold.times.median, unit: "ms",
                reference: reference, bar: .atMost(3)),
            Measurement(
                name: "the same with a warm worker (p50)", value: warm.times.median, unit: "ms",
                reference: reference, bar: .none),
            Measurement(
                name: "its proportional memory", value: cold.memory.median, unit: "MB", reference: nil,
                bar: .atMost(4)),
        ]
    }

    /// From placing a plugin until its first agent is up.
    private func starts(warmWorkers: Int) async throws -> (times: Samples, memory: Samples) {
        var settings = PlacementSettings()
        settings.warmWorkers = warmWorkers
        let placement = try Placement(workerPath: workerPath, settings: settings)
        let descriptor = try await placement.inspect(echoPath)
        var (times, memory) = (Samples(), Samples())
        for _ in 0..<20 {
            while placement.warmProcessIDs.count < warmWorkers { try await Task.sleep(for: .milliseconds(1)) }
            let start = ContinuousClock.now
            let place = try await placement.place(descriptor, as: .worker)
            _ = try await place.createInstance(configuration: Array("{}".utf8))
            times.add(start.duration(to: .now).milliseconds)
            memory.add(Double(place.statistics().proportionalBytes ?? 0) / 1e6)
            await place.shutdown()
        }
        return (times, memory)
    }

    // MARK: Helpers

    func place(_ path: String, as kind: PlacementKind) async throws -> any PlacedPlugin {
        let placement = try Placement(workerPath: workerPath, settings: PlacementSettings())
        return try await placement.place(try await placement.inspect(path), as: kind)
    }

    /// One task after the other; the next begins on the thread that brought the last answer.
    private func roundTrips(_ place: any PlacedPlugin, _ instance: InstanceID, count: Int) async -> Samples {
        await withCheckedContinuation { continuation in
            Chain(place, instance, count: count) { continuation.resume(returning: $0) }.next()
        }
    }

    /// Tasks a second with a fixed number open.
    private func throughput(
        _ place: any PlacedPlugin, _ instance: InstanceID, task: String, tasks: Int, inFlight: Int
    ) async -> Double {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<inFlight {
                group.addTask { _ = await roundTrips(place, instance, count: tasks / inFlight) }
            }
        }
        return Double(tasks) / (start.duration(to: .now).milliseconds / 1000)
    }
}

/// Begins a task in the sink of the one before, so no thread of the bench stands between two round trips.
private final class Chain: Sendable {
    private struct State {
        var left: Int
        var started = ContinuousClock.now
        var samples = Samples()
    }

    private let place: any PlacedPlugin
    private let instance: InstanceID
    private let state: Mutex<State>
    private let done: @Sendable (Samples) -> Void
    private static let input = Array("\"".utf8) + Array(repeating: UInt8(120), count: 62) + Array("\"".utf8)

    init(
        _ place: any PlacedPlugin, _ instance: InstanceID, count: Int, done: @escaping @Sendable (Samples) -> Void
    ) {
        self.place = place
        self.instance = instance
        self.done = done
        state = Mutex(State(left: count))
    }

    func next() {
        state.withLock { $0.started = .now }
        let start = TaskStart(
            task: "echo", input: Self.input, attempt: 1, idempotencyKey: "k", runID: "r", timeoutMilliseconds: nil)
        _ = place.begin(start, on: instance) { [self] event in
            guard case .completed = event else { return }
            let finished = state.withLock { state -> Samples? in
                state.samples.add(state.started.duration(to: .now).milliseconds * 1000)
                state.left -= 1
                return state.left == 0 ? state.samples : nil
            }
            if let finished { done(finished) } else { next() }
        }
    }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) / 1e15
    }
}
