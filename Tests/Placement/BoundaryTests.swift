import Kernel
import Placement
import Testing

/// The same plugin answers the same in both places.
@Suite("The boundary, inline and in a worker", .timeLimit(.minutes(2)))
struct BoundaryTests {
    @Test("a task's input comes back", arguments: PlacementKind.allCases)
    func echo(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        let input = String(repeating: "0123456789", count: 100_000)
        #expect(await stage.run("run", input: "{\"a\":1}") == .success("{\"a\":1}"))
        #expect(await stage.run("run", input: input) == .success(input))
        #expect(await stage.run("run", input: "") == .success(""))
        await stage.plugin.shutdown()
    }

    @Test("a task knows its attempt, key, run, time and agent", arguments: PlacementKind.allCases)
    func taskFields(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind, configuration: "{\"x\":1}")
        let end = await stage.run("describe", timeout: 60_000)
        #expect(end == .success("1|key|run|60000|{\"x\":1}"))
        await stage.plugin.shutdown()
    }

    @Test("an effect's answer arrives on the lane with its token", arguments: PlacementKind.allCases)
    func effect(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        for task in ["effect", "thread"] {
            let (call, watcher) = stage.begin(task)
            let operation = await watcher.operation()
            let name = task == "effect" ? "key" : "from-thread"
            guard case .effect(_, let start) = watcher.all.first else { return #expect(Bool(false)) }
            #expect(start == EffectStart(name: name, request: .stateGet(key: name)))
            let usage = TokenUsage(input: 3, output: 9, cost: Nanodollars(5))
            let result = EffectResult(value: 5, data: Array("value".utf8), text: "text", usage: usage)
            stage.plugin.deliver(.chunk([1]), to: operation, of: call)
            stage.plugin.deliver(.done(result, replayed: true), to: operation, of: call)
            let token = task == "effect" ? 42 : 7
            #expect(await watcher.end() == .success("2|\(token)|5|value|text|0|1|1|9"))
        }
        await stage.plugin.shutdown()
    }

    @Test("a failed effect brings status, number and text", arguments: PlacementKind.allCases)
    func failedEffect(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        let (call, watcher) = stage.begin("effect")
        let operation = await watcher.operation()
        stage.plugin.deliver(.failed(Failure(.conflict, "no"), value: 8, replayed: false), to: operation, of: call)
        #expect(await watcher.end() == .success("3|42|8||no|-13|0|1|0"))
        await stage.plugin.shutdown()
    }

    @Test("fifty parallel operations end in any order", arguments: PlacementKind.allCases)
    func parallel(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        let (call, watcher) = stage.begin("parallel")
        while watcher.all.count < 50 { await Task.yield() }
        for event in watcher.all.reversed() {
            guard case .effect(let operation, _) = event else { continue }
            stage.plugin.deliver(.done(EffectResult(), replayed: false), to: operation, of: call)
            // A second answer, and an answer to nobody, are ignored.
            stage.plugin.deliver(.cancelled, to: operation, of: call)
            stage.plugin.deliver(.cancelled, to: OperationID(1 << 40), of: call)
        }
        #expect(await watcher.end() == .success("50 events"))
        await stage.plugin.shutdown()
    }

    @Test("wakes, refusals, arenas, stale handles and bad requests", arguments: PlacementKind.allCases)
    func rules(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        #expect(await stage.run("wake") == .success("awake"))
        #expect(await stage.run("refuse") == .failure(.unsupported))
        #expect(await stage.run("arena") == .success("bounded"))
        #expect(await stage.run("stale") == .success("-8 -8 1 -8 0"))
        #expect(await stage.run("bad-requests") == .success("-14 -1 -1 -1 -14 0"))
        await stage.plugin.shutdown()
    }

    @Test("lines and pieces reach the call in order", arguments: PlacementKind.allCases)
    func talk(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        let (_, watcher) = stage.begin("talk")
        #expect(await watcher.end() == .success("talked"))
        guard watcher.all.count == 3, case .logged(.warning, "a line") = watcher.all[0],
            case .emitted(.partial, let piece) = watcher.all[1]
        else { return #expect(Bool(false), "\(watcher.all)") }
        #expect(String(decoding: piece, as: UTF8.self) == "a piece")
        await stage.plugin.shutdown()
    }

    @Test("a cancelled call ends, also when the plugin is busy", arguments: PlacementKind.allCases)
    func cancel(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        let (idle, idleWatcher) = stage.begin("wait")
        stage.plugin.cancel(idle, reason: .cancelled)
        #expect(await idleWatcher.end() == .failure(.cancelled))
        #expect(await stage.run("busy", timeout: 100) == .success("saw it"))
        await stage.plugin.shutdown()
    }

    @Test("agents are apart, and a removed one takes its calls along", arguments: PlacementKind.allCases)
    func instances(kind: PlacementKind) async throws {
        let stage = try await Stage("Plugins/echo.c", as: kind)
        var agents: [InstanceID] = []
        for number in 0..<200 {
            agents.append(try await stage.plugin.createInstance(configuration: Array("\(number)".utf8)))
        }
        #expect(await stage.run("describe", on: agents[150]) == .success("1|key|run|0|150"))
        let (_, waiting) = stage.begin("wait", on: agents[3])
        await stage.plugin.destroyInstance(agents[3])
        #expect(await waiting.end() == .failure(.cancelled))
        #expect(await stage.run("run", on: agents[3]) == .failure(.notFound))
        #expect(stage.plugin.statistics().instances == 200)
        await #expect(throws: PlacementError.self) {
            _ = try await stage.plugin.createInstance(configuration: Array("fail".utf8))
        }
        await stage.plugin.shutdown()
    }

    @Test("a Swift plugin of another toolchain is not loaded inline")
    func toolchain() async throws {
        let placement = try Placement(workerPath: PluginCompiler.workerPath, settings: Stage.settings())
        var descriptor = try await placement.inspect(try PluginCompiler.library("Plugins/echo.c"))
        descriptor.toolchain = "swift-5.0;stdlib=dynamic"
        let swift = descriptor
        await #expect(throws: PlacementError.self) { _ = try await placement.place(swift, as: .inline) }
    }
}
