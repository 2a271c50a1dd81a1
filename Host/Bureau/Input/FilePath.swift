import Glibc

/// Paths and files, without Foundation: the command starts in milliseconds.
enum FilePath {
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        return join(currentFolder, path)
    }

    /// `path` itself when absolute, else below `folder`.
    static func join(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") { return path }
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        if path.isEmpty || path == "." { return folder }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    static var currentFolder: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }

    static func link(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder, sorted, without `.` and `..`; none when it cannot be read.
    static func entries(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Paths of the files below a folder, relative to it. Links are not followed.
    static func filesBelow(_ path: String) -> [String] {
        entries(path).flatMap { name -> [String] in
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { return [] }
            if status.st_mode & S_IFMT == S_IFDIR { return filesBelow("\(path)/\(name)").map { "\(name)/\($0)" } }
            return status.st_mode & S_IFMT == S_IFREG ? [name] : []
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// A folder's `*.so` files, sorted; a file is itself.
    static func plugins(_ path: String) -> [String] {
        guard isFolder(path) else { return exists(path) || !path.hasSuffix("plugins") ? [path] : [] }
        return entries(path).filter { $0.hasSuffix(".so") }.map { "\(path)/\($0)" }
    }

    /// The whole file, or the reason in words.
    static func read(_ path: String, maximumBytes: Int) -> Result<[UInt8], FileProblem> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(FileProblem(path: path, number: errno)) }
        defer { close(descriptor) }
        return read(descriptor, name: path, maximumBytes: maximumBytes)
    }

    static func read(_ descriptor: Int32, name: String, maximumBytes: Int) -> Result<[UInt8], FileProblem> {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(FileProblem(path: name, number: errno)) }
            if count == 0 { return .success(bytes) }
            bytes += buffer[..<count]
            guard bytes.count <= maximumBytes else { return .failure(FileProblem(path: name, number: EFBIG)) }
        }
    }

    /// Writes a new file or replaces an old one, folders above it included.
    static func write(_ bytes: [UInt8], to path: String) -> FileProblem? {
        if let problem = makeFolder(parent(path)) { return problem }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return FileProblem(path: path, number: errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return FileProblem(path: path, number: errno) }
            rest = rest.dropFirst(count)
        }
        return nil
    }

    /// The new file, on the disk, or the old one: a kill at any moment leaves one of them.
    static func replace(_ path: String, with bytes: [UInt8]) -> FileProblem? {
        let draft = "\(parent(path))/.\(name(path)).\(getpid())"
        defer { unlink(draft) }
        if let problem = write(bytes, to: draft) ?? sync(draft) { return problem }
        guard rename(draft, path) == 0 else { return FileProblem(path: path, number: errno) }
        return sync(parent(path))
    }

    /// - Parameter path: of a file, or of a folder for the names in it.
    static func sync(_ path: String) -> FileProblem? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return FileProblem(path: path, number: errno) }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 ? nil : FileProblem(path: path, number: errno)
    }

    static func makeFolder(_ path: String) -> FileProblem? {
        if isFolder(path) { return nil }
        if path != "/", path != ".", let problem = makeFolder(parent(path)) { return problem }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { return FileProblem(path: path, number: errno) }
        return nil
    }
}

struct FileProblem: Error {
    var path: String
    var number: Int32
    /// `corpus/a.md: No such file or directory`
    var text: String { "\(path): \(String(cString: strerror(number)))" }
}
