/// What becomes of nominal times that could not fire when they were due: the host was down, or overloaded.
package enum MisfirePolicy: Hashable, Sendable {
    /// Only what is due within the tolerance fires.
    case skip
    /// The latest due time fires, for all of them.
    case latest
    /// The latest so many fire, oldest first.
    case catchUp(atMost: Int)
}

/// What becomes of a fire while a run of the same schedule is open.
package enum OverlapPolicy: String, Hashable, Sendable, CaseIterable {
    case allow
    /// It is not started at all.
    case skip
    /// It starts when the open runs have ended. One is kept; others are not started at all.
    case queueOne = "queue_one"
    /// The open runs are asked to cancel; it starts when they have ended. A later one takes its place.
    case cancelPrevious = "cancel_previous"
    /// The open runs are ended at once, and it starts at once.
    case terminatePrevious = "terminate_previous"
}

package struct SchedulePolicy: Hashable, Sendable {
    package static let maximumCatchUp = 1_000

    package var misfire: MisfirePolicy
    package var overlap: OverlapPolicy
    /// A fire that is this late is still on time.
    package var toleranceMilliseconds: Int64
    /// No fire starts later than this after its nominal time, not even one that was held back.
    package var startDeadlineMilliseconds: Int64?

    package init(
        misfire: MisfirePolicy = .latest, overlap: OverlapPolicy = .skip, toleranceMilliseconds: Int64 = 60_000,
        startDeadlineMilliseconds: Int64? = nil
    ) {
        self.misfire = misfire
        self.overlap = overlap
        self.toleranceMilliseconds = max(0, toleranceMilliseconds)
        self.startDeadlineMilliseconds = startDeadlineMilliseconds.map { max(0, $0) }
    }
}

/// A nominal time that is to become a run. Nominal times are unique within a schedule for ever: who stores the run
/// stores this time with it, under a unique key.
package struct ScheduleFire: Hashable, Sendable {
    package enum Cause: String, Hashable, Sendable {
        case due
        /// Later than the tolerance.
        case late
        /// Held back until an earlier run had ended.
        case held
        case backfill
    }

    package var nominal: Instant
    package var cause: Cause

    package init(nominal: Instant, cause: Cause) {
        self.nominal = nominal
        self.cause = cause
    }

    /// The same for each attempt to store it.
    package func idempotencyKey(schedule: String) -> String { "schedule/\(schedule)/\(nominal.unixMilliseconds)" }
}

/// Nominal times that will not fire, and why.
package struct ScheduleMiss: Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable {
        /// The misfire policy or the start deadline.
        case misfire
        case overlap
        /// It was held back until its start deadline had passed.
        case deadline
        /// A later one took its place.
        case replaced
        case paused
        /// The schedule got other times before this one had fired.
        case changed
        /// Its run was not admitted.
        case refused
    }

    package var first: Instant
    /// The same as ``first`` for a single one.
    package var last: Instant
    package var reason: Reason

    package init(first: Instant, last: Instant, reason: Reason) {
        self.first = first
        self.last = last
        self.reason = reason
    }
}
