import Journal
import Kernel

/// Starts runs on events. A run and the acknowledgement of its event are one commit, and the run's key is the event's
/// position: one event, one run, whatever dies in between.
struct TriggerRunner: Sendable {
    private static let batch = 32
    /// A full budget or a stopped department may be another in a while.
    private static let retryMilliseconds: Int64 = 60_000

    let core: EngineCore

    /// True when there may be more.
    func serve(_ trigger: TriggerRecord) async -> Bool {
        let given = try? await core.journal.write { journal throws(JournalError) in
            try journal.streamRead(trigger.group, consumer: EventPump.consumer, limit: Self.batch)
        }
        guard let given else { return false }
        for delivery in given { await start(trigger, delivery) }
        return given.count == Self.batch
    }

    private func start(_ trigger: TriggerRecord, _ delivery: StreamDelivery) async {
        let position = delivery.event.position
        do {
            let input = try trigger.rule.input(for: CloudEvent(delivery.event, delivery.origin).json)
            try core.admit(trigger.rule.task, input: input.bytes)
            let origin = delivery.event.event.run
            let cause = try await core.journal.read { journal throws(JournalError) in
                try journal.sensitivity(ofEventsOf: origin)
            }
            let run = NewRun(
                id: core.newRunID(), tenant: delivery.origin?.tenant ?? "default", task: trigger.rule.task,
                agent: trigger.rule.agent ?? "default", priority: trigger.rule.priority, input: input.bytes,
                idempotencyKey: "\(trigger.group):\(position)", correlation: delivery.origin?.correlation
            ).classified(by: core.settings.policy, parents: cause.map { [$0] } ?? [])
            try await core.journal.write { journal throws(JournalError) in
                try Self.insert(run, trigger, delivery, in: journal)
            }
        } catch let failure as Failure {
            await reject(trigger, position, failure.message, isFinal: true)
        } catch let error as EngineError {
            await reject(trigger, position, error.failure.message, isFinal: error.isFinal)
        } catch {
            await reject(trigger, position, "\(error)", isFinal: false)
        }
    }

    private static func insert(
        _ run: NewRun, _ trigger: TriggerRecord, _ delivery: StreamDelivery, in journal: any JournalTransaction
    ) throws(JournalError) {
        let position = delivery.event.position
        let chain = (try journal.run(delivery.event.event.run)?.cause?.chain ?? 0) + 1
        guard chain <= TriggerRule.maximumChain else {
            _ = try journal.streamReject(
                trigger.group, position,
                reason:
                    "\(TriggerRule.maximumChain) runs have started one another by events; this would go on for ever",
                retryAt: nil)
            return
        }
        var run = run
        run.cause = EventCause(position: position, chain: chain)
        do throws(JournalError) {
            _ = try journal.runInsert(try run.withDefaultCaps(journal))
        } catch {
            // Started by an earlier try.
            guard case .duplicate = error.code else { throw error }
        }
        _ = try journal.streamAcknowledge(trigger.group, [position])
    }

    private func reject(_ trigger: TriggerRecord, _ position: Int64, _ reason: String, isFinal: Bool) async {
        _ = try? await core.journal.write { journal throws(JournalError) in
            try journal.streamReject(
                trigger.group, position, reason: "trigger \(trigger.name): \(reason)",
                retryAt: isFinal ? nil : journal.now.advanced(byMilliseconds: Self.retryMilliseconds))
        }
    }
}
