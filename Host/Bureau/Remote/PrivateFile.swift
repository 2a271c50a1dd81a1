import Glibc

/// Files with secrets: mode 0600 from their first byte on.
enum PrivateFile {
    /// The new file, on the disk, or the old one. The folder above is made for its owner alone.
    static func replace(_ path: String, with bytes: [UInt8]) -> FileProblem? {
        let folder = FilePath.parent(path)
        if let problem = FilePath.makeFolder(FilePath.parent(folder)) { return problem }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { return FileProblem(path: folder, number: errno) }
        let draft = "\(folder)/.\(FilePath.name(path)).\(getpid())"
        unlink(draft)
        defer { unlink(draft) }
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return FileProblem(path: draft, number: errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return FileProblem(path: draft, number: errno) }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { return FileProblem(path: path, number: errno) }
        return FilePath.sync(folder)
    }

    /// Holds the lock of a file while `body` runs: one process at a time changes what is in it.
    static func locked<Value>(_ path: String, _ body: () async throws -> Value) async throws -> Value {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        // Without a lock two processes may use one refresh token, which costs a login at most.
        guard descriptor >= 0 else { return try await body() }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try await body()
    }
}
