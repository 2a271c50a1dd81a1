import Kernel
import Testing

@Suite("Signatures of native functions")
struct SignatureTests {
    @Test(
        "each malformed signature is refused at its column",
        arguments: [
            ("", 1, "a type was expected, not the end"),
            ("f64", 4, "the function's name was expected, not the end"),
            ("f64 cbrt", 9, "'(' was expected"),
            ("f64 cbrt(", 10, "a type was expected, not the end"),
            ("f64 cbrt(f64", 13, "')' was expected"),
            ("f64 cbrt(f64))", 14, "the signature ends here"),
            ("f64 cbrt(f64) x", 15, "the signature ends here"),
            ("f64 cbrt(f64,)", 14, "a type was expected, not ')'"),
            ("f64 cbrt(,f64)", 10, "a type was expected, not ','"),
            ("double cbrt(f64)", 1, "on this machine that is f64"),
            ("f64 cbrt(int)", 10, "on this machine that is i32"),
            ("f64 cbrt(size_t n)", 10, "on this machine that is u64"),
            ("f65 cbrt(f64)", 1, "there is no type \"f65\""),
            ("f64 cbrt(const f64 x)", 10, "leave const out"),
            ("f64 cbrt(struct point p)", 10, "write a struct by its fields"),
            ("f64 cbrt(f64 *x)", 14, "in place of a pointer"),
            ("f64 cbrt(f64 x, f64 x)", 21, "already named at column 14"),
            ("f64 cbrt(f64 arg2, f64)", 23, "already named at column 14"),
            ("f64 cbrt(void x)", 10, "cannot be void"),
            ("f64 cbrt(f64, void)", 15, "cannot be void"),
            ("[f64] all(f64)", 1, "a function returns no array"),
            ("bytes all(f64)", 1, "a function returns no array"),
            ("owned f64 f()", 7, "only a string can be owned"),
            ("void f(owned str s)", 8, "only a result can be owned"),
            ("void f(out [f64] x)", 18, "needs a count"),
            ("void f(out bytes x)", 18, "needs a count"),
            ("void f(out str x)", 16, "needs its room"),
            ("void f(str[4] x)", 11, "only an out or inout string has room"),
            ("void f(out text[4] x)", 12, "not text"),
            ("void f([f64; 3]:i32 x)", 16, "passes no length"),
            ("void f([f64]:f64 x)", 14, "an integer type or \"none\""),
            ("void f([f64]: x)", 15, "an integer type or \"none\""),
            ("void f([str] x)", 9, "cannot stand inside"),
            ("void f([[f64]] x)", 9, "a type was expected, not '['"),
            ("void f([f64; m] x)", 14, "there is no parameter \"m\""),
            ("void f([f64; m] x, f64 m)", 14, "is no integer"),
            ("void f([f64; m] x, out i32 m)", 14, "known only after the call"),
            ("void f([f64; len(m)] x, i32 m)", 18, "has no length"),
            ("void f([f64; y] x, [f64] y)", 14, "its length is len(y)"),
            ("void f(i32 a = b, i32 b = 3)", 16, "is computed itself"),
            ("void f(i32 a = )", 16, "a number, a parameter's name or len(name)"),
            ("void f(i32 a = 99999999999999999999)", 16, "64 bits"),
            ("void f(f64 a = 3)", 14, "only an integer"),
            ("void f(out i32 a = 3)", 18, "only an integer"),
            ("void f(out i32 result)", 16, "cannot be called \"result\""),
            ("void f({} p)", 9, "a type was expected, not '}'"),
            ("void f({f64} p)", 12, "a field's name was expected"),
            ("void f({f64 x, f64 x} p)", 20, "already has a field"),
            ("void f({f64 x p)", 15, "'}' was expected"),
            ("void f({{{{{f64 x} x} x} x} x} p)", 12, "at most 4 deep"),
            ("void f(f64 x) errno errno", 21, "the signature ends here"),
            ("void f(f64 \u{e9})", 12, "byte 0xc3 has no meaning"),
            ("void f(f64 x)!", 14, "'!' has no meaning"),
            ("void 3f(f64 x)", 6, "not a whole number"),
        ] as [(String, Int, String)])
    func refusal(text: String, column: Int, message: String) {
        do {
            _ = try NativeSignature(text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.column == column, "\(text): \(error)")
            #expect(error.message.contains(message), "\(text): \(error)")
        }
    }

    @Test("bounds hold")
    func bounds() {
        let many = (0...16).map { "i32 p\($0)" }.joined(separator: ", ")
        #expect(throws: NativeSignatureError.self) { try NativeSignature("void f(\(many))") }
        let wide = "{" + (0...16).map { "i8 f\($0)" }.joined(separator: ", ") + "}"
        #expect(throws: NativeSignatureError.self) { try NativeSignature("void f(\(wide) p)") }
        let full = "{" + (0..<16).map { "i8 f\($0)" }.joined(separator: ", ") + "}"
        let nested = "{" + (0..<4).map { "\(full) f\($0)" }.joined(separator: ", ") + "}"
        #expect(throws: Never.self) { try NativeSignature("void f(\(nested) p)") }
        #expect(throws: NativeSignatureError.self) { try NativeSignature("void f({\(nested) a, i8 b} p)") }
        let sum = "void f(i64 n, out [i8; \(String(repeating: "(", count: 20))n\(String(repeating: ")", count: 20))] x)"
        #expect(throws: NativeSignatureError.self) { try NativeSignature(sum) }
        #expect(throws: NativeSignatureError.self) { try NativeSignature(String(repeating: " ", count: 2_000)) }
    }

