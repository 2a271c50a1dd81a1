// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Members are named as in the tools' JSON.

import Engineering
import Foundation
import PluginKit
import PluginTesting
import Testing

@Suite("Engineering: repository review")
struct EngineeringReviewTests {
    private struct Commit: Codable, Sendable {
        var hash: String
        var author: String
        var email_domain = "example.org"
        var unix_time: Int64
        var subject = "change"
        var files: [Change]
        var files_omitted = 0
    }

    private struct Change: Codable, Sendable {
        var path: String
        var renamed_from: String?
        var added: Int? = 1
        var deleted: Int? = 0
    }

    private struct HistoryAnswer: Codable, Sendable {
        var head: String?
        var branch: String? = "main"
        var truncated = false
        var commits: [Commit]
    }

    private struct File: Codable, Sendable {
        var path: String
        var bytes = 10
        var text: String?
    }

    private struct FilesAnswer: Codable, Sendable {
        var head: String?
        var files: [File]
        var truncated: [String] = []
    }

    private static let branchy = """
        // if if if: a comment does not branch
        func decide(x: Int) -> String {
            let text = "if && while"
            if x > 1 && x < 9 {
                for i in 0..<x {
                    guard i != 3 else { return text }
                }
            }
            return x > 0 ? "a" : "b"
        }
        """

    private static let files = [
        File(path: "Sources/Core.swift", text: branchy),
        File(path: "Sources/New.swift", text: "let a = 1\n"),
        File(path: "Tests/CoreTests.swift", text: "func testCore() {\n    check()\n}\n"),
        File(path: "logo.png"),
        File(
            path: "Package.swift",
            text: """
                let package = Package(dependencies: [
                    .package(url: "https://example.org/swift-nio.git", from: "2.0.0"),
                    .package(url: "https://example.org/GRDB.swift", .upToNextMajor(from: "7.1.0")),
                ])
                """),
        File(
            path: "web/package.json",
            text: "{\"dependencies\": {\"left-pad\": \"^1.0.0\"}, \"devDependencies\": {\"vite\": \"5\"}}"),
        File(path: "requirements.txt", text: "# tools\nrank-bm25>=0.2 ; python_version > '3'\n-r other.txt\nnumpy\n"),
        File(
            path: "go.mod",
            text: "module x\nrequire (\n\tgolang.org/x/net v0.1.0 // indirect\n)\nrequire a.b/c v1.2.3\n"),
        File(
            path: "Cargo.toml",
            text: "[dependencies]\nserde = { version = \"1.0\", features = [\"derive\"] }\nlog = \"0.4\"\n"),
        File(
            path: "pom.xml",
            text: "<dependency><groupId>org.x</groupId><artifactId>y</artifactId><version>3</version></dependency>"),
        File(path: "pyproject.toml", text: "[project]\ndependencies = [\n  \"httpx~=0.27\",\n]\n"),
    ]

    private static let day: Int64 = 86_400

    /// Newest first, as Git tells it.
    private static let commits = [
        Commit(
            hash: "c4", author: "Ada", unix_time: 1_700_000_000 + 40 * day,
            files: [Change(path: "Sources/Core.swift")]),
        Commit(
            hash: "c3", author: "Grace", unix_time: 1_700_000_000 + 3 * day,
            files: [Change(path: "Sources/Core.swift", renamed_from: "Old.swift", added: 2, deleted: 2)]),
        Commit(
            hash: "c2", author: "Ada", unix_time: 1_700_000_000 + day,
            files: [Change(path: "Old.swift", added: 5), Change(path: "Tests/CoreTests.swift")]),
        Commit(
            hash: "c1", author: "Ada", unix_time: 1_700_000_000,
            files: [
                Change(path: "Old.swift", added: 10), Change(path: "Sources/New.swift"), Change(path: "gone.swift"),
            ]),
    ]

    private func review(
        commits: [Commit] = commits, files: [File] = files, truncated: [String] = [], prose: Bool? = nil
    ) async throws -> (output: RepositoryReviewOutput, harness: TaskHarness) {
        let harness = try TaskHarness(Engineering.self)
        let head = commits.first?.hash
        harness.onTool("git.history") { (_: [UInt8]) in
            try Self.json(HistoryAnswer(head: head, commits: commits))
        }
        harness.onTool("git.files") { (_: [UInt8]) in
            try Self.json(FilesAnswer(head: head, files: files, truncated: truncated))
        }
        harness.onModel { "Summary of: \($0.prompt.prefix(20))" }
        let output: RepositoryReviewOutput = try await harness.run(
            "repository-review", input: RepositoryReviewInput(path: "<b>.", prose: prose))
        return (output, harness)
    }

    @Test("the file that changes often and branches most is the first hot spot, across its rename")
    func hotSpots() async throws {
        let output = try await review().output
        let first = try #require(output.hotSpots.first)
        #expect(first.path == "Sources/Core.swift")
        #expect(first.score == 100)
        #expect(first.commits == 4)
        #expect(first.addedLines == 18 && first.deletedLines == 2)
        // if, &&, for, guard and one for the file; comments and strings do not count.
        #expect(first.complexity == 5)
        #expect(first.codeLines == 9)
        #expect(first.deepestIndentation == 3)
        #expect(first.authors == 2)
        #expect(output.hotSpots.map(\.rank) == Array(1...output.hotSpots.count))
    }

