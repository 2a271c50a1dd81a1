import Engine
import Glibc
import HostConfiguration
import Kernel

extension Doctor {
    /// Below this a host with some connections and workers fails to open files.
    private static let leastFiles: UInt64 = 256
    private static let wantedFiles: UInt64 = 4_096
    private static let clockToleranceSeconds: Int64 = 60

    func machine() -> [Finding] { memory() + disk() + limits() + clock() }

    private func memory() -> [Finding] {
        guard case .success(let bytes) = FilePath.read("/proc/meminfo", maximumBytes: 1 << 16) else { return [] }
        let text = String(decoding: bytes, as: UTF8.self)
        let kibibytes = { (name: String) -> Int64? in
            text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
                .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int64($0) }
        }
        var found: [Finding] = []
        if let total = kibibytes("MemTotal"), total < look.minRam << 20 {
            found.append(
                Finding("machine", .warning, "\(ByteCount.text(total << 10)) of memory; \(look.minRam) GiB are wanted"))
        }
        if let free = kibibytes("MemAvailable"), free < 256 << 10 {
            found.append(Finding("machine", .warning, "only \(ByteCount.text(free << 10)) of memory are available"))
        }
        return found
    }

    private func disk() -> [Finding] {
        var folder = folder
        while !FilePath.exists(folder), folder != "/", folder != "." { folder = FilePath.parent(folder) }
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return [] }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize),
            total = Int64(status.f_blocks) * Int64(status.f_frsize)
        let least = Int64(configuration[Settings.minimumFreeSpace]) << 20
        let words = "\(ByteCount.text(free)) are free at \(folder)"
        if free < least {
            return [
                Finding(
                    "machine", .failure, "\(words); below \(ByteCount.text(least)) no new runs are admitted",
                    advice: "make room, or bureau db vacuum")
            ]
        }
        if total < look.minDisk << 30 {
            return [Finding("machine", .warning, "a disk of \(ByteCount.text(total)); \(look.minDisk) GiB are wanted")]
        }
        return free < 2 * least || free < total / 20 ? [Finding("machine", .warning, "\(words): nearly full")] : []
    }

    private func limits() -> [Finding] {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return [] }
        let words = "this process may open \(limit.rlim_cur) files"
        if limit.rlim_cur < Self.leastFiles {
            return [Finding("machine", .failure, words, advice: "ulimit -n \(Self.wantedFiles)")]
        }
        guard limit.rlim_cur < Self.wantedFiles, limit.rlim_max < Self.wantedFiles else { return [] }
        return [Finding("machine", .warning, words, advice: "ulimit -n \(Self.wantedFiles)")]
    }

    /// A clock that was set back makes everything in the store lie in the future.
    private func clock() -> [Finding] {
        let seconds = now.unixMilliseconds / 1_000
        let names = FilePath.entries(folder).filter { $0.hasPrefix("journal.") }
        for path in names.map({ FilePath.join(folder, $0) }) {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            let ahead = Int64(status.st_mtim.tv_sec) - seconds
            if ahead > Self.clockToleranceSeconds {
                return [
                    Finding(
                        "machine", .failure,
                        "\(path) was written \(ahead) s in the future: the clock was set back, or is wrong",
                        advice: "timedatectl status")
                ]
            }
        }
        return []
    }

    func programs() -> [Finding] {
        var found: [Finding] = []
        for path in [Installation.worker, Installation.egress] where access(path, X_OK) != 0 {
            found.append(
                Finding(
                    "programs", .failure, "\(path) is not there or cannot be run", advice: "install it beside bureau"))
        }
        let folders = (Environment.value("PATH") ?? "").split(separator: ":")
        for name in ["git"] where !folders.contains(where: { access("\($0)/\(name)", X_OK) == 0 }) {
            found.append(
                Finding("programs", .warning, "\(name) is not in PATH: tools that read repositories will fail"))
        }
        return found
    }

    // MARK: Port

    func port() async -> [Finding] {
        let host = configuration[Settings.host], port = configuration[Settings.port]
        guard port > 0, let problem = PortProbe.bindProblem(host: host, port: port) else { return [] }
        guard problem == EADDRINUSE else {
            return [
                Finding("port", .failure, "cannot listen on \(host):\(port): \(String(cString: strerror(problem)))")
            ]
        }
        let address = ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
        let certificate = configuration.path(Settings.certificate)
        let context = HostContext(
            url: "\(certificate == nil ? "http" : "https")://\(address):\(port)", certificateFile: certificate)
        if let client = try? HostClient(context),
            let answer = try? await client.exchange("GET", "/health", authorized: false), answer.status == 200,
            answer.json?["status"] == "ok"
        {
            return [Finding("port", .ok, "a host serves on \(host):\(port)")]
        }
        let holder = PortProbe.holder(of: port).map { "by \($0)" } ?? "by a process that this user may not see"
        return [
            Finding(
                "port", .failure, "\(host):\(port) is in use \(holder)", advice: "end it, or set server.port")
        ]
    }

    // MARK: Log

    func log() -> [Finding] {
        guard let path = look.log.map(FilePath.absolute) else {
            return [Finding("log", .skipped, "name it with --log")]
        }
        guard let text = LogTail.read(path) else { return [Finding("log", .failure, "\(path) cannot be read")] }
        let bad = text.split(separator: "\n").filter(LogTail.isError)
        guard let last = bad.last else { return [] }
        return [Finding("log", .warning, "\(bad.count) errors at the end of \(path), the last: \(last.prefix(200))")]
    }
}

