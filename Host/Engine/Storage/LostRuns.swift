import Journal
import Kernel

/// Finds runs that this host owns and nobody executes, and gives them back to the scheduler.
///
/// There are some after a commit that a full medium refused: an execution that cannot write ends without a word, and
/// elsewhere only the next start would take its run up again. Nothing is begun twice by this: a run that is given back
/// has a raised fence, and an execution that was only slow to begin finds itself fenced at its first commit.
struct LostRuns {
    private static let limit = 10_000

    let core: EngineCore
    let store: SQLiteJournal
    private var answered = 0
    /// Seen without an execution at the last look: claimed runs take a moment to begin.
    private var suspects: [RunID: Fence] = [:]

    init(core: EngineCore, store: SQLiteJournal) {
        self.core = core
        self.store = store
    }

    /// Costs nothing until the medium has refused something.
    mutating func look() async {
        let status = store.storage
        guard status.refusedGroups > answered, status.state == .ok || status.state == .low, !core.isDraining else {
            return
        }
        let open = try? await store.read { journal throws(JournalError) in
            try journal.runs(RunFilter(states: [.running, .waiting]), before: nil, limit: Self.limit)
        }
        guard let open else { return }
        let lost = open.filter { core.execution(of: $0.id) == nil }
        let certain = lost.filter { suspects[$0.id] == $0.fence }
        suspects = Dictionary(lost.map { ($0.id, $0.fence) }, uniquingKeysWith: { $1 })
        for run in certain {
            guard await giveBack(run) else { return }
            suspects[run.id] = nil
        }
        if suspects.isEmpty { answered = status.refusedGroups }
    }

    /// False when it has to be tried again.
    private func giveBack(_ run: RunRecord) async -> Bool {
        do {
            try await store.write { journal throws(JournalError) in
                let back = try journal.runRequeue(
                    run.id, fence: run.fence, crashed: false, reason: "the store's medium was full")
                if back.cancelRequested { _ = try journal.runRequestCancel(run.id, reason: "cancelled") }
            }
            return true
        } catch {
            // Its execution was only slow, and has ended it.
            return error.code == .fenced
        }
    }
}
