import Audit
import Engine
import Foundation
import Gateway
import HostTools
import Journal
import Kernel
import Placement
import Synchronization
import TestSupport
import Testing

/// A host over scripted departments, in a temporary store that outlives it: closing and opening again is a restart.
final class TestHost: Sendable {
    let folder: String

    init() {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("bureau-engine-\(UUID())").path
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func open(
        _ plugins: [ScriptedPlugin], providers: [any ModelProvider] = [OfflineProvider()],
        tools: [any HostTool] = [], priceBook: PriceBook = .builtIn,
        gateway: GatewaySettings = GatewaySettings(), grants: GrantPolicy = GrantPolicy(),
        fetches: FetchSettings = FetchSettings(), faults: CommitFaults = .none, policy: GuardPolicy = .none,
        adjust: (inout HostSettings) -> Void = { _ in }
    ) async throws -> HostRuntime {
        let departments = plugins.map { plugin in
            BuiltInDepartment(descriptor: plugin.descriptor) { () async throws(PlacementError) in plugin }
        }
        var settings = HostSettings(
            storeFolder: folder, pluginPaths: [], builtIn: departments,
            workerPath: Built.binary("bureau-worker").path,
            providers: providers, priceBook: priceBook, gateway: gateway, tools: tools,
            grants: grants, fetches: fetches, faults: faults)
        settings.policy = policy
        adjust(&settings)
        return try await HostRuntime.open(settings)
    }
}

extension HostRuntime {
    /// Submits and waits for the end.
    func run(
        _ task: String, _ input: JSONValue = [:], budget: Nanodollars? = nil, key: String? = nil
    ) async throws -> RunRecord {
        let reference = try #require(TaskReference(task))
        let submitted = try await submit(
            RunSubmission(task: reference, input: input.bytes, budget: budget, idempotencyKey: key))
        let ended = try await outcome(of: submitted.id)
        try await expectSchemas()
        return ended
    }

    /// Every leaf so far follows the schema of its type.
    func expectSchemas() async throws {
        let lint = try await journal.read { journal throws(JournalError) in
            var lint = LeafLint()
            try lint.read(journal)
            return lint
        }
        #expect(lint.problems == [])
    }

    func steps(of run: RunID) async throws -> [StepRecord] {
        try await journal.read { journal throws(JournalError) in try journal.steps(of: run) }
    }
}

extension RunRecord {
    var outputJSON: JSONValue? { output.flatMap { try? JSONParser.parse($0) } }
}

/// Counts, across threads.
final class Counter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    @discardableResult
    func add(_ name: String) -> Int {
        counts.withLock { counts in
            counts[name, default: 0] += 1
            return counts[name, default: 0]
        }
    }

    subscript(_ name: String) -> Int { counts.withLock { $0[name] ?? 0 } }
}
