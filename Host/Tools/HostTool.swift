package import Kernel

/// Something the host does for a plugin that cannot do it itself: read a Git repository, search a catalogue. Each
/// call passes the effect pipeline, so it is granted, journaled and replayed like every other effect.
package protocol HostTool: Sendable {
    /// What plugins ask for, such as `git.history`.
    var name: String { get }
    var summary: String { get }
    /// JSON Schema (2020-12 subset of `PluginAPI/README.md`). The host validates both sides.
    var argumentsSchema: JSONValue { get }
    var resultSchema: JSONValue { get }
    /// A tool that only reads may be called again after a crash; about any other a person is asked.
    var isReadOnly: Bool { get }
    /// Whether a department needs a person's grant to call it. What changes something does; so does what shows more of
    /// the machine than catalogues and committed files.
    var needsGrant: Bool { get }

    /// Errors: `invalid` for arguments that no retry helps, `notFound`, `denied` for a path outside the allowed
    /// roots, `deadline`, `tooLarge`, `io` when a program is missing or fails.
    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue
}

extension HostTool {
    package var isReadOnly: Bool { false }
    package var needsGrant: Bool { !isReadOnly }
}

/// What the operator allows the built-in tools.
package struct ToolSettings: Hashable, Sendable {
    /// Folders below which files and repositories may be read; also what relative paths start from (the first one).
    package var allowedRoots: [String]
    /// For one program, from start to end of its output.
    package var timeLimitMilliseconds: Int
    package var gitPath: String
    package var aptListsDirectory: String
    package var dpkgStatusPath: String

    package init(
        allowedRoots: [String], timeLimitMilliseconds: Int = 60_000, gitPath: String = "/usr/bin/git",
        aptListsDirectory: String = "/var/lib/apt/lists", dpkgStatusPath: String = "/var/lib/dpkg/status"
    ) {
        self.allowedRoots = allowedRoots
        self.timeLimitMilliseconds = timeLimitMilliseconds
        self.gitPath = gitPath
        self.aptListsDirectory = aptListsDirectory
        self.dpkgStatusPath = dpkgStatusPath
    }
}

package enum BuiltInTools {
    /// All tools that the host itself offers, ordered by name.
    package static func all(settings: ToolSettings) -> [any HostTool] {
        [
            DebianSearchTool(settings: settings), FilesReadTool(settings: settings),
            FilesSecretsTool(settings: settings),
            FilesSweepTool(settings: settings), GitFilesTool(settings: settings), GitHistoryTool(settings: settings),
        ]
    }
}
