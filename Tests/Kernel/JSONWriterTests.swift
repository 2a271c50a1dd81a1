import Kernel
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
    @Test("keys are sorted by their bytes")
    func sortedKeys() {
        let value: JSONValue = ["b": 1, "a": 2, "B": 3, "é": 4, "aa": 5, "😀": 6, "\u{fb33}": 7]
        #expect(value.serialized() == "{\"B\":3,\"a\":2,\"aa\":5,\"b\":1,\"é\":4,\"\u{fb33}\":7,\"😀\":6}")
    }

    @Test("only what must be escaped is, in the spelling of RFC 8785")
    func escapes() {
        let value: JSONValue = "€$\u{f}\nA'B\"\\\\\"/\u{8}\u{9}\u{c}\u{d}\u{7f}"
        #expect(value.serialized() == #""€$\u000f\nA'B\"\\\\\"/\b\t\f\r"# + "\u{7f}\"")
    }

    @Test(
        "doubles keep their kind and value",
        arguments: [
            (1.0, "1.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1e300, "1e+300"), (1.25e-300, "1.25e-300"),
            (123456.75, "123456.75"),
        ])
    func doubles(number: Double, text: String) throws {
        #expect(JSONValue.double(number).serialized() == text)
        #expect(try JSONParser.parse(text) == .double(number))
    }

    @Test("a number that is not finite is null", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(number: Double) { #expect(JSONValue.double(number).serialized() == "null") }

    @Test("the pretty form has a member a line and keeps empty containers short")
    func pretty() {
        let value: JSONValue = ["a": [1, 2], "b": [:], "c": []]
        let expected = """
            {
              "a": [
                1,
                2
              ],
              "b": {},
              "c": []
            }
            """
        #expect(value.serialized(pretty: true) == expected)
    }
}
