import Journal
import Kernel

/// Lets time do its part about requests for decisions: escalates and expires them when they are due, whether or not an
/// execution waits. One loop in every host; it sleeps until something is due.
struct ApprovalClock: Sendable {
    /// A clock that is set forward is noticed within this time.
    private static let pieceMilliseconds: Int64 = 1_000
    private static let batch = 100

    let core: EngineCore

    func run() async {
        core.pokeApprovals()
        var timer: Task<Void, Never>?
        for await _ in core.approvalPokes {
            timer?.cancel()
            if Task.isCancelled { break }
            let next = await look()
            guard let next else { continue }
            timer = Task { await wait(until: next) }
        }
        timer?.cancel()
    }

    private func wait(until due: Instant) async {
        let remaining = due.unixMilliseconds - core.clock().unixMilliseconds
        let milliseconds = min(max(remaining, 1), Self.pieceMilliseconds)
        guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return }
        core.pokeApprovals()
    }

    /// When to look again; nil when only a new request or an act can change that.
    private func look() async -> Instant? {
        do {
            let next = try await core.journal.read { journal throws(JournalError) in try journal.approvalNextLook() }
            guard let next, next <= core.clock() else { return next }
            let changed = try await core.journal.write { journal throws(JournalError) in
                try journal.approvalAdvanceDue(limit: Self.batch)
            }
            for record in changed where record.state != .open {
                core.decisions.wake(EngineCore.ApprovalKey(run: record.run, sequence: record.sequence))
            }
            return core.clock()
        } catch {
            // A store that is closed ends the host elsewhere; anything else is tried again.
            return core.clock().advanced(byMilliseconds: Self.pieceMilliseconds)
        }
    }
}
