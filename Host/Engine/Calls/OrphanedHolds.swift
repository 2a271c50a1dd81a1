import Gateway
import Journal
import Kernel

/// Holds that a host before this one left open and that nobody will ask about: of calls outside of runs, whose callers
/// are gone with it, and of runs that ended meanwhile. The money is settled all the same: exactly where the answer was
/// kept, at its upper bound where it is unknown.
struct OrphanedHolds: Sendable {
    let core: EngineCore

    /// At the start. Answers that an egress process still receives are left for ``settle(_:)``, and so are those that
    /// are to be read; what is not needed any more is forgotten.
    ///
    /// - Returns: the holds of calls whose answers are kept.
    func collect() async throws(JournalError) -> [Reservation] {
        let kept = await core.gateway.keptAttempts()
        let (open, orphans) = try await core.journal.write { transaction throws(JournalError) in
            let open = try transaction.reservations(of: nil)
            var orphans: [Reservation] = []
            for hold in open where try Self.isOrphan(hold, transaction) { orphans.append(hold) }
            return (open, orphans)
        }
        let held = Set(open.map(\.attempt))
        for attempt in kept where !held.contains(attempt) { core.gateway.forget(attempt) }
        for hold in orphans where !kept.contains(hold.attempt) { try await settle(hold) }
        return orphans.filter { kept.contains($0.attempt) }
    }

    /// Waits for the end of each call, and settles it by its answer.
    func settle(_ holds: [Reservation]) async throws(JournalError) {
        for hold in holds {
            guard !Task.isCancelled else { return }
            try await settle(hold)
        }
    }

    private static func isOrphan(
        _ hold: Reservation, _ journal: any JournalReading
    ) throws(JournalError) -> Bool {
        if hold.attempt.hasPrefix(ModelCalls.attemptPrefix) { return true }
        guard RunExecution.isModelAttempt(hold.attempt) else { return false }
        return try journal.run(hold.run)?.state.isTerminal ?? true
    }

    private func settle(_ hold: Reservation) async throws(JournalError) {
        let end: FailedAttempt
        var body: [String: JSONValue] = ["attempt": .string(hold.attempt)]
        switch await core.gateway.keptCall(hold, begun: hold.run.createdAt) {
        case .detached: return
        case .unsent: end = .unsent
        case .unknown: end = .ambiguous
        case .ended(let call, let result):
            end = FailedAttempt(unheard: result, of: call, at: core.gateway)
            body["provider"] = .string(call.provider.name)
            body["model"] = .string(call.call.model)
        }
        let (topic, cost) =
            switch end {
            case .billed(let cost, _): ("call.settled", cost)
            case .ambiguous: ("call.ambiguous", hold.amount)
            case .unsent: ("call.released", Nanodollars.zero)
            }
        body["cost"] = .integer(cost.value)
        let event = NewEvent(topic: topic, run: hold.run, root: hold.run, body: .object(body))
        try await core.journal.write { transaction throws(JournalError) in
            try end.close(hold.attempt, in: transaction)
            _ = try transaction.eventAppend(event)
        }
        core.gateway.forget(hold.attempt)
    }
}
