import Foundation
import Glibc
import Kernel
import Placement
import TestSupport
import Testing

/// Several plugins in one process.
private struct Company {
    let placement: Placement
    let results: [Result<any PlacedPlugin, PlacementError>]

    init(_ sources: [String], settings: PlacementSettings = Stage.settings()) async throws {
        placement = try Placement(workerPath: PluginCompiler.workerPath, settings: settings)
        var members: [(plugin: InspectedPlugin, limits: WorkerLimits)] = []
        for source in sources {
            members.append((try await placement.examine(try PluginCompiler.library(source)), WorkerLimits()))
        }
        results = await placement.place(group: "desk", members)
    }

    func member(_ place: Int, configuration: String = "{}") async throws -> Member {
        let plugin = try results[place].get()
        return Member(
            plugin: plugin, agent: try await plugin.createInstance(configuration: Array(configuration.utf8)))
    }

    func shutdown() async {
        for case .success(let plugin) in results { await plugin.shutdown() }
    }
}

private struct Member {
    let plugin: any PlacedPlugin
    let agent: InstanceID

    func begin(_ task: String, input: String = "{}", timeout: UInt64? = nil) -> (call: CallID, watcher: CallWatcher) {
        let watcher = CallWatcher()
        let start = TaskStart(
            task: task, input: Array(input.utf8), attempt: 1, idempotencyKey: "key", runID: "run",
            timeoutMilliseconds: timeout)
        return (plugin.begin(start, on: agent, sink: watcher.sink), watcher)
    }

    func run(_ task: String, input: String = "{}", timeout: UInt64? = nil) async -> CallEnd {
        await begin(task, input: input, timeout: timeout).watcher.end()
    }

    var process: Int32? { plugin.statistics().processID }
}

extension CallWatcher {
    fileprivate func loss() async throws -> PluginLoss {
        guard case .lost(let loss) = await first(where: { $0.isTerminal }) else {
            throw Failure(.internal, "the call was not lost")
        }
        return loss
    }
}

@Suite("Several plugins in one process", .timeLimit(.minutes(3)))
struct GroupTests {
    private static let echo = "Plugins/echo.c"
    private static let bad = "BadPlugins/misbehave.c"