    @Test("a schema tells what the function takes and gives")
    func schema() throws {
        let signature = try NativeSignature("f64 npv(f64 rate, [f64] flows, i32 n = len(flows), out i64 steps)")
        let schema = signature.argumentsSchema
        #expect(schema["required"] == ["rate", "flows"])
        #expect(schema["properties"]?["flows"]?["items"]?["anyOf"] != nil)
        #expect(schema["additionalProperties"] == false)
        #expect(signature.resultSchema["required"] == ["result", "steps"])
        _ = try JSONSchema(schema)
        _ = try JSONSchema(signature.resultSchema)
        let definition = FunctionDefinition.openAI(name: "finance.npv", summary: "Value.", parameters: schema)
        #expect(definition["function"]?["name"] == "finance__npv")
        #expect(definition["function"]?["parameters"] == schema)
    }

    @Test("each integer type takes its least and greatest value and refuses the next")
    func integerBounds() throws {
        let cases: [(String, String, String)] = [
            ("i8", "-128", "127"), ("u8", "0", "255"), ("i16", "-32768", "32767"), ("u16", "0", "65535"),
            ("i32", "-2147483648", "2147483647"), ("u32", "0", "4294967295"),
        ]
        for (type, least, greatest) in cases {
            let signature = try NativeSignature("void f(\(type) x)")
            let schema = try JSONSchema(signature.argumentsSchema)
            for (text, fits) in [(least, true), (greatest, true), (greatest + "0", false), ("-\(greatest)1", false)] {
                let arguments = try JSONParser.parse("{\"x\":\(text)}")
                #expect(schema.validate(arguments).isEmpty == fits, "\(type) \(text)")
                #expect(((try? signature.call(arguments)) != nil) == fits, "\(type) \(text)")
            }
        }
        for (type, text, fits) in [
            ("u64", "\"18446744073709551615\"", true), ("u64", "\"18446744073709551616\"", false),
            ("u64", "18446744073709551615", false), ("i64", "-9223372036854775808", true),
            ("i64", "\"-9223372036854775809\"", false), ("u64", "-1", false), ("i64", "1.5", false),
            ("i64", "\"+1\"", false), ("i64", "\"\"", false),
        ] {
            let signature = try NativeSignature("void f(\(type) x)")
            let arguments = try JSONParser.parse("{\"x\":\(text)}")
            #expect(((try? signature.call(arguments)) != nil) == fits, "\(type) \(text)")
        }
    }

    @Test(
        "arguments that do not fit are refused by their pointer",
        arguments: [
            ("void f([f64; 3] v)", "{\"v\":[1,2]}", "/v: must have 3 elements, not 2"),
            ("void f([i8] v)", "{\"v\":[1,200]}", "/v/1: must be a whole number"),
            ("void f({f64 x, f64 y} p)", "{\"p\":{\"x\":1}}", "/p/y: is missing"),
            ("void f({f64 x} p)", "{\"p\":{\"x\":1,\"z\":2}}", "/p: has members"),
            ("void f(str s)", "{\"s\":\"a\\u0000b\"}", "/s: a C string cannot hold U+0000"),
            ("void f(bytes b)", "{\"b\":\"%%\"}", "/b: must be bytes in base64"),
            ("void f(f32 x)", "{\"x\":1e300}", "/x: 1e+300 does not fit f32"),
            ("void f(f64 x)", "{\"x\":\"inf\"}", "/x: must be a number"),
            ("void f(f64 x)", "{}", "/x: is missing"),
            ("void f(f64 x)", "{\"x\":1,\"y\":2}", "/y: f has no such argument"),
            ("void f(bool x)", "{\"x\":1}", "/x: must be true or false"),
            (
                "void f([u8]:u8 v)", "{\"v\":[\(Array(repeating: "1", count: 256).joined(separator: ","))]}",
                "256 does not fit u8"
            ),
            ("void f(i64 n, out bytes[n] b)", "{\"n\":-1}", "/b: a count of -1"),
            ("void f(i64 n, out [f64; n] b)", "{\"n\":8000000}", "a native call has at most"),
            ("void f(i64 n, out [f64; n*n] b)", "{\"n\":9223372036854775807}", "/b: its value or count"),
            ("void f(i64 n, out [f64; 1/n] b)", "{\"n\":0}", "/b: its value or count"),
            ("void f(inout str[4] s)", "{\"s\":\"four\"}", "/s: needs 5 bytes, there is room for 4"),
        ] as [(String, String, String)])
    func refusedArguments(signature: String, arguments: String, message: String) throws {
        let signature = try NativeSignature(signature)
        do {
            _ = try signature.call(try JSONParser.parse(arguments))
            Issue.record("accepted: \(arguments)")
        } catch let failure as Failure {
            #expect(failure.message.contains(message), "\(failure)")
        }
    }
}
