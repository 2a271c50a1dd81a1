import Glibc
import Kernel

/// Reads below one folder without ever following a symbolic link: every component is opened from its parent's
/// descriptor with `O_NOFOLLOW`, so a link that is put in place while we read leads nowhere.
struct FolderReader: Sendable {
    /// Real path, allowed.
    let root: String
    let deadline: ContinuousClock.Instant

    struct Entry: Sendable {
        enum Kind: String, Sendable { case file, folder, link, other }
        var path: String
        var kind: Kind
        var mode: UInt32
        var owner: UInt32
        var group: UInt32
        var bytes: Int64
    }

    struct Skipped: Hashable, Sendable {
        var path: String
        var reason: String
    }

    struct Walk: Sendable {
        var entries: [Entry] = []
        var skipped: [Skipped] = []
        var isTruncated = false
    }

    static let maximumDepth = 64
    private static let maximumSkipped = 1_000

    /// Every entry below the root in order of paths' components, the root itself as ".". Other file systems (`/proc`
    /// below `/`) are not entered.
    func walk(maximumEntries: Int) throws(Failure) -> Walk {
        let top = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else { throw Failure(.notFound, "\(root): \(Self.reason(errno))") }
        defer { close(top) }
        var status = stat()
        guard fstat(top, &status) == 0 else { throw Failure(.io, "\(root): \(Self.reason(errno))") }
        let device = status.st_dev
        var walk = Walk(entries: [Self.entry(".", status)])
        var open = [(path: "", depth: 0)]
        while let folder = open.popLast(), !walk.isTruncated {
            guard deadline > .now else { throw Failure(.deadline, "\(root): too many files to list in time") }
            let descriptor = folder.path.isEmpty ? dup(top) : Self.openBelow(top, folder.path, O_DIRECTORY)
            guard descriptor >= 0 else {
                Self.skip(folder.path, Self.reason(errno), &walk)
                continue
            }
            var below: [(path: String, depth: Int)] = []
            for name in Self.names(descriptor) {
                guard walk.entries.count < maximumEntries else {
                    walk.isTruncated = true
                    break
                }
                var status = stat()
                let path = folder.path.isEmpty ? name : "\(folder.path)/\(name)"
                // A name that is not UTF-8 was repaired when it was read, and is not found under the repaired one.
                guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                    Self.skip(path, Self.reason(errno), &walk)
                    continue
                }
                let entry = Self.entry(path, status)
                walk.entries.append(entry)
                guard entry.kind == .folder else { continue }
                if status.st_dev != device {
                    Self.skip(path, "another file system", &walk)
                } else if folder.depth + 1 >= Self.maximumDepth {
                    Self.skip(path, "deeper than \(Self.maximumDepth) folders", &walk)
                } else {
                    below.append((path, folder.depth + 1))
                }
            }
            close(descriptor)
            open += below.reversed()
        }
        return walk
    }

    enum Content: Sendable {
        case bytes([UInt8])
        case skipped(String)
    }

    /// A regular file's content, or why there is none.
    func read(_ path: String, maximumBytes: Int) -> Content {
        let components = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !components.isEmpty, !components.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }),
            !path.utf8.contains(0), components.count <= Self.maximumDepth
        else { return .skipped("the path must be relative, without empty parts, . and ..") }
        let top = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else { return .skipped(Self.reason(errno)) }
        defer { close(top) }
        // Not blocking: a named pipe would hold the host for ever.
        let descriptor = Self.openBelow(top, path, O_NONBLOCK)
        guard descriptor >= 0 else {
            return .skipped(errno == ELOOP ? "a symbolic link; links are not followed" : Self.reason(errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return .skipped("not a regular file")
        }
        guard status.st_size <= maximumBytes else { return .skipped("larger than \(maximumBytes) bytes") }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .skipped(Self.reason(errno)) }
            guard count > 0 else { return .bytes(content) }
            // A file in /proc says size 0 and gives more; one that grows is bounded too.
            guard content.count + count <= maximumBytes else { return .skipped("larger than \(maximumBytes) bytes") }
            content += buffer[..<count]
        }
    }

    private static func openBelow(_ top: Int32, _ path: String, _ flags: Int32) -> Int32 {
        let components = path.split(separator: "/").map(String.init)
        var current = top
        for (index, component) in components.enumerated() {
            let isLast = index == components.count - 1
            let next = openat(
                current, component, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (isLast ? flags : O_DIRECTORY))
            let failure = errno
            if current != top { close(current) }
            guard next >= 0 else {
                errno = failure
                return -1
            }
            current = next
        }
        return current
    }

    /// Ordered by bytes, so that the same folder gives the same list.
    private static func names(_ descriptor: Int32) -> [String] {
        let copy = dup(descriptor)
        guard copy >= 0, let folder = fdopendir(copy) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func entry(_ path: String, _ status: stat) -> Entry {
        let kind: Entry.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .other
            }
        return Entry(
            path: path, kind: kind, mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid,
            bytes: Int64(status.st_size))
    }

    private static func skip(_ path: String, _ reason: String, _ walk: inout Walk) {
        if walk.skipped.count < maximumSkipped { walk.skipped.append(Skipped(path: path, reason: reason)) }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
