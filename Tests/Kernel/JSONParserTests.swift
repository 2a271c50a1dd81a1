import Kernel
import TestSupport
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    /// Names and texts as in nst/JSONTestSuite, test_parsing.
    static let accepted: [(String, JSONValue)] = [
        ("[]", []), ("{}", [:]), (" [1] ", [1]), ("[ 4]", [4]), ("2", 2), ("\"\"", ""), ("null", nil),
        ("[123e65]", [.double(123e65)]), ("[0e+1]", [.double(0)]), ("[1E-2]", [.double(0.01)]),
        ("[-0]", [0]), ("[-123]", [-123]), ("[123.456789]", [.double(123.456789)]),
        ("[null,1,\n\t\r2]", [nil, 1, 2]),
        (#"{"asd":"sdf"}"#, ["asd": "sdf"]), (#"{"":0}"#, ["": 0]), (#"{"a":[]}"#, ["a": []]),
        (#"["\u0060\u012a\u12AB"]"#, ["\u{60}\u{12a}\u{12AB}"]),
        (#"["\uD801\udc37"]"#, ["\u{10437}"]), (#"["\ud83d\ude39\ud83d\udc8d"]"#, ["😹💍"]),
        (#"["\"\\\/\b\f\n\r\t"]"#, ["\"\\/\u{8}\u{c}\n\r\t"]),
        (#"["a/*b*/c/*d//e"]"#, ["a/*b*/c/*d//e"]), (#"["\\a"]"#, [#"\a"#]), (#"["\u0000"]"#, ["\0"]),
        ("[\"\u{7f}\"]", ["\u{7f}"]), ("[\"\u{2028}€𝄞\"]", ["\u{2028}€𝄞"]), (#"["\u200B"]"#, ["\u{200B}"]),
        ("[9223372036854775807,-9223372036854775808]", [.integer(.max), .integer(.min)]),
        ("[9223372036854775808]", [.double(9_223_372_036_854_775_808)]),
        ("[true,false]", [true, false]),
    ]

    @Test("well-formed documents are read", arguments: accepted)
    func accepts(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    static let refused: [[UInt8]] =
        [
            "", " ", "[", "]", "{", "[1,]", "[1,,2]", "[,1]", "[1 true]", "[a]", "[\"a\"", "[\"\": 1]", "{\"a\":1,}",
            "{\"a\" 1}", "{\"a\":}", "{a:1}", "{'a':1}", "{\"a\":1}}", "{1:1}", "{,}", "1 2", "[]x", "nul", "truth",
            "[True]", "[NaN]", "[Infinity]", "[-]", "[+1]", "[-01]", "[01]", "[.5]", "[1.]", "[1.e2]", "[1e]",
            "[1e+]", "[0x1]", "[1_000]", "[1e400]", "[-1e400]", "// c\n1", "/* c */1", "[1]#", "\u{a0}1", "\u{c}1",
            #"["\x41"]"#, #"["\a"]"#, #"["\u12"]"#, #"["\u00G0"]"#, #"["\u+123"]"#, #"["\"]"#, #"["\"#, "[\"\t\"]",
            "[\"\n\"]", "[\"\0\"]", #"["\uD800"]"#, #"["\uDC00"]"#, #"["\uD800\n"]"#, #"["\uD800\u0041"]"#,
            #"["\uDC00\uD800"]"#, #"["\uDC00\uDC00"]"#, #"["\uD800\uD800"]"#, "\"abc", "'a'", "\u{feff}{}", "<null>",
            "[1]\u{0}",
        ].map { Array($0.utf8) } + [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0x80, 0x22], [0xFF], [0xFE, 0xFF, 0x00, 0x31],
            [0x22, 0x5C, 0x6E, 0xFF, 0x22],
        ]

    @Test("everything that RFC 8259 does not allow is refused", arguments: refused)
    func refuses(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
    }

    @Test(
        "a key twice is refused, also when the spellings are only canonically equal",
        arguments: [
            #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, "{\"\u{e9}\":1,\"e\u{301}\":2}", #"{"x":{"b":1,"b":2}}"#,
        ])
    func refusesDuplicates(text: String) throws {
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error.message.contains("occurs twice"))
    }

    @Test("an error names line and column in characters")
    func position() throws {
        let error = try #require(throws: JSONError.self) { try JSONParser.parse("{\n  \"é\": tru\n}") }
        #expect(error == JSONError(message: "a value was expected", line: 2, column: 8))
        #expect(error.description == "line 2, column 8: a value was expected")
    }

    @Test("nesting is allowed up to the limit and not beyond")
    func depth() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSONParser.parse(deepest)
        #expect(throws: JSONError.self) { try JSONParser.parse("[" + deepest + "]") }
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test("a document beyond the byte limit is refused unread")
    func size() {
        let limits = JSONLimits(maximumBytes: 4)
        #expect(throws: JSONError.self) { try JSONParser.parse("[1,2]", limits: limits) }
    }

    @Test("what is written is read back as the same value, compact and pretty")
    func roundTrip() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            let value = randomJSON(&random, depth: 5)
            for text in [value.serialized(), value.serialized(pretty: true)] {
                #expect(try JSONParser.parse(text) == value, "seed \(seed)")
            }
        }
    }

    @Test("no bytes make the parser trap")
    func arbitraryBytes() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let alphabet = Array(#"{}[]":,\u0dD8eE+-.1 tfn"#.utf8) + [0x80, 0xC3, 0xFF, 0x0A]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<24, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            guard let value = try? JSONParser.parse(bytes) else { continue }
            #expect((try? JSONParser.parse(value.bytes)) == value, "seed \(seed)")
        }
    }
}

/// A random document without duplicate (or canonically equal) keys.
func randomJSON(_ random: inout SplitMix64, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
    case 0: return nil
    case 1: return .bool(.random(using: &random))
    case 2: return .integer(Int64(truncatingIfNeeded: random.next() >> UInt64.random(in: 0..<64, using: &random)))
    case 3:
        let number = Double(bitPattern: random.next())
        return .double(number.isFinite ? number : 0.5)
    case 4, 5: return .string(randomText(&random))
    case 6, 7:
        return .array((0..<Int.random(in: 0..<5, using: &random)).map { _ in randomJSON(&random, depth: depth - 1) })
    default:
        var members = [String: JSONValue]()
        for _ in 0..<Int.random(in: 0..<5, using: &random) {
            members[randomText(&random)] = randomJSON(&random, depth: depth - 1)
        }
        return .object(members)
    }
}

private func randomText(_ random: inout SplitMix64) -> String {
    let scalars: [Unicode.Scalar] = [
        "a", "Z", "\"", "\\", "/", "\n", "\0", "\u{1f}", "\u{7f}", "é", "€", "😀", "\u{301}",
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0..<8, using: &random) {
        text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "a")
    }
    return text
}
