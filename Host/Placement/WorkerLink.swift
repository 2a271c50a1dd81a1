import CLane
import Glibc
import Synchronization

/// Starts `bureau-worker` with the plugin's sealed bytes.
struct WorkerLauncher: LaneLauncher {
    let workerPath: String
    let plugin: SealedFile
    let settings: PlacementSettings
    let supervisor: Supervisor
    var mode = "--serve"

    func launch(for owner: any LaneOwner) -> (any LaneLink)? {
        let link = WorkerLink(settings: settings, supervisor: supervisor)
        // This thread starts the worker and waits for its end: the kernel ends a worker with the thread that
        // started it (PR_SET_PDEATHSIG), so no short-lived thread may do that.
        let started = OSThread.start(name: "worker reader") { [self] in
            link.run(workerPath: workerPath, mode: mode, plugin: plugin, owner: owner)
        }
        return started ? link : nil
    }
}

/// A worker process at the other end of a socket.
final class WorkerLink: LaneLink {
    private struct Output {
        var process: lane_process?
        var queue: [ArraySlice<UInt8>] = []
        var head = 0
        var bytes = 0
        var isFlushing = false
        var isFinished = false
        var isDead = false
    }

    /// Past `queueBytes` by this factor the worker has stopped reading what belongs to open calls.
    private static let hardFactor = 4

    private let settings: PlacementSettings
    private let supervisor: Supervisor
    private let output = Mutex(Output())

    init(settings: PlacementSettings, supervisor: Supervisor) {
        self.settings = settings
        self.supervisor = supervisor
    }

    /// The descriptors live as long as anything that may use them.
    deinit {
        output.withLock { output in
            guard let process = output.process else { return }
            for descriptor in [process.socket, process.pidfd, process.plugin_pidfd, process.output]
            where descriptor >= 0 { close(descriptor) }
        }
    }

    var processID: Int32? { output.withLock { $0.isDead ? nil : $0.process?.plugin_pid } }

    // MARK: Sending

    func send(_ frame: [UInt8], essential: Bool) -> Bool {
        let (accepted, startFlusher) = output.withLock { output -> (Bool, Bool) in
            if output.isDead || output.isFinished { return (true, false) }
            var rest = frame[...]
            if output.bytes == 0, let socket = output.process?.socket { rest = Self.write(rest, to: socket) }
            if rest.isEmpty { return (true, false) }
            let limit = essential ? settings.queueBytes * Self.hardFactor : settings.queueBytes
            // A frame that has begun to go out must go out whole.
            guard rest.count < frame.count || output.bytes + rest.count <= limit else { return (false, false) }
            output.queue.append(rest)
            output.bytes += rest.count
            let startFlusher = !output.isFlushing && output.process != nil
            if startFlusher { output.isFlushing = true }
            return (true, startFlusher)
        }
        if startFlusher, !OSThread.start(name: "worker writer", { [self] in flush() }) { return kill() }
        return accepted
    }

