import Foundation
import HostTools
import Kernel
import TestSupport
import Testing

@Suite("Debian catalogue")
struct DebianToolTests {
    private static let packages = """
        Package: pytorch-tools
        Version: 1.0-1
        Section: science
        Description: machine learning library
        Description-md5: aaa
        Homepage: https://example.org/pt
        Tag: devel::library, role::program,
         implemented-in::python

        Package: learning-games
        Version: 2.0
        Section: games
        Description: games for machines
        Description-md5: bbb

        Package: unrelated
        Version: 3
        Section: misc
        Description: nothing of interest

        Package: pytorch-tools
        Version: 1.10-1
        Section: science
        Description: machine learning library, newer
        Description-md5: aaa
        """

    private static let status = """
        Package: pytorch-tools
        Status: install ok installed
        Version: 1.0-1
        Section: science
        Description: machine learning library
         Long text of the installed package.
         .
         Second paragraph.

        Package: removed-learning
        Status: deinstall ok config-files
        Version: 1
        Description: machine learning, removed
        """

    private static let translations = """
        Package: learning-games
        Description-md5: bbb
        Description-en: games for machines
         These games teach machine learning to children.
        """

    /// A folder of metadata; `body` gets settings that point into it.
    private func withMetadata<T>(lists: Bool = true, _ body: (ToolSettings) async throws -> T) async throws -> T {
        let folder = try Scratch()
        if lists {
            try folder.write(Array(Self.packages.utf8), to: "d_dists_x_main_binary-amd64_Packages")
            try folder.write(Array(Self.translations.utf8), to: "d_dists_x_main_i18n_Translation-en")
        }
        let status = try folder.write(Array(Self.status.utf8), to: "status")
        return try await body(
            ToolSettings(allowedRoots: [], aptListsDirectory: folder.path, dpkgStatusPath: status))
    }

    private func search(_ settings: ToolSettings, _ arguments: JSONValue) async throws -> JSONValue {
        let tool = try #require(BuiltInTools.all(settings: settings).first { $0.name == "debian.search" })
        return try await tool.call(arguments)
    }

    @Test("packages that hold all words of a term are found, in any text of theirs")
    func terms() async throws {
        let result = try await withMetadata { try await search($0, ["terms": ["machine learning", "library"]]) }
        let packages = try #require(result["packages"]?.arrayValue)
        #expect(packages.compactMap { $0["name"]?.stringValue } == ["pytorch-tools", "learning-games"])
        #expect(packages[0]["matched"] == ["machine learning", "library"])
        #expect(packages[1]["description"] == "These games teach machine learning to children.")
        #expect(result["packages_read"] == 3)
        #expect(result["document_frequencies"] == ["machine learning": 2, "library": 1])
        #expect(result["truncated"] == false)
    }

    @Test("the newest version wins, and what is installed is known")
    func newest() async throws {
        let result = try await withMetadata { try await search($0, ["terms": ["pytorch"]]) }
        let package = try #require(result["packages"]?.arrayValue?.first)
        #expect(package["version"] == "1.10-1")
        #expect(package["installed"] == true)
        #expect(package["description"] == "Long text of the installed package. Second paragraph.")
        #expect(package["tags"] == "devel::library, role::program, implemented-in::python")
    }

    @Test("without package lists the installed packages are searched")
    func statusOnly() async throws {
        let result = try await withMetadata(lists: false) { try await search($0, ["terms": ["learning"]]) }
        #expect(result["packages"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["pytorch-tools"])
        #expect(result["sources"]?.arrayValue?.count == 1)
    }

    @Test("the limit holds and is told")
    func limit() async throws {
        let result = try await withMetadata { try await search($0, ["terms": ["machine"], "limit": 1]) }
        #expect(result["packages"]?.arrayValue?.count == 1)
        #expect(result["packages_matched"] == 2)
        #expect(result["truncated"] == true)
    }

    @Test("no metadata and bad arguments are clear errors")
    func badInput() async throws {
        let nowhere = ToolSettings(
            allowedRoots: [], aptListsDirectory: "/nonexistent", dpkgStatusPath: "/nonexistent/status")
        let cases: [(JSONValue, Status)] = [
            (["terms": ["x"]], .notFound), (["terms": []], .invalid), (["terms": ["…"]], .invalid), ([], .invalid),
        ]
        for (arguments, status) in cases {
            let failure = await #expect(throws: Failure.self) { try await search(nowhere, arguments) }
            #expect(failure?.status == status, "\(arguments)")
        }
    }

    @Test("versions are ordered as Debian Policy §5.6.12 says")
    func versions() {
        // The policy's own example of tildes, then epochs, revisions and numbers.
        let ascending = ["~~", "~~a", "~", "", "a"].map { "1\($0)" }
        for (left, right) in zip(ascending, ascending.dropFirst()) {
            #expect(DebianVersion(left) < DebianVersion(right), "\(left) < \(right)")
        }
        #expect(DebianVersion("9") < DebianVersion("10"))
        #expect(DebianVersion("2:0.1") > DebianVersion("1:9"))
        #expect(DebianVersion("1.0-2") > DebianVersion("1.0-1+b3"))
        #expect(DebianVersion("1.0+dfsg-1") > DebianVersion("1.0-1"))
        #expect(DebianVersion("1.02") == DebianVersion("1.2"))
    }

    @Test(
        "this machine's own metadata holds git, in less than four megabytes",
        .enabled(if: FileManager.default.fileExists(atPath: "/var/lib/dpkg/status")))
    func realMetadata() async throws {
        let result = try await search(ToolSettings(allowedRoots: []), ["terms": ["git", "library"], "limit": 2000])
        let packages = try #require(result["packages"]?.arrayValue)
        let git = try #require(packages.first { $0["name"] == "git" })
        #expect(git["installed"] == true)
        #expect(git["version"]?.stringValue?.isEmpty == false)
        let read = try #require(result["packages_read"]?.integerValue)
        #expect(read >= Int64(packages.count))
        let bytes = packages.reduce(0) {
            $0 + ($1["description"]?.stringValue?.utf8.count ?? 0) + ($1["summary"]?.stringValue?.utf8.count ?? 0)
        }
        #expect(bytes < 4_000_000)
        #expect(result["sources"]?.arrayValue?.contains { $0["path"] == "/var/lib/dpkg/status" } == true)
    }
}
