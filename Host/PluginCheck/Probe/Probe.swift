import CLane
import CProbe
import Glibc
import Kernel
import Placement

/// A probe: a process that holds the plugin, and its socket. Used by one thread, which must outlive it: the kernel
/// ends a worker with the thread that started it.
final class Probe {
    struct Flags: OptionSet {
        let rawValue: UInt32
        static let strictInput = Flags(rawValue: PROBE_STRICT_INPUT)
        static let strictArena = Flags(rawValue: PROBE_STRICT_ARENA)
        static let noArena = Flags(rawValue: PROBE_NO_ARENA)
        static let noExtensions = Flags(rawValue: PROBE_NO_EXTENSIONS)
        static let newerHost = Flags(rawValue: PROBE_NEWER_HOST)
    }

    /// What a plugin may print before the rest is dropped.
    private static let maximumPrinted = 64 << 10

    private let deadline: UInt64
    private var process: lane_process
    private let isInProcess: Bool
    private var received: [UInt8] = []
    private var read = 0
    private var isReaped = false
    private(set) var printed: [UInt8] = []
    /// What the probe said about touched memory, newest last.
    private(set) var faults: [Fault] = []

    struct Fault: Hashable {
        var memory: Int
        var touch: Int
    }

    private static let maximumReportBytes = 16 << 10
    private static let startMilliseconds: Int32 = 30_000

    /// Starts a probe; the plugin is loaded by ``load(_:flags:)``.
    init(_ place: ProbePlace, deadline: UInt64) throws {
        self.deadline = deadline
        process = lane_process()
        switch place {
        case .worker(let path):
            isInProcess = false
            let error = lane_process_start(
                path, "--check", PlacementSettings().libraryFolders.joined(separator: ":"), &process)
            guard error == 0 else { throw ProbeFailure.noProcess("\(path): \(String(cString: strerror(-error)))") }
            // How it is confined is the placement's matter; here it says which process holds the plugin.
            var report = [UInt8](repeating: 0, count: Self.maximumReportBytes)
            let count = lane_process_confined(&process, &report, UInt32(report.count), Self.startMilliseconds)
            guard count > 0 else {
                lane_process_kill(&process)
                throw ProbeFailure.noProcess("\(path): was not confined: \(String(cString: strerror(-count)))")
            }
        case .thisProcess:
            isInProcess = true
            try startThread()
        }
    }

    deinit {
        if isInProcess {
            close(process.socket)
            return
        }
        if !isReaped {
            lane_process_kill(&process)
            var (signal, code): (Int32, Int32) = (0, 0)
            _ = lane_process_reap(process.pidfd, -1, &signal, &code)
        }
        for descriptor in [process.socket, process.pidfd, process.plugin_pidfd, process.output, process.crash]
        where descriptor >= 0 {
            close(descriptor)
        }
    }

