import Kernel

/// A Git work tree that the operator's settings allow to be read.
struct WorkTree: Sendable {
    /// The top folder, without symbolic links.
    let root: String
    let settings: ToolSettings

    /// Resolves `path` (relative to the first allowed root) and checks it before Git is started, and the work tree's
    /// own top folder after.
    static func open(_ path: String, settings: ToolSettings) async throws(Failure) -> WorkTree {
        let folder = try AllowedFolder.resolve(path, settings: settings)
        let probe = WorkTree(root: folder, settings: settings)
        let output: [UInt8]
        do {
            output = try await probe.git(["rev-parse", "--is-inside-work-tree", "--show-toplevel"], limit: 16_384).bytes
        } catch  where error.status == .io {
            throw Failure(.invalid, "\(path) is not in a Git work tree (\(error.message)); run `git init` or clone one")
        }
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n")
        guard lines.count == 2, lines[0] == "true", let top = AllowedFolder.realPath(String(lines[1])) else {
            throw Failure(.invalid, "\(path) is in a bare repository; check out a work tree")
        }
        try AllowedFolder.require(top, settings: settings)
        return WorkTree(root: top, settings: settings)
    }

    /// The commit that is checked out; nil in a repository without commits.
    func head() async throws(Failure) -> String? {
        do {
            let output = try await git(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], limit: 256).bytes
            return String(decoding: output.prefix { $0 != 0x0A }, as: UTF8.self)
        } catch  where error.status == .io {
            return nil
        }
    }

    /// The branch that is checked out; nil on a detached head.
    func branch() async throws(Failure) -> String? {
        do {
            let output = try await git(["symbolic-ref", "--short", "--quiet", "HEAD"], limit: 4096).bytes
            return String(decoding: output.prefix { $0 != 0x0A }, as: UTF8.self)
        } catch  where error.status == .io {
            return nil
        }
    }

    /// A repository's own configuration can name programs (hooks, monitors, text converters, signature checkers) and
    /// remotes; none of them may run. `safe.directory` is given because the operator, not the file's owner, decides.
    func git(_ arguments: [String], input: [UInt8] = [], limit: Int) async throws(Failure) -> ByteSink {
        let guards = [
            "--no-pager", "-C", root, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null",
            "-c", "log.showSignature=false", "-c", "protocol.allow=never", "-c", "safe.directory=*",
        ]
        let environment = [
            "PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1",
        ]
        let command = Command(
            executable: settings.gitPath, arguments: guards + arguments, environment: environment, input: input,
            timeLimitMilliseconds: settings.timeLimitMilliseconds)
        return try await command.run(ByteSink(limit: limit))
    }
}
