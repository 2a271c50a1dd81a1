package import Journal
package import Kernel

extension HostRuntime {
    /// The task must be there and take the input, and the agent must exist.
    package func setSchedule(
        _ name: String, _ definition: ScheduleDefinition, expected: Int64? = nil, by: String,
        if check: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Void = { _ in }
    ) async throws(EngineError) -> ScheduleRecord {
        try core.admit(definition.task, input: definition.sampleInput(name, at: core.clock()))
        try await agentDesk.admit(definition.task, by: definition.agent)
        return try await changeSchedules { journal throws(JournalError) in
            try check(journal)
            return try journal.scheduleSet(name, definition, expected: expected, by: by)
        }
    }

    package func removeSchedule(_ name: String, by: String) async throws(EngineError) {
        try await changeSchedules { journal throws(JournalError) in try journal.scheduleRemove(name, by: by) }
    }

    package func pauseSchedule(_ name: String, by: String) async throws(EngineError) -> ScheduleRecord {
        try await changeSchedules { journal throws(JournalError) in try journal.schedulePause(name, by: by) }
    }

    package func resumeSchedule(_ name: String, by: String) async throws(EngineError) -> ScheduleRecord {
        try await changeSchedules { journal throws(JournalError) in try journal.scheduleResume(name, by: by) }
    }

    /// - Returns: the runs of the times that had not fired.
    package func backfillSchedule(
        _ name: String, from first: Instant, through last: Instant, limit: Int
    ) async throws(EngineError) -> [RunRecord] {
        guard isReady else { throw EngineError(.draining, "the host is draining; try again later") }
        let found = try await changeSchedules { journal throws(JournalError) in try journal.schedule(name) }
        guard let record = found else { throw EngineError(.notFound, "there is no schedule \"\(name)\"") }
        if let refusal = core.refusal(of: record) { throw EngineError(.conflict, refusal) }
        return try await changeSchedules { [core] journal throws(JournalError) in
            try journal.scheduleBackfill(name, from: first, through: last, limit: limit, run: core.scheduledRun)
        }
    }

    private func changeSchedules<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(EngineError) -> Value {
        let value = try await change(body)
        core.pokeSchedules()
        return value
    }
}
