package import Journal
package import Kernel

extension SubjectRecord {
    package var json: JSONValue { .object(members) }

    package func json(_ extent: SubjectExtent) -> JSONValue {
        var members = members
        members["rows"] = extent.json
        return .object(members)
    }

    private var members: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .string(id.description), "tenant": .string(tenant), "created_at": .string(createdAt.timestamp),
            "created_by": .string(createdBy), "alias": .init(alias), "key": .string(key.rawValue),
        ]
        if let erasure {
            members["erased"] = [
                "at": .string(erasure.at.timestamp), "by": .string(erasure.by), "reason": .string(erasure.reason),
                "request_id": .init(erasure.request),
            ]
        }
        return members
    }
}

extension SubjectExtent {
    package var json: JSONValue {
        .object(
            Dictionary(members.map { ($0.name, JSONValue.integer(Int64($0.count))) }, uniquingKeysWith: { $1 }))
    }
}

extension SubjectErasureReport {
    package var json: JSONValue {
        [
            "subject": subject.json, "rows_erased": extent.json,
            "runs_cancelled": .array((cancelled + running.map(\.id)).map { .string($0.description) }),
            "log_folded": .bool(isLogFolded), "list": .string(list),
            "copies": .string(Self.copies),
        ]
    }

    /// What an erasure cannot reach, and what ends it.
    package static let copies =
        "Backups and archived commits from before hold the wrapped key until they are pruned, or until bureau subjects "
        + "rotate --forget-retired, after which they can open nobody's data. The list is applied to every copy that is "
        + "restored or opened beside it."
}

extension KeyRotation {
    package func json(forgotten: [String]) -> JSONValue {
        [
            "current": .string(current), "rewrapped": .integer(Int64(rewrapped)),
            "retired": .array(retired.filter { !forgotten.contains($0) }.map { .string($0) }),
            "forgotten": .array(forgotten.map { .string($0) }),
        ]
    }
}

/// All that is stored about a subject as one document, its content in the clear: what a person gets who asks for it.
package enum SubjectExport {
    package static let format = "bureau.subject-export/1"
    private static let page = 256

    /// `subject`, then `runs` (each with `input`, `output`, `steps` with `request` and `result`, `events`, `approvals`,
    /// `artifacts` with `content` or `content_base64`), `messages` and `state`.
    ///
    /// - Parameter clearance: of whom it is for. An export is whole or none: `.denied` with a run above it.
    package static func document(
        of id: SubjectID, from journal: any JournalReading, at now: Instant, clearance: Sensitivity = .restricted
    ) throws(JournalError) -> JSONValue {
        guard let subject = try journal.subject(id) else {
            throw JournalError(.notFound, "there is no subject \(id)")
        }
        var runs: [JSONValue] = []
        var last: Int64 = 0
        while true {
            let next = try journal.runs(of: id, after: last, limit: page)
            guard let end = next.last else { break }
            last = end.number
            for run in next {
                guard run.sensitivity <= clearance else {
                    throw JournalError(
                        .denied, "a run about \(id) is \(run.sensitivity.rawValue), which you are not cleared for")
                }
                runs.append(try document(of: run, journal))
            }
        }
        return [
            "format": .string(format), "exported_at": .string(now.timestamp), "subject": subject.json,
            "runs": .array(runs), "messages": .array(try journal.messages(about: id).map(document)),
            "state": .array(try journal.stateEntries(of: id).map(document)),
        ]
    }

    private static func document(
        of run: RunRecord, _ journal: any JournalReading
    ) throws(JournalError) -> JSONValue {
        var members = run.detail
        members["steps"] = .array((try journal.recording(of: run.id)?.steps ?? []).map(document))
        var events: [JSONValue] = []
        var last: Int64 = 0
        while true {
            let next = try journal.events(of: run.id, after: last, limit: page)
            guard let end = next.last else { break }
            last = end.position
            events += next.map(\.json)
        }
        members["events"] = .array(events)
        var approvals: [JSONValue] = []
        for approval in try journal.approvals(of: run.id) {
            var shown: [String: JSONValue] = [
                "sequence": .integer(Int64(approval.sequence)), "title": .string(approval.request.title),
                "body": .string(approval.request.body), "content": .document(approval.content),
                "state": .string("\(approval.state)"), "asked_at": .string(approval.openedAt.timestamp),
            ]
            if let decision = approval.decision {
                shown["by"] = .string(decision.by)
                shown["reason"] = .string(decision.reason)
            }
            approvals.append(.object(shown))
        }
        members["approvals"] = .array(approvals)
        var artifacts: [JSONValue] = []
        for artifact in try journal.artifacts(of: run.id) where artifact.run == run.id {
            let content = try journal.artifact(artifact.digest)
            artifacts.append(.object(artifact.members.merging(text(content?.bytes ?? [])) { $1 }))
        }
        members["artifacts"] = .array(artifacts)
        return .object(members)
    }

    private static func document(_ step: StepRecord) -> JSONValue {
        var members = step.json.objectValue ?? [:]
        if let request = step.request?.encoded { members["request"] = .string(Base64.encode(request)) }
        if let result = step.result {
            members["result"] = .object(
                text(result.data).merging(["text": .string(result.text), "value": .string(String(result.value))]) {
                    $1
                })
        }
        return .object(members)
    }

    private static func document(_ record: MessageRecord) -> JSONValue {
        [
            "number": .integer(record.number), "at": .string(record.at.timestamp),
            "type": .string(record.message.type), "receiver": .string(record.message.receiver.description),
            "sender": .init(record.message.sender), "body": .document(record.message.payload),
        ]
    }

    private static func document(_ entry: SubjectStateEntry) -> JSONValue {
        .object(
            text(entry.value).merging([
                "department": .string(entry.scope.department), "agent": .string(entry.scope.agent),
                "key": .string(entry.key), "revision": .integer(entry.revision),
            ]) { $1 })
    }

    /// What is text stands as text.
    private static func text(_ bytes: [UInt8]) -> [String: JSONValue] {
        if let document = try? JSONParser.parse(bytes) { return ["content": document] }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return ["content_base64": .string(Base64.encode(bytes))]
        }
        return ["content": .string(text)]
    }
}
