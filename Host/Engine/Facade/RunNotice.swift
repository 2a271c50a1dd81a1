package import Kernel

/// What a person wants to see of a run while it goes. Live only: the journal has the facts.
package struct RunNotice: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case admitted
        case started(attempt: Int)
        case stepStarted(name: String, EffectKind)
        case stepFinished(
            name: String, EffectKind, StepState, replayed: Bool, cost: Nanodollars, milliseconds: Int64)
        /// `fraction` is in thousandths.
        case progress(fractionMilli: Int?, text: String)
        case partial(String)
        case log(level: String, String)
        case waiting(String)
        case requeued(String)
        case finished(RunState, Failure?, cost: Nanodollars)
    }

    package var at: Instant
    package var run: RunID
    package var root: RunID
    package var parent: RunID?
    package var task: TaskReference
    package var kind: Kind

    package init(at: Instant, run: RunID, root: RunID, parent: RunID?, task: TaskReference, kind: Kind) {
        self.at = at
        self.run = run
        self.root = root
        self.parent = parent
        self.task = task
        self.kind = kind
    }
}
