/// How one run stands to a crash that it saw.
package enum Blame: Hashable, Sendable {
    /// Its code was running, or it was alone.
    case guilty
    /// It was open, and nobody knows whose code was running.
    case suspect
    /// Another one's code was running.
    case innocent
}

/// What becomes of a run whose process died under it.
package enum CrashPolicy {
    /// A run that caused this many crashes is not tried again until a person asks for it.
    package static let maximumCrashes = 3

    package enum Verdict: Hashable, Sendable {
        /// Tried again; `counted` raises its crash count.
        case requeue(counted: Bool)
        /// Tried again in a process of its own: if that dies too, the run is guilty.
        case isolate
        case park
    }

    /// - Parameter crashCount: crashes that this run caused before the one at hand.
    package static func verdict(_ blame: Blame, crashCount: Int) -> Verdict {
        switch blame {
        case .innocent: .requeue(counted: false)
        case .suspect: .isolate
        case .guilty: crashCount + 1 >= maximumCrashes ? .park : .requeue(counted: true)
        }
    }
}