    @Test("tests, languages, months and age are counted")
    func counts() async throws {
        let output = try await review().output
        #expect(output.files == Self.files.count)
        #expect(output.tests.files == 1 && output.tests.codeLines == 3)
        #expect(output.tests.productionCodeLines == 14)
        #expect(output.tests.ratio == 0.2143)
        #expect(output.languages.map(\.language) == ["Swift"])
        #expect(output.history.ageDays == 40)
        #expect(output.history.firstCommit == "2023-11-14" && output.history.lastCommit == "2023-12-24")
        #expect(output.history.months.map { "\($0.month) \($0.commits)" } == ["2023-11 3", "2023-12 1"])
        #expect(output.history.authors == 2)
    }

    @Test("the dependencies of every manifest are listed with their requirement")
    func dependencies() async throws {
        let found = try await review().output.dependencies.map { "\($0.ecosystem) \($0.name) \($0.requirement)" }
        #expect(
            found == [
                "cargo log 0.4", "cargo serde 1.0", "go a.b/c v1.2.3", "go golang.org/x/net v0.1.0", "maven org.x:y 3",
                "npm left-pad ^1.0.0", "npm vite 5", "python httpx ~=0.27", "python numpy ",
                "python rank-bm25 >=0.2", "swift GRDB.swift .upToNextMajor(from: 7.1.0)", "swift swift-nio from: 2.0.0",
            ])
    }

    @Test("one person who wrote nearly all is a bus factor of one; equal shares need more")
    func busFactor() async throws {
        #expect(try await review().output.busFactor.busFactor == 1)
        let names = ["A", "B", "C", "D"]
        let files = names.map { File(path: "\($0).swift", text: "let x = 1\n") }
        let commits = names.enumerated().map { index, name in
            Commit(hash: name, author: name, unix_time: Int64(index), files: [Change(path: "\(name).swift")])
        }
        let shared = try await review(commits: commits, files: files).output.busFactor
        // Avelino et al.: people leave until more than half of the files are orphans; of four, three must.
        #expect(shared.busFactor == 3)
        #expect(shared.authors.map(\.files) == [1, 1, 1, 1])
    }

    @Test("a large, deep, much changed file of one author without tests is risky, with its reasons")
    func risks() async throws {
        let nesting = (0..<7).map { String(repeating: "    ", count: $0) + "if a {" }
        let lines = (0..<520).map { "                            if x\($0) { y() }" }
        let files = [
            File(path: "Big.swift", text: (nesting + lines).joined(separator: "\n")),
            File(path: "Small.swift", text: "let x = 1\n"),
        ]
        let commits =
            (0..<5).map {
                Commit(hash: "\($0)", author: "Ada", unix_time: Int64(100 - $0), files: [Change(path: "Big.swift")])
            } + [Commit(hash: "x", author: "Grace", unix_time: 1, files: [Change(path: "Small.swift")])]
        let risky = try await review(commits: commits, files: files).output.riskyFiles
        #expect(risky.map(\.path) == ["Big.swift"])
        #expect(risky.first?.points == 11)
        #expect(risky.first?.reasons.count == 6)
    }

    @Test("the reports are written, hold the figures and let no path through as markup")
    func reports() async throws {
        let (output, harness) = try await review()
        #expect(output.artifacts.map(\.name) == ["review.md", "review.html"])
        let markdown = String(decoding: try #require(harness.artifacts["review.md"]), as: UTF8.self)
        let html = String(decoding: try #require(harness.artifacts["review.html"]), as: UTF8.self)
        for figure in ["Sources/Core.swift", "swift-nio", "Ada (example.org)", "2023-11-14"] {
            #expect(markdown.contains(figure), "\(figure)")
            #expect(html.contains(figure), "\(figure)")
        }
        #expect(html.contains("<svg") && html.contains("<circle") && html.contains("prefers-color-scheme"))
        #expect(!html.contains("<b>.") && html.contains("&lt;b&gt;."))
        #expect(!html.contains("<script") && !html.contains("http://") && !html.contains("src="))
    }

    @Test("effects are named steps, and a replay performs none of them")
    func replay() async throws {
        let (output, harness) = try await review(prose: true)
        #expect(
            harness.steps.map(\.name) == [
                "read-history", "read-files", "analyse", "write-summary", "write-markdown", "write-html",
            ])
        #expect(output.summary?.hasPrefix("Summary of: Repository") == true)
        let again: RepositoryReviewOutput = try await harness.replay()
        #expect(again == output && harness.performedEffects == 0)
    }

    @Test("a repository without commits gives an empty review that says so")
    func empty() async throws {
        let output = try await review(commits: [], files: []).output
        #expect(output.hotSpots.isEmpty && output.busFactor.busFactor == 0)
        #expect(output.tests.ratio == nil)
        #expect(output.warnings == ["the repository has no commits: there is nothing to review"])
    }

    private static func json(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }
}
