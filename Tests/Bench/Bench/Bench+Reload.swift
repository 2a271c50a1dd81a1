import Engine
import Foundation
import Glibc
import Journal
import Kernel
import Placement
import Synchronization

extension Bench {
    /// From the moment that the file has its new content to the moment that the new generation takes work.
    func reloading() async throws -> [Measurement] {
        let stage = try await ReloadStage(self, "reloading")
        try await stage.run()
        let (served, told) = AsyncStream.makeStream(of: Bool.self)
        let watching = Task {
            try await stage.host.watchPlugins(drainSeconds: 1) { _, failed in told.yield(!failed) }
        }
        var events = served.makeAsyncIterator()
        // The watch begins at some time after the task: the first changes are made until one is seen.
        let knocking = Task {
            while !Task.isCancelled {
                try stage.change()
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        _ = await events.next()
        knocking.cancel()
        _ = await knocking.result
        var times = Samples()
        for _ in 0..<100 {
            try await stage.run()
            let start = ContinuousClock.now
            try stage.change()
            guard await events.next() == true else { throw Failed(text: "a reload failed") }
            times.add(start.duration(to: .now).milliseconds)
        }
        watching.cancel()
        _ = await watching.result
        let loaded = try await underLoad(stage)
        await stage.host.shutdown()
        return [
            Measurement(
                name: "reload: file changed to new generation serving (p50)", value: times.median, unit: "ms",
                reference: nil, bar: .atMost(100)),
            Measurement(
                name: "reload: file changed to new generation serving (p99)", value: times.percentile(0.99), unit: "ms",
                reference: nil, bar: .atMost(100)),
        ] + loaded
    }

    /// A hundred reloads while runs are started at a steady pace.
    private func underLoad(_ stage: ReloadStage) async throws -> [Measurement] {
        let pace = 500.0
        let load = SteadyLoad(stage, runsPerSecond: pace)
        let start = ContinuousClock.now
        let loading = Task { await load.run() }
        try await stage.reload(times: 100)
        loading.cancel()
        await loading.value
        let seconds = start.duration(to: .now).milliseconds / 1000
        return [
            Measurement(
                name: "runs a second while 100 reloads happen", value: Double(load.done.count) / seconds,
                unit: "runs/s",
                reference: ("asked for", pace), bar: .none),
            Measurement(
                name: "of them lost or failed", value: Double(load.failed.count), unit: "runs", reference: nil,
                bar: .atMost(0)),
        ]
    }

    /// What a thousand reloads leave behind; `BUREAU_BENCH_RELOADS` for another number.
    func reloadSoak() async throws -> [Measurement] {
        let reloads = ProcessInfo.processInfo.environment["BUREAU_BENCH_RELOADS"].flatMap { Int($0) } ?? 1000
        let stage = try await ReloadStage(self, "reload-soak")
        try await stage.rounds(max(50, reloads / 5))
        let before = try await stage.settled()
        try await stage.rounds(reloads)
        let after = try await stage.settled()
        await stage.host.shutdown()
        return [
            Measurement(
                name: "\(reloads) reloads: growth of the host's memory",
                value: max(0, (after.residentBytes / before.residentBytes - 1) * 100), unit: "%", reference: nil,
                bar: .atMost(5)),
            Measurement(
                name: "\(reloads) reloads: descriptors left over",
                value: Double(after.descriptors - before.descriptors),
                unit: "", reference: nil, bar: .atMost(0)),
            Measurement(
                name: "\(reloads) reloads: processes left over", value: Double(after.processes - before.processes),
                unit: "", reference: nil, bar: .atMost(0)),
        ]
    }
}

/// Starts runs at a steady pace, however long they take, until its task is cancelled; then waits for all.
private final class SteadyLoad: Sendable {
    let done = ReloadStage.Counter()
    let failed = ReloadStage.Counter()
    private let stage: ReloadStage
    private let interval: Duration

    init(_ stage: ReloadStage, runsPerSecond: Double) {
        self.stage = stage
        interval = .seconds(1) / runsPerSecond
    }

    func run() async {
        var runs: [Task<Void, Never>] = []
        var due = ContinuousClock.now
        while !Task.isCancelled {
            runs.append(Task { await self.one() })
            due = due.advanced(by: interval)
            if due > .now { try? await Task.sleep(for: due - .now) }
        }
        for run in runs { await run.value }
    }

    private func one() async {
        let isDone = (try? await stage.run()) ?? false
        _ = isDone ? done.next() : failed.next()
    }
}

/// A host over one plugin file, whose content changes without changing what it does: bytes after the end of an ELF
/// file's tables belong to nobody.
private final class ReloadStage: Sendable {
    let host: HostRuntime
    private let path: String
    private let original: Data
    private let number = Counter()

    fileprivate final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }

    init(_ bench: Bench, _ name: String) async throws {
        let folder = "\(bench.folder)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = "\(folder)/plugin.so"
        original = try Data(contentsOf: URL(fileURLWithPath: bench.echoPath))
        try original.write(to: URL(fileURLWithPath: path))
        host = try await HostRuntime.open(
            bench.settings(store: "\(folder)/store", plugins: [path], placement: .worker))
    }

    /// True when the run is done.
    @discardableResult
    @inline(never)
    func run() async throws -> Bool {
        let task = TaskReference(department: "bench", task: "echo")
        let run = try await host.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        return try await host.outcome(of: run.id).state == .done
    }

    /// Writes another version, whole, by renaming.
    func change() throws {
        let version = original + Data(String(number.next()).utf8)
        try version.write(to: URL(fileURLWithPath: path + ".new"))
        guard rename(path + ".new", path) == 0 else { throw Bench.Failed(text: "cannot replace \(path)") }
    }

    // Swift 6.3.1 crashes in LLVM's coroutine splitting when this is inlined into its callers.
    @inline(never)
    func reload() async throws {
        try change()
        _ = try await host.reload("bench")
    }

    /// A run on each generation.
    @inline(never)
    func rounds(_ count: Int) async throws {
        for _ in 0..<count {
            try await run()
            try await reload()
        }
    }

    @inline(never)
    func reload(times: Int) async throws {
        for _ in 0..<times {
            try await Task.sleep(for: .milliseconds(50))
            try await reload()
        }
    }

    /// What the process holds, once the generation before is gone.
    @inline(never)
    func settled() async throws -> (residentBytes: Double, descriptors: Int, processes: Int) {
        var last = (descriptors: Int.max, processes: Int.max)
        while true {
            try await Task.sleep(for: .milliseconds(300))
            let now = (descriptors: try Self.entries("/proc/self/fd"), processes: try Self.children())
            if now == last { break }
            last = now
        }
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Double(pages[1]).map { $0 * 4096 } ?? .nan, last.descriptors, last.processes)
    }

    private static func entries(_ folder: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: folder).count
    }

    private static func children() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").reduce(0) { sum, thread in
            let path = "/proc/self/task/\(thread)/children"
            let list = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return sum + list.split(separator: " ").count
        }
    }
}
