// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Members are named as in the tools' JSON.

import PluginKit
import PluginTesting
import Research
import Testing

@Suite("Research: tool discovery")
struct ResearchToolDiscoveryTests {
    private struct Settings: Codable, Sendable {
        var max_tools: Int?
        var sources: [String]?
    }

    private struct Request: Codable, Sendable {
        var terms: [String]
        var limit: Int
    }

    private struct Package: Codable, Sendable {
        var name: String
        var version = "1.0-1"
        var section = "devel"
        var summary: String
        var description = ""
        var homepage = ""
        var tags = ""
        var installed = false
        var matched: [String] = []
    }

    private struct Answer: Codable, Sendable {
        struct Source: Codable, Sendable {
            var path: String
            var modified_unix_time: Int64
        }
        var packages: [Package]
        var packages_read = 60_000
        var packages_matched: Int
        var truncated = false
        var document_frequencies: [String: Int]
        var sources = [Source(path: "/var/lib/dpkg/status", modified_unix_time: 1_700_000_000)]
    }

    private static let catalogue = [
        Package(name: "libtorch-dev", summary: "machine learning framework (development files)"),
        Package(name: "libtorch2.1", section: "libs", summary: "machine learning framework (runtime)"),
        Package(
            name: "torch-doc", section: "doc", summary: "machine learning framework, documentation, library, toolkit"),
        Package(
            name: "mlpack-bin", summary: "machine learning library with command line programs",
            description: "First sentence. This toolkit covers deep learning too."),
        Package(
            name: "gnome-builder", summary: "IDE for GNOME development", description: "An environment for developers."),
        Package(name: "chess", section: "games", summary: "chess with artificial intelligence"),
    ]

    private func discover(_ task: String, maximum: Int? = nil, settings: Settings = Settings()) async throws
        -> ToolDiscoveryOutput
    {
        let harness = try TaskHarness(Research.self, configuration: settings)
        harness.onTool("debian.search", taking: Request.self) { request in
            #expect(request.terms.count <= 24)
            return Answer(
                packages: Self.catalogue, packages_matched: Self.catalogue.count,
                document_frequencies: Dictionary(request.terms.map { ($0, 40) }, uniquingKeysWith: { $1 }))
        }
        return try await harness.run("tool-discovery", input: ToolDiscoveryInput(task: task, maximumResults: maximum))
    }

    @Test("what holds both topics ranks before what holds one; one program is listed once")
    func ranking() async throws {
        let output = try await discover("Find new AI development tools", maximum: 20)
        let names = output.tools.map(\.name)
        #expect(Set(names.prefix(2)) == ["libtorch-dev", "mlpack-bin"])
        #expect(!names.contains("torch-doc") && !names.contains("libtorch2.1"))
        #expect(names.contains("chess") && names.contains("gnome-builder"))
        let torch = try #require(output.tools.first { $0.name == "libtorch-dev" })
        #expect(Set(torch.related) == ["libtorch2.1", "torch-doc"])
        #expect(torch.why.hasPrefix("holds 2 of 2 topics"))
        #expect(output.tools.map(\.score) == output.tools.map(\.score).sorted(by: >))
        #expect(output.packagesRead == 60_000)
        #expect(output.warnings == ["Debian's metadata has no release dates: \"new\" did not change the ranking"])
    }

    @Test("every quote stands in the catalogue's entry at its offsets")
    func evidence() async throws {
        let output = try await discover("AI development")
        #expect(!output.tools.isEmpty)
        for tool in output.tools {
            let package = try #require(Self.catalogue.first { $0.name == tool.name })
            #expect(!tool.evidence.isEmpty)
            for piece in tool.evidence {
                let fields = ["name": package.name, "summary": package.summary, "description": package.description]
                let bytes = Array(try #require(fields[piece.field]).utf8)
                #expect(String(decoding: bytes[piece.start..<piece.end], as: UTF8.self) == piece.quote)
            }
        }
    }

    @Test("the request's limit and the agent's limit both hold")
    func limits() async throws {
        #expect(try await discover("AI development", maximum: 1).tools.count == 1)
        let capped = try await discover("AI development", maximum: 20, settings: Settings(max_tools: 2))
        #expect(capped.tools.count == 2)
        #expect(capped.warnings == ["max_results 20 was lowered to the agent's max_tools 2"])
    }

    @Test("unknown sources are named; with none known the task is refused")
    func sources() async throws {
        let some = try await discover("AI", settings: Settings(sources: ["debian", "producthunt"]))
        #expect(
            some.warnings == ["source producthunt is not available to this agent and was left out; available: debian"])
        let failure = await #expect(throws: TaskFailure.self) {
            try await discover("AI", settings: Settings(sources: ["github", "producthunt"]))
        }
        #expect(failure?.status == .invalid)
        #expect(failure?.message.contains("github, producthunt") == true)
    }

    @Test("the seed's sources, github and producthunt, are ranked from saved answers in the services' own forms")
    func catalogues() async throws {
        let harness = try TaskHarness(
            Research.self, configuration: Settings(max_tools: 50, sources: ["github", "producthunt"]))
        let output: ToolDiscoveryOutput = try await harness.run(
            "tool-discovery",
            input: try LifeRun.parse(
                """
                {"task": "machine learning", "max_results": 20, "catalogues": [
                 {"source": "github", "document": {"total_count": 3, "incomplete_results": false, "items": [
                  {"full_name": "example/learner", "description": "Machine learning in one file", "archived": false,
                   "html_url": "https://github.com/example/learner", "topics": ["machine-learning"], "language": "C",
                   "stargazers_count": 12, "pushed_at": "2026-01-02T03:04:05Z"},
                  {"full_name": "example/old", "description": "Machine learning before", "archived": true,
                   "topics": []},
                  {"full_name": "example/chess", "description": null, "topics": ["chess"]}]}},
                 {"source": "producthunt", "document": {"data": {"posts": {"edges": [
                  {"node": {"name": "Learnly", "tagline": "Machine learning for shops", "description": "No code.",
                   "website": "https://example.com", "votesCount": 5, "createdAt": "2026-05-01T00:00:00Z",
                   "topics": {"edges": [{"node": {"name": "Artificial Intelligence"}}]}}}]}}}},
                 {"source": "list", "document": []}]}
                """))
        #expect(Set(output.tools.map(\.name)) == ["example/learner", "Learnly"])
        #expect(Set(output.tools.map(\.source)) == ["github", "producthunt"])
        #expect(output.packagesRead == 4 && output.warnings.count == 1)
        #expect(output.tools.allSatisfy { !$0.evidence.isEmpty })
        await #expect(throws: TaskFailure.self) {
            let _: JSONValue = try await harness.run(
                "tool-discovery",
                input: try LifeRun.parse(
                    #"{"task": "machine learning", "#
                        + #""catalogues": [{"source": "github", "document": {"message": "rate limit"}}]}"#
                ))
        }
    }

    @Test("a request without a topic is refused")
    func noTopic() async throws {
        let failure = await #expect(throws: TaskFailure.self) { try await discover("find me the best new tools") }
        #expect(failure?.status == .invalid)
    }
}
