package import Journal
package import Kernel

extension AgentRecord {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(address.description), "name": .string(name), "department": .string(department),
            "state": .string(state.name), "version": .integer(Int64(version)),
            "configuration": .document(configuration), "created_at": .string(createdAt.timestamp), "pool": .init(pool),
        ]
        members.merge(profile.members) { $1 }
        return .object(members)
    }
}

extension AgentProfile {
    /// `capabilities` is null where it takes every task.
    package var members: [String: JSONValue] {
        ["capabilities": json["capabilities"] ?? .null, "on": json["on"] ?? [:]]
    }
}

extension AgentVersion {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "version": .integer(Int64(version)), "configuration": .document(configuration),
            "at": .string(at.timestamp), "by": .string(by), "note": .string(note),
        ]
        members.merge(profile.members) { $1 }
        return .object(members)
    }
}

extension AgentStatistics {
    package var json: JSONValue {
        let counts = runs.map { ($0.key.name, JSONValue.integer(Int64($0.value))) }
        let done = Double(runs[.done] ?? 0), failed = Double((runs[.failed] ?? 0) + (runs[.dead] ?? 0))
        return [
            "runs": .object(Dictionary(counts, uniquingKeysWith: { $1 })), "open_runs": .integer(Int64(openRuns)),
            "success_rate": done + failed > 0 ? .double(done / (done + failed)) : .null,
            "cost": .string(cost.description), "cost_nanodollars": .integer(cost.value),
            "mean_milliseconds": .init(meanMilliseconds), "p50_milliseconds": .init(medianMilliseconds),
            "p95_milliseconds": .init(slowMilliseconds), "last_active_at": .init(lastActive?.timestamp),
            "open_messages": .integer(Int64(openMessages)),
        ]
    }
}

extension AgentPoolRecord {
    package func json(_ members: [PoolScaling.Member]) -> JSONValue {
        var object: [String: JSONValue] = [
            "id": .string(address.description), "name": .string(name), "department": .string(department),
            "configuration": .document(configuration), "policy": policy.json,
            "created_at": .string(createdAt.timestamp),
            "members": .array(
                members.map { member in
                    [
                        "name": .string(member.name), "state": .string(member.state.name),
                        "open_runs": .integer(Int64(member.open)), "queued_runs": .integer(Int64(member.queued)),
                    ]
                }),
        ]
        object.merge(profile.members) { $1 }
        return .object(object)
    }
}

extension MessageRecord {
    package var json: JSONValue {
        [
            "message": .integer(number), "key": .string(message.key), "to": .string(message.receiver.description),
            "from": .init(message.sender), "type": .string(message.type), "body": .document(message.payload),
            "status": .string(state.name), "deliveries": .integer(Int64(deliveries)), "at": .string(at.timestamp),
            "due_at": state == .open ? .string(dueAt.timestamp) : .null, "reason": .init(reason),
            "run": .init(message.run?.description), "started": .init(started?.description),
            "ended_at": .init(endedAt?.timestamp),
        ]
    }
}
