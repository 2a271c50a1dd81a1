/// The life of an agent. Raw values are stored; they never change meaning.
package enum AgentState: Int, Hashable, Sendable, CaseIterable {
    /// Made, and not started: its runs wait.
    case created = 0
    case active = 1
    /// Its runs stay queued.
    case paused = 2
    /// What is queued goes on, nothing new is taken.
    case draining = 3
    /// Gone for new work; its history stays. Final.
    case retired = 4

    /// The stable word used in JSON, on the command line and in events.
    package var name: String {
        switch self {
        case .created: "created"
        case .active: "active"
        case .paused: "paused"
        case .draining: "draining"
        case .retired: "retired"
        }
    }

    package init?(name: String) {
        guard let state = AgentState.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }

    /// New runs and messages are taken.
    package var takesWork: Bool { self == .created || self == .active || self == .paused }
}

/// What may happen to an agent.
package enum AgentTransition: String, Hashable, Sendable, CaseIterable {
    case start
    case pause
    case resume
    case drain
    case retire
}

extension AgentState {
    /// The next state. Asking for what is already so changes nothing.
    ///
    /// - Parameter openRuns: of the agent; it cannot go while there are any.
    /// - Throws: `.conflict` with what to do instead.
    package func applying(_ transition: AgentTransition, openRuns: Int) throws(Failure) -> AgentState {
        switch (self, transition) {
        case (.created, .start), (.active, .start), (.active, .resume), (.paused, .resume): return .active
        case (.active, .pause), (.paused, .pause): return .paused
        case (.active, .drain), (.paused, .drain), (.created, .drain), (.draining, .drain): return .draining
        case (.retired, .retire): return .retired
        case (_, .retire):
            guard openRuns == 0 else {
                let runs = openRuns == 1 ? "1 run is" : "\(openRuns) runs are"
                throw Failure(.conflict, "\(runs) open: drain the agent, and retire it when they have ended")
            }
            return .retired
        default:
            throw Failure(.conflict, "an agent that is \(name) cannot \(transition.rawValue)")
        }
    }
}
