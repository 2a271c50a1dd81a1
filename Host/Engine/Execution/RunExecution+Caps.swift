import Journal
import Kernel

/// Which budgets bind a run, and what is counted for them.
struct BudgetPath: Hashable, Sendable {
    /// From the organisation down to the run; each node's cap binds.
    private(set) var nodes: [BudgetNode]
    /// The run, or one above it, has a cap on tokens.
    private(set) var countsTokens: Bool
    private let firstRun: Int

    init(of run: RunRecord) {
        let above = run.payer.nodes
        nodes = above + (run.caps.cost == nil ? [] : [.run(run.id)])
        countsTokens = run.caps.tokens != nil
        firstRun = above.count
    }

    /// A run above: nearest first.
    mutating func add(_ ancestor: RunRecord) {
        if ancestor.caps.cost != nil { nodes.insert(.run(ancestor.id), at: firstRun) }
        if ancestor.caps.tokens != nil { countsTokens = true }
    }
}

extension NewRun {
    /// With what the operator set for it, where it brings nothing itself.
    func withDefaultCaps(_ journal: any JournalReading) throws(JournalError) -> NewRun {
        var run = self
        run.caps = run.caps.filled(from: try journal.runCaps(for: payer))
        return run
    }
}

extension RunExecution {
    /// Ends the execution where a step is beyond the cap of steps, or once too often the same.
    func isAllowed(_ step: StepRecord, _ loops: inout LoopGuard) -> Bool {
        if let cap = run.caps.steps, step.sequence >= cap {
            stop(.refused(Failure(.budget, "run \(run.id) has used its cap of \(cap) steps (--max-steps)")))
            return false
        }
        guard let count = loops.note(step.kind, step.shape) else { return true }
        stop(
            .paused(
                Failure(
                    .budget,
                    "the loop guard stopped the run: it asked for the same \(step.kind.name) effect \(count) times "
                        + "with nothing else between; bureau runs retry \(run.id) lets it go on, bureau runs cancel "
                        + "\(run.id) ends it")))
        return false
    }

    /// How the run ends when it has run for longer than it may, waiting included.
    func capOnTime() -> End? {
        if let deadline = run.scheduling.deadline, core.clock() >= deadline {
            return .refused(Failure(.deadline, "run \(run.id) was not done by its deadline"))
        }
        guard let seconds = run.caps.seconds, let since = run.startedAt,
            core.clock() >= since.advanced(byMilliseconds: Int64(seconds) * 1_000)
        else { return nil }
        return .refused(Failure(.deadline, "run \(run.id) has used its cap of \(seconds) s (--max-seconds)"))
    }
}
