import Foundation
import HostTools
import Kernel
import TestSupport
import Testing

@Suite("File tools")
struct FileToolTests {
    private let scratch: Scratch
    private var settings: ToolSettings { ToolSettings(allowedRoots: [scratch.path]) }

    init() throws { scratch = try Scratch() }

    private func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
        let file = URL(filePath: scratch.path).appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
    }

    private func call(_ name: String, _ arguments: JSONValue, settings: ToolSettings? = nil) async throws -> JSONValue {
        let tool = try #require(BuiltInTools.all(settings: settings ?? self.settings).first { $0.name == name })
        return try await tool.call(arguments)
    }

    private func failure(_ name: String, _ arguments: JSONValue, settings: ToolSettings? = nil) async -> Failure? {
        do {
            _ = try await call(name, arguments, settings: settings)
            return nil
        } catch {
            return error as? Failure
        }
    }

    private func secrets(_ text: String, salt: String = "a fixed salt") async throws -> [JSONValue] {
        let document: JSONValue = ["name": "d", "text": .string(text)]
        let result = try await call("files.secrets", ["documents": [document], "salt": .string(salt)])
        return try #require(result["secrets"]?.arrayValue)
    }

    @Test("a sweep names entries with their modes and enters no link")
    func sweep() async throws {
        let outside = try Scratch()
        try outside.write(Array("x".utf8), to: "secret")
        try write("a/one.txt", "1", mode: 0o640)
        try write("two", "22", mode: 0o4755)
        try FileManager.default.createSymbolicLink(
            atPath: scratch.folder("link"), withDestinationPath: outside.path)
        let result = try await call("files.sweep", ["path": "."])
        let entries = try #require(result["entries"]?.arrayValue)
        let lines = entries.map { "\($0["path"]?.stringValue ?? "") \($0["kind"]?.stringValue ?? "")" }
        #expect(lines == [". folder", "a folder", "link link", "two file", "a/one.txt file"])
        #expect(entries.first { $0["path"] == "two" }?["mode"] == "4755")
        #expect(entries.first { $0["path"] == "a/one.txt" }?["mode"] == "0640")
        #expect(result["truncated"] == false)
        let short = try await call("files.sweep", ["path": ".", "max_entries": 2])
        #expect(short["entries"]?.arrayValue?.count == 2 && short["truncated"] == true)
    }

    @Test("nothing outside the allowed roots is read, by path, by dots or by links")
    func escapes() async throws {
        let outside = try Scratch()
        let secret = try outside.write(Array("outside".utf8), to: "file")
        try FileManager.default.createSymbolicLink(atPath: scratch.folder("link"), withDestinationPath: secret)
        try FileManager.default.createSymbolicLink(atPath: scratch.folder("folder"), withDestinationPath: outside.path)
        for path in [outside.path, "folder", "..", "/"] {
            for tool in ["files.sweep", "files.read", "files.secrets"] {
                var arguments: [String: JSONValue] = ["path": .string(path)]
                if tool == "files.read" { arguments["files"] = ["file"] }
                #expect(await failure(tool, .object(arguments))?.status == .denied, "\(tool) \(path)")
            }
        }
        let sibling = "../\(outside.path.split(separator: "/").last ?? "")/file"
        let names = ["link", "folder/file", sibling, "/etc/hostname", ""].map(JSONValue.string)
        let result = try await call("files.read", ["path": ".", "files": .array(names)])
        #expect(result["files"]?.arrayValue?.isEmpty == true)
        #expect(result["skipped"]?.arrayValue?.count == 5)
        #expect(!"\(result)".contains("outside"))
        #expect(
            await failure("files.sweep", ["path": "."], settings: ToolSettings(allowedRoots: []))?.status == .denied)
        #expect(await failure("files.sweep", ["path": "missing"])?.status == .notFound)
    }

    @Test("pipes, folders, binary and large files are skipped with the reason")
    func skipped() async throws {
        try write("binary", "a\u{0}b")
        try write("large", String(repeating: "x", count: 2_000))
        try write("text", "plain\n")
        #expect(mkfifo(scratch.folder("pipe"), 0o600) == 0)
        try FileManager.default.createDirectory(atPath: scratch.folder("sub"), withIntermediateDirectories: true)
        let result = try await call(
            "files.read",
            ["path": ".", "files": ["binary", "large", "pipe", "sub", "absent", "text"], "max_file_bytes": 1_000])
        let reasons = result["skipped"]?.arrayValue?.compactMap { $0["reason"]?.stringValue } ?? []
        #expect(
            reasons == [
                "not UTF-8 text", "larger than 1000 bytes", "not a regular file", "not a regular file",
                "No such file or directory",
            ])
        #expect(result["files"]?.arrayValue?.compactMap { $0["text"]?.stringValue } == ["plain\n"])
    }

    /// Published as an example of the form; its last six characters are the checksum of the rest.
    private static let gitHub = "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"

    private static let planted: [(text: String, kind: String, secret: String)] = [
        ("token: \(gitHub)", "github-token", gitHub),
        ("key AKIAQ3EGRZ7XJ5BLTVWN end", "aws-access-key-id", "AKIAQ3EGRZ7XJ5BLTVWN"),
        (
            "aws_secret_access_key = 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", "aws-secret-access-key",
            "wJ8lrXUtnF3MI/K7MDENG+bPxRfiCYzQ2kLm0TpV"
        ),
        ("url = postgres://app:s3cr3t-Pw@db.internal/app", "url-password", "s3cr3t-Pw"),
        ("DB_PASSWORD=Tr0ub4dor&3", "password", "Tr0ub4dor&3"),
        ("  \"clientSecret\": \"q8Zr2LmX0vTn5KcW\",", "client-secret", "q8Zr2LmX0vTn5KcW"),
        ("x = \"Zm9v4Kq1Xr8Wt2Yb6Lp0Nd3Hs7Jc5Gv9Ea\"", "high-entropy-text", "Zm9v4Kq1Xr8Wt2Yb6Lp0Nd3Hs7Jc5Gv9Ea"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7Zr2LmX0vTn5KcWq8\nabc=\n-----END RSA PRIVATE KEY-----",
            "private-key", "MIIEpAIBAAKCAQEA7Zr2LmX0vTn5KcWq8"
        ),
    ]

    @Test("planted secrets are found by kind, and no answer holds one")
    func found() async throws {
        for (text, kind, secret) in Self.planted {
            let found = try await secrets("first line\n\(text)\nlast\n")
            #expect(found.map { $0["kind"]?.stringValue } == [kind], "\(text)")
            #expect(!"\(found)".contains(secret))
            try write("planted", "first line\n\(text)\nlast\n")
            let read = try await call("files.read", ["path": ".", "files": ["planted"]])
            let masked = try #require(read["files"]?.arrayValue?.first?["text"]?.stringValue)
            #expect(!masked.contains(secret) && masked.contains("[secret: \(kind)]"), "\(masked)")
            #expect(masked.hasPrefix("first line\n") && masked.hasSuffix("last\n"))
        }
    }

    @Test(
        "what only looks like a secret is none",
        arguments: [
            "token: ghp_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18", "AKIAIOSFODNN7EXAMPLE", "password = ${DB_PASSWORD}",
            "password: <your password>", "password = os.environ['PASSWORD']", "if password == other12 {",
            "let token = parser.nextToken()", "api_key = \"your_api_key_here\"", "secret: true", "password: changeme1",
            "commit 3f786850e387550fdab836ed7e6dc881de23001b", "sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\"",
            "\"integrity\": \"sha512-abcDEF0123456789abcDEF0123456789abcDEF0123456789==\"",
            "https://example.org:8443/path@2", "let secretsOfLine = secretDetector.find",
            "-----BEGIN PRIVATE KEY----- is how one begins", "func applicationDidFinishLaunchingWithOptions2024Now()",
            "tokens = tokenizer.tokens(20)", "\"password\": \"Enter your password\"", "password: some-name",
            "password_file: /run/secrets/db", "id: 123e4567-e89b-12d3-a456-426614174000",
        ])
    func innocent(text: String) async throws {
        let found = try await secrets(text)
        #expect(found.isEmpty, "\(found)")
    }

    @Test("equal salts give equal fingerprints, other salts and other secrets others")
    func fingerprints() async throws {
        func marks(_ text: String, _ salt: String) async throws -> [String] {
            try await secrets(text, salt: salt).compactMap { $0["fingerprint"]?.stringValue }
        }
        let first = try await marks("password=Tr0ub4dor&3\nurl=x://u:Tr0ub4dor&3@h", "one salt")
        #expect(first.count == 2 && Set(first).count == 1)
        #expect(try await marks("password=Tr0ub4dor&3", "one salt") == [first[0]])
        #expect(try await marks("password=Tr0ub4dor&3", "two salt") != [first[0]])
        #expect(try await marks("password=Tr0ub4dor&4", "one salt") != [first[0]])
    }

    @Test("a folder is searched without links, lock files and binaries")
    func folder() async throws {
        let outside = try Scratch()
        try outside.write(Array("password=Tr0ub4dor&3".utf8), to: "f")
        try write("src/app.env", "DB_PASSWORD=Tr0ub4dor&3\n")
        try write("package-lock.json", "password=Tr0ub4dor&3")
        try write("bin", "\u{0}password=Tr0ub4dor&3")
        try FileManager.default.createSymbolicLink(
            atPath: scratch.folder("l"), withDestinationPath: outside.folder("f"))
        let result = try await call("files.secrets", ["path": "."])
        let places = result["secrets"]?.arrayValue?.map { "\($0["path"]?.stringValue ?? "")" }
        #expect(places == ["src/app.env"])
        #expect(result["secrets"]?.arrayValue?.first?["line"] == 1)
        #expect(await failure("files.secrets", [:])?.status == .invalid)
    }

    @Test("a megabyte of one line, and ten thousand lines, end soon")
    func large() async throws {
        let long = String(repeating: "secret_key = x(", count: 70_000)
        #expect(try await secrets(long).isEmpty)
        let lines = String(repeating: String(repeating: "secret_key = \"x(", count: 1_000) + "\n", count: 60)
        #expect(try await secrets(lines).isEmpty)
        let many = String(repeating: "x = \"\n-----BEGIN PRIVATE KEY-----\n://a:b@c\n", count: 5_000)
        #expect(try await secrets(many).isEmpty)
    }
}
