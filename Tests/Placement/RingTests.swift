import Foundation
import Kernel
import Placement
import TestSupport
import Testing

/// The memory that a worker shares with its host: exact between honest sides, harmless from a hostile one.
@Suite("The shared ring", .timeLimit(.minutes(3)))
struct RingTests {
    private static let source = "BadPlugins/hostile_ring.c"

    @Test(
        "what breaks the ring or the socket ends the worker with its cause",
        arguments: [
            "tail-far", "tail-negative", "head-far", "head-back", "length", "kind", "unknown-call", "bytes",
            "scribble", "flicker", "lane-far", "lane-next",
        ])
    func broken(task: String) async throws {
        let stage = try await Stage(Self.source)
        let (_, watcher) = stage.begin(task, timeout: 20_000)
        // The host looks at the head only when it needs room: so it needs some.
        if task.hasPrefix("head") || task == "scribble" {
            let large = String(repeating: "x", count: 200_000)
            for _ in 0..<3 { _ = stage.begin("ok", input: large) }
        }
        let end = await watcher.end()
        guard case .lost(.garbage) = end else { return #expect(Bool(false), "\(end)") }
        #expect(await stage.run("ok") == .success("ok"))
        await stage.plugin.shutdown()
    }

    @Test("a worker that hides its bells hurts its own calls only")
    func mute() async throws {
        let stage = try await Stage(Self.source)
        let other = try await Stage("Plugins/echo.c")
        #expect(await stage.run("mute", timeout: 50) == .lost(.hung(milliseconds: 300)))
        #expect(await other.run("run") == .success("{}"))
        #expect(await stage.run("ok") == .success("ok"))
        await stage.plugin.shutdown()
        await other.plugin.shutdown()
    }

    @Test("a thousand descriptors sent to the host are closed")
    func descriptors() async throws {
        let stage = try await Stage(Self.source)
        let before = try Self.openDescriptors()
        var sent = 0
        for _ in 0..<100 where sent < 5 {
            let end = await stage.run("descriptors", timeout: 20_000)
            // The kernel itself refuses while too many of this user's are on their way, in any process.
            if case .failure = end {
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            guard case .lost(.garbage) = end else { return #expect(Bool(false), "\(end)") }
            sent += 1
        }
        #expect(sent == 5)
        #expect(await stage.run("ok") == .success("ok"))
        // Other suites run beside this one; the bound is far below the 5,000 that were sent.
        #expect(try Self.openDescriptors() < before + 400)
        await stage.plugin.shutdown()
    }

    private static func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    @Test("inputs larger than the ring, many at once, come back whole and each to its own task")
    func large() async throws {
        let stage = try await Stage("Plugins/echo.c")
        var random = SplitMix64(seed: TestSeed.next())
        var open: [(input: String, watcher: CallWatcher)] = []
        for number in 0..<60 {
            let count = Int.random(in: 0...(number % 10 == 0 ? 3_000_000 : 40_000), using: &random)
            let input = "\(number)" + String(repeating: "abcdefg", count: count / 7)
            open.append((input, stage.begin("run", input: input).watcher))
        }
        for (input, watcher) in open {
            #expect(await watcher.end() == .success(input), "\(input.utf8.count) bytes")
        }
        await stage.plugin.shutdown()
    }

    @Test("an idle worker uses no processor time")
    func idle() async throws {
        let stage = try await Stage("Plugins/echo.c")
        for _ in 0..<200 { #expect(await stage.run("run") == .success("{}")) }
        let (_, waiting) = stage.begin("wait")
        let before = stage.plugin.statistics().cpuMilliseconds ?? -1
        try await Task.sleep(for: .seconds(1))
        let after = stage.plugin.statistics().cpuMilliseconds ?? .max
        // A spinning one would use all of the second.
        #expect(before >= 0 && after - before < 200, "\(after - before) ms")
        await stage.plugin.shutdown()
        #expect(await waiting.end() == .lost(.closed))
    }

    @Test(
        "every byte arrives in order, whatever the sizes and the timing, under a sanitizer",
        arguments: ["thread", "address,undefined"])
    func stress(sanitizer: String) throws {
        let scratch = try Scratch()
        let program = scratch.folder("stress")
        let lane = Built.checkout.appendingPathComponent("Host/CLane")
        let source = Built.checkout.appendingPathComponent("Tests/Placement/Ring/stress.c").path
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "cc", "-std=gnu11", "-g", "-O1", "-fsanitize=\(sanitizer)", "-fno-sanitize-recover=all", "-pthread", "-I",
            lane.appendingPathComponent("include").path, lane.appendingPathComponent("ring.c").path, source, "-o",
            program,
        ]
        try compiler.runAlone()
        compiler.waitUntilExit()
        #expect(compiler.terminationStatus == 0)
        let run = Process()
        run.executableURL = URL(fileURLWithPath: program)
        run.arguments = ["\(TestSeed.next())"]
        try run.runAlone()
        #expect(run.waitUntilExit(upTo: 60), "hangs")
        if run.isRunning { run.terminate() }
        run.waitUntilExit()
        #expect(run.terminationStatus == 0)
    }
}
