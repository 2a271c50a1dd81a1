import Journal
import Kernel

/// What is kept of a call: an event for those who watch, a leaf for those who audit. Text stands in neither.
struct CallRecord: Sendable {
    let id: RunID
    let origin: CallOrigin
    /// Of the last attempt; nil: nothing was sent.
    var target: Target?
    /// Over messages and options as they were asked.
    let request: Digest
    let startedAt: Instant
    var attempts = 0
    var cost = Nanodollars.zero
    var isCached = false

    struct Target: Sendable {
        var provider: String
        var model: String
    }

    enum End: Sendable {
        case answered(Digest, finishReason: String, TokenUsage)
        case failed(Failure)
    }

    func append(_ end: End, to transaction: any JournalTransaction) throws(JournalError) {
        var event: [String: JSONValue] = [
            "tenant": .string(origin.tenant), "department": .string(origin.department),
            "attempts": .integer(Int64(attempts)), "cost": .integer(cost.value),
            "milliseconds": .integer(transaction.now.unixMilliseconds - startedAt.unixMilliseconds),
        ]
        var leaf: [String: JSONValue] = [
            "call": .string(id.description), "tenant": .string(origin.tenant),
            "department": .string(origin.department), "attempts": .integer(Int64(attempts)),
            "request": .string(request.hex), "cost": Self.amount(cost),
        ]
        if let target {
            (event["provider"], event["model"]) = (.string(target.provider), .string(target.model))
            (leaf["provider"], leaf["model"]) = (.string(target.provider), Self.short(target.model))
        }
        if let user = origin.user { (event["user"], leaf["user"]) = (.string(user), Self.short(user)) }
        if isCached { (event["cached"], leaf["cached"]) = (true, true) }
        let topic: String
        switch end {
        case .answered(let digest, let finishReason, let usage):
            topic = "call.answered"
            event["finish_reason"] = .string(finishReason)
            event["usage"] = Self.tokens(usage)
            leaf["answer"] = .string(digest.hex)
        case .failed(let failure):
            topic = "call.failed"
            event["status"] = .string(failure.status.name)
            event["message"] = .string(failure.message)
            leaf["status"] = .string(failure.status.name)
        }
        _ = try transaction.eventAppend(NewEvent(topic: topic, run: id, root: id, body: .object(event)))
        _ = try transaction.auditAppend(type: topic, fields: leaf)
    }

    private static func tokens(_ usage: TokenUsage) -> JSONValue {
        let counts: [(String, Int64?)] = [
            ("input", usage.input), ("cached_read", usage.cachedRead), ("cache_write", usage.cacheWrite),
            ("cache_write_1h", usage.cacheWriteOneHour), ("output", usage.output), ("reasoning", usage.reasoning),
        ]
        return .object(
            Dictionary(
                uniqueKeysWithValues: counts.compactMap { name, count in
                    count.map { (name, .integer($0)) }
                }))
    }

    private static let maximumNameBytes = 200

    /// A model's name and a user's come from outside; a leaf has little room.
    private static func short(_ text: String) -> JSONValue {
        let fits = text.utf8.count <= maximumNameBytes && !text.utf8.contains(0) && !text.hasPrefix("sha256:")
        return .string(fits ? text : "sha256:" + Digest.sha256(text.utf8).hex)
    }

    private static func amount(_ amount: Nanodollars) -> JSONValue {
        amount.value <= CanonicalJSON.maximumInteger ? .integer(amount.value) : .string(String(amount.value))
    }
}
