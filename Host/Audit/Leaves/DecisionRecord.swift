import Crypto
package import Journal
package import Kernel

/// A decision that a run has come to: the event `log_decision`, with its fields.
///
/// It is a reading of the run's own output, made by the host as the run ends, where the task's declared output has the
/// members of a decision. Which department and plugin decided is what the host knows of the run, so no plugin can
/// record a decision in another's name.
package struct DecisionRecord: Hashable, Sendable {
    package static let leafType = "decision.recorded"
    package static let topic = "decision.recorded"
    private static let maximumExecutives = 64

    /// What an output must have, and its schema require, to be one.
    private static let members = [
        "decision_id", "query", "participating_executives", "selected_framework", "consensus_level",
        "support_percentage", "escalated_to_human",
    ]

    private let decision: String
    private let query: String
    private let executives: [String]
    private let framework: String
    private let consensusLevel: String
    private let support: JSONValue
    private let escalatedToHuman: Bool

    /// Whether a task comes to decisions, by what its manifest says of its output.
    package static func isDeclared(by outputSchema: JSONValue) -> Bool {
        let required = Set(outputSchema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        return required.isSuperset(of: members)
    }

    /// Nil for an output that is none.
    package init?(output: [UInt8]) {
        guard let document = try? JSONParser.parse(output), let decision = document["decision_id"]?.stringValue,
            let query = document["query"]?.stringValue,
            let executives = document["participating_executives"]?.arrayValue?.map(\.stringValue),
            let framework = document["selected_framework"]?.stringValue,
            let level = document["consensus_level"]?.stringValue, let support = document["support_percentage"],
            let escalated = document["escalated_to_human"]?.boolValue, executives.count <= Self.maximumExecutives
        else { return nil }
        switch support {
        case .integer, .double: self.support = support
        default: return nil
        }
        let names = executives.compactMap { $0 }
        guard names.count == executives.count else { return nil }
        (self.decision, self.query, self.executives) = (decision, query, names)
        (self.framework, consensusLevel, escalatedToHuman) = (framework, level, escalated)
    }

    /// For people, as an event: with the question in words.
    private func event(id: RunID, salt: [UInt8], user: String?, at: Instant) -> JSONValue {
        [
            "event_id": .string(id.description), "timestamp": .string(at.timestamp), "event_type": "decision",
            "user_id": user.map { .string($0) } ?? .null, "decision_id": .string(decision), "query": .string(query),
            "executives": .array(executives.map { .string($0) }), "framework": .string(framework),
            "consensus_level": .string(consensusLevel), "support_percentage": support,
            "escalated_to_human": .bool(escalatedToHuman), "query_salt": .string(Hex.encode(salt)),
        ]
    }

    /// What stays for ever: a commitment to the question that says nothing once its salt is gone, a share as text. The
    /// whole record is the run's output, whose digest the same commit has in the leaf of the run's end.
    private func leaf(
        id: RunID, salt: [UInt8], of run: RunRecord, plugin: Kernel.Digest, at: Instant
    ) -> [String: JSONValue] {
        let commitment = HMAC<SHA256>.authenticationCode(for: Array(query.utf8), using: SymmetricKey(data: salt))
        return [
            "event_id": .string(id.description), "timestamp": .string(at.timestamp), "event_type": "decision",
            "user_id": run.user.map { .leafText($0) } ?? .null, "decision_id": .leafText(decision),
            "query": .string("hmac-sha256:" + Hex.encode(Array(commitment))),
            "executives": .array(executives.map { .leafText($0) }),
            "framework": .leafText(framework), "consensus_level": .leafText(consensusLevel),
            "support_percentage": .string(support.serialized()), "escalated_to_human": .bool(escalatedToHuman),
            "run": .string(run.id.description), "department": .leafText(run.task.department),
            "task": .leafText(run.task.task), "plugin": .string(plugin.hex),
        ]
    }

    /// In the commit that ends the run.
    ///
    /// - Parameters:
    ///   - id: of the event; unique.
    ///   - salt: 32 random bytes.
    ///   - plugin: that the run ended on.
    package func append(
        id: RunID, salt: [UInt8], of run: RunRecord, plugin: Kernel.Digest, to transaction: any JournalTransaction
    ) throws(JournalError) {
        let now = transaction.now
        _ = try transaction.eventAppend(
            NewEvent(
                topic: Self.topic, run: run.id, root: run.root, body: event(id: id, salt: salt, user: run.user, at: now)
            ))
        _ = try transaction.auditAppend(
            type: Self.leafType, fields: leaf(id: id, salt: salt, of: run, plugin: plugin, at: now))
    }
}
