package import Kernel

/// How records look outside: the same shape in the HTTP API and in the command line's `--json`. Amounts are given
/// twice: exact in nanodollars for machines, and as text for people.
extension RunRecord {
    /// Without input and output, which may be large; see ``detail``.
    package var summary: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .string(id.description),
            "task": .string(task.description),
            "agent": .string(agent),
            "tenant": .string(tenant),
            "status": .string(state.name),
            "classification": .string(sensitivity.rawValue),
            "priority": .integer(Int64(priority)),
            "attempt": .integer(Int64(attempt)),
            "cost": .string(cost.description),
            "cost_nanodollars": .integer(cost.value),
            "root": .string(root.description),
            "parent": .init(parent?.description),
            "cancel_requested": .bool(cancelRequested),
            "created_at": .string(createdAt.timestamp),
            "started_at": .init(startedAt?.timestamp),
            "finished_at": .init(finishedAt?.timestamp),
        ]
        if let failure { members["failure"] = failure.json }
        if let budget { members["budget_nanodollars"] = .integer(budget.value) }
        if let build { members["build"] = .string(build.hex) }
        if let forkedFrom {
            members["forked_from"] = [
                "run": .string(forkedFrom.run.description), "step": .integer(Int64(forkedFrom.step)),
            ]
        }
        if let idempotencyKey { members["idempotency_key"] = .string(idempotencyKey) }
        if isReviewed { members["requires_approval"] = true }
        if let subject { members["subject"] = .string(subject.description) }
        if content != .open { members["content"] = .string(content.rawValue) }
        if let correlation { members["correlation_id"] = .string(correlation) }
        return members.merging(order) { $1 }
    }

    /// Its place in the order and in time, as far as somebody said something about it.
    private var order: [String: JSONValue] {
        var members: [String: JSONValue] = ["queue": .string(scheduling.queue)]
        members["concurrency_key"] = scheduling.key.map { .string($0) }
        members["start_by"] = scheduling.startBy.map { .string($0.timestamp) }
        members["deadline"] = scheduling.deadline.map { .string($0.timestamp) }
        members["retry"] = scheduling.retry?.json
        members["wake_at"] = wakeAt.map { .string($0.timestamp) }
        members["retries"] = retries?["failures"]
        if turn != nil { members["waits_for_key"] = true }
        return members
    }

    package var detail: [String: JSONValue] {
        var members = summary
        members["input"] = .document(input)
        members["output"] = output.map { .document($0) } ?? .null
        return members
    }
}

extension Failure {
    package var json: JSONValue { ["status": .string(status.name), "message": .string(message)] }
}

extension StepRecord {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "sequence": .integer(Int64(sequence)),
            "name": .string(name),
            "occurrence": .integer(Int64(occurrence)),
            "kind": .string(kind.name),
            "status": .string(state.name),
            "attempt": .integer(Int64(attempt)),
            "cost_nanodollars": .integer(cost.value),
            "started_at": .string(startedAt.timestamp),
            "finished_at": .init(finishedAt?.timestamp),
        ]
        if let failure { members["failure"] = failure.json }
        if let reference { members["reference"] = .string(reference) }
        if let usage = result?.usage { members["usage"] = usage.json }
        return .object(members)
    }
}

extension TokenUsage {
    /// A count that the provider did not give is null, which is not zero.
    package var json: JSONValue {
        [
            "input_tokens": .init(input), "cached_read_tokens": .init(cachedRead),
            "cache_write_tokens": .init(cacheWrite), "cache_write_one_hour_tokens": .init(cacheWriteOneHour),
            "output_tokens": .init(output), "reasoning_tokens": .init(reasoning),
            "cost_nanodollars": .integer(cost.value),
        ]
    }
}

extension JSONValue {
    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    package init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }

    /// A stored document; text where it is none.
    package static func document(_ bytes: [UInt8]) -> JSONValue {
        (try? JSONParser.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
    }
}
