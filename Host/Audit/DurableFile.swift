import Glibc
import Kernel

/// Files that a reader sees whole, old or new, and that a power cut does not take back.
enum DurableFile {
    /// Nil when there is no such file. Links are not followed.
    static func read(_ path: String, maximumBytes: Int) throws(AuditError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw AuditError(.io, "\(path) cannot be opened: \(reason())")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw AuditError(.damaged, "\(path) is not a plain file")
        }
        guard status.st_size <= maximumBytes else {
            throw AuditError(.damaged, "\(path) has \(status.st_size) bytes; it can have \(maximumBytes) at most")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: length), buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw AuditError(.io, "\(path) cannot be read: \(reason())") }
            if count == 0 { break }
            length += count
        }
        return Array(bytes.prefix(length))
    }

    /// Beside the old one and synced, then in its place. The folder is still to be synced.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o644) throws(AuditError) {
        let aside = path + ".new"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw AuditError(.io, "\(path) cannot be written: \(reason())") }
        let isWritten = write(bytes, descriptor) && fdatasync(descriptor) == 0
        let why = reason()
        close(descriptor)
        guard isWritten else {
            unlink(aside)
            throw AuditError(.io, "\(path) cannot be written: \(why)")
        }
        guard rename(aside, path) == 0 else { throw AuditError(.io, "\(path) cannot be replaced: \(reason())") }
    }

    /// Makes a folder and those above it, and gives back the folders that got a new entry.
    static func makeFolders(_ path: String) throws(AuditError) -> [String] {
        if mkdir(path, 0o755) == 0 { return [parent(path)] }
        if errno == EEXIST { return [] }
        guard errno == ENOENT, path != "/", !path.isEmpty else {
            throw AuditError(.io, "the folder \(path) cannot be made: \(reason())")
        }
        let above = try makeFolders(parent(path))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw AuditError(.io, "the folder \(path) cannot be made: \(reason())")
        }
        return above + [parent(path)]
    }

    /// Without it a power cut may bring an old name back.
    static func syncFolder(_ folder: String) throws(AuditError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw AuditError(.io, "\(folder) cannot be made durable: \(reason())") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw AuditError(.io, "\(folder) cannot be made durable: \(reason())") }
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func write(_ bytes: [UInt8], _ descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    static func reason() -> String { String(cString: strerror(errno)) }
}
