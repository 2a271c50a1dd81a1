import Foundation
import Kernel
import TestSupport
import Testing

@Suite("The description is a document that others can use", .timeLimit(.minutes(10)))
struct DescriptionTests {
    static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Clients")

    /// Its output, and whether it ended well. It blocks: on a thread of its own.
    static func python(_ script: String, _ arguments: [String]) async throws -> (output: String, status: Int32) {
        let folder = try Scratch()
        let file = try folder.write([], to: "output")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", scripts.appendingPathComponent(script).path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        process.standardError = process.standardOutput
        try process.runAlone()
        let ended: Bool = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: process.waitUntilExit(upTo: 500)) }
        }
        if !ended { process.terminate() }
        return (try String(contentsOfFile: file, encoding: .utf8), ended ? process.terminationStatus : -1)
    }

    @Test("both forms are valid by a validator of other authors, and name each component once")
    func valid() async throws {
        let server = try await TestServer.start()
        let folder = try Scratch()
        var files: [String] = []
        for name in ["openapi.json", "openapi-3.0.json"] {
            let answer = try await server.ask(.nobody, "GET", "/\(name)")
            #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
            files.append(try folder.write(answer.body, to: name))
            let tag = try #require(answer.headers["etag"])
            #expect(try await server.ask(.nobody, "GET", "/\(name)", headers: ["If-None-Match": tag]).status == 304)
        }
        let (output, status) = try await Self.python("check_openapi.py", files)
        #expect(output == "2 documents\n" && status == 0, "\(output)")
        #expect(server.description.document["info"]?["version"]?.stringValue == HostVersion.current)
        try await server.stop()
    }

    @Test("the page to read and try is whole without anything from elsewhere, and lets nothing else in")
    func page() async throws {
        let server = try await TestServer.start()
        for (path, type) in [
            ("/docs", "text/html"), ("/docs/docs.js", "text/javascript"), ("/docs/docs.css", "text/css"),
        ] {
            let answer = try await server.ask(.nobody, "GET", path)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == 200 && answer.headers["content-type"]?.hasPrefix(type) == true)
            for foreign in ["http://", "https://", "//cdn", "@import", "eval(", "innerHTML", "onclick="] {
                #expect(!text.contains(foreign), "\(path) has \(foreign)")
            }
            let policy = try #require(answer.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
        try await server.stop()
    }

    @Test("what v1 and v2 promised is still so", arguments: ["v1", "v2"])
    func contracts(version: String) async throws {
        let server = try await TestServer.start()
        let now = Contract(server.description)
        let file = Built.checkout.appendingPathComponent("Tests/Server/Contracts/\(version).json")
        if ProcessInfo.processInfo.environment["BUREAU_TEST_WRITE"] != nil {
            try Data(now.json.bytes + [10]).write(to: file)
        }
        let then = try JSONParser.parse(Array(Data(contentsOf: file)).dropLast())
        #expect(then.objectValue?.isEmpty == false)
        #expect(Contract.breaks(from: then, to: now.json) == [])
        try await server.stop()
    }

    @Test("a removed operation, parameter or member, a new duty and a narrower type are each found")
    func narrowing() throws {
        let then: JSONValue = [
            "GET /a": [
                "parameters": ["query q": "string"], "duties": [], "body": ["x": "string"],
                "answers": ["200 /n": "integer"],
            ]
        ]
        #expect(Contract.breaks(from: then, to: then) == [])
        let member: JSONValue = [
            "parameters": ["query q": "integer"], "duties": ["query q"], "body": [:], "answers": ["200 /n": "string"],
        ]
        #expect(Contract.breaks(from: then, to: ["GET /a": member]).count == 4)
        #expect(Contract.breaks(from: then, to: [:]) == ["GET /a is gone"])
    }
}
