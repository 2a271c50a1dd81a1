import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Hostile input is refused in plain words", .timeLimit(.minutes(10)))
struct HostileInputTests {
    private static let ann = TestServer.Caller.user("ann", of: "acme")
    /// What no problem may say: how this host is made.
    private static let internals = [
        "SELECT", "sqlite", "/work", "/tmp", ".swift", "Fatal", "GRDB", "0x7f", "Optional(",
    ]

    /// - Parameter asked: what the request said, which an answer may say again.
    private func isPlain(_ answer: LoopbackClient.Response, asked: String = "") -> Bool {
        let text = String(decoding: answer.body, as: UTF8.self)
        return answer.status < 500 && !Self.internals.contains { text.contains($0) && !asked.contains($0) }
    }

    @Test("what is not JSON is 400, whatever it is, and what is JSON is read")
    func json() async throws {
        let server = try await TestServer.start()
        let path = "/agents/desk/execute"
        let bad: [String] = [
            "{", "}", "[", "{]", "{\"task\":}", "{'task':'echo'}", "{task:\"echo\"}", "{\"task\":\"echo\",}", "[1,]",
            "{\"task\":\"echo\"}{}", "{\"task\":\"echo\"} x", "nul", "NaN", "Infinity", "+1", "01", "1.", ".5", "1e",
            "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "{\"task\":\"\\udc00\"}", "\u{FEFF}{\"task\":\"echo\"}",
            "{\"task\":\"echo\",\"task\":\"review\"}", "/* c */{}", "{\"task\":\"a\tb\"}", "{\"task\":\"a\nb\"}",
            "\u{0}",
            String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 20_000), "1e999999",
            "{\"parameters\":{\"n\":1e400},\"task\":\"echo\"}",
        ]
        for text in bad {
            let answer = try await server.ask(Self.ann, "POST", path, bytes: Array(text.utf8))
            #expect([400, 422].contains(answer.status) && isPlain(answer), "\(text.prefix(60)): \(answer.status)")
        }
        for bytes: [UInt8] in [
            [0xff], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xff, 0xfe, 0x7b, 0x00],
        ] {
            let answer = try await server.ask(Self.ann, "POST", path, bytes: bytes)
            #expect(answer.status == 400 && isPlain(answer), "\(bytes)")
        }
        for text in ["[]", "\"echo\"", "null", "true", "17", "{}", "{\"task\":17}", "{\"task\":\"\"}"] {
            let answer = try await server.ask(Self.ann, "POST", path, bytes: Array(text.utf8))
            #expect(answer.status == 422 && isPlain(answer), "\(text): \(answer.status)")
        }
        let good: [String] = [
            "{\"task\":\"echo\"}", " \r\n\t{\"task\" : \"echo\"} ", "{\"\\u0074ask\":\"echo\"}",
            "{\"task\":\"echo\",\"parameters\":{\"s\":\"\\ud83d\\ude00\",\"n\":-0.5e-3,\"deep\":[[[[[[]]]]]]}}",
            "{\"task\":\"echo\",\"parameters\":{\"" + String(repeating: "k", count: 60_000) + "\":null}}",
        ]
        for text in good {
            let answer = try await server.ask(Self.ann, "POST", path, bytes: Array(text.utf8))
            #expect(answer.status == 202, "\(text.prefix(60)): \(answer.status)")
        }
        let long = try await server.ask(
            Self.ann, "POST", path, bytes: [UInt8](repeating: UInt8(ascii: " "), count: (10 << 20) + 1))
        #expect(long.status == 413)
        try await server.stop()
    }

    /// Each text in each parameter of each operation that only reads.
    @Test("a text that would be another statement is a text")
    func statements() async throws {
        let server = try await TestServer.start()
        let run = try await server.run(Self.ann)
        let texts = [
            "' OR '1'='1", "1; DROP TABLE run; --", "\" OR \"\"=\"", "') UNION SELECT * FROM subject_key --",
            "%' AND 1=1",
            "\u{0}", "../../etc/passwd", "${jndi:ldap://x}", "\r\nX-Injected: 1", "\u{202E}txt", "a\u{0301}",
        ]
        let allowed = CharacterSet.alphanumerics
        var asked = 0
        for operation in server.description.operations where operation.method == "GET" && !operation.isStream {
            for parameter in operation.parameters where parameter["in"] != "header" {
                let name = parameter["name"]?.stringValue ?? ""
                for text in texts {
                    let escaped = text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
                    var path = operation.filled(parameter["in"] == "path" ? [name: escaped] : [:])
                    if parameter["in"] == "query" { path += "?\(name)=\(escaped)" }
                    let answer = try await server.ask(.operatorOfAll, "GET", path)
                    asked += 1
                    #expect(isPlain(answer, asked: text), "\(operation.id) \(name)=\(text): \(answer.status)")
                    #expect(answer.headers["x-injected"] == nil)
                }
            }
        }
        #expect(asked > 500)
        // Nothing was dropped.
        #expect(try await server.ask(Self.ann, "GET", "/jobs/\(run)").status == 200)
        try await server.stop()
    }

    @Test("schemathesis finds no failure of the host, no undescribed status, and no answer of another form")
    func schemathesis() async throws {
        let server = try await TestServer.start()
        let seed = String(TestSeed.next() % 1_000_000)
        let (output, status) = try await DescriptionTests.python(
            "run_schemathesis.py", ["http://127.0.0.1:\(server.port)", "name=root", seed, "8"])
        #expect(status == 0, "\(output)")
        #expect(try await server.ask(.nobody, "GET", "/health").status == 200)
        try await server.stop()
    }
}
