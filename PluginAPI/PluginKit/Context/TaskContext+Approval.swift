import CBureau
import FoundationEssentials

extension TaskContext {
    /// Asks a person, and waits as long as it takes. A refusal is an answer; expiry throws
    /// ``FailureStatus/deadline``.
    ///
    /// - Parameters:
    ///   - body: Markdown: what the decider must know.
    ///   - content: what is released when approved. The decider may edit it: use ``Approval/content``.
    public func approval(
        title: String, body: String, content: some Encodable & Sendable, expiresAfterSeconds: Int? = nil,
        step: String? = nil
    ) async throws(TaskFailure) -> Approval {
        guard let ask = call.services.approval?.pointee.request else { throw .missing(BUREAU_HOST_APPROVAL) }
        let content = try JSONCoding.encode(content, "what is to be approved")
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(title) { title in
                withBorrowed(body) { body in
                    withBorrowed(content) { content in
                        var request = bureau_approval_request(
                            struct_size: UInt32(MemoryLayout<bureau_approval_request>.size), flags: 0, title: title,
                            body: body, content_json: content,
                            expires_ms: UInt64(clamping: expiresAfterSeconds ?? 0) &* 1_000)
                        return ask(host, call, step, &request, out)
                    }
                }
            }
        }
        return try JSONCoding.decode(
            Approval.self, from: try outcome.result().data, "the decision", failing: .internal)
    }
}

/// What a person decided.
public struct Approval: Codable, Hashable, Sendable {
    public var approved: Bool
    public var by: String
    public var reason: String
    /// The content, as it was asked or as the decider edited it.
    public var content: JSONValue

    public init(approved: Bool, by: String = "", reason: String = "", content: JSONValue = .null) {
        self.approved = approved
        self.by = by
        self.reason = reason
        self.content = content
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        approved = try container.decode(Bool.self, forKey: .approved)
        by = try container.decodeIfPresent(String.self, forKey: .by) ?? ""
        reason = try container.decodeIfPresent(String.self, forKey: .reason) ?? ""
        content = try container.decodeIfPresent(JSONValue.self, forKey: .content) ?? .null
    }
}
