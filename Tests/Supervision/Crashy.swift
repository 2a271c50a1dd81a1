import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import Synchronization
import TestSupport
import Testing

/// The plugin of this folder, compiled with the compiler of the machine.
enum Crashy {
    static let file = Result { try build(into: scratch.folder("crashy.so")) }

    private static let scratch: Scratch = {
        do { return try Scratch() } catch { preconditionFailure("no temporary folder: \(error)") }
    }()

    /// - Parameter defines: another one gives another file.
    @discardableResult
    static func build(into path: String, _ defines: String...) throws -> String {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "cc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-pthread", "-w", "-I",
                Built.checkout.appendingPathComponent("PluginAPI/CBureau/include").path, "-I",
                Built.checkout.appendingPathComponent("Tests/Placement/BadPlugins").path,
            ] + defines.map { "-D" + $0 } + [here.appendingPathComponent("Plugins/crashy.c").path, "-o", path]
        try process.runAlone()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(.internal, "cc could not build crashy.c") }
        return path
    }

    static func settings() -> PlacementSettings {
        var settings = PlacementSettings()
        settings.graceMilliseconds = 300
        settings.backoffMinimumMilliseconds = 1
        settings.backoffMaximumMilliseconds = 5
        return settings
    }
}

/// Collects what one call hears, and waits for its end.
final class Ending: Sendable {
    private struct State {
        var event: CallEvent?
        var waiter: CheckedContinuation<CallEvent, Never>?
    }
    private let state = Mutex(State())

    var sink: CallSink {
        { [self] event in
            switch event {
            case .completed, .lost: break
            default: return
            }
            let waiter = state.withLock { state in
                state.event = event
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume(returning: event)
        }
    }

    func event() async -> CallEvent {
        await withCheckedContinuation { continuation in
            let known: CallEvent? = state.withLock { state in
                if state.event == nil { state.waiter = continuation }
                return state.event
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    func succeeded() async -> Bool {
        switch await event() {
        case .completed(let result): (try? result.get()) != nil
        default: false
        }
    }

    func loss() async throws -> PluginLoss {
        let event = await event()
        guard case .lost(let loss) = event else { throw Failure(.internal, "not lost: \(event)") }
        return loss
    }
}

/// One placed plugin and an agent of it.
struct Place {
    let placement: Placement
    let plugin: any PlacedPlugin
    let agent: InstanceID

    init(settings: PlacementSettings = Crashy.settings()) async throws {
        placement = try Placement(workerPath: Built.binary("bureau-worker").path, settings: settings)
        plugin = try await placement.place(try await placement.inspect(try Crashy.file.get()), as: .worker)
        agent = try await plugin.createInstance(configuration: Array("{}".utf8))
    }

    func begin(_ task: String, input: String = "{}", on instance: InstanceID? = nil) -> Ending {
        let ending = Ending()
        _ = plugin.begin(
            TaskStart(
                task: task, input: Array(input.utf8), attempt: 1, idempotencyKey: "key", runID: "run",
                timeoutMilliseconds: nil), on: instance ?? agent, sink: ending.sink)
        return ending
    }
}

/// A host with the plugin of this folder, in a store that outlives it.
struct House {
    let scratch: Scratch
    let plugin: String

    init() throws {
        scratch = try Scratch()
        plugin = scratch.folder("crashy.so")
        try FileManager.default.copyItem(atPath: try Crashy.file.get(), toPath: plugin)
    }

    @inline(never)
    func open() async throws -> HostRuntime {
        var settings = HostSettings(
            storeFolder: scratch.folder("store"), pluginPaths: [plugin],
            workerPath: Built.binary("bureau-worker").path, providers: [OfflineProvider()], priceBook: .builtIn,
            gateway: GatewaySettings())
        settings.placements = Crashy.settings()
        return try await HostRuntime.open(settings)
    }
}

extension HostRuntime {
    @inline(never)
    func begin(_ task: String, priority: Int = 2) async throws -> RunID {
        let reference = try #require(TaskReference("crashy/\(task)"))
        return try await submit(RunSubmission(task: reference, input: Array("{}".utf8), priority: priority)).id
    }

    @inline(never)
    func beginAll(_ tasks: [String]) async throws -> [RunID] {
        var runs: [RunID] = []
        for task in tasks { runs.append(try await begin(task)) }
        return runs
    }

    @inline(never)
    func run(_ task: String) async throws -> RunRecord { try await outcome(of: try await begin(task)) }

    @inline(never)
    func stored(_ run: RunID) async throws -> RunRecord {
        let found = try await journal.read { journal throws(JournalError) in try journal.run(run) }
        return try #require(found)
    }

    @inline(never)
    func areDoneUncounted(_ runs: [RunID]) async throws -> Bool {
        for run in runs {
            let ended = try await outcome(of: run)
            guard ended.state == .done, ended.crashCount == 0 else { return false }
        }
        return true
    }

    @inline(never)
    func auditText() async throws -> String {
        try await journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 1000).map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
        }
    }

    /// Returns once the department's worker has so many open calls.
    @inline(never)
    func waitForOpenCalls(_ count: Int) async throws {
        try await eventually { await departments().first?.statistics?.openCalls == count }
    }
}

/// Looks until it is so; the limit only guards against a hang.
@inline(never)
func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while try await !condition() {
        guard ContinuousClock.now < end else { throw Failure(.deadline, "it never came about") }
        try await Task.sleep(for: .milliseconds(2))
    }
}
