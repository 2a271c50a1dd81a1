import FoundationEssentials
import PluginKit
import PluginTesting
import Safety
import TestSupport
import Testing

@Suite("Safety: packages and advisories")
struct SafetyDependencyTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private func check(_ input: DependencyInput) async throws -> DependencyOutput {
        try await TaskHarness(Safety.self).run("dependencies", input: input)
    }

    /// Whether `version` of a package is hit by a range of the given events.
    private func isHit(_ ecosystem: String, _ version: String, events: String) async throws -> Bool {
        let advisory = try json(
            """
            {"id": "T-1", "affected": [{"package": {"ecosystem": "\(ecosystem)", "name": "p"},
             "ranges": [{"type": "ECOSYSTEM", "events": [\(events)]}]}]}
            """)
        let file =
            switch ecosystem {
            case "PyPI": InventoryFile(name: "requirements.txt", text: "p==\(version)\n")
            case "npm":
                InventoryFile(
                    name: "package-lock.json",
                    text: "{\"lockfileVersion\": 3, \"packages\": {\"node_modules/p\": {\"version\": \"\(version)\"}}}")
            default:
                InventoryFile(
                    name: "status", kind: .dpkgStatus,
                    text: "Package: p\nStatus: install ok installed\nVersion: \(version)\n")
            }
        let output = try await check(DependencyInput(files: [file], advisories: [advisory]))
        #expect(output.warnings.isEmpty, "\(output.warnings)")
        return !output.vulnerable.isEmpty
    }

    /// Each list ascends; the sources are the documents that define the order.
    private static let ascending: [(ecosystem: String, versions: [String])] = [
        // Semantic Versioning 2.0.0 §11.
        (
            "npm",
            [
                "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
                "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "2.10.0", "20230101000000000000.0.0",
            ]
        ),
        // PEP 440, "Summary of permitted suffixes and relative ordering", and its examples.
        (
            "PyPI",
            [
                "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2",
                "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7",
                "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1!0.1",
            ]
        ),
        // Debian Policy Manual §5.6.12.
        (
            "Debian",
            [
                "1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a", "1.0+b", "1.0.1", "1.2-1", "1.10-1~deb12u1", "1.10-1",
                "1.10-1+b1", "1:0.1", "2:0.0.1-1",
            ]
        ),
    ]

    @Test("versions are ordered as their ecosystem's document orders them")
    func order() async throws {
        for (ecosystem, versions) in Self.ascending {
            for (lower, higher) in zip(versions, versions.dropFirst()) {
                let events = "{\"introduced\": \"0\"}, {\"fixed\": \"\(higher)\"}"
                #expect(try await isHit(ecosystem, lower, events: events), "\(lower) < \(higher)")
                #expect(try await !isHit(ecosystem, higher, events: events), "\(higher)")
                let from = "{\"introduced\": \"\(higher)\"}"
                #expect(try await !isHit(ecosystem, lower, events: from), "\(lower) < \(higher)")
            }
        }
    }

    @Test("spellings that PEP 440 normalises are one version")
    func spellings() async throws {
        for (one, other) in [
            ("1.0", "v1.0.0"), ("1.0-ALPHA.1", "1.0a1"), ("1.0c2", "1.0rc2"), ("1.0-1", "1.0.post1"),
            ("1.0-r4", "1.0.post4"), ("1.0preview3", "1.0rc3"), ("1.0+Ubuntu-1", "1.0+ubuntu.1"), ("0!1.0", "1"),
        ] {
            let only = "{\"introduced\": \"\(one)\"}, {\"last_affected\": \"\(one)\"}"
            #expect(try await isHit("PyPI", other, events: only), "\(one) = \(other)")
        }
    }

    @Test("events are evaluated as the OSV schema says, in any order")
    func events() async throws {
        let ranges =
            """
            {"fixed": "1.5.0"}, {"introduced": "1.0.0"}, {"introduced": "2.0.0"}, {"last_affected": "2.3.0"}
            """
        for (version, hit) in [
            ("0.9.0", false), ("1.0.0", true), ("1.4.9", true), ("1.5.0", false), ("1.9.0", false), ("2.0.0", true),
            ("2.3.0", true), ("2.3.1", false), ("1.5.0-rc.1", true),
        ] {
            #expect(try await isHit("npm", version, events: ranges) == hit, "\(version)")
        }
        let limited = "{\"introduced\": \"0\"}, {\"limit\": \"3.0.0\"}"
        #expect(try await isHit("npm", "2.9.9", events: limited))
        #expect(try await !isHit("npm", "3.0.0", events: limited))
    }

    private static let advisories = """
        [{"id": "GHSA-1", "aliases": ["CVE-2024-1"], "summary": "first",
          "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
          "affected": [{"package": {"ecosystem": "PyPI", "name": "Some_Package"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]},
                       {"type": "GIT", "events": [{"introduced": "0"}]}]}]},
         {"id": "PYSEC-1", "aliases": ["CVE-2024-1"], "summary": "the same",
          "affected": [{"package": {"ecosystem": "PyPI", "name": "some-package"}, "versions": ["1.5"]}]},
         {"id": "GONE-1", "withdrawn": "2024-01-01T00:00:00Z",
          "affected": [{"package": {"ecosystem": "PyPI", "name": "some-package"}, "versions": ["1.5"]}]},
         {"id": "DSA-1", "database_specific": {"severity": "MODERATE"},
          "affected": [{"package": {"ecosystem": "Debian:12", "name": "openssl"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.9-1"}]}]}]},
         {"id": "SW-1", "affected": [{
            "package": {"ecosystem": "SwiftURL", "name": "https://github.com/apple/swift-nio.git"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "2.0.0"}, {"fixed": "2.29.1"}]}]}]},
         {"id": "MVN-1", "affected": [{"package": {"ecosystem": "Maven", "name": "left-pad"}, "versions": ["1"]}]},
         {"id": "NPM-1", "affected": [{"package": {"ecosystem": "npm", "name": "left-pad"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"last_affected": "1.2.0"}]}]}]}]
        """

    private static let files = [
        InventoryFile(
            name: "requirements.txt",
            text: """
                # comment
                Some.Package[extra]==1.5 ; python_version > "3" --hash=sha256:00
                loose>=1,<2
                -r more.txt
                split == \\
                  1.0  # tail
                git+https://example.org/x
                """),
        InventoryFile(
            name: "var/lib/dpkg/status",
            text: """
                Package: libssl3
                Status: install ok installed
                Source: openssl (3.0.8-1)
                Version: 3.0.8-1+b1
                Description: long
                 more

                Package: openssl
                Status: deinstall ok config-files
                Version: 1.0
                """),
        InventoryFile(
            name: "Package.resolved",
            text: """
                {"version": 2, "pins": [
                 {"location": "git@github.com:Apple/swift-nio.git", "state": {"version": "2.29.0"}},
                 {"identity": "b", "location": "https://github.com/x/branch", "state": {"branch": "main"}}]}
                """),
        InventoryFile(
            name: "web/package-lock.json",
            text: """
                {"lockfileVersion": 1, "dependencies": {"a": {"version": "1.0.0",
                  "dependencies": {"left-pad": {"version": "1.1.3"}}}, "left-pad": {"version": "1.3.0"}}}
                """),
    ]

    @Test("inventories of four kinds are read, and matched once for each weakness")
    func match() async throws {
        let output = try await check(
            DependencyInput(files: Self.files, advisories: try json(Self.advisories).arrayValue, debianRelease: "12"))
        let hits = output.vulnerable.map {
            "\($0.component.ecosystem) \($0.component.name) \($0.ids.joined(separator: " "))"
        }
        #expect(
            hits == [
                "PyPI some-package GHSA-1 CVE-2024-1 PYSEC-1", "SwiftURL github.com/apple/swift-nio SW-1",
                "npm left-pad NPM-1", "Debian openssl DSA-1",
            ])
        #expect(output.vulnerable[0].score == 9.8 && output.vulnerable[0].severity == .critical)
        #expect(output.vulnerable[0].fixed == ["2.0"] && output.vulnerable[0].component.line == 2)
        #expect(output.vulnerable[3].severity == .medium && output.vulnerable[3].component.version == "3.0.8-1")
        #expect(output.vulnerable[2].component.version == "1.1.3")
        #expect(output.unpinned.map(\.name) == ["loose", "github.com/x/branch"])
        #expect(output.byEcosystem == ["PyPI": 3, "Debian": 1, "SwiftURL": 2, "npm": 3])
        #expect(output.warnings.contains { $0.contains("requirements.txt:7") })
        #expect(output.warnings.contains { $0.contains("versions of Maven have no order here") } == false)
        let bullseye = try await check(
            DependencyInput(files: Self.files, advisories: try json(Self.advisories).arrayValue, debianRelease: "11"))
        #expect(!bullseye.vulnerable.contains { $0.ids == ["DSA-1"] })
    }

    @Test("what cannot be read is an error or a warning with its place, never a silent pass")
    func hostile() async throws {
        func failure(_ input: DependencyInput) async -> String {
            let failure = await #expect(throws: TaskFailure.self) { _ = try await check(input) }
            return failure?.message ?? ""
        }
        #expect(await failure(DependencyInput()).contains("nothing to check"))
        #expect(
            await failure(DependencyInput(files: [.init(name: "package-lock.json", text: "{")])).contains("not JSON"))
        #expect(
            await failure(DependencyInput(files: [.init(name: "package-lock.json", text: "{}")])).contains(
                "no package-lock"))
        #expect(await failure(DependencyInput(files: [.init(name: "x", text: "")])).contains("/files/0/kind"))
        #expect(
            await failure(DependencyInput(files: Self.files, advisories: [.object([:])])).contains("/advisories/0/id"))
        let odd = try json(
            """
            [{"id": "O", "affected": [{"package": {"ecosystem": "PyPI", "name": "split"},
              "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "not a version"}]}]}]}]
            """)
        let output = try await check(DependencyInput(files: Self.files, advisories: odd.arrayValue))
        #expect(output.vulnerable.isEmpty)
        #expect(
            output.warnings.contains { $0.contains("O could not be compared with split 1.0") }, "\(output.warnings)")
    }
}
