import Foundation
import Kernel
import Placement
import Testing

/// Plugins that break processes and rules: the host names what happened, others go on, and the next task works.
@Suite("Faults in a worker", .timeLimit(.minutes(3)))
struct FaultTests {
    private static let source = "BadPlugins/misbehave.c"

    @Test(
        "a dying worker is named, and works again",
        arguments: [
            ("segfault", PluginLoss.Cause.signal(11)), ("abort", .signal(6)), ("exit", .exit(3)),
            ("garbage", .garbage("")), ("close", .garbage("")),
        ])
    func death(task: String, cause: PluginLoss.Cause) async throws {
        let stage = try await Stage(Self.source)
        let (_, bystander) = stage.begin("never")
        let end = await stage.run(task)
        guard case .lost(let actual) = end else { return #expect(Bool(false), "\(end)") }
        if case .garbage = cause {
            guard case .garbage = actual else { return #expect(Bool(false), "\(actual)") }
        } else {
            #expect(actual == cause)
        }
        #expect(await bystander.end() == .lost(actual))
        #expect(await stage.run("ok") == .success("ok"))
        #expect(stage.plugin.statistics().restarts == 1)
        #expect(stage.plugin.statistics().lastLoss != nil)
        await stage.plugin.shutdown()
    }

    @Test("what outlives its deadline and the grace is ended", arguments: ["loop", "never", "ignore-cancel"])
    func hang(task: String) async throws {
        let stage = try await Stage(Self.source)
        #expect(await stage.run(task, timeout: 50) == .lost(.hung(milliseconds: 300)))
        #expect(await stage.run("ok") == .success("ok"))
        let (call, watcher) = stage.begin(task)
        stage.plugin.cancel(call, reason: .cancelled)
        #expect(await watcher.end() == .lost(.hung(milliseconds: 300)))
        await stage.plugin.shutdown()
    }

    @Test("an inline call that ignores its deadline is taken from the plugin")
    func inlineHang() async throws {
        let stage = try await Stage(Self.source, as: .inline)
        #expect(await stage.run("never", timeout: 50) == .lost(.hung(milliseconds: 300)))
        #expect(await stage.run("ok") == .success("ok"))
        await stage.plugin.shutdown()
    }

    @Test("a second completion is refused and counted", arguments: PlacementKind.allCases)
    func twice(kind: PlacementKind) async throws {
        let stage = try await Stage(Self.source, as: kind)
        let (_, watcher) = stage.begin("twice")
        #expect(await watcher.end() == .success("first"))
        #expect(await stage.run("ok") == .success("ok"))
        #expect(watcher.all.filter(\.isTerminal).count == 1)
        #expect(stage.plugin.statistics().misbehaviours == 1)
        await stage.plugin.shutdown()
    }

    @Test("too large a result is refused, and the plugin may answer otherwise", arguments: PlacementKind.allCases)
    func large(kind: PlacementKind) async throws {
        let stage = try await Stage(Self.source, as: kind)
        #expect(await stage.run("large") == .failure(.tooLarge))
        await stage.plugin.shutdown()
    }

    @Test("floods are cut", arguments: PlacementKind.allCases)
    func floods(kind: PlacementKind) async throws {
        let stage = try await Stage(Self.source, as: kind)
        let (_, emits) = stage.begin("emits")
        #expect(await emits.end() == .success("limited"))
        let (_, logs) = stage.begin("logs")
        #expect(await logs.end() == .success("done"))
        #expect(emits.all.count < 50_000)
        #expect(logs.all.count < 50_000)
        await stage.plugin.shutdown()
    }

    @Test("another plugin's calls go on during a crash")
    func isolation() async throws {
        let stage = try await Stage(Self.source)
        let other = try await Stage("Plugins/echo.c")
        let (call, watcher) = other.begin("effect")
        let operation = await watcher.operation()
        #expect(await stage.run("segfault") == .lost(.signal(11)))
        #expect(await other.run("run") == .success("{}"))
        other.plugin.deliver(.cancelled, to: operation, of: call)
        #expect(await watcher.end() == .success("4|42|0|||-5|0|1|0"))
        await stage.plugin.shutdown()
        await other.plugin.shutdown()
    }

    @Test("a hundred crashes leave no process and no descriptor behind")
    func restarts() async throws {
        let stage = try await Stage(Self.source)
        #expect(await stage.run("abort") == .lost(.signal(6)))
        #expect(await stage.run("ok") == .success("ok"))
        let before = try Self.workerDescriptors()
        for _ in 0..<100 {
            #expect(await stage.run("abort") == .lost(.signal(6)))
            #expect(await stage.run("ok") == .success("ok"))
        }
        #expect(stage.plugin.statistics().restarts == 101)
        let process = stage.plugin.statistics().processID
        // Other suites run beside this one and open their own: the bound is far below one for each crash.
        #expect(try Self.workerDescriptors() < before + 60)
        await stage.plugin.shutdown()
        if let process { #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)")) }
        #expect(stage.plugin.statistics().processID == nil)
    }

    private static func workerDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    @Test("shutdown loses the open calls and refuses the next ones")
    func shutdown() async throws {
        let stage = try await Stage(Self.source)
        let (_, watcher) = stage.begin("never")
        await stage.plugin.shutdown()
        #expect(await watcher.end() == .lost(.closed))
        #expect(await stage.run("ok") == .failure(.busy))
    }

    @Test("statistics show the process")
    func statistics() async throws {
        let stage = try await Stage("Plugins/echo.c")
        let (_, watcher) = stage.begin("wait")
        let statistics = stage.plugin.statistics()
        #expect(statistics.openCalls == 1)
        #expect(statistics.instances == 1)
        #expect(statistics.generation == 1)
        #expect((statistics.residentBytes ?? 0) > 0)
        #expect(statistics.cpuMilliseconds != nil)
        await stage.plugin.shutdown()
        #expect(await watcher.end() == .lost(.closed))
    }
}
