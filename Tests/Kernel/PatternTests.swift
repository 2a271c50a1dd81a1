import Kernel
import TestSupport
import Testing

@Suite("Pattern")
struct PatternTests {
    static let cases: [(pattern: String, matching: [String], others: [String])] = [
        ("", ["", "x"], []),
        ("a", ["a", "bab"], ["", "b"]),
        ("^a*$", ["", "aaa"], ["aab", "b"]),
        ("^a+$", ["a", "aa"], [""]),
        ("^ab?c$", ["ac", "abc"], ["abbc"]),
        ("^a{2}$", ["aa"], ["a", "aaa"]),
        ("^a{2,}$", ["aa", "aaaa"], ["a"]),
        ("^a{1,3}$", ["a", "aaa"], ["", "aaaa"]),
        ("^a{0}$", [""], ["a"]),
        ("^(ab|cd)+$", ["ab", "cdab"], ["abc", ""]),
        ("^(?:a|b|)c$", ["ac", "bc", "c"], ["dc"]),
        ("^(a*)*$", ["", "aaa"], ["b"]),
        ("^(|a)+$", ["", "aa"], ["b"]),
        ("^.$", ["a", "é", "😀"], ["", "ab", "\n", "\u{2028}"]),
        ("^[a-cx]$", ["b", "x"], ["d", "-"]),
        ("^[^a-c]$", ["d", "\n"], ["a"]),
        ("^[a-]$", ["a", "-"], ["b"]),
        ("^[-a]$", ["a", "-"], ["b"]),
        ("^[\\]\\\\^]$", ["]", "\\", "^"], ["a"]),
        ("^[.*+]$", [".", "*", "+"], ["a"]),
        ("^\\d\\D\\w\\W\\s\\S$", ["1a_- x"], ["a1_- x"]),
        ("^\\d$", ["7"], ["߀"]),
        ("^\\w$", ["_"], ["é"]),
        ("^\\s$", ["\u{a0}", "\u{feff}", "\u{3000}"], ["\u{200b}"]),
        ("^\\.\\/\\^\\$\\-\\t\\n$", ["./^$-\t\n"], ["x/^$-\t\n"]),
        ("^\\u00e9\\x41$", ["éA"], ["eA"]),
        ("^[\\u0400-\\u04ff]+$", ["привет"], ["hello"]),
        ("^a.*?b$", ["ab", "axxb"], ["a"]),
        ("^(\\([0-9]{3}\\))?[0-9]{3}-[0-9]{4}$", ["555-1212", "(888)555-1212"], ["(888)555-1212 ext. 532", "(800)"]),
        ("a$|^b", ["xa", "bx"], ["ax", "xb"]),
        ("^[\\d-]+$", ["1-2"], ["a"]),
    ]

    @Test("patterns match what they describe and nothing else", arguments: cases)
    func matches(pattern: String, matching: [String], others: [String]) throws {
        let compiled = try Pattern(pattern)
        for text in matching { #expect(compiled.matches(text), "\(pattern) should match \(text)") }
        for text in others { #expect(!compiled.matches(text), "\(pattern) should not match \(text)") }
    }

    @Test(
        "what is malformed or outside the dialect is refused",
        arguments: [
            "(", ")", "a)", "(a", "[", "[a", "[b-a]", "[\\d-z]", "*", "+a", "a**", "a{", "a{1", "a{2,1}", "a{1001}",
            "a{x}", "\\", "\\1", "\\k", "(?=a)", "(?!a)", "(?<n>a)", "(?<=a)", "\\bword", "\\p{L}", "\\u12", "\\ud800",
            "\\x1", "a{,2}", "]", "}", "((a{100}){100}){100}", String(repeating: "(", count: 40),
        ])
    func refuses(pattern: String) { #expect(throws: PatternError.self) { try Pattern(pattern) } }

    @Test("patterns that make a backtracking matcher explode take time linear in the text", .timeLimit(.minutes(1)))
    func linear() throws {
        let text = String(repeating: "a", count: 20_000) + "!"
        for pattern in ["^(a+)+$", "^(a|aa)+$", "^(a*)*b", "(x+x+)+y", "^(a|a)*$"] {
            #expect(!(try Pattern(pattern).matches(text)))
        }
    }
}
