import CLane
import Glibc
import Synchronization

/// Loads the plugin's sealed bytes into this process. For what the operator trusts: its faults are the host's.
struct InlineLauncher: LaneLauncher {
    let plugin: SealedFile
    let settings: PlacementSettings

    func launch(for owner: any LaneOwner) -> (any LaneLink)? {
        let link = InlineLink(settings: settings, owner: owner)
        let started = OSThread.start(name: "plugin lane") { [self] in link.run(plugin: plugin) }
        return started ? link : nil
    }
}

/// A lane in this process, on a thread of its own: plugin code never runs on a thread of the caller, nor on the
/// cooperative pool.
final class InlineLink: LaneLink {
    /// The lane's address crosses threads: functions of `clane/lane.h` tagged [any] may be called from all of them,
    /// those tagged [lane] are called on the lane's thread only, and an inline lane is never closed.
    private struct LaneAddress: @unchecked Sendable { let pointer: OpaquePointer }

    private struct Input {
        var frames: [[UInt8]] = []
        var bytes = 0
        var isFinished = false
        var lane: LaneAddress?
    }

    private static let hardFactor = 4

    private let settings: PlacementSettings
    private let owner: any LaneOwner
    private let input = Mutex(Input())
    private let arrival = Arrival()
    /// Plugin threads call the sink at the same time; the owner hears one after the other.
    private let delivery = Mutex(())

    init(settings: PlacementSettings, owner: any LaneOwner) {
        self.settings = settings
        self.owner = owner
    }

    var processID: Int32? { nil }
    func kill(_ reason: PluginLoss.Cause) -> Bool { false }

    func send(_ frame: [UInt8], essential: Bool) -> Bool {
        let accepted = input.withLock { input in
            let limit = essential ? settings.queueBytes * Self.hardFactor : settings.queueBytes
            guard input.bytes + frame.count <= limit else { return false }
            // The plugin may look before the callback comes.
            if let lane = input.lane, Self.kind(of: frame) == LANE_CANCEL {
                lane_mark_cancelled(lane.pointer, Self.call(of: frame))
            }
            input.frames.append(frame)
            input.bytes += frame.count
            return true
        }
        arrival.signal()
        return accepted
    }

    func finish() {
        input.withLock { $0.isFinished = true }
        arrival.signal()
    }

    func abandon(_ call: CallID) {
        guard let lane = input.withLock({ $0.lane }) else { return }
        _ = lane_abandon(lane.pointer, call.value)
    }

    // MARK: The lane's thread

    func run(plugin: SealedFile) {
        var problem = lane_problem()
        guard let lane = open(plugin, &problem) else {
            owner.linkEnded(self, cause: .startFailed(Self.text(of: problem)))
            return
        }
        input.withLock { $0.lane = LaneAddress(pointer: lane) }
        lane_send_ready(lane)
        var more = false
        while true {
            if !more { arrival.wait() }
            let (frames, isFinished) = input.withLock { input in
                defer { (input.frames, input.bytes) = ([], 0) }
                return (input.frames, input.isFinished)
            }
            for frame in frames { dispatch(frame, lane) }
            more = lane_run_wakes(lane) != 0
            if isFinished, frames.isEmpty, !more { break }
            if isFinished { more = true }
        }
        // Never unloaded: Swift's runtime keeps pointers into its libraries, and a thread may still be in there.
        owner.linkEnded(self, cause: .closed)
    }

    private func dispatch(_ frame: [UInt8], _ lane: OpaquePointer) {
        frame.withUnsafeBytes { bytes in
            var header = bytes.loadUnaligned(as: lane_header.self)
            let body = bytes.baseAddress?.advanced(by: Int(LANE_HEADER_BYTES))
            _ = lane_dispatch(lane, &header, body?.assumingMemoryBound(to: UInt8.self))
        }
        _ = lane_run_wakes(lane)
    }

    /// The descriptor's path is fresh, and stays taken: the loader would give a known path its old library again.
    private func open(_ plugin: SealedFile, _ problem: inout lane_problem) -> OpaquePointer? {
        var sink = lane_sink(
            // Kept for good, like the lane.
            context: Unmanaged.passRetained(self).toOpaque(),
            send: { context, frame in
                guard let context, let frame else { return }
                Unmanaged<InlineLink>.fromOpaque(context).takeUnretainedValue().deliver(frame.pointee)
            },
            wake: { context in
                guard let context else { return }
                Unmanaged<InlineLink>.fromOpaque(context).takeUnretainedValue().arrival.signal()
            },
            pump: nil)
        return settings.hostVersion.withCString { version in
            "bureau".withCString { name in
                var options = lane_options(
                    host_name: strdup(name), host_version: strdup(version), log_level: settings.logLevel.rawValue,
                    number: 0)
                return lane_load(plugin.keptForever(), &sink, &options, &problem)
            }
        }
    }

    private func deliver(_ frame: lane_frame) {
        var body = [UInt8]()
        body.reserveCapacity(Int(frame.header.length))
        for index in 0..<Int(frame.count) {
            let piece = frame.pieces[index]
            body.append(contentsOf: UnsafeRawBufferPointer(start: piece.ptr, count: Int(piece.len)))
        }
        delivery.withLock { _ in
            body.withUnsafeBytes { bytes in
                do throws(ProtocolViolation) {
                    try owner.receive(frame.header, bytes, from: self)
                } catch {
                    // The lane is this host's own code: what it sends is well-formed, and late frames are ignored.
                    owner.printed("the inline lane was refused: \(error.reason)")
                }
            }
        }
    }

    private static func text(of problem: lane_problem) -> String {
        withUnsafeBytes(of: problem.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func kind(of frame: [UInt8]) -> Int { Int(frame[4]) | Int(frame[5]) << 8 }
    private static func call(of frame: [UInt8]) -> UInt64 {
        frame.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
    }
}

/// A thread waits for signals; signals that come before the wait are not lost, and many are one.
///
/// Sendable because a POSIX mutex and condition may be used from all threads, and all else is under that mutex.
private final class Arrival: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var signalled = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func signal() {
        pthread_mutex_lock(mutex)
        let wasSignalled = signalled
        signalled = true
        pthread_mutex_unlock(mutex)
        if !wasSignalled { pthread_cond_signal(condition) }
    }

    func wait() {
        pthread_mutex_lock(mutex)
        while !signalled { pthread_cond_wait(condition, mutex) }
        signalled = false
        pthread_mutex_unlock(mutex)
    }
}