/// Who listens on a port.
enum PortProbe {
    /// The number of the error at binding; nil where it worked.
    static func bindProblem(host: String, port: Int) -> Int32? {
        var hints = addrinfo(), list: UnsafeMutablePointer<addrinfo>?
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let first = list else { return EADDRNOTAVAIL }
        defer { freeaddrinfo(list) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else { return errno }
        return listen(descriptor, 1) == 0 ? nil : errno
    }

    /// `nginx (process 812)`, by the sockets of `/proc`.
    static func holder(of port: Int) -> String? {
        let sockets = Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { inodes(in: $0, port: port) })
        guard !sockets.isEmpty else { return nil }
        for process in FilePath.entries("/proc") where process.allSatisfy(\.isNumber) {
            for descriptor in FilePath.entries("/proc/\(process)/fd") {
                guard let link = target("/proc/\(process)/fd/\(descriptor)"), link.hasPrefix("socket:["),
                    sockets.contains(String(link.dropFirst(8).dropLast()))
                else { continue }
                var name = "a process"
                if case .success(let bytes) = FilePath.read("/proc/\(process)/comm", maximumBytes: 256) {
                    name = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? name
                }
                return "\(name) (process \(process))"
            }
        }
        return nil
    }

    /// State 0A is listening; the port is hexadecimal.
    private static func inodes(in path: String, port: Int) -> [String] {
        guard case .success(let bytes) = FilePath.read(path, maximumBytes: 16 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let hex = fields[1].split(separator: ":").last,
                Int(hex, radix: 16) == port
            else { return nil }
            return String(fields[9])
        }
    }

    private static func target(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = buffer.withUnsafeMutableBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? 0
            }
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}

/// The end of a log file.
enum LogTail {
    private static let bytes = 256 << 10

    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        lseek(descriptor, max(0, size - bytes), SEEK_SET)
        guard case .success(let content) = FilePath.read(descriptor, name: path, maximumBytes: 2 * bytes) else {
            return nil
        }
        return String(decoding: content, as: UTF8.self)
    }

    private static let words: Set<Substring> = [
        "error", "errors", "critical", "fatal", "panic", "traceback", "exception", "failure",
    ]

    /// By whole words: `0 errors` in the name of a metric is none, but a line's own word is.
    static func isError(_ line: Substring) -> Bool {
        let parts = line.lowercased().split { !$0.isLetter && !$0.isNumber }
        guard let index = parts.firstIndex(where: words.contains) else { return false }
        return index == 0 || !["0", "no"].contains(parts[index - 1])
    }
}