    private func startThread() throws {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw ProbeFailure.noProcess("no socket")
        }
        process.socket = ends[0]
        process.plugin_pid = getpid()
        process.output = -1
        process.crash = -1
        let other = ends[1]
        let started = OSThread.start(name: "probe") {
            _ = probe_serve(other, nil)
            close(other)
        }
        guard started else { throw ProbeFailure.noProcess("no thread") }
    }

    // MARK: Frames

    /// Hands the plugin over. The answer is LOADED.
    func load(_ file: SealedFile, flags: Flags) throws -> Frame {
        var hello = FrameWriter(kind: PROBE_HELLO)
        hello.number(PROBE_TAG_FLAGS, UInt64(flags.rawValue | (isInProcess ? PROBE_IN_PROCESS : 0)))
        let bytes = hello.finished() ?? []
        let error = withUnsafePointer(to: isInProcess ? file.keptForever() : file.descriptor) {
            lane_send_descriptors(process.socket, bytes, UInt64(bytes.count), $0, 1)
        }
        guard error == 0 else { throw death() }
        return try accepted(PROBE_LOADED, "loading the file")
    }

    /// The next frame, which must be `kind`; LANE_REFUSED says why not.
    func accepted(_ kind: Int, _ what: String) throws -> Frame {
        let frame = try receive(what)
        if frame.kind == LANE_REFUSED { throw ProbeFailure.refused(frame.text(LANE_TEXT)) }
        guard frame.kind == kind else { throw ProbeFailure.garbled }
        return frame
    }

    func send(_ frame: consuming FrameWriter) throws {
        let bytes = frame.finished() ?? []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(process.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw death() }
            rest = rest.dropFirst(count)
        }
    }

    /// The next frame. Faults are kept aside: the process dies of them.
    func receive(_ what: String, by limit: UInt64 = .max) throws -> Frame {
        while true {
            if let frame = try next() {
                guard frame.kind == PROBE_FAULT else { return frame }
                faults.append(
                    Fault(memory: Int(frame.number(PROBE_TAG_VALUE)), touch: Int(frame.number(PROBE_TAG_STATUS))))
                continue
            }
            let now = Monotonic.milliseconds()
            let end = min(deadline, limit)
            guard now < end else { throw ProbeFailure.late(what) }
            var source = pollfd(fd: process.socket, events: Int16(POLLIN), revents: 0)
            let ready = poll(&source, 1, Int32(clamping: end - now))
            drainOutput()
            guard ready > 0 else { continue }
            guard fill() else { throw death() }
        }
    }

    private func fill() -> Bool {
        if read > 0 {
            received.removeFirst(read)
            read = 0
        }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(process.socket, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            received.append(contentsOf: chunk[..<count])
            return true
        }
    }

    private func next() throws -> Frame? {
        guard received.count - read >= Int(LANE_HEADER_BYTES) else { return nil }
        let header = received.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: read, as: lane_header.self) }
        guard header.length <= LANE_MAX_BODY_BYTES, header.lane == 0 else { throw ProbeFailure.garbled }
        let start = read + Int(LANE_HEADER_BYTES)
        let end = start + Int(header.length)
        guard received.count >= end else { return nil }
        read = end
        return try Frame(header, body: Array(received[start..<end]))
    }

    // MARK: The process

    /// Threads of the process that has the plugin, as the kernel counts them.
    var threadCount: Int {
        let text = ProcessStatus.text(of: process.plugin_pid)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Threads:") }
        return line.flatMap { Int($0.dropFirst(8).filter(\.isNumber)) } ?? 0
    }

    /// Says goodbye, waits for the end, and returns all that was printed.
    func finish() throws -> [UInt8] {
        guard !isInProcess else { return [] }
        shutdown(process.socket, Int32(SHUT_WR))
        var (signal, code): (Int32, Int32) = (-1, -1)
        let left = max(1, Int64(deadline) - Int64(Monotonic.milliseconds()))
        guard lane_process_reap(process.pidfd, Int32(clamping: left), &signal, &code) == 1 else {
            throw ProbeFailure.late("the process to end")
        }
        isReaped = true
        drainOutput()
        if signal >= 0 || code != 0 { throw ProbeFailure.died(Self.ending(signal, code)) }
        return printed
    }

    private func drainOutput() {
        guard process.output >= 0 else { return }
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(process.output, &chunk, chunk.count)
            guard count > 0 else { return }
            if printed.count < Self.maximumPrinted { printed.append(contentsOf: chunk[..<count]) }
        }
    }

    private func death() -> ProbeFailure {
        guard !isInProcess else { return .died("the probe's thread ended") }
        var (signal, code): (Int32, Int32) = (-1, -1)
        if lane_process_reap(process.pidfd, 500, &signal, &code) == 1 {
            isReaped = true
        } else {
            return .died("the process closed its socket")
        }
        drainOutput()
        // What it said last may still lie unread before the end of the stream.
        while fill() {}
        while let frame = try? next() {
            guard frame.kind == PROBE_FAULT else { continue }
            faults.append(
                Fault(memory: Int(frame.number(PROBE_TAG_VALUE)), touch: Int(frame.number(PROBE_TAG_STATUS))))
        }
        let touched = faults.last.map { ": it \($0.words)" } ?? ""
        return .died(Self.ending(signal, code) + touched)
    }

    private static func ending(_ signal: Int32, _ code: Int32) -> String {
        signal >= 0 ? "the process died of \(SignalName.of(signal))" : "the process ended itself with exit code \(code)"
    }
}

/// Where a probe runs.
package enum ProbePlace: Hashable, Sendable {
    /// In a process of its own, with the sandbox of this worker.
    case worker(path: String)
    /// In this process, for a debugger: one rule a process, and a crash is the caller's.
    case thisProcess
}

extension Probe.Fault {
    var words: String {
        let whose =
            switch memory {
            case PROBE_MEMORY_CONFIGURATION: "the configuration"
            case PROBE_MEMORY_TASK: "the task's input or names"
            case PROBE_MEMORY_EVENT: "an event's data"
            case PROBE_MEMORY_ARENA: "a block of the arena"
            default: "memory of the host"
            }
        switch touch {
        case PROBE_TOUCH_WROTE: return "wrote to \(whose), which it may only read"
        case PROBE_TOUCH_LATE: return "touched \(whose) after it was given back"
        default: return "went past the end of \(whose)"
        }
    }
}

enum ProcessStatus {
    /// `/proc/<pid>/status`, or nothing.
    static func text(of process: Int32) -> String {
        let descriptor = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }
}
