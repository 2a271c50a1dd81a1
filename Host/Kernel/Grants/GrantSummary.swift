extension Manifest.Wants {
    /// What these wishes mean, for the person who decides; the weightiest first.
    ///
    /// - Parameter readOnlyTools: tools that change nothing.
    package func summary(readOnlyTools: Set<String>) -> [String] {
        var lines: [String] = []
        for pattern in Set(models).sorted() {
            lines.append("may call \(Self.what(pattern, any: "any model", some: "model")) (spends money)")
        }
        for host in Set(hosts).sorted() {
            let isAny = (try? HostPattern(host))?.isAny ?? false
            lines.append(isAny ? "may fetch from any host on the internet" : "may fetch from \(host)")
        }
        for pattern in Set(tools).sorted() {
            let what = Self.what(pattern, any: "any tool of this host", some: "tool")
            lines.append("may use \(what)" + (readOnlyTools.contains(pattern) ? " (only reads)" : ""))
        }
        for pattern in Set(departments).sorted() {
            let what = pattern == "*" ? "any department" : pattern.hasSuffix("*") ? "departments \(pattern)" : pattern
            lines.append("may start runs of \(what), and send it messages")
        }
        if let stateBytes { lines.append("may keep up to \(Self.size(stateBytes)) of state") }
        if let concurrency { lines.append("computes at most \(concurrency) runs at the same time") }
        if let memoryBytes { lines.append("may use up to \(Self.size(memoryBytes)) of memory") }
        if let cpuSeconds { lines.append("may use up to \(cpuSeconds) s of processor time in one process") }
        return lines
    }

    private static func what(_ pattern: String, any: String, some: String) -> String {
        pattern == "*" ? any : pattern.hasSuffix("*") ? "\(some)s \(pattern)" : "\(some) \(pattern)"
    }

    static func size(_ bytes: Int64) -> String {
        for (unit, size) in [("GiB", Int64(1) << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
        where bytes >= size && bytes.isMultiple(of: size) {
            return "\(bytes / size) \(unit)"
        }
        return "\(bytes) bytes"
    }
}
