import Kernel
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    @Test("the same value gives the same bytes, in the order of keys")
    func encodes() throws {
        let value: JSONValue = ["type": "run.admitted", "seq": 7, "cost": -5, "res": nil, "list": [true, "é\n"]]
        let bytes = try CanonicalJSON.encode(value)
        let expected = #"{"cost":-5,"list":[true,"é\n"],"res":null,"seq":7,"type":"run.admitted"}"#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        #expect(try CanonicalJSON.decode(bytes) == value)
    }

    static let edge: Int64 = 9_007_199_254_740_991

    @Test("integers up to 2^53 - 1 are allowed")
    func integers() throws { _ = try CanonicalJSON.encode(["a": .integer(Self.edge), "b": .integer(-Self.edge)]) }

    static let refused: [(JSONValue, String)] = [
        ([1], "the document must be an object"),
        (["a": .double(1)], "/a is not a whole number; write it as a string"),
        (["a": .integer(edge + 1)], "/a is an integer beyond 2^53 - 1; write it as a string"),
        (["a": [.integer(.min)]], "/a/0 is an integer beyond 2^53 - 1; write it as a string"),
        (["a": "x\0"], "/a holds U+0000"),
        (["A": 1], "the document has a key that is not [a-z0-9_]{1,40}"),
        (["": 1], "the document has a key that is not [a-z0-9_]{1,40}"),
        (["x": ["é": 1]], "/x has a key that is not [a-z0-9_]{1,40}"),
        (.object([String(repeating: "k", count: 41): 1]), "the document has a key that is not [a-z0-9_]{1,40}"),
        (["a": [[[[[[[[1]]]]]]]]], "/a/0/0/0/0/0/0/0 is nested deeper than 8 levels"),
        (["a": .string(String(repeating: "x", count: 16 << 10))], "the document has 16392 bytes; the limit is 16384"),
    ]

    @Test("what the profile leaves out is refused with its place", arguments: refused)
    func refuses(value: JSONValue, message: String) throws {
        let error = try #require(throws: CanonicalError.self) { try CanonicalJSON.encode(value) }
        #expect(error.description == message)
    }

    @Test("eight levels and exactly 16 KiB are allowed")
    func limits() throws {
        _ = try CanonicalJSON.encode(["a": [[[[[[[1]]]]]]]])
        let largest: JSONValue = ["a": .string(String(repeating: "x", count: 16 << 10 - 8))]
        #expect(try CanonicalJSON.encode(largest).count == 16 << 10)
    }

    @Test(
        "other spellings of a canonical document are refused when read",
        arguments: [
            #"{"a": 1}"#, #"{"b":1,"a":1}"#, #"{"a":1.0}"#, #"{"a":-0}"#, #"{"a":"\u0041"}"#, #"{"a":"\/"}"#,
            "{\"a\":1}\n", #"{"a":1,"a":1}"#,
        ])
    func lint(text: String) {
        #expect(throws: CanonicalError.self) { try CanonicalJSON.decode(Array(text.utf8)) }
    }
}
