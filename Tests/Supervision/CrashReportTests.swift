import Foundation
import Kernel
import Placement
import TestSupport
import Testing

/// A dying worker says where it was, and who was it.
@Suite("Crash reports", .timeLimit(.minutes(3)))
struct CrashReportTests {
    @Test(
        "the call whose code ran is guilty, the others are not, and the report names the function",
        arguments: [
            ("segv", Int32(11), "rank_pages"), ("abort", 6, "check_sums"), ("ill", 4, "illegal_step"),
            ("trap", 5, "trap_step"), ("overflow", 11, "deep_search"),
        ])
    func named(task: String, signal: Int32, function: String) async throws {
        let place = try await Place()
        let bystanders = [place.begin("hold"), place.begin("hold")]
        let loss = try await place.begin(task).loss()
        #expect(loss.cause == .signal(signal))
        #expect(loss.blame == .guilty)
        for bystander in bystanders {
            let heard = try await bystander.loss()
            #expect(heard.blame == .innocent)
        }
        let report = try #require(loss.crash)
        #expect(report.signal == signal)
        let own = try #require(report.ownFrame)
        #expect(report.frames[own].module == "crashy.so")
        #expect(report.frames[own].symbol == function)
        #expect(loss.description.contains("crashy.so`\(function)"))
        if task == "segv" { #expect(report.address == 16) }
        #expect(CrashReport(json: report.json) == report)
        let works = await place.begin("ok").succeeded()
        #expect(works)
        #expect(place.plugin.statistics().crashes == 1)
        await place.plugin.shutdown()
    }

    @Test("who dies without a word leaves suspects, and who was alone is guilty", arguments: ["exit", "kill"])
    func silentDeath(task: String) async throws {
        let place = try await Place()
        let bystander = place.begin("hold")
        let loss = try await place.begin(task).loss()
        #expect(loss.blame == .suspect && loss.crash == nil)
        let heard = try await bystander.loss()
        #expect(heard.blame == .suspect)
        let alone = try await place.begin(task).loss()
        #expect(alone.blame == .guilty)
        #expect(loss.cause == (task == "exit" ? .exit(0) : .signal(9)))
        await place.plugin.shutdown()
    }

    @Test("a crash on the plugin's own thread is symbolised, and its calls are suspects")
    func ownThread() async throws {
        let place = try await Place()
        let bystander = place.begin("hold")
        _ = place.begin("thread")
        let loss = try await bystander.loss()
        #expect(loss.blame == .suspect)
        let report = try #require(loss.crash)
        #expect(report.frames[try #require(report.ownFrame)].symbol == "rank_pages")
        await place.plugin.shutdown()
    }

    @Test("a forged report is only text: the host goes on")
    func forged() async throws {
        var random = SplitMix64(seed: TestSeed.next())
        let place = try await Place()
        for _ in 0..<20 {
            let loss = try await place.begin("forge", input: "\"\(random.next())\"").loss()
            #expect(loss.cause == .signal(11))
            let text = loss.description
            #expect(text.utf8.allSatisfy { (32...126).contains($0) })
            #expect((loss.crash?.frames.count ?? 0) <= CrashReport.maximumFrames)
            #expect(await place.begin("ok").succeeded())
        }
        await place.plugin.shutdown()
    }

    @Test("a stripped plugin still gives its file and offset")
    func stripped() async throws {
        let scratch = try Scratch()
        let path = try Crashy.build(into: scratch.folder("bare.so"))
        let strip = Process()
        strip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        strip.arguments = ["strip", "--strip-all", path]
        try strip.runAlone()
        strip.waitUntilExit()
        let placement = try Placement(workerPath: Built.binary("bureau-worker").path, settings: Crashy.settings())
        let plugin = try await placement.place(try await placement.inspect(path), as: .worker)
        let agent = try await plugin.createInstance(configuration: Array("{}".utf8))
        let ending = Ending()
        _ = plugin.begin(
            TaskStart(
                task: "segv", input: Array("{}".utf8), attempt: 1, idempotencyKey: "key", runID: "run",
                timeoutMilliseconds: nil), on: agent, sink: ending.sink)
        let loss = try await ending.loss()
        #expect(loss.description.contains("in bare.so+0x"))
        await plugin.shutdown()
    }
}

/// Busy is not hung, and hung is not busy.
@Suite("Heartbeat", .timeLimit(.minutes(2)))
struct HeartbeatTests {
    private static func settings() -> PlacementSettings {
        var settings = Crashy.settings()
        settings.pingMilliseconds = 50
        settings.silenceMilliseconds = 400
        return settings
    }

    @Test("a plugin that computes in a callback and never looks up is left alone")
    func busy() async throws {
        let place = try await Place(settings: Self.settings())
        #expect(await place.begin("spin").succeeded())
        #expect(place.plugin.statistics().crashes == 0)
        await place.plugin.shutdown()
    }

    @Test("a plugin that neither answers nor computes is ended, with that as the reason")
    func hung() async throws {
        let place = try await Place(settings: Self.settings())
        let loss = try await place.begin("block").loss()
        #expect(loss.cause == .silent(milliseconds: 400))
        #expect(loss.description.contains("used no processor time"))
        await place.plugin.shutdown()
    }

    @Test("a plugin whose calls wait is asked, and answers")
    func waiting() async throws {
        let place = try await Place(settings: Self.settings())
        let held = place.begin("hold")
        #expect(await place.begin("spin").succeeded())
        #expect(await place.begin("release").succeeded())
        #expect(await held.succeeded())
        #expect(place.plugin.statistics().generation == 1)
        await place.plugin.shutdown()
    }
}
