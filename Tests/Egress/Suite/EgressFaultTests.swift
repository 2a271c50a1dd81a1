import Egress
import Foundation
import Kernel
import TestSupport
import Testing

/// Kills a real host, its egress process, or both at each point of a paid call, and lets a new host finish the run.
@Suite("A paid call survives a kill at every point", .serialized)
struct EgressFaultTests {
    /// 20 tokens in and 6 out of gpt-5, as the upstream says.
    private static let cost: Int64 = 20 * 1250 + 6 * 10_000
    private static let plugin = Result { try Self.buildPlugin() }
    /// A later build that fails before it comes to its model call.
    private static let forgetful = Result { try Self.buildPlugin("-DDESK_ASKS_NOTHING") }
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static func buildPlugin(_ options: String...) throws -> (scratch: Scratch, path: String) {
        let scratch = try Scratch()
        let path = scratch.folder("desk.so")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            [
                "cc", "-std=gnu11", "-O1", "-fPIC", "-shared", "-fvisibility=hidden", "-pthread",
                "-I", Built.checkout.appendingPathComponent("PluginAPI/CBureau/include").path, "-Wl,-z,nodelete",
                "-o", path, Built.checkout.appendingPathComponent("Tests/EndToEnd/Plugins/desk.c").path,
            ] + options
        try compiler.runAlone()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw Failure(.internal, "desk.c does not compile") }
        return (scratch, path)
    }

    private struct Ending {
        var wasKilled: Bool
        var document: JSONValue

        var cost: Int64? { document["cost"]?.integerValue }
        var ledger: [String] { (document["ledger"]?.arrayValue ?? []).compactMap(\.stringValue) }
    }

    private func host(
        _ upstream: Upstream, _ fault: [String] = [], _ behaviour: String = "slow",
        plugin: Result<(scratch: Scratch, path: String), any Error> = Self.plugin
    ) throws -> Ending {
        let process = Process()
        process.executableURL = Built.binary("bureau-egress-fault-host")
        process.arguments =
            [
                scratch.folder("store"), Built.binary("bureau-worker").path, Built.binary("bureau-egress").path,
                try plugin.get().path, upstream.url(behaviour),
            ] + fault
        let output = Pipe()
        process.standardOutput = output
        try process.runAlone()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let document = try? JSONParser.parse(Array(bytes))
        return Ending(wasKilled: process.terminationReason == .uncaughtSignal, document: document ?? .null)
    }

    private func spools() -> [String] { SpoolFolder.attempts(in: scratch.folder("store/egress")) }

    @Test(
        "the host dies and the egress process lives: one request, its answer, its exact cost, nothing left over",
        arguments: ["send", "sent", "piece", "answered", "forget"])
    func host(point: String) async throws {
        let upstream = try await Upstream.start()
        #expect(try host(upstream, ["host", point]).wasKilled)
        let ending = try host(upstream)
        #expect(ending.document["state"] == "done", "\(ending.document)")
        #expect(ending.cost == Self.cost)
        #expect(ending.document["held"] == 0 && ending.document["spent"] == .integer(Self.cost))
        let settled = ["reserve", "settle", "release"]
        #expect(
            ending.ledger
                == (point == "send"
                    ? ["1 reserve", "1 release"] + settled.map { "2 \($0)" } : settled.map { "1 \($0)" }))
        #expect(Array(try await upstream.seen().attempts.values) == [1])
        #expect(try await eventually { spools().isEmpty })
    }

    @Test(
        "a run that does not ask again after its host died still pays for what was answered, and once",
        arguments: ["sent", "answered"])
    func notAskedAgain(point: String) async throws {
        let upstream = try await Upstream.start()
        #expect(try host(upstream, ["host", point]).wasKilled)
        let ending = try host(upstream, plugin: Self.forgetful)
        #expect(ending.document["state"] == "failed", "\(ending.document)")
        #expect(ending.document["held"] == 0 && ending.document["spent"] == .integer(Self.cost))
        #expect(ending.cost == Self.cost && ending.ledger == ["1 reserve", "1 settle", "1 release"])
        #expect(Array(try await upstream.seen().attempts.values) == [1])
        #expect(try await eventually { spools().isEmpty })
    }

    @Test("the host dies around each commit: never two requests of an attempt, and the same cost")
    func commits() async throws {
        var number = 1
        while number <= 12 {
            for point in ["commit-\(number)", "after-commit-\(number)"] {
                let upstream = try await Upstream.start()
                let killed = try host(upstream, ["host", point], "quick")
                let ending = killed.wasKilled ? try host(upstream, [], "quick") : killed
                #expect(ending.document["state"] == "done" && ending.cost == Self.cost, "\(point): \(ending.document)")
                #expect(Array(try await upstream.seen().attempts.values) == [1], "\(point)")
                #expect(try await eventually { spools().isEmpty }, "\(point)")
                // With what stands beside it: the checkpoint there would tell of a store that was put back.
                for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path)
                where name.hasPrefix("store") {
                    try FileManager.default.removeItem(atPath: scratch.folder(name))
                }
                if !killed.wasKilled { return #expect(number > 2) }
            }
            number += 1
        }
    }

    @Test(
        "the egress process dies: what it had is used, what it lost is held at its bound, nothing is sent in silence",
        arguments: ["sent", "piece", "answered"], ["egress", "both"])
    func egress(point: String, victim: String) async throws {
        let upstream = try await Upstream.start()
        var ending = try host(upstream, [victim, point])
        #expect(ending.wasKilled == (victim == "both"))
        if ending.wasKilled { ending = try host(upstream) }
        #expect(ending.document["state"] == "done", "\(ending.document)")
        #expect(ending.document["held"] == 0)
        let seen = try await upstream.seen().attempts
        #expect(seen.values.allSatisfy { $0 == 1 }, "\(seen)")
        if point == "answered" {
            #expect(ending.cost == Self.cost && seen.count == 1)
            #expect(ending.ledger == ["1 reserve", "1 settle", "1 release"])
        } else {
            // The second request is another attempt, which the ledger has as such.
            #expect(seen.count == 2)
            #expect(ending.ledger == ["1 reserve", "1 ambiguous", "2 reserve", "2 settle", "2 release"])
            #expect(ending.document["spent"]?.integerValue ?? 0 > Self.cost)
        }
        #expect(try await eventually { spools().isEmpty })
    }
}
