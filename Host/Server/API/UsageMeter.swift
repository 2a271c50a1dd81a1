import Journal
import Kernel
import Synchronization

/// Counts who asks for what, in memory, and adds it to the journal now and then: before it is read, and at the end.
final class UsageMeter: Sendable {
    /// What was counted is at most so old before it is written; a crash loses no more.
    private static let interval: Duration = .seconds(10)
    /// One row for each client, version, operation and status: an end in memory, whatever clients there are.
    private static let maximumRows = 10_000

    private struct Count {
        var requests: Int64 = 0
        var milliseconds: Int64 = 0
    }

    private struct State {
        var counts: [UsageRow.Key: Count] = [:]
        var flushed = ContinuousClock.now
    }

    private let journal: any JournalStore
    private let now: @Sendable () -> Instant
    private let state = Mutex(State())

    init(journal: any JournalStore, now: @escaping @Sendable () -> Instant) {
        self.journal = journal
        self.now = now
    }

    func note(
        _ operation: String, by caller: Principal, _ version: APIVersion, status: Int,
        since start: ContinuousClock.Instant
    ) async {
        let day = CivilDate(daysSinceEpoch: Int(now().unixMilliseconds / 86_400_000))
        let key = UsageRow.Key(
            day: day, tenant: caller.tenant ?? "", client: Self.client(caller), version: version.name,
            operation: operation, status: status)
        let elapsed = (ContinuousClock.now - start) / .milliseconds(1)
        let isDue = state.withLock { state in
            state.counts[key, default: Count()].requests += 1
            state.counts[key, default: Count()].milliseconds += Int64(elapsed)
            return state.counts.count >= Self.maximumRows || ContinuousClock.now - state.flushed > Self.interval
        }
        // Beside the request: it waits for no commit.
        if isDue { Task.detached { await self.flush() } }
    }

    /// Writes what was counted. What cannot be written is counted on.
    func flush() async {
        let taken = state.withLock { state in
            defer { state.counts = [:] }
            state.flushed = ContinuousClock.now
            return state.counts
        }
        guard !taken.isEmpty else { return }
        let rows = taken.map { UsageRow(key: $0.key, requests: $0.value.requests, milliseconds: $0.value.milliseconds) }
        do throws(JournalError) {
            try await journal.write { journal throws(JournalError) in try journal.usageAdd(rows) }
        } catch {
            state.withLock { state in
                guard state.counts.count < Self.maximumRows else { return }
                for (key, count) in taken {
                    state.counts[key, default: Count()].requests += count.requests
                    state.counts[key, default: Count()].milliseconds += count.milliseconds
                }
            }
        }
    }

    /// Names that requests give themselves would make rows without end.
    private static func client(_ caller: Principal) -> String {
        switch caller.kind {
        case .user, .service, .local: caller.name
        case .open: "open"
        case .anonymous: "anonymous"
        }
    }
}
