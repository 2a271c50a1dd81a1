import Kernel

/// Steps of one run that the journal does not have yet. Whatever commit of the run comes next takes them all, in
/// order of sequence: so an intent rides in the commit of a result before it, the journal stays contiguous, and an
/// effect without outside consequences (the time, a random number, a read) costs no commit of its own.
struct StepOutbox {
    /// Started and not inserted, in order of sequence.
    private var inserts: [StepRecord] = []
    /// Inserted, and changed since.
    private var updates: [Int: StepRecord] = [:]

    var isEmpty: Bool { inserts.isEmpty && updates.isEmpty }

    mutating func start(_ step: StepRecord) {
        precondition(inserts.last.map { $0.sequence < step.sequence } ?? true)
        inserts.append(step)
    }

    /// The step's new content, whether it was inserted or not.
    mutating func change(_ step: StepRecord) {
        if let index = inserts.firstIndex(where: { $0.sequence == step.sequence }) {
            inserts[index] = step
        } else {
            updates[step.sequence] = step
        }
    }

    mutating func drain() -> (inserts: [StepRecord], updates: [StepRecord]) {
        defer {
            inserts = []
            updates = [:]
        }
        return (inserts, updates.values.sorted { $0.sequence < $1.sequence })
    }

    /// Undoes a drain whose transaction was rolled back.
    mutating func restore(_ drained: (inserts: [StepRecord], updates: [StepRecord])) {
        inserts = drained.inserts + inserts
        for step in drained.updates where updates[step.sequence] == nil { updates[step.sequence] = step }
    }
}
