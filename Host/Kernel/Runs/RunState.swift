/// The life of a run. Raw values are stored; they never change meaning.
package enum RunState: Int, Hashable, Sendable, CaseIterable {
    /// To start at a later time, or after another run of the same key.
    case scheduled = 0
    /// Waiting for a place.
    case ready = 1
    /// On a lane of its owner.
    case running = 2
    /// Open, but waiting for something outside: a child, a timer, a person.
    case waiting = 3
    /// Stopped with a reason; a person resumes it.
    case paused = 4
    case done = 5
    case failed = 6
    case cancelled = 7
    /// Took its owner down too often.
    case dead = 8

    package var isTerminal: Bool { rawValue >= RunState.done.rawValue }

    /// The stable word used in JSON, on the command line and in URLs.
    package var name: String {
        switch self {
        case .scheduled: "scheduled"
        case .ready: "ready"
        case .running: "running"
        case .waiting: "waiting"
        case .paused: "paused"
        case .done: "done"
        case .failed: "failed"
        case .cancelled: "cancelled"
        case .dead: "dead"
        }
    }

    package init?(name: String) {
        guard let state = RunState.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}

/// What may happen to a run.
package enum RunTransition: Hashable, Sendable {
    case becomeDue
    case claim
    case wait
    case wake
    case pause
    case resume
    case requeue
    /// To be tried again later.
    case delay
    case complete
    case fail
    case cancel
    case bury
    case retry
}

extension RunState {
    /// The next state, or nil when the transition is not allowed. Terminal is final but for `retry` of a run that
    /// did not succeed, which raises the fence.
    package func applying(_ transition: RunTransition) -> RunState? {
        switch (self, transition) {
        case (.scheduled, .becomeDue): .ready
        case (.ready, .claim): .running
        case (.running, .wait): .waiting
        case (.waiting, .wake): .running
        case (.running, .pause), (.waiting, .pause): .paused
        case (.paused, .resume): .ready
        case (.running, .requeue), (.waiting, .requeue): .ready
        case (.running, .delay), (.waiting, .delay): .scheduled
        case (.running, .complete), (.waiting, .complete): .done
        case (.running, .fail), (.waiting, .fail), (.scheduled, .fail), (.ready, .fail), (.paused, .fail): .failed
        case (.scheduled, .cancel), (.ready, .cancel), (.running, .cancel), (.waiting, .cancel), (.paused, .cancel):
            .cancelled
        case (.running, .bury), (.waiting, .bury): .dead
        case (.failed, .retry), (.cancelled, .retry), (.dead, .retry): .ready
        default: nil
        }
    }
}
