package import Journal
package import Kernel

/// Whether somebody may do something with protected data: the event `log_access`, with its fields.
///
/// Everything that decides about access tells the log through this type, whoever is asked: today the grants of
/// departments and the rules of approvals.
package struct AccessDecision: Hashable, Sendable {
    package static let leafType = "access.decided"

    /// Unique: a UUID.
    package var id: RunID
    /// Who asks. An agent asks as `agent:<department>/<name>`.
    package var user: String
    /// What for, as `kind:name`.
    package var resource: String
    package var action: String
    /// The run in which it was asked, and the digest of the plugin that asked.
    package var run: RunID?
    package var plugin: Digest?

    package init(
        id: RunID, user: String, resource: String, action: String, run: RunID? = nil, plugin: Digest? = nil
    ) {
        self.id = id
        self.user = user
        self.resource = resource
        self.action = action
        self.run = run
        self.plugin = plugin
    }

    /// - Parameter why: of a refusal.
    func fields(success: Bool, why: String?, at: Instant) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [
            "event_id": .string(id.description), "timestamp": .string(at.timestamp), "event_type": "access",
            "user_id": .leafText(user), "resource_id": .leafText(resource), "action": .leafText(action),
            "success": .bool(success),
        ]
        fields["why"] = why.map(JSONValue.leafText)
        fields["run"] = run.map { .string($0.description) }
        fields["plugin"] = plugin.map { .string($0.hex) }
        return fields
    }
}

extension JournalTransaction {
    /// In the commit of what was allowed, or of the refusal.
    package func audit(_ access: AccessDecision, success: Bool, why: String? = nil) throws(JournalError) {
        _ = try auditAppend(
            type: AccessDecision.leafType, fields: access.fields(success: success, why: why, at: now))
    }
}

extension JournalStore {
    /// Performs `body` for somebody, and says so in the same commit; what `body` refuses with `.denied` is said in a
    /// commit of its own, before the caller hears of it.
    package func write<Value: Sendable>(
        deciding access: AccessDecision,
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let refusal: JournalError
        do {
            return try await write { transaction throws(JournalError) in
                let value = try body(transaction)
                try transaction.audit(access, success: true)
                return value
            }
        } catch {
            refusal = error
        }
        if refusal.code == .denied {
            try await write { transaction throws(JournalError) in
                try transaction.audit(access, success: false, why: refusal.message)
            }
        }
        throw refusal
    }
}
