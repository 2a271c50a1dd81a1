import Foundation
import HostTools
import Kernel
import TestSupport
import Testing

@Suite("Programs that the host starts")
struct CommandTests {
    @Test("a program that does not end in time is ended, with what it started")
    func timeLimit() async throws {
        let command = Command(
            executable: "/bin/sh", arguments: ["-c", "sleep 600 & echo $!; wait"], timeLimitMilliseconds: 300)
        let failure = await #expect(throws: Failure.self) { try await command.run(ByteSink(limit: 100)) }
        #expect(failure?.status == .deadline)
    }

    @Test("the whole session of a program that is stopped is gone")
    func wholeSession() async throws {
        let scratch = try Scratch()
        let file = scratch.folder("child")
        let command = Command(
            executable: "/bin/sh",
            arguments: ["-c", "sleep 600 & echo $! > \(file).part; mv \(file).part \(file); yes"],
            environment: ["PATH": "/usr/bin:/bin"], timeLimitMilliseconds: 30_000)
        let sink = try await command.run(ByteSink(limit: 1000))
        #expect(sink.bytes.count == 1000)
        #expect(sink.isTruncated)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // The child gets the same signal; its entry may stay until its new parent has waited for it.
        var state = "running"
        let deadline = ContinuousClock.now + .seconds(30)
        while state == "running", ContinuousClock.now < deadline {
            let status = try? String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
            let isZombie = status?.contains("State:\tZ") ?? true
            if isZombie { state = "ended" } else { await Task.yield() }
        }
        #expect(state == "ended")
    }

    @Test("nothing of the host's environment reaches the program")
    func environment() async throws {
        let command = Command(
            executable: "/usr/bin/env", arguments: [], environment: ["ONLY": "this"], timeLimitMilliseconds: 30_000)
        let sink = try await command.run(ByteSink(limit: 4096))
        #expect(String(decoding: sink.bytes, as: UTF8.self) == "ONLY=this\n")
    }

    @Test("input reaches the program, and a failing exit carries its message")
    func inputAndFailure() async throws {
        let cat = Command(
            executable: "/bin/cat", arguments: [], input: Array("hello".utf8), timeLimitMilliseconds: 30_000)
        #expect(try await cat.run(ByteSink(limit: 100)).bytes == Array("hello".utf8))
        let bad = Command(executable: "/bin/ls", arguments: ["/nonexistent"], timeLimitMilliseconds: 30_000)
        let failure = await #expect(throws: Failure.self) { try await bad.run(ByteSink(limit: 100)) }
        #expect(failure?.status == .io)
        #expect(failure?.message.contains("/nonexistent") == true)
    }
}
