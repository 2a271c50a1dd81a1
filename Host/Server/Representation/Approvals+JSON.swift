package import Journal
package import Kernel

extension ApprovalRecord {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string("\(run):\(sequence)"), "run": .string(run.description), "sequence": .integer(Int64(sequence)),
            "title": .string(request.title), "body": .string(request.body), "content": .document(content),
            "revision": .integer(Int64(revision)), "status": .string(String(describing: state)),
            "opened_at": .string(openedAt.timestamp), "expires_at": .init(expiresAt?.timestamp),
            "decided_at": .init(decidedAt?.timestamp), "rules": rules?.json ?? .null,
        ]
        if let decision {
            members["decision"] = [
                "approved": .bool(decision.approved), "by": .string(decision.by), "reason": .string(decision.reason),
            ]
        }
        return .object(members)
    }

    package func json(acts: [ApprovalActRecord]) -> JSONValue {
        var members = json.objectValue ?? [:]
        members["acts"] = .array(acts.map(\.json))
        if edited != nil { members["asked_content"] = .document(request.content) }
        return .object(members)
    }
}

extension ApprovalActRecord {
    package var json: JSONValue {
        let fields = fields
        var members: [String: JSONValue] = ["at": .string(at.timestamp), "act": .string(fields.kind)]
        members["by"] = actor.map { .string($0) }
        members["revision"] = fields.revision.map { .integer(Int64($0)) }
        members["to"] = fields.target.map { .string($0) }
        members["reason"] = reason.map { .string($0) }
        members["content"] = content.map { .document($0) }
        return .object(members)
    }
}

extension ApprovalRuleRecord {
    package var json: JSONValue {
        var members = policy.json.objectValue ?? [:]
        members["department"] = .string(department)
        members["task"] = .init(task)
        members["created_at"] = .string(createdAt.timestamp)
        return .object(members)
    }
}
