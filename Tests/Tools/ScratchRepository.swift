import Foundation
import TestSupport

/// A Git repository in a temporary folder, made with the real program.
final class ScratchRepository {
    let path: String
    private let scratch: Scratch
    private let clock: Int

    /// - Parameter clock: Unix seconds of the first commit; each further one is a day later.
    init(clock: Int = 1_700_000_000) throws {
        self.clock = clock
        scratch = try Scratch()
        path = scratch.path
        try git(["init", "--quiet", "--initial-branch=main"])
    }

    private var commits = 0

    func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

    func write(_ name: String, _ bytes: Data) throws {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: file)
    }

    func commit(_ subject: String, author: String = "Ada <ada@analytical.example>") throws {
        try git(["add", "--all"])
        let date = "\(clock + commits * 86_400) +0000"
        commits += 1
        try git(
            ["commit", "--quiet", "--allow-empty", "--message", subject, "--author", author],
            environment: ["GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date])
    }

    @discardableResult
    func git(_ arguments: [String], environment: [String: String] = [:]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/git")
        process.arguments = ["-C", path] + arguments
        process.environment = [
            "HOME": path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_COMMITTER_NAME": "Committer",
            "GIT_COMMITTER_EMAIL": "committer@example.org",
        ].merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.runAlone()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw GitFailed(arguments: arguments) }
        return String(decoding: bytes, as: UTF8.self)
    }

    struct GitFailed: Error { let arguments: [String] }
}
