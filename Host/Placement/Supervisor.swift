import CLane
import Glibc
import Synchronization

/// Something that wants to be looked after at a time.
protocol Ticking: AnyObject, Sendable {
    /// Does what is due. Called on the supervisor's thread.
    /// - Returns: when to call again, or nil.
    func tick(at now: UInt64) -> UInt64?
}

/// One thread for all that is not a message: deadlines, restarts, ends of processes, lines that plugins print.
final class Supervisor: Sendable {
    struct Watch: Hashable, Sendable { fileprivate let number: UInt64 }

    private struct Watched {
        let descriptor: Int32
        let ready: @Sendable () -> Bool
    }

    private struct State {
        var watched: [UInt64: Watched] = [:]
        var clients: [ObjectIdentifier: (client: any Ticking, next: UInt64?)] = [:]
        var posted: [@Sendable () -> Void] = []
        var nextNumber: UInt64 = 0
        var wakePending = false
        var stopped = false
    }

    private let state = Mutex(State())
    private let wakeReader: Int32
    private let wakeWriter: Int32

    init() throws(PlacementError) {
        var ends: [Int32] = [0, 0]
        let error = lane_pipe(&ends)
        guard error == 0 else {
            throw PlacementError(.loadFailed, "no descriptor for the supervisor: \(SystemError.text(-error))")
        }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        guard OSThread.start(name: "supervisor", { [self] in run() }) else {
            throw PlacementError(.loadFailed, "no thread for the supervisor")
        }
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    /// Runs `body` soon, on the supervisor's thread.
    func post(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.posted.append(body) }
        wake()
    }

    /// Calls `ready` whenever `descriptor` can be read or has ended, until it returns false.
    func watch(_ descriptor: Int32, ready: @escaping @Sendable () -> Bool) -> Watch {
        let number = state.withLock { state in
            state.nextNumber += 1
            state.watched[state.nextNumber] = Watched(descriptor: descriptor, ready: ready)
            return state.nextNumber
        }
        wake()
        return Watch(number: number)
    }

    func unwatch(_ watch: Watch) { state.withLock { _ = $0.watched.removeValue(forKey: watch.number) } }

    /// Ticks `client` at `time` or earlier.
    func request(_ client: any Ticking, at time: UInt64) {
        let sooner = state.withLock { state in
            let known = state.clients[ObjectIdentifier(client)]?.next
            if let known, known <= time { return false }
            state.clients[ObjectIdentifier(client)] = (client, time)
            return true
        }
        if sooner { wake() }
    }

    func forget(_ client: any Ticking) {
        state.withLock { _ = $0.clients.removeValue(forKey: ObjectIdentifier(client)) }
    }

    func stop() {
        state.withLock { $0.stopped = true }
        wake()
    }

    private func wake() {
        let first = state.withLock { state in
            defer { state.wakePending = true }
            return !state.wakePending
        }
        guard first else { return }
        var byte: UInt8 = 1
        _ = write(wakeWriter, &byte, 1)
    }

    private func run() {
        while true {
            let posted = state.withLock { state in
                defer { state.posted = [] }
                return state.posted
            }
            for body in posted { body() }
            tickDue()
            let (stopped, watched, timeout) = state.withLock { ($0.stopped, $0.watched, Self.timeout($0)) }
            if stopped { return }
            wait(watched, timeout)
        }
    }

    private func tickDue() {
        let now = Monotonic.milliseconds()
        let due = state.withLock { state in
            let due = state.clients.values.filter { $0.next.map { $0 <= now } ?? false }.map(\.client)
            for client in due { state.clients[ObjectIdentifier(client)]?.next = nil }
            return due
        }
        for client in due {
            if let next = client.tick(at: now) { request(client, at: next) }
        }
    }

    private static func timeout(_ state: State) -> Int32 {
        if !state.posted.isEmpty { return 0 }
        guard let next = state.clients.values.compactMap(\.next).min() else { return -1 }
        let now = Monotonic.milliseconds()
        return next <= now ? 0 : Int32(clamping: next - now)
    }

    private func wait(_ watched: [UInt64: Watched], _ timeout: Int32) {
        let entries = Array(watched)
        var sources = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
        sources += entries.map { pollfd(fd: $0.value.descriptor, events: Int16(POLLIN), revents: 0) }
        guard poll(&sources, nfds_t(sources.count), timeout) > 0 else { return }
        if sources[0].revents != 0 {
            var drain: (UInt64, UInt64) = (0, 0)
            _ = read(wakeReader, &drain, MemoryLayout.size(ofValue: drain))
            state.withLock { $0.wakePending = false }
        }
        for (source, entry) in zip(sources.dropFirst(), entries) where source.revents != 0 {
            // It may have been forgotten in the meantime, and its descriptor be another file's by now.
            guard state.withLock({ $0.watched[entry.key] != nil }) else { continue }
            if !entry.value.ready() { unwatch(Watch(number: entry.key)) }
        }
    }
}

/// Texts of the operating system's errors.
enum SystemError {
    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
