package import Kernel
import Synchronization

/// Answers of earlier calls, and of calls that are under way: of two equal calls at once one is sent, and the other
/// gets its answer. When the first fails, one of those that wait is sent in its place, not all.
package final class ResponseCache: Sendable {
    package enum Claim: Sendable {
        case hit([UInt8])
        /// The call is to be sent, and its end told to the lease.
        case lead(CacheLease)
        /// The call is to be sent, and shares nothing: it waited as long as it could.
        case alone
    }

    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Claim, Never>
    }

    private struct State {
        var index: CacheIndex<[UInt8]>
        /// By key, who waits for the call that is under way, in order.
        var underWay: [Digest: [Waiter]] = [:]
        var lastNumber: UInt64 = 0
        var shared: Int64 = 0
    }

    package let rule: CacheRule
    private let folder: CacheFolder?
    private let state: Mutex<State>

    /// - Parameter folder: keeps answers over a restart.
    package init(_ rule: CacheRule, folder: CacheFolder? = nil) {
        self.rule = rule
        self.folder = folder
        state = Mutex(State(index: CacheIndex(maximumBytes: rule.maximumBytes)))
        folder?.load(limit: rule.maximumBytes) { [weak self] entry in self?.restore(entry) }
    }

    func claim(_ key: Digest, within milliseconds: Int64, at now: Instant) async -> Claim {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let timer = Task { [weak self] in
            guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return }
            self?.leave(key, number)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let claim = begin(key, Waiter(number: number, continuation: continuation), at: now) {
                    continuation.resume(returning: claim)
                } else if Task.isCancelled {
                    leave(key, number)
                }
            }
        } onCancel: {
            leave(key, number)
        }
    }

    /// Nil: it waits.
    private func begin(_ key: Digest, _ waiter: Waiter, at now: Instant) -> Claim? {
        state.withLock { state in
            if let reply = state.index.find(key, at: now) {
                state.index.counters.hits += 1
                return .hit(reply)
            }
            if state.underWay[key] != nil {
                state.underWay[key]?.append(waiter)
                return nil
            }
            state.index.counters.misses += 1
            state.underWay[key] = []
            return .lead(CacheLease(key: key, cache: self))
        }
    }

    private func leave(_ key: Digest, _ number: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.underWay[key]?.firstIndex(where: { $0.number == number }) else { return nil }
            return state.underWay[key]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: .alone)
    }

    /// - Parameter reply: an object.
    fileprivate func fulfil(_ key: Digest, _ reply: JSONValue, at now: Instant) {
        guard var members = reply.objectValue else { return abandon(key) }
        members["cached"] = true
        let bytes = JSONValue.object(members).bytes
        let expiresAt = now.advanced(byMilliseconds: rule.secondsToLive * 1000)
        let isKept = Int64(bytes.count) <= rule.maximumEntryBytes
        let (waiters, evicted) = state.withLock { state in
            let waiters = state.underWay.removeValue(forKey: key) ?? []
            state.index.counters.hits += Int64(waiters.count)
            state.shared += Int64(waiters.count)
            guard isKept else { return (waiters, [Digest]()) }
            return (waiters, state.index.insert(key, bytes, bytes: Int64(bytes.count), expiresAt: expiresAt))
        }
        for waiter in waiters { waiter.continuation.resume(returning: .hit(bytes)) }
        guard let folder, isKept else { return }
        if !evicted.contains(key) { folder.write(CacheFolder.Entry(key: key, reply: bytes, expiresAt: expiresAt)) }
        folder.remove(evicted)
    }

    /// The next of those who wait takes its place.
    fileprivate func abandon(_ key: Digest) {
        let next = state.withLock { state -> Waiter? in
            guard let waiters = state.underWay[key] else { return nil }
            state.underWay[key] = waiters.isEmpty ? nil : Array(waiters.dropFirst())
            if !waiters.isEmpty { state.index.counters.misses += 1 }
            return waiters.first
        }
        next?.continuation.resume(returning: .lead(CacheLease(key: key, cache: self)))
    }

    private func restore(_ entry: CacheFolder.Entry) {
        state.withLock { state in
            // What was answered since then is newer.
            guard state.index.bytes + Int64(entry.reply.count) < rule.maximumBytes,
                state.index.find(entry.key, at: entry.expiresAt.advanced(byMilliseconds: -1)) == nil
            else { return }
            _ = state.index.insert(
                entry.key, entry.reply, bytes: Int64(entry.reply.count), expiresAt: entry.expiresAt)
            state.index.counters.stores -= 1
        }
    }

    package var status: CacheStatus {
        state.withLock { state in
            CacheStatus(
                mode: rule.mode, entries: state.index.count, bytes: state.index.bytes,
                maximumBytes: rule.maximumBytes, waiting: state.underWay.values.reduce(0) { $0 + $1.count },
                shared: state.shared, counters: state.index.counters)
        }
    }
}

/// The duty to answer for one key. One that is dropped is given up.
package final class CacheLease: Sendable {
    private let key: Digest
    private let cache: ResponseCache
    private let isEnded = Atomic(false)

    init(key: Digest, cache: ResponseCache) {
        self.key = key
        self.cache = cache
    }

    deinit {
        if end() { cache.abandon(key) }
    }

    func fulfil(_ reply: JSONValue, at now: Instant) {
        if end() { cache.fulfil(key, reply, at: now) }
    }

    private func end() -> Bool { !isEnded.exchange(true, ordering: .acquiringAndReleasing) }
}

package struct CacheStatus: Hashable, Sendable {
    package var mode: CacheRule.Mode
    package var entries: Int
    package var bytes: Int64
    package var maximumBytes: Int64
    /// Calls that wait for an equal one.
    package var waiting: Int
    /// Hits that waited for a call that was under way.
    package var shared: Int64
    package var counters: CacheCounters

    package var json: JSONValue {
        [
            "mode": .string(mode.rawValue), "entries": .integer(Int64(entries)), "bytes": .integer(bytes),
            "maximum_bytes": .integer(maximumBytes), "waiting": .integer(Int64(waiting)), "shared": .integer(shared),
            "hits": .integer(counters.hits),
            "misses": .integer(counters.misses), "stores": .integer(counters.stores),
            "evictions": .integer(counters.evictions), "expirations": .integer(counters.expirations),
        ]
    }
}
