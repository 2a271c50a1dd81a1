import Foundation
import HostTools
import Kernel
import Testing

@Suite("Git tools")
struct GitToolTests {
    private func tool(_ name: String, _ settings: ToolSettings) throws -> any HostTool {
        try #require(BuiltInTools.all(settings: settings).first { $0.name == name })
    }

    private func call(_ name: String, in repository: ScratchRepository, _ arguments: [String: JSONValue] = [:])
        async throws -> JSONValue
    {
        let settings = ToolSettings(allowedRoots: [repository.path])
        return try await tool(name, settings).call(.object(["path": "."].merging(arguments) { $1 }))
    }

    private func failure(_ name: String, _ settings: ToolSettings, path: String) async throws -> Failure? {
        let tool = try tool(name, settings)
        do {
            _ = try await tool.call(["path": .string(path)])
            return nil
        } catch {
            return error
        }
    }

    @Test("the history tells author, domain, time, subject and lines of each file, newest first")
    func history() async throws {
        let repository = try ScratchRepository()
        try repository.write("Sources/a b.swift", "one\ntwo\n")
        try repository.commit("First: \u{201C}quoted\u{201D}\twith tab")
        try repository.write("Sources/a b.swift", "one\nthree\nfour\n")
        try repository.write("blob.bin", Data([0, 1, 2, 0xFF]))
        try repository.commit("Second", author: "Grace <grace@navy.example>")
        let result = try await call("git.history", in: repository)
        let commits = try #require(result["commits"]?.arrayValue)
        #expect(commits.count == 2)
        #expect(result["branch"] == "main")
        #expect(result["truncated"] == false)
        #expect(result["head"] == commits[0]["hash"])
        #expect(commits[0]["author"] == "Grace")
        #expect(commits[0]["email_domain"] == "navy.example")
        #expect(commits[0]["unix_time"] == 1_700_086_400)
        #expect(commits[1]["subject"] == "First: \u{201C}quoted\u{201D}\twith tab")
        #expect(
            commits[0]["files"] == [
                ["path": "Sources/a b.swift", "added": 2, "deleted": 1], ["path": "blob.bin"],
            ])
    }

    @Test("a rename names the old path")
    func rename() async throws {
        let repository = try ScratchRepository()
        try repository.write("old.txt", (1...20).map { "line \($0)\n" }.joined())
        try repository.commit("add")
        try repository.git(["mv", "old.txt", "new.txt"])
        try repository.commit("move")
        let commits = try #require(try await call("git.history", in: repository)["commits"]?.arrayValue)
        #expect(
            commits[0]["files"] == [["path": "new.txt", "renamed_from": "old.txt", "added": 0, "deleted": 0]])
    }

    @Test("the limit on commits holds and is told")
    func limit() async throws {
        let repository = try ScratchRepository()
        for number in 1...4 { try repository.commit("commit \(number)") }
        let cut = try await call("git.history", in: repository, ["max_commits": 3])
        #expect(
            cut["commits"]?.arrayValue?.compactMap { $0["subject"]?.stringValue } == [
                "commit 4", "commit 3", "commit 2",
            ])
        #expect(cut["truncated"] == true)
        #expect(try await call("git.history", in: repository, ["max_commits": 4])["truncated"] == false)
    }

    @Test("a repository without commits has an empty history and no files")
    func empty() async throws {
        let repository = try ScratchRepository()
        #expect(try await call("git.history", in: repository) == ["commits": [], "truncated": false])
        #expect(try await call("git.files", in: repository) == ["files": [], "truncated": []])
    }

    @Test("files come from the commit, with text for sources only, within the limits")
    func files() async throws {
        let repository = try ScratchRepository()
        try repository.write("main.swift", "let x = \"é\"\n")
        try repository.write("big.py", String(repeating: "x = 1\n", count: 100))
        try repository.write("logo.png", Data([0x89, 0x50, 0, 1]))
        try repository.write("fake.c", Data([0x69, 0, 0x6E]))
        try FileManager.default.createSymbolicLink(
            atPath: repository.path + "/secret.txt", withDestinationPath: "/etc/passwd")
        try repository.commit("add")
        try repository.write("main.swift", "changed after the commit\n")
        let result = try await call("git.files", in: repository, ["max_file_bytes": 500])
        let files = try #require(result["files"]?.arrayValue)
        #expect(files.compactMap { $0["path"]?.stringValue } == ["big.py", "fake.c", "logo.png", "main.swift"])
        #expect(files[3] == ["path": "main.swift", "bytes": 13, "text": "let x = \"é\"\n"])
        #expect(files[0] == ["path": "big.py", "bytes": 600])
        #expect(files[1]["text"] == nil)
        #expect(files[2]["text"] == nil)
        #expect(result["truncated"] == ["big.py"])
        #expect(
            result["head"]?.stringValue
                == (try repository.git(["rev-parse", "HEAD"])).trimmingCharacters(in: .newlines))
    }

    @Test("a repository's own configuration starts no program")
    func hostileConfiguration() async throws {
        let repository = try ScratchRepository()
        try repository.write("a.txt", "a\n")
        try repository.write(".gitattributes", "*.txt diff=evil filter=evil\n")
        try repository.commit("add")
        let mark = repository.path + "/executed"
        for key in [
            "core.fsmonitor", "diff.external", "diff.evil.textconv", "filter.evil.smudge", "gpg.program", "core.pager",
        ] {
            try repository.git(["config", key, "touch \(mark)"])
        }
        try repository.git(["config", "log.showSignature", "true"])
        _ = try await call("git.history", in: repository)
        _ = try await call("git.files", in: repository)
        #expect(!FileManager.default.fileExists(atPath: mark))
    }

    @Test("paths outside the allowed roots are denied, also through links and dots")
    func outside() async throws {
        let repository = try ScratchRepository()
        let other = try ScratchRepository()
        try other.commit("secret")
        try FileManager.default.createSymbolicLink(
            atPath: repository.path + "/link", withDestinationPath: other.path)
        let settings = ToolSettings(allowedRoots: [repository.path])
        for path in [other.path, "link", "..", "/"] {
            #expect(try await failure("git.history", settings, path: path)?.status == .denied, "\(path)")
        }
        // A sibling whose name begins like the root is no part of it.
        let narrow = ToolSettings(allowedRoots: [String(repository.path.dropLast(1))])
        #expect(try await failure("git.files", narrow, path: repository.path)?.status == .denied)
    }

    @Test("a folder of a work tree stands for its work tree")
    func folderInside() async throws {
        let repository = try ScratchRepository()
        try repository.write("deep/er/file.swift", "let a = 1\n")
        try repository.commit("add")
        let result = try await call("git.files", in: repository, ["path": "deep/er"])
        #expect(result["files"]?.arrayValue?.first?["path"] == "deep/er/file.swift")
    }

    @Test("bad arguments and folders have errors that say what to do")
    func badInput() async throws {
        let folder = try ScratchRepository()
        try FileManager.default.removeItem(atPath: folder.path + "/.git")
        let settings = ToolSettings(allowedRoots: [folder.path])
        let noTree = try await failure("git.history", settings, path: ".")
        #expect(noTree?.status == .invalid)
        #expect(noTree?.message.contains("not in a Git work tree") == true)
        #expect(try await failure("git.history", settings, path: "missing")?.status == .notFound)
        #expect(try await failure("git.history", settings, path: "")?.status == .invalid)
        await #expect(throws: Failure.self) {
            try await tool("git.history", settings).call(["path": ".", "max_commits": 0])
        }
        var noGit = settings
        noGit.gitPath = "/nonexistent/git"
        let missing = try await failure("git.history", noGit, path: ".")
        #expect(missing?.message.contains("/nonexistent/git") == true)
    }
}