    @Test("members live in one process, and each answers its own tasks, larger than the ring and many at once")
    func interleaved() async throws {
        let company = try await Company([Self.echo, Self.echo, Self.bad])
        let (first, second) = (try await company.member(0), try await company.member(1))
        #expect(first.process != nil && first.process == second.process)
        #expect(first.plugin.statistics().companions.count == 3)
        var random = SplitMix64(seed: TestSeed.next())
        var open: [(input: String, watcher: CallWatcher)] = []
        for number in 0..<120 {
            let count = Int.random(in: 0...(number % 20 == 0 ? 2_000_000 : 20_000), using: &random)
            let input = "\(number)" + String(repeating: "abcdefg", count: count / 7)
            open.append((input, (number % 2 == 0 ? first : second).begin("run", input: input).watcher))
        }
        for (input, watcher) in open {
            #expect(await watcher.end() == .success(input), "\(input.utf8.count) bytes")
        }
        let (call, waiting) = second.begin("effect")
        let operation = await waiting.operation()
        let answer = EffectResult(value: 7, data: Array("x".utf8))
        second.plugin.deliver(.done(answer, replayed: false), to: operation, of: call)
        guard case .success = await waiting.end() else { return #expect(Bool(false), "the effect's answer is lost") }
        await company.shutdown()
    }

    @Test("a member that computes holds up nobody, and hears of its cancel meanwhile")
    func busy() async throws {
        let company = try await Company([Self.bad, Self.echo, Self.echo])
        let (bad, echo) = (try await company.member(0), try await company.member(1))
        let (_, looping) = bad.begin("loop")
        let working = (0..<20).map { _ in echo.begin("busy") }
        let third = try await company.member(2)
        for _ in 0..<20 { #expect(await third.run("run") == .success("{}")) }
        // Each is computing when its turn comes, whether its cancel was there before it began or comes meanwhile.
        for (call, _) in working { echo.plugin.cancel(call, reason: .cancelled) }
        for (_, watcher) in working { #expect(await watcher.end() == .success("saw it")) }
        await company.shutdown()
        #expect(await looping.end() == .lost(.closed))
    }

    @Test("a member's crash ends all, but only it is blamed; then all work again, in one process")
    func crash() async throws {
        let company = try await Company([Self.echo, Self.bad])
        let (echo, bad) = (try await company.member(0), try await company.member(1))
        let (_, waiting) = echo.begin("wait")
        let (_, beside) = bad.begin("never")
        let (_, crashing) = bad.begin("segfault")
        let own = try await crashing.loss()
        #expect(own.cause == .signal(11) && own.blame == .guilty)
        #expect(own.crash?.frames.contains { $0.module == "misbehave.so" } == true)
        let innocent = try await beside.loss()
        #expect(innocent.cause == .signal(11) && innocent.blame == .innocent)
        let others = try await waiting.loss()
        #expect(others.blame == .innocent)
        guard case .companion("org.example.misbehave", let reason) = others.cause else {
            return #expect(Bool(false), "\(others)")
        }
        #expect(reason.contains("signal 11"))
        #expect(await echo.run("run") == .success("{}"))
        #expect(await bad.run("ok") == .success("ok"))
        #expect(echo.process != nil && echo.process == bad.process)
        await company.shutdown()
    }

    @Test("what outlives its deadline ends all, and only it is guilty")
    func hung() async throws {
        let company = try await Company([Self.echo, Self.bad])
        let (echo, bad) = (try await company.member(0), try await company.member(1))
        let (_, waiting) = echo.begin("wait")
        #expect(await bad.run("loop", timeout: 50) == .lost(.hung(milliseconds: 300)))
        let loss = try await waiting.loss()
        guard case .companion("org.example.misbehave", let reason) = loss.cause else {
            return #expect(Bool(false), "\(loss)")
        }
        #expect(reason.contains("deadline") && loss.blame == .innocent)
        #expect(await echo.run("run") == .success("{}"))
        await company.shutdown()
    }

    @Test("when nothing tells who it was, the calls of all members are suspects, and who was alone is guilty")
    func unknown() async throws {
        let company = try await Company([Self.echo, Self.bad])
        let (echo, bad) = (try await company.member(0), try await company.member(1))
        let (_, waiting) = echo.begin("wait")
        let first = try await bad.begin("exit").watcher.loss()
        let beside = try await waiting.loss()
        #expect(first.blame == .suspect && first.cause == .exit(3))
        #expect(beside.blame == .suspect && beside.cause == .exit(3))
        #expect(await echo.run("run") == .success("{}"))
        let alone = try await bad.begin("exit").watcher.loss()
        #expect(alone.blame == .guilty)
        await company.shutdown()
    }

    @Test("a frame of a lane that is not there ends the worker by name", arguments: ["lane-far", "lane-next"])
    func forgedLane(task: String) async throws {
        let company = try await Company([Self.echo, "BadPlugins/hostile_ring.c"])
        let (echo, hostile) = (try await company.member(0), try await company.member(1))
        let (_, waiting) = echo.begin("wait")
        let loss = try await hostile.begin(task, timeout: 20_000).watcher.loss()
        guard case .garbage(let reason) = loss.cause else { return #expect(Bool(false), "\(loss)") }
        #expect(reason.contains(task == "lane-far" ? "lane 65535" : "lane 2"))
        #expect(try await waiting.loss().cause == loss.cause)
        #expect(await echo.run("run") == .success("{}"))
        #expect(await hostile.run("ok") == .success("ok"))
        await company.shutdown()
    }

    @Test("a member that is refused or whose set-up fails is named, and the others serve")
    func refused() async throws {
        let company = try await Company([Self.echo, "BadPlugins/alone_only.c", Self.bad])
        guard case .failure(let error) = company.results[1] else { return #expect(Bool(false), "it was not refused") }
        #expect(error.code == .loadFailed && error.message.contains("org.example.alone"))
        await #expect(throws: PlacementError.self) { try await company.member(2, configuration: "fail") }
        let (echo, bad) = (try await company.member(0), try await company.member(2))
        #expect(await echo.run("run") == .success("{}"))
        #expect(await bad.run("segfault") == .lost(.signal(11)))
        // The next process leaves it out.
        #expect(await echo.run("run") == .success("{}"))
        #expect(await bad.run("ok") == .success("ok"))
        #expect(echo.plugin.statistics().companions == ["org.example.test", "org.example.misbehave"])
        await company.shutdown()
    }

    @Test("a member that goes leaves the others as they are; the last takes the process along")
    func leaves() async throws {
        let company = try await Company([Self.echo, Self.echo])
        let (first, second) = (try await company.member(0), try await company.member(1))
        let process = try #require(first.process)
        let (_, waiting) = first.begin("wait")
        await first.plugin.shutdown()
        #expect(await waiting.end() == .lost(.closed))
        #expect(await second.run("run") == .success("{}"))
        #expect(second.process == process)
        #expect(second.plugin.statistics().restarts == 0)
        await second.plugin.shutdown()
        #expect(kill(process, 0) == -1 && errno == ESRCH)
    }

    @Test("the process may use what its members may use together")
    func limits() async throws {
        let company = try await Company([Self.echo, Self.echo, Self.echo])
        let member = try await company.member(1)
        #expect(await member.run("memory-limit") == .success("\(3 * Stage.settings().memoryBytes)"))
        await company.shutdown()
    }

    @Test("a group takes as many as it can, and names those that are too many")
    func full() async throws {
        let company = try await Company(Array(repeating: Self.echo, count: Placement.maximumGroupMembers + 1))
        let last = try await company.member(Placement.maximumGroupMembers - 1)
        #expect(await last.run("run") == .success("{}"))
        guard case .failure(let error) = company.results[Placement.maximumGroupMembers] else {
            return #expect(Bool(false), "one too many was taken")
        }
        #expect(error.message.contains("full"))
        await company.shutdown()
    }

    @Test("places are written as words", arguments: ["inline", "worker", "group:desk", "group:a.b_c-9"])
    func words(text: String) throws {
        #expect(PlacementKind(rawValue: text)?.rawValue == text)
    }

    @Test(
        "other words are no places",
        arguments: [
            "", "group", "group:", "group:Desk", "group:a b", "Worker", "group:" + String(repeating: "a", count: 33),
        ])
    func noWords(text: String) { #expect(PlacementKind(rawValue: text) == nil) }
}
