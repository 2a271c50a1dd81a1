import Journal
import Kernel

/// Starts the runs that agents' profiles name for messages. A run and the acknowledgement of its message are one
/// commit.
struct MessageRunner: Sendable {
    private static let batch = 32

    let core: EngineCore

    /// True when there may be more.
    func serve() async -> Bool {
        let due = try? await core.journal.read { journal throws(JournalError) in
            try journal.messagesToStart(limit: Self.batch)
        }
        guard let due, !due.isEmpty else { return false }
        for message in due { await start(message) }
        return true
    }

    private func start(_ record: MessageRecord) async {
        do {
            guard let run = try await run(for: record) else { return }
            _ = try await core.journal.write { journal throws(JournalError) in
                try journal.messageStart(record.number, try run.withDefaultCaps(journal))
            }
        } catch let failure as Failure {
            await giveBack(record, failure.message, isFinal: true)
        } catch let error as EngineError {
            await giveBack(record, error.failure.message, isFinal: error.isFinal || error.code == .conflict)
        } catch {
            await giveBack(record, "\(error)", isFinal: false)
        }
    }

    /// Nil when the agent's profile no longer names the type.
    private func run(for record: MessageRecord) async throws -> NewRun? {
        let message = record.message, receiver = message.receiver
        let (agent, correlation, origin) = try await core.journal.read { journal throws(JournalError) in
            let sender = try message.run.flatMap { id throws(JournalError) in try journal.run(id) }
            let root = try sender.flatMap { run throws(JournalError) in try journal.run(run.root) }
            return (
                try journal.agent(receiver), root.map { $0.correlation ?? $0.id.description },
                try message.run.flatMap { id throws(JournalError) in try journal.sensitivity(ofEventsOf: id) }
            )
        }
        guard let agent, let reaction = agent.profile.reactions[message.type] else { return nil }
        guard message.chain < AgentMessage.maximumChain else {
            let limit = AgentMessage.maximumChain
            throw Failure(.invalid, "\(limit) runs have started one another by messages; this would go on for ever")
        }
        let task = TaskReference(department: receiver.department, task: reaction.task)
        let input = try reaction.input(for: record.document)
        try core.admit(task, input: input.bytes)
        try core.admit(task, by: receiver, agent.profile)
        return NewRun(
            id: core.newRunID(), tenant: message.tenant, task: task, agent: receiver.name, priority: reaction.priority,
            input: input.bytes, idempotencyKey: "message:\(record.number)", correlation: correlation,
            cause: record.position.map { EventCause(position: $0, chain: message.chain + 1) }
        ).classified(by: core.settings.policy, parents: origin.map { [$0] } ?? [])
    }

    private func giveBack(_ record: MessageRecord, _ reason: String, isFinal: Bool) async {
        try? await core.journal.write { journal throws(JournalError) in
            try journal.messageNotStarted(
                record.number, reason: reason,
                retryAt: isFinal ? nil : journal.now.advanced(byMilliseconds: AgentMessage.retryMilliseconds))
        }
    }
}

extension MessageRecord {
    /// As references of a reaction's input see it.
    var document: JSONValue {
        [
            "id": .string(message.key), "type": .string(message.type),
            "from": message.sender.map { .string($0) } ?? .null,
            "body": (try? JSONParser.parse(message.payload)) ?? .null, "at": .string(at.timestamp),
        ]
    }
}
