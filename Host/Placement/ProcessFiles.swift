import Glibc

/// Numbers about a worker from `/proc`. Nil when the process is gone or the kernel does not tell.
enum ProcessFiles {
    static func residentBytes(of process: Int32) -> Int64? {
        guard let text = read("/proc/\(process)/statm") else { return nil }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int64(fields[1]) else { return nil }
        return pages * Int64(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Its share of what it shares with others. Only a privileged host may read it of a worker, which is not dumpable.
    static func proportionalBytes(of process: Int32) -> Int64? {
        guard let text = read("/proc/\(process)/smaps_rollup") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("Pss:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 * 1024 }
        }
        return nil
    }

    static func peakResidentBytes(of process: Int32) -> Int64? {
        guard let text = read("/proc/\(process)/status") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return line.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int64($0) }.map { $0 * 1024 }
        }
        return nil
    }

    static func cpuMilliseconds(of process: Int32) -> Int64? {
        // The name, in parentheses, may hold anything; fields are counted behind it.
        guard let text = read("/proc/\(process)/stat"), let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[name...].split(separator: " ")
        guard fields.count > 13, let user = Int64(fields[12]), let system = Int64(fields[13]) else { return nil }
        return (user + system) * 1000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
