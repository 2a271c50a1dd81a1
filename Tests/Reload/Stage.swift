import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import Synchronization
import TestSupport
import Testing

/// `Plugins/counter.c`, compiled once; each version of it is the same binary with other settings written into it.
enum CounterPlugin {
    private static let compiled = Result<[UInt8], any Error> {
        let scratch = try Scratch()
        let output = scratch.folder("counter.so")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "cc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-I",
            Built.checkout.appendingPathComponent("PluginAPI/CBureau/include").path,
            Built.checkout.appendingPathComponent("Tests/Reload/Plugins/counter.c").path, "-o", output,
        ]
        try process.runAlone()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
        return Array(try Data(contentsOf: URL(fileURLWithPath: output)))
    }

    /// - Parameter settings: `name=value:name=value`; see `read_setting` in the source.
    static func bytes(_ settings: String) throws -> [UInt8] {
        var bytes = try compiled.get()
        let marker = Array("COUNTER-SETTINGS:".utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: marker) })
        bytes.replaceSubrange(start + marker.count..<start + marker.count + settings.utf8.count, with: settings.utf8)
        return bytes
    }

    /// Replaces the file as a linker does: whole, by renaming.
    static func write(_ settings: String, to path: String) throws { try put(try bytes(settings), to: path) }

    static func put(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + ".new"))
        guard rename(path + ".new", path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}

extension PlacementKind {
    /// One of each.
    static let allCases: [PlacementKind] = [.inline, .worker, .group("one")]
}

/// A host over one counter department.
struct Stage {
    let scratch: Scratch
    let host: HostRuntime
    let path: String

    init(
        _ settings: String = "generation=1", placement: PlacementKind = .worker,
        providers: [any ModelProvider] = [OfflineProvider()], gateway: GatewaySettings = GatewaySettings(),
        callbackMilliseconds: UInt64 = 60_000
    ) async throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.folder("plugins"), withIntermediateDirectories: true)
        path = scratch.folder("plugins/counter.so")
        try CounterPlugin.write(settings, to: path)
        var placements = PlacementSettings()
        placements.graceMilliseconds = 200
        placements.callbackMilliseconds = callbackMilliseconds
        placements.backoffMinimumMilliseconds = 1
        placements.backoffMaximumMilliseconds = 5
        var settings = HostSettings(
            storeFolder: scratch.folder("store"), pluginPaths: [path],
            workerPath: Built.binary("bureau-worker").path, placement: PlacementPlan(placement), placements: placements,
            providers: providers, priceBook: .builtIn, gateway: gateway)
        // These tests kill processes again and again, and that is no loop of the plugin's.
        settings.crashLimit = CrashHistory.Limit(crashes: 10_000)
        host = try await HostRuntime.open(settings)
        // A person's decision, which a new build that asks for more does not widen.
        _ = try await host.grant("counter", wishes: nil, granted: nil, allowsAnyHost: false, by: "test")
    }

    func submit(_ task: String) async throws -> RunID {
        try await host.submit(
            RunSubmission(task: TaskReference(department: "counter", task: task), input: Array("{}".utf8))
        ).id
    }

    func run(_ task: String = "count") async throws -> (count: Int64, generation: Int64) {
        try Self.answer(try await host.outcome(of: try await submit(task)))
    }

    static func answer(_ run: RunRecord) throws -> (count: Int64, generation: Int64) {
        #expect(run.state == .done, "\(run.failure?.description ?? "")")
        let output = try JSONParser.parse(try #require(run.output))
        return (try #require(output["count"]?.integerValue), try #require(output["generation"]?.integerValue))
    }

    @discardableResult
    func reload(_ settings: String, drainSeconds: Int = 60) async throws -> ReloadReport {
        try CounterPlugin.write(settings, to: path)
        return try await host.reload("counter", drainSeconds: drainSeconds)
    }

    var department: DepartmentStatus {
        get async throws { try #require(await host.departments().first) }
    }

    /// Suspends until `runs` runs of the host wait for something outside.
    func untilWaiting(_ runs: Int) async throws {
        while try await host.status().waitingRuns < runs { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Suspends until the run was claimed so often.
    func untilAttempt(_ attempt: Int, of run: RunID) async throws {
        while true {
            let record = try await host.journal.read { journal throws(JournalError) in try journal.run(run) }
            if record?.attempt == attempt { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    func approve(_ run: RunID) async throws {
        while true {
            let open = try await host.journal.read { journal throws(JournalError) in
                try journal.approvals(open: true).first { $0.run == run }
            }
            guard let open else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            return try await host.decide(
                run: run, sequence: open.sequence,
                ApprovalDecision(approved: true, by: "test", reason: "", content: nil))
        }
    }

    /// The audit leaves of one type, as JSON.
    func leaves(_ type: String) async throws -> [JSONValue] {
        let leaves = try await host.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 100_000)
        }
        return try leaves.map { try JSONParser.parse($0.bytes) }.filter { $0["type"]?.stringValue == type }
    }
}

/// Bills, counts its calls, and answers when it is let.
final class PaidProvider: ModelProvider {
    let name = "paid"
    let isDeterministic = false
    private let sent = Mutex(0)
    private let gate: AsyncStream<Void>
    private let opener: AsyncStream<Void>.Continuation

    static let gateway = GatewaySettings(defaultProvider: "paid", pricing: ["paid": .book(provider: "openai")])

    init(isOpen: Bool) {
        (gate, opener) = AsyncStream.makeStream(of: Void.self)
        if isOpen { opener.finish() }
    }

    var calls: Int { sent.withLock { $0 } }
    func open() { opener.finish() }
    func resolve(model: String) -> String? { "gpt-5" }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        sent.withLock { $0 += 1 }
        for await _ in gate {}
        if Task.isCancelled { throw ProviderError(.cancelled, "cut short", wasSent: true, isRetryable: false) }
        return ModelAnswer(
            text: "something", model: "gpt-5", finishReason: "stop", usage: TokenUsage(input: 10, output: 10),
            reference: "answer-1")
    }
}
