package import Journal
package import Kernel

/// What does not go to a webhook because of the class of the run that it tells of.
extension WebhookSender {
    enum Clearance {
        case given
        case withheld(String)
        /// The journal could not be asked: tried again later, by the webhook's schedule.
        case unknown(Failure)
    }

    func refusal(of delivery: StreamDelivery, to webhook: WebhookRecord) async -> Clearance {
        let run = delivery.event.event.run
        let sensitivity: Sensitivity?
        do {
            sensitivity = try await core.journal.read { journal throws(JournalError) in
                try journal.sensitivity(ofEventsOf: run)
            }
        } catch {
            return .unknown(Failure(.io, error.message))
        }
        let clearance = core.settings.policy.classification.webhooks.clearance(of: webhook.name)
        guard let sensitivity, sensitivity > clearance else { return .given }
        return .withheld(
            "withheld: the run's data is \(sensitivity.rawValue), the webhook is cleared for \(clearance.rawValue)")
    }

    /// Counts as delivered: it would be withheld the next time too.
    func withhold(_ delivery: StreamDelivery, _ webhook: WebhookRecord, _ reason: String, at now: Instant) async {
        let position = delivery.event.position
        let attempt = WebhookAttempt(
            webhook: webhook.name, position: position, attempt: delivery.deliveries, at: now, milliseconds: 0,
            status: nil, error: reason)
        let fields: [String: JSONValue] = [
            "run": .string(delivery.event.event.run.description), "kind": "webhook", "reason": .string(reason),
            "webhook": .string(webhook.name), "event": .integer(position),
        ]
        _ = try? await core.journal.write { journal throws(JournalError) in
            try journal.webhookAttemptAppend(attempt)
            _ = try journal.auditAppend(type: "effect.denied", fields: fields)
            _ = try journal.streamAcknowledge(webhook.group, [position])
        }
    }
}

extension JournalReading {
    /// The class of what events and messages of a run say; nil for what no run has sent. Of a run that is not in the
    /// store any more nobody knows it: it counts as confidential.
    package func sensitivity(ofEventsOf run: RunID) throws(JournalError) -> Sensitivity? {
        if let known = try self.run(run) { return known.sensitivity }
        guard let archived = try archivedRun(run) else { return nil }
        return archived.file == ArchivedRun.expired ? .restricted : .confidential
    }
}

extension NewRun {
    /// With its class: what was said, where it comes from, and what the operator's rules make of its input.
    func classified(
        by policy: GuardPolicy, said: Sensitivity? = nil, parents: [Sensitivity] = []
    ) -> NewRun {
        var run = self
        run.classification = policy.classification.admission(
            said: said, department: task.department, input: input, parents: parents)
        return run
    }
}
