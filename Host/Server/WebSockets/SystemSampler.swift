import Engine
import Glibc
import Journal
import Kernel
import NIOCore

/// What the host and its machine do, each second, while somebody listens.
struct SystemSampler: Sendable {
    private struct CPU: Sendable {
        var busy: UInt64
        var total: UInt64
    }

    let runtime: HostRuntime

    func run(for hub: SocketHub) async {
        var before: CPU?
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            guard hub.hasMetricListeners else {
                before = nil
                continue
            }
            let cpu = Self.cpu()
            hub.publish(await metrics(cpu, since: before))
            before = cpu
        }
    }

    private func metrics(_ cpu: CPU?, since before: CPU?) async -> [(name: String, value: JSONValue)] {
        var metrics: [(name: String, value: JSONValue)] = []
        if let cpu, let before, cpu.total > before.total {
            let permille = (cpu.busy - before.busy) * 1_000 / (cpu.total - before.total)
            metrics.append(("cpu", ["busy_permille": .integer(Int64(permille)), "cores": .integer(Self.cores)]))
        }
        let memory = Self.memory()
        metrics.append(("memory", .object(memory.mapValues { .integer($0) })))
        metrics.append(("load", .object(Self.load())))
        metrics.append(("process", .object(Self.process().mapValues { .integer($0) })))
        if let status = try? await runtime.status() {
            metrics.append(
                (
                    "runs",
                    [
                        "active": .integer(Int64(status.activeRuns)), "waiting": .integer(Int64(status.waitingRuns)),
                    ]
                ))
            metrics.append(("storage", ["free_bytes": .integer(status.storage.freeBytes)]))
        }
        return metrics
    }

    private static let cores = Int64(sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// Files of /proc are made in memory when they are read: nothing here waits for a disk.
    private static func text(_ path: String) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private static func cpu() -> CPU? {
        let fields = text("/proc/stat").split(separator: "\n").first?.split(separator: " ").dropFirst()
            .compactMap { UInt64($0) }
        guard let fields, fields.count >= 5 else { return nil }
        let total = fields.prefix(8).reduce(0, &+)
        return CPU(busy: total &- fields[3] &- fields[4], total: total)
    }

    private static func memory() -> [String: Int64] {
        var values: [String: Int64] = [:]
        for line in text("/proc/meminfo").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 2, let kilobytes = Int64(words[1]) else { continue }
            switch words[0] {
            case "MemTotal:": values["total_bytes"] = kilobytes << 10
            case "MemAvailable:": values["available_bytes"] = kilobytes << 10
            default: break
            }
        }
        return values
    }

    private static func load() -> [String: JSONValue] {
        let words = text("/proc/loadavg").split(separator: " ")
        let names = ["one_minute", "five_minutes", "fifteen_minutes"]
        return Dictionary(
            zip(names, words.compactMap { Double($0) }.map { .double($0) }), uniquingKeysWith: { first, _ in first })
    }

    private static func process() -> [String: Int64] {
        let pages = text("/proc/self/statm").split(separator: " ").compactMap { Int64($0) }
        guard pages.count > 1 else { return [:] }
        return ["resident_bytes": pages[1] * Int64(sysconf(Int32(_SC_PAGESIZE)))]
    }
}
