import Kernel
import Testing

@Suite("JSON pointer")
struct JSONPointerTests {
    /// RFC 6901 section 5.
    static let document: JSONValue = [
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8,
    ]

    static let examples: [(String, JSONValue)] = [
        ("", document), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/e^f", 3),
        ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
    ]

    @Test("the examples of RFC 6901 section 5 hold, and pointers are written as they were read", arguments: examples)
    func rfcExamples(text: String, value: JSONValue) throws {
        let pointer = try #require(JSONPointer(text))
        #expect(pointer.value(in: Self.document) == value)
        #expect(pointer.description == text)
    }

    @Test("~01 is ~1, not /")
    func escapedTilde() throws { #expect(try #require(JSONPointer("/~01")).tokens == ["~1"]) }

    @Test("malformed pointers are refused", arguments: ["foo", "/~", "/~2", "/a~", "#/foo"])
    func malformed(text: String) { #expect(JSONPointer(text) == nil) }

    @Test(
        "what is not there is nil",
        arguments: ["/bar", "/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/", "/foo/0/x", "/foo/99999999999999999999"])
    func missing(text: String) throws {
        #expect(try #require(JSONPointer(text)).value(in: Self.document) == nil)
    }

    @Test("keys are compared by their bytes, not by canonical equivalence")
    func bytes() throws {
        let document: JSONValue = ["\u{e9}": 1]
        #expect(try #require(JSONPointer("/\u{e9}")).value(in: document) == 1)
        #expect(try #require(JSONPointer("/e\u{301}")).value(in: document) == nil)
    }
}
