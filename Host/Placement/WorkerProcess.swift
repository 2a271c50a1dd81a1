import CLane
import Glibc

/// A started worker: its process, its socket, and this side of its ring. Owns the descriptors and the mapping.
///
/// Sendable because nothing in it changes after `start` but the ring, whose two ends are used as `clane/ring.h` asks:
/// ``WorkerLink`` produces under its lock only, and consumes on its reader thread only.
final class WorkerProcess: @unchecked Sendable {
    /// What the reader finds.
    enum Arrival { case ready, ended, broken }

    private let process: lane_process

    private init(_ process: lane_process) { self.process = process }

    deinit {
        lane_ring_close(process.ring)
        for descriptor in [process.socket, process.pidfd, process.plugin_pidfd, process.output, process.crash]
        where descriptor >= 0 { close(descriptor) }
    }

    /// Starts a worker and waits until it is confined. Call it on a thread that lives as long as the worker: the
    /// kernel ends a worker with the thread that started it (PR_SET_PDEATHSIG).
    /// - Throws: also when it is confined less than the settings ask.
    static func start(
        _ workerPath: String, _ settings: PlacementSettings
    ) throws(ConfinementError) -> (WorkerProcess, SandboxReport) {
        var process = lane_process()
        let error = lane_process_start(
            workerPath, LANE_WORKER_SERVE, settings.libraryFolders.joined(separator: ":"), &process)
        guard error == 0 else {
            throw ConfinementError(cause: .startFailed("\(workerPath): \(SystemError.text(-error))"))
        }
        do throws(ConfinementError) {
            let report = try WorkerConfinement.report(of: &process, settings)
            return (WorkerProcess(process), report)
        } catch {
            _ = WorkerProcess(process)  // closes what it holds
            throw error
        }
    }

    /// Of the process with the plugin.
    var processID: Int32 { process.plugin_pid }
    var printed: Int32 { process.output }
    var endDescriptor: Int32 { process.pidfd }
    var hasEnded: Bool { withUnsafePointer(to: process) { lane_process_has_ended($0) != 0 } }

    /// What it left behind, after its end.
    func crashPage() -> CrashPage? { CrashPage(reading: process.crash) }

    func kill() { withUnsafePointer(to: process) { lane_process_kill($0) } }

    /// The worker reads the end of the stream once it has read the ring.
    func closeSending() {
        lane_ring_finish(process.ring)
        // It may still wait for its first frame.
        shutdown(process.socket, Int32(SHUT_WR))
    }

    /// Wakes the reader for good.
    func closeSocket() { shutdown(process.socket, Int32(SHUT_RDWR)) }

    /// Waits up to `milliseconds` (-1: for good) for the end. Nil when it still runs; one of the two is negative.
    func reap(milliseconds: Int32) -> (signal: Int32, exitCode: Int32)? {
        var (signal, code): (Int32, Int32) = (-1, -1)
        guard lane_process_reap(process.pidfd, milliseconds, &signal, &code) != 0 else { return nil }
        return (signal, code)
    }

    /// The first frame, and the only one that goes by the socket, whose buffer is still empty: it does not block.
    func sendFirst(_ frame: [UInt8], files: [Int32]) {
        // Fails only when the worker is gone already, which the reader sees.
        _ = lane_send_descriptors(process.socket, frame, UInt64(frame.count), files, UInt32(files.count))
    }

    /// Producer. What did not fit: then the worker rings when there is room. Nil when the worker broke the ring.
    func write(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = bytes
        repeat {
            let count = rest.withUnsafeBytes { lane_ring_put(process.ring, $0.baseAddress, UInt64($0.count)) }
            guard count >= 0 else { return nil }
            rest = rest.dropFirst(Int(count))
            lane_ring_publish(process.ring)
        } while !rest.isEmpty && lane_ring_want_room(process.ring) != 0
        return rest
    }

    /// Consumer. How many bytes came; nil when the worker broke the ring.
    func read(into target: UnsafeMutableRawBufferPointer) -> Int? {
        let count = lane_ring_read(process.ring, target.baseAddress, UInt64(target.count))
        return count < 0 ? nil : Int(count)
    }

    /// Consumer. Blocks until something is there.
    func wait(spins: Bool) -> Arrival {
        switch lane_ring_await(process.ring, spins ? 1 : 0) {
        case LANE_RING_READY: .ready
        case LANE_RING_ENDED: .ended
        default: .broken
        }
    }
}
