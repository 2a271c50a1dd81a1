import CLimits
import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement

extension Bench {
    private static let concurrency = 16
    private static let seconds = 4.0

    func durable() async throws -> [Measurement] {
        let raw = limit_sqlite_steps_per_second("\(folder)/raw.sqlite", UInt32(Self.concurrency), Self.seconds)
        guard raw > 0 else { throw Failed(text: "raw SQLite failed in \(folder)") }
        let inline = try await runsPerSecond(.inline, store: "\(folder)/inline")
        let worker = try await runsPerSecond(.worker, store: "\(folder)/worker")
        let rawAfter = limit_sqlite_steps_per_second("\(folder)/raw-2.sqlite", UInt32(Self.concurrency), Self.seconds)
        let steps = (raw + rawAfter) / 2
        var rows = [
            Measurement(
                name: "durable steps, 3-step runs, 16 at once, inline", value: inline * 3, unit: "steps/s",
                reference: ("raw SQLite in C", steps), bar: .atLeastTimes(0.5)),
            Measurement(
                name: "durable steps, 3-step runs, 16 at once, worker", value: worker * 3, unit: "steps/s",
                reference: ("raw SQLite in C", steps), bar: .atLeastTimes(0.5)),
        ]
        if let peer = peerRunsPerSecond {
            rows.append(
                Measurement(
                    name: "durable 3-step runs, 16 at once, worker", value: worker, unit: "runs/s",
                    reference: ("DBOS on SQLite", peer), bar: .atLeastTimes(30)))
        }
        return rows
    }

    private func runsPerSecond(_ kind: PlacementKind, store: String) async throws -> Double {
        let host = try await HostRuntime.open(settings(store: store, plugins: [echoPath], placement: kind))
        let task = TaskReference(department: "bench", task: "steps")
        let end = ContinuousClock.now.advanced(by: .seconds(Self.seconds))
        let start = ContinuousClock.now
        let runs = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<Self.concurrency {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        let run = try await host.submit(RunSubmission(task: task, input: Array("{}".utf8)))
                        let ended = try await host.outcome(of: run.id)
                        guard ended.state == .done else { throw Failed(text: "\(ended.failure as Any)") }
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = start.duration(to: .now).milliseconds / 1000
        await host.shutdown()
        return Double(runs) / elapsed
    }

    /// Of agents that are made and have nothing to do: first as many as keep an instance in the plugin, then 10,000.
    func agents() async throws -> [Measurement] {
        let live = 200, count = 10_000
        let host = try await HostRuntime.open(
            settings(store: "\(folder)/agents", plugins: [echoPath], placement: .worker))
        _ = try await host.submit(
            RunSubmission(task: TaskReference(department: "bench", task: "echo"), input: Array("{}".utf8)))
        try await create(0..<1, at: host)
        let before = try await memory(host)
        try await create(1..<live + 1, at: host)
        let some = try await memory(host)
        try await create(live + 1..<count + 1, at: host)
        let after = try await memory(host)
        await host.shutdown()
        return [
            Measurement(
                name: "an agent with an instance in its plugin: memory in the worker",
                value: (some.worker - before.worker) / Double(live),
                unit: "KB", reference: nil, bar: .none),
            Measurement(
                name: "one of 10,000 agents: memory in worker and host",
                value: (after.worker - before.worker + after.host - before.host) / Double(count), unit: "KB",
                reference: nil, bar: .atMost(8)),
        ]
    }

    private func create(_ numbers: Range<Int>, at host: HostRuntime) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<Self.concurrency {
                group.addTask {
                    for number in numbers where number % Self.concurrency == lane {
                        try await host.agentDesk.create(
                            AgentAddress(department: "bench", name: "agent-\(number)"),
                            configuration: Array("{}".utf8), by: "bench")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func memory(_ host: HostRuntime) async throws -> (worker: Double, host: Double) {
        let status = await host.departments().first
        let own = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (
            Double(status?.statistics?.residentBytes ?? 0) / 1000, (Double(own[1]) ?? 0) * 4096 / 1000
        )
    }

    func hostStart() async throws -> [Measurement] {
        var times = Samples()
        for round in 0..<7 {
            let start = ContinuousClock.now
            let host = try await HostRuntime.open(
                settings(store: "\(folder)/start-\(round)", plugins: departments, placement: .worker))
            times.add(start.duration(to: .now).milliseconds)
            let loaded = await host.departments().filter { $0.problem == nil }.count
            guard loaded == departments.count else { throw Failed(text: "only \(loaded) departments were loaded") }
            await host.shutdown()
        }
        return [
            Measurement(
                name: "opening a host with all five departments (p50)", value: times.median, unit: "ms",
                reference: nil, bar: .atMost(300))
        ]
    }

    func settings(store: String, plugins: [String], placement: PlacementKind) -> HostSettings {
        HostSettings(
            storeFolder: store, pluginPaths: plugins, workerPath: workerPath, placement: PlacementPlan(placement),
            providers: [OfflineProvider()], priceBook: .builtIn, gateway: GatewaySettings())
    }
}
