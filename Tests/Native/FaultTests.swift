import Engine
import Foundation
import Kernel
import Placement
import TestSupport
import Testing

@Suite("What goes wrong in a function stays in its worker", .timeLimit(.minutes(2)))
struct FaultTests {
    private static func failure(
        _ tools: NativeTools, _ symbol: String, _ arguments: JSONValue = [:]
    ) async -> Failure? {
        do {
            _ = try await NativeStage.call(tools, symbol, arguments)
            return nil
        } catch {
            return error as? Failure
        }
    }

    @Test("each way to die is a failure that names it, and the next call is answered")
    func deaths() async throws {
        let path = try NativeStage.values.get()
        let tools = try NativeStage.tools(
            path, ["void crash()", "void quit(i32 code)", "void stop()", "i8 echo_i8(i8 v)"])
        for (symbol, arguments, text) in [
            ("crash", [:], "SIGSEGV"), ("quit", ["code": 3], "code 3"), ("stop", [:], "SIGABRT"),
        ] as [(String, JSONValue, String)] {
            let failure = await Self.failure(tools, symbol, arguments)
            #expect(failure?.status == .internal)
            #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "answered")")
            #expect(failure?.message.contains(path) == true && failure?.message.contains(symbol) == true)
            #expect(try await NativeStage.call(tools, "echo_i8", ["v": 5]) == ["result": 5])
        }
        await tools.shutdown()
    }

    @Test("a function that does not return is ended at its time limit, and those behind it are answered")
    func hangs() async throws {
        let path = try NativeStage.values.get()
        let tools = try NativeStage.tools(
            path, ["void spin()", "void snooze()", "i8 echo_i8(i8 v)"], timeoutMilliseconds: 200)
        async let first = Self.failure(tools, "spin")
        async let second = Self.failure(tools, "snooze")
        #expect(await first?.status == .deadline)
        #expect(await second?.status == .deadline)
        let patient = try NativeStage.tools(path, ["i8 echo_i8(i8 v)"])
        #expect(try await NativeStage.call(patient, "echo_i8", ["v": 5]) == ["result": 5])
        await tools.shutdown()
        await patient.shutdown()
    }

    @Test("cancelling the caller ends the function")
    func cancellation() async throws {
        let tools = try NativeStage.tools(try NativeStage.values.get(), ["void snooze()", "i8 echo_i8(i8 v)"])
        let call = Task { await Self.failure(tools, "snooze") }
        call.cancel()
        #expect(await call.value != nil)
        #expect(try await NativeStage.call(tools, "echo_i8", ["v": 5]) == ["result": 5])
        await tools.shutdown()
    }

    @Test("writing beside a buffer never passes for an answer")
    func overruns() async throws {
        let tools = try NativeStage.tools(
            try NativeStage.values.get(),
            ["void overrun(inout bytes b)", "void underrun(inout bytes:none b)", "void squares(u32 n, out [i64; 1] v)"])
        for size in [1, 8, 16, 100, 4_096] {
            let data = JSONValue.string(Base64.encode(Array(repeating: 1, count: size)))
            #expect(await Self.failure(tools, "overrun", ["b": data])?.status == .internal, "\(size)")
            #expect(await Self.failure(tools, "underrun", ["b": data])?.status == .internal, "\(size)")
        }
        #expect(await Self.failure(tools, "squares", ["n": 100])?.status == .internal)
        #expect(try await NativeStage.call(tools, "squares", ["n": 1]) == ["v": [0]])
        await tools.shutdown()
    }

    @Test("a wrong signature of libc's strlen ends in a failure or a number, and the host goes on")
    func wrongSignature() async throws {
        let libc = "/lib/x86_64-linux-gnu/libc.so.6"
        guard FileManager.default.fileExists(atPath: libc) else { return }
        let wrong = try NativeStage.tools(libc, ["f64 strlen(i64 x)"])
        #expect(await Self.failure(wrong, "strlen", ["x": 8])?.message.contains("SIGSEGV") == true)
        await wrong.shutdown()
        let odd = try NativeStage.tools(libc, ["f64 strlen(f64 x)"])
        _ = await Self.failure(odd, "strlen", ["x": 1])
        await odd.shutdown()
        let right = try NativeStage.tools(libc, ["u64 strlen(str s)"])
        #expect(try await NativeStage.call(right, "strlen", ["s": "bureau"]) == ["result": 6])
        await right.shutdown()
    }

    @Test("a library that changed is refused until it is bound again, unless it may change")
    func changedLibrary() async throws {
        let path = try NativeStage.values.get()
        let digest = try NativeStage.placement().inspectLibrary(path, exporting: ["echo_i8"])
        let signature = ["i8 echo_i8(i8 v)"]
        let bound = try NativeStage.tools(path, signature, digest: digest, followsUpgrades: false)
        #expect(try await NativeStage.call(bound, "echo_i8", ["v": 1]) == ["result": 1])
        let other = Digest(bytes: Array(repeating: 1, count: 32))
        let changed = try NativeStage.tools(path, signature, digest: other, followsUpgrades: false)
        let failure = await Self.failure(changed, "echo_i8", ["v": 1])
        #expect(failure?.status == .conflict && failure?.message.contains("changed since it was bound") == true)
        let follows = try NativeStage.tools(path, signature, digest: other, followsUpgrades: true)
        #expect(try await NativeStage.call(follows, "echo_i8", ["v": 1]) == ["result": 1])
        for tools in [bound, changed, follows] { await tools.shutdown() }
    }

    @Test("what a library does not export as a function is refused before it is loaded")
    func missing() throws {
        let placement = try NativeStage.placement()
        let path = try NativeStage.values.get()
        for symbol in ["no_such_function", "not_a_function", "strlen"] {
            #expect(throws: PlacementError.self) { try placement.inspectLibrary(path, exporting: [symbol]) }
        }
        #expect(throws: PlacementError.self) { try placement.inspectLibrary("/etc/passwd", exporting: []) }
    }
}
