import Glibc

/// The folder `.bureau-dev` in a project: the loop's own, locked while it runs, with a store that is new each time.
final class DevStore: Sendable {
    static let folderName = ".bureau-dev"

    let path: String
    private let lock: Int32

    /// - Throws: `storeUnavailable` while another loop works on the project.
    init(project: String) throws(CommandFailure) {
        let folder = "\(project)/\(Self.folderName)"
        if let problem = FilePath.makeFolder(folder) { throw CommandFailure(.storeUnavailable, problem.text) }
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure(.storeUnavailable, "\(folder) must be a folder and no link: what is in it is deleted")
        }
        lock = open("\(folder)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard lock >= 0 else {
            throw CommandFailure(.storeUnavailable, FileProblem(path: "\(folder)/lock", number: errno).text)
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw CommandFailure(
                .storeUnavailable, "another bureau plugin dev works on \(project); end it, or copy the project")
        }
        path = "\(folder)/store"
        Self.remove(path)
        Self.remove("\(path).checkpoint")
        // Nothing in it belongs under version control, this file neither.
        if let problem = FilePath.write(Array("*\n".utf8), to: "\(folder)/.gitignore") {
            throw CommandFailure(.storeUnavailable, problem.text)
        }
    }

    deinit { close(lock) }

    /// Links are removed, not followed. What cannot be removed is told by the store that is opened there next.
    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in FilePath.entries(path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
