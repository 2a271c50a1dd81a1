package import Kernel

/// A schedule as stored: what it starts and when, and where it stands.
package struct ScheduleRecord: Hashable, Sendable {
    package static let maximumSchedules = 10_000

    package var name: String
    package var definition: ScheduleDefinition
    /// From which intervals count.
    package var anchor: Instant
    package var state: ScheduleState
    package var createdAt: Instant
    /// Grows with each change of the definition.
    package var revision: Int64

    package init(
        name: String, definition: ScheduleDefinition, anchor: Instant, state: ScheduleState, createdAt: Instant,
        revision: Int64
    ) {
        self.name = name
        self.definition = definition
        self.anchor = anchor
        self.state = state
        self.createdAt = createdAt
        self.revision = revision
    }
}

/// A nominal time that became a run.
package struct ScheduleFireRecord: Hashable, Sendable {
    package var schedule: String
    package var fire: ScheduleFire
    package var run: RunID
    package var firedAt: Instant

    package init(schedule: String, fire: ScheduleFire, run: RunID, firedAt: Instant) {
        self.schedule = schedule
        self.fire = fire
        self.run = run
        self.firedAt = firedAt
    }
}

/// What is to be done about a schedule, as of one snapshot.
package struct ScheduleOutlook: Hashable, Sendable {
    package var record: ScheduleRecord
    /// A moment that has passed: now. Nil: nothing will ever be due, or it is paused.
    package var lookAt: Instant?
    /// Open runs that count for the overlap.
    package var openRuns: Int
    /// Its times in plain words, and the next one; paused, it lets that pass.
    package var words: String?
    package var next: Instant?
    /// Its zone or expression cannot be read any more, so it does not fire.
    package var problem: String?

    /// It waits for its open runs to end.
    package var isHeld: Bool { record.state.held != nil && !record.state.isPaused }
}

/// What one look at the clock has come to, in its transaction.
package struct ScheduleLook: Hashable, Sendable {
    package var started: [RunRecord] = []
    /// What the caller does with ``open``, in the same transaction.
    package var stop: ScheduleDecision.Stop?
    /// The runs that were open before.
    package var open: [RunID] = []
    package var misses: [ScheduleMiss] = []
    /// It waits for open runs to end.
    package var isHeld = false
    /// Nil: nothing will be due by the clock.
    package var lookAgainAt: Instant?
}

/// Makes the run of a fire; the input has no references any more.
package typealias ScheduledRun =
    @Sendable (ScheduleRecord, ScheduleFire, _ input: [UInt8], any JournalReading) throws(JournalError) -> NewRun
