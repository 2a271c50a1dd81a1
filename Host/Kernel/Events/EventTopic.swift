/// The names of events that tell of a run's life.
package enum EventTopic {
    /// A run was admitted: it has an id, and will begin when its turn comes.
    package static let requested = "automation.run.requested"
    /// It was claimed; again after each crash, retry or hand-over, with the attempt's number.
    package static let started = "run.started"
    /// It is open, and its state is another: `ready` (again), `waiting`, `running` after a wait, `paused`.
    package static let statusUpdated = "run.status.updated"
    package static let completed = "run.completed"
    package static let failed = "run.failed"
    package static let cancelled = "run.cancelled"
    /// Parked: it took its process down too often.
    package static let dead = "run.dead"
    /// An event was given up by a group of consumers.
    package static let deadLetter = "automation.dlq"
    /// A schedule started this run, for the nominal time in the body.
    package static let scheduleFired = "schedule.fired"
    /// Nominal times of a schedule that do not fire, and why.
    package static let scheduleMissed = "schedule.missed"
    /// Somebody is asked to decide: at the opening, by a delegation, by an escalation.
    package static let approvalRequested = "approval.requested"
    package static let approvalDecided = "approval.decided"
    /// The class of a run's data is another now.
    package static let classified = "run.classified"

    /// Of a run that came to this state.
    package static func state(_ state: RunState) -> String {
        switch state {
        case .done: completed
        case .failed: failed
        case .cancelled: cancelled
        case .dead: dead
        case .scheduled, .ready, .running, .waiting, .paused: statusUpdated
        }
    }
}
