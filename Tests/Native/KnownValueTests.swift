import Engine
import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Functions of C libraries give their known values", .timeLimit(.minutes(2)))
struct KnownValueTests {
    @Test("the mathematics of this machine", .enabled(if: FileManager.default.fileExists(atPath: NativeStage.libm)))
    func mathematics() async throws {
        let tools = try NativeStage.tools(
            NativeStage.libm,
            [
                "f64 cbrt(f64 x)", "f64 hypot(f64, f64)", "f64 pow(f64 x, f64 y)", "f64 frexp(f64 x, out i32 exponent)",
                "f64 modf(f64 x, out f64 whole)", "f32 sqrtf(f32 x)", "f64 sqrt(f64 x) errno", "f64 log(f64 x)",
            ])
        #expect(try await NativeStage.call(tools, "cbrt", ["x": 8]) == ["result": .double(2)])
        #expect(try await NativeStage.call(tools, "hypot", ["arg1": 3, "arg2": 4]) == ["result": .double(5)])
        #expect(try await NativeStage.call(tools, "pow", ["x": 2, "y": 10]) == ["result": .double(1024)])
        #expect(
            try await NativeStage.call(tools, "frexp", ["x": 48]) == ["result": .double(0.75), "exponent": 6])
        #expect(
            try await NativeStage.call(tools, "modf", ["x": .double(-2.5)])
                == ["result": .double(-0.5), "whole": .double(-2)])
        #expect(try await NativeStage.call(tools, "sqrtf", ["x": .double(0.25)]) == ["result": .double(0.5)])
        #expect(try await NativeStage.call(tools, "sqrt", ["x": -1]) == ["result": "NaN", "errno": 33])
        #expect(try await NativeStage.call(tools, "log", ["x": 0]) == ["result": "-Infinity"])
        await tools.shutdown()
    }

    static let zlib = ["/lib/x86_64-linux-gnu/libz.so.1", "/usr/lib/x86_64-linux-gnu/libz.so.1"].first {
        FileManager.default.fileExists(atPath: $0)
    }

    /// RFC 1950: Adler-32 of "Wikipedia" is the published example; CRC-32 of "123456789" is the check value of its
    /// catalogue.
    @Test("zlib needs no glue", .enabled(if: zlib != nil))
    func compression() async throws {
        let tools = try NativeStage.tools(
            try #require(Self.zlib),
            [
                "u64 crc32(u64 crc, text:u32 data)", "u64 adler32(u64 adler, bytes:u32 data)",
                "i32 compress(out bytes[n] packed, inout u64 n = len(data) + len(data)/1000 + 64, bytes data)",
                "i32 uncompress(out bytes[n] data, inout u64 n, bytes packed)", "str zlibVersion()",
            ])
        #expect(
            try await NativeStage.call(tools, "crc32", ["crc": 0, "data": "123456789"]) == ["result": 0xCBF4_3926])
        let wikipedia = JSONValue.string(Base64.encode(Array("Wikipedia".utf8)))
        #expect(
            try await NativeStage.call(tools, "adler32", ["adler": 1, "data": wikipedia]) == ["result": 0x11E6_0398])
        let text = Base64.encode(Array(String(repeating: "bureau ", count: 1_000).utf8))
        let packed = try await NativeStage.call(tools, "compress", ["data": .string(text)])
        let bytes = try #require(packed["packed"]?.stringValue.flatMap { Base64.decode($0) })
        #expect(packed["n"] == .integer(Int64(bytes.count)) && bytes.count < 100)
        let unpacked = try await NativeStage.call(
            tools, "uncompress", ["n": 8_000, "packed": .string(Base64.encode(bytes))])
        #expect(unpacked == ["result": 0, "n": 7_000, "data": .string(text)])
        let version = try await NativeStage.call(tools, "zlibVersion", [:])
        #expect(version["result"]?.stringValue?.hasPrefix("1.") == true)
        await tools.shutdown()
    }

    @Test("every integer width, at its bounds")
    func integers() async throws {
        let bounds: [(String, [JSONValue])] = [
            ("i8", [-128, 127]), ("u8", [0, 255]), ("i16", [-32_768, 32_767]), ("u16", [0, 65_535]),
            ("i32", [-2_147_483_648, 2_147_483_647]), ("u32", [0, 4_294_967_295]),
            ("i64", ["-9223372036854775808", "9223372036854775807", -9_007_199_254_740_991, 5]),
            ("u64", [0, "18446744073709551615", 9_007_199_254_740_991, "9007199254740992"]),
            ("f32", [.double(0.1), "NaN", "-Infinity", .double(-3.4028234663852886e38)]),
            ("f64", [.double(0.1), "NaN", "Infinity", .double(5e-324)]), ("bool", [true, false]),
        ]
        let tools = try NativeStage.tools(
            try NativeStage.values.get(),
            bounds.map { "\($0.0) echo_\($0.0)(\($0.0) v)" } + ["i64 sum_mixed(i8 a, u16 b, i64 c)"])
        for (type, values) in bounds {
            for value in values {
                let result = try await NativeStage.call(tools, "echo_\(type)", ["v": value])
                // The shortest decimal of an f32 reads back as it.
                let expected =
                    type == "f32" ? value.doubleValue.map { JSONValue.double(Double("\(Float($0))") ?? 0) } : nil
                #expect(result == ["result": expected ?? value], "\(type) \(value)")
            }
        }
        #expect(
            try await NativeStage.call(tools, "sum_mixed", ["a": -128, "b": 65_535, "c": -1]) == ["result": 65_406])
        await tools.shutdown()
    }

    @Test("arrays in, out and both ways, with every form of length")
    func arrays() async throws {
        let tools = try NativeStage.tools(
            try NativeStage.values.get(),
            [
                "f64 npv(f64 rate, [f64] flows)", "f64 dot(i32 n = len(x), [f64; n] x, [f64; n] y)",
                "void scale(f64 factor, inout [f64] values)", "void squares(u32 n, out [i64; n] values)",
                "i32 take_even(inout [i32; n] values, inout u64 n = len(values))", "u32 byte_sum(bytes:u32 b)",
                "f64 lengths([{f64 x, f64 y}] points)",
                "void center([{f64 x, f64 y}] points, out {f64 x, f64 y} middle)",
            ])
        #expect(
            try await NativeStage.call(tools, "npv", ["rate": .double(0.5), "flows": [-6, 3, .double(4.5)]])
                == ["result": .double(-2)])
        #expect(try await NativeStage.call(tools, "npv", ["rate": 0, "flows": []]) == ["result": .double(0)])
        #expect(
            try await NativeStage.call(tools, "dot", ["x": [1, 2, 3], "y": [4, 5, 6]]) == ["result": .double(32)])
        #expect(
            try await NativeStage.call(tools, "scale", ["factor": 2, "values": [1, .double(2.5)]])
                == ["values": [.double(2), .double(5)]])
        #expect(try await NativeStage.call(tools, "squares", ["n": 4]) == ["values": [0, 1, 4, 9]])
        #expect(
            try await NativeStage.call(tools, "take_even", ["values": [1, 2, 3, 4, 6]])
                == ["result": 0, "values": [2, 4, 6], "n": 3])
        #expect(try await NativeStage.call(tools, "byte_sum", ["b": "AQID"]) == ["result": 6])
        let points: JSONValue = [["x": 3, "y": 4], ["x": 1, "y": 0]]
        #expect(try await NativeStage.call(tools, "lengths", ["points": points]) == ["result": .double(26)])
        #expect(
            try await NativeStage.call(tools, "center", ["points": points])
                == ["middle": ["x": .double(2), "y": .double(2)]])
        await tools.shutdown()
    }

    @Test("structs by value, in registers and in memory, there and back")
    func structs() async throws {
        let mixed = "{i8 a, f64 b, i16 c, f32 d}"
        let nested = "{{f64 x, f64 y} p, {i32 a, f32 b} q, u8 r}"
        let tools = try NativeStage.tools(
            try NativeStage.values.get(),
            [
                "{f32 x} double_one({f32 x} v)", "{f64 x, f64 y} swap_point({f64 x, f64 y} p)",
                "{i32 a, f32 b} swap_pair({i32 a, f32 b} p)", "\(mixed) next_mixed(\(mixed) m)",
                "\(nested) next_nested(\(nested) n, i32 by)",
            ])
        func result(_ symbol: String, _ arguments: JSONValue) async throws -> JSONValue? {
            try await NativeStage.call(tools, symbol, arguments)["result"]
        }
        #expect(try await result("double_one", ["v": ["x": .double(1.5)]]) == ["x": .double(3)])
        #expect(
            try await result("swap_point", ["p": ["x": 1, "y": 2]]) == ["x": .double(2), "y": .double(1)])
        #expect(try await result("swap_pair", ["p": ["a": 7, "b": 9]]) == ["a": 9, "b": .double(7)])
        #expect(
            try await result("next_mixed", ["m": ["a": 1, "b": 2, "c": 3, "d": 4]])
                == ["a": 2, "b": .double(3), "c": 4, "d": .double(5)])
        #expect(
            try await result(
                "next_nested", ["n": ["p": ["x": 1, "y": 2], "q": ["a": 3, "b": 4], "r": 5], "by": 10])
                == [
                    "p": ["x": .double(11), "y": .double(12)], "q": ["a": 13, "b": .double(14)], "r": 15,
                ])
        await tools.shutdown()
    }

    @Test("strings borrowed, owned, absent, written, and not UTF-8")
    func strings() async throws {
        let tools = try NativeStage.tools(
            try NativeStage.values.get(),
            [
                "str greeting()", "str nothing()", "str not_utf8()", "owned str repeat(str text, u32 times)",
                "void shout(inout str[len(text)+1] text)",
                "i32 describe(i32 number, out str[size] text, u64 size = 32)",
                "f64 fail_with(i32 number) errno",
            ])
        #expect(try await NativeStage.call(tools, "greeting", [:]) == ["result": "grüß dich"])
        #expect(try await NativeStage.call(tools, "nothing", [:]) == ["result": .null])
        #expect(
            try await NativeStage.call(tools, "repeat", ["text": "ab\u{fc}", "times": 3])
                == ["result": "ab\u{fc}ab\u{fc}ab\u{fc}"])
        #expect(try await NativeStage.call(tools, "shout", ["text": "bureau"]) == ["text": "BUREAU"])
        #expect(
            try await NativeStage.call(tools, "describe", ["number": -7]) == ["result": 9, "text": "number -7"])
        #expect(
            try await NativeStage.call(tools, "fail_with", ["number": 42]) == ["result": .double(-1), "errno": 42])
        do {
            _ = try await NativeStage.call(tools, "not_utf8", [:])
            Issue.record("accepted")
        } catch let failure as Failure {
            #expect(failure.message.contains("is not UTF-8"))
        }
        await tools.shutdown()
    }
}