    /// - Returns: what did not fit. An error counts as written: the reader sees the end and reports it.
    private static func write(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> ArraySlice<UInt8> {
        let count = bytes.withUnsafeBytes {
            Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
        if count >= 0 { return bytes.dropFirst(count) }
        return errno == EAGAIN || errno == EINTR ? bytes : []
    }

    /// Writes what waits as the worker reads it; ends when nothing waits.
    private func flush() {
        while true {
            guard let socket = output.withLock({ $0.process?.socket }) else { return }
            var source = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            _ = poll(&source, 1, -1)
            let done = output.withLock { output in
                while output.head < output.queue.count, !output.isDead {
                    let rest = Self.write(output.queue[output.head], to: socket)
                    output.bytes -= output.queue[output.head].count - rest.count
                    output.queue[output.head] = rest
                    guard rest.isEmpty else { break }
                    output.head += 1
                }
                if output.head == output.queue.count || output.isDead {
                    (output.queue, output.head, output.bytes, output.isFlushing) = ([], 0, 0, false)
                    if output.isFinished { shutdown(socket, Int32(SHUT_WR)) }
                    return true
                }
                if output.head > 64 {
                    output.queue.removeFirst(output.head)
                    output.head = 0
                }
                return false
            }
            if done { return }
        }
    }

    func kill() -> Bool {
        output.withLock { output in
            if var process = output.process, !output.isDead { lane_process_kill(&process) }
        }
        return true
    }

    func finish() {
        output.withLock { output in
            output.isFinished = true
            if let process = output.process, output.bytes == 0 { shutdown(process.socket, Int32(SHUT_WR)) }
        }
    }

    func abandon(_ call: CallID) {}

    // MARK: Receiving, on the reader's thread

    func run(workerPath: String, mode: String, plugin: SealedFile, owner: any LaneOwner) {
        var process = lane_process()
        let error = lane_process_start(
            workerPath, mode, settings.libraryFolders.joined(separator: ":"), &process)
        guard error == 0 else {
            output.withLock { $0.isDead = true }
            owner.linkEnded(self, cause: .startFailed("\(workerPath): \(SystemError.text(-error))"))
            return
        }
        let report: SandboxReport
        do throws(ConfinementError) {
            report = try WorkerConfinement.report(of: &process, settings)
        } catch {
            output.withLock { output in
                output.process = process
                output.isDead = true
            }
            return owner.linkEnded(self, cause: error.cause)
        }
        let started = process
        owner.confined(report, processID: started.plugin_pid)
        begin(started, plugin)
        let printer = PrintedLines(descriptor: started.output) { owner.printed($0) }
        // Both watches hold this link, so that its descriptors stay its own while they may be used.
        let outputWatch = supervisor.watch(started.output) { withExtendedLifetime(self) { printer.read() } }
        // A child of the plugin may hold the socket open after the worker's end.
        let endWatch = supervisor.watch(started.pidfd) {
            withExtendedLifetime(self) { _ = shutdown(started.socket, Int32(SHUT_RDWR)) }
            return false
        }
        let violation = readFrames(started.socket, owner)
        let cause = end(started, violation)
        supervisor.unwatch(endWatch)
        supervisor.unwatch(outputWatch)
        printer.finish()
        owner.linkEnded(self, cause: cause)
    }

    /// Sends HELLO with the plugin's file, then what was queued before the process existed.
    private func begin(_ process: lane_process, _ plugin: SealedFile) {
        let hello = FrameEncoding.hello(settings: settings) ?? []
        // Fails only when the worker is gone already, which the reader sees.
        _ = withUnsafePointer(to: plugin.descriptor) {
            lane_send_descriptors(process.socket, hello, UInt64(hello.count), $0, 1)
        }
        let flushes = output.withLock { output in
            output.process = process
            output.isFlushing = !output.queue.isEmpty || output.isFinished
            return output.isFlushing
        }
        if flushes { flush() }
    }

    /// Until the end of the stream, or the first frame that breaks the protocol.
    private func readFrames(_ socket: Int32, _ owner: any LaneOwner) -> ProtocolViolation? {
        var buffer = FrameBuffer()
        while buffer.receive(from: socket) {
            do throws(ProtocolViolation) {
                while let frame = try buffer.next() { try owner.receive(frame.header, frame.body, from: self) }
            } catch {
                return error
            }
        }
        return nil
    }

    /// Makes sure that the process has ended, and says how.
    private func end(_ process: lane_process, _ violation: ProtocolViolation?) -> PluginLoss.Cause {
        var process = process
        var (signal, code): (Int32, Int32) = (-1, -1)
        var closedItself = false
        if violation != nil {
            lane_process_kill(&process)
        } else if lane_process_reap(process.pidfd, 200, &signal, &code) == 0 {
            closedItself = true
            lane_process_kill(&process)
        }
        if signal < 0, code < 0 { _ = lane_process_reap(process.pidfd, -1, &signal, &code) }
        output.withLock { $0.isDead = true }
        shutdown(process.socket, Int32(SHUT_RDWR))
        if let violation { return .garbage(violation.reason) }
        if code == LANE_WORKER_EXIT_BROKEN { return .garbage("lost its connection") }
        if closedItself { return .garbage("closed its connection and kept running") }
        return signal >= 0 ? .signal(signal) : .exit(code)
    }
}
