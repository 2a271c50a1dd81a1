import Kernel

extension SQLReading {
    /// An approval past its time reads as expired; the commit that says so may still be on its way.
    func approvals(open: Bool?, of scope: RowScope) throws(JournalError) -> [ApprovalRecord] {
        let (conditions, arguments) = scope.conditions(on: "run")
        let stored = try session.rows(ApprovalSQL.list(open: open == true, conditions), arguments) {
            ApprovalRow(&$0).record
        }
        let records = try opened(stored).map { record in
            var record = record
            if isExpired(record) { record.state = .expired }
            return record
        }
        guard let open else { return records }
        return records.filter { ($0.state == .open) == open }
    }

    private func isExpired(_ approval: ApprovalRecord) -> Bool {
        guard approval.state == .open, let expiresAt = approval.expiresAt else { return false }
        return expiresAt <= now
    }

    func approval(run: RunID, sequence: Int) throws(JournalError) -> ApprovalRecord? {
        guard let stored = try storedApproval(run: run, sequence: sequence) else { return nil }
        return try opened(stored)
    }

    func storedApproval(run: RunID, sequence: Int) throws(JournalError) -> ApprovalRecord? {
        try session.first(ApprovalSQL.one, [.run(run), .int(sequence)]) { ApprovalRow(&$0).record }
    }

    func approvalActs(run: RunID, sequence: Int) throws(JournalError) -> [ApprovalActRecord] {
        var acts: [ApprovalActRecord] = []
        for act in try storedActs(run: run, sequence: sequence) { acts.append(try opened(act)) }
        return acts
    }

    func storedActs(run: RunID, sequence: Int) throws(JournalError) -> [ApprovalActRecord] {
        try session.rows(ApprovalSQL.acts, [.run(run), .int(sequence)]) { ApprovalActRecord(&$0) }
    }

    func approvalNextLook() throws(JournalError) -> Instant? {
        try session.first(ApprovalSQL.nextLook) { $0.optionalInstant() }.flatMap { $0 }
    }

    func approvalRules() throws(JournalError) -> [ApprovalRuleRecord] {
        try session.rows(ApprovalSQL.rules) { ApprovalRuleRecord(&$0) }
    }

    func approvalPolicy(of task: TaskReference) throws(JournalError) -> ApprovalPolicy {
        let arguments: [SQLValue] = [.text(task.department), .text(task.task)]
        return try session.first(ApprovalSQL.rule, arguments) { ApprovalRuleRecord(&$0).policy } ?? .anybody
    }

    /// The stored request with all that was done about it.
    func approvalState(_ record: ApprovalRecord) throws(JournalError) -> ApprovalState {
        let acts = try storedActs(run: record.run, sequence: record.sequence)
        do throws(ApprovalRefusal) {
            return try ApprovalState(record, acts: acts)
        } catch {
            throw JournalError(.storage, "the acts about step \(record.sequence) of run \(record.run) break its rules")
        }
    }
}

extension SQLTransaction {
    func approvalOpen(_ approval: ApprovalRecord) throws(JournalError) {
        guard approval.state == .open, approval.decision == nil else {
            throw JournalError(.invalid, "an approval opens without a decision")
        }
        let run = try run(approval.run)
        let policy = try run.map { run throws(JournalError) in try approvalPolicy(of: run.task) } ?? .anybody
        let expires = approval.expiresAt.map { max(1, $0.unixMilliseconds - approval.openedAt.unixMilliseconds) }
        let rules: ApprovalRules
        do {
            rules = try policy.rules(requester: run?.user, expiresMilliseconds: expires)
        } catch {
            throw JournalError(
                .denied, "the approval rules of \(run?.task.description ?? "it") cannot be met: \(error.message)")
        }
        let state = Approval(rules, createdAt: approval.openedAt)
        let request = try sealed(approval)
        let arguments: [SQLValue] = [
            .run(approval.run), .int(approval.sequence), .text(request.title), .text(request.body),
            .blob(request.content), .optional(request.expiresMilliseconds.map { Int64(bitPattern: $0) }),
            .instant(approval.openedAt), .optional(state.expiresAt), .text(rules.json.serialized()),
            .optional(state.nextLook),
        ]
        guard let row = try session.first(ApprovalSQL.insert, arguments, { ApprovalRow(&$0) }) else {
            throw JournalError(
                .duplicate(approval.run), "step \(approval.sequence) of run \(approval.run) already asks for approval")
        }
        try appendLeaf(AuditLeaves.approval(row.record))
        try tell(.asked(state.voters), of: try opened(row.record))
    }

    func approvalAct(
        run id: RunID, sequence: Int, _ wish: ApprovalWish, by: String, reason: String
    ) throws(JournalError) -> ApprovalRecord {
        guard let record = try storedApproval(run: id, sequence: sequence) else {
            throw JournalError(.notFound, "step \(sequence) of run \(id) asks for no approval")
        }
        guard ApprovalPolicy.isName(by) else {
            throw JournalError(.invalid, "say who acts, by a name of at most 254 bytes")
        }
        if let run = try run(id), run.state.isTerminal, record.state == .open {
            throw JournalError(
                .conflict(current: UInt64(run.state.rawValue)), "run \(id) is \(run.state.name): nothing waits for this"
            )
        }
        var state = try approvalState(record)
        var events: [ApprovalEvent] = []
        let (wish, reason) = try sealed(wish, reason, of: record)
        // All in memory first: a refusal writes nothing.
        do throws(ApprovalRefusal) {
            for (act, content) in state.acts(for: wish, by: by, reason: reason) {
                events += try state.apply(act, by: by, reason: reason, content: content, at: now)
            }
        } catch {
            throw JournalError(error, of: try opened(record))
        }
        return try write(state, events)
    }

    func approvalDecide(run: RunID, sequence: Int, decision: ApprovalDecision) throws(JournalError) {
        let wish: ApprovalWish = decision.approved ? .approve(revision: nil, content: decision.content) : .reject
        _ = try approvalAct(run: run, sequence: sequence, wish, by: decision.by, reason: decision.reason)
    }

    func approvalAdvanceDue(limit: Int) throws(JournalError) -> [ApprovalRecord] {
        let due = try session.rows(ApprovalSQL.due, [.instant(now), .int(max(0, limit))]) { ApprovalRow(&$0).record }
        var changed: [ApprovalRecord] = []
        for record in due {
            var state = try approvalState(record)
            let events = state.advance(at: now)
            changed.append(try write(state, events))
        }
        return changed
    }

    func approvalRuleSet(_ rule: ApprovalRuleRecord, by: String) throws(JournalError) {
        for name in [rule.department, rule.task].compactMap({ $0 }) where !Name.isValid(name) {
            throw JournalError(.invalid, "\"\(name)\" is no name of a department or a task")
        }
        let key: [SQLValue] = [.text(rule.department), .text(rule.task ?? "")]
        try session.execute(
            ApprovalSQL.setRule, key + [.text(rule.policy.json.serialized()), .instant(now)])
        let stored = try approvalRules().first { $0.department == rule.department && $0.task == rule.task }
        if let stored { try appendLeaf(AuditLeaves.approvalRule(stored, by: by)) }
    }

    func approvalRuleRemove(department: String, task: String?, by: String) throws(JournalError) {
        let key: [SQLValue] = [.text(department), .text(task ?? "")]
        guard try session.execute(ApprovalSQL.removeRule, key) > 0 else {
            let what = task.map { "\(department)/\($0)" } ?? department
            throw JournalError(.notFound, "\(what) has no approval rules of its own")
        }
        try appendLeaf(AuditLeaves.approvalRuleRemoved(department: department, task: task, by: by))
    }

    // MARK: Rows

    /// The acts that are new, and the request as it stands after them.
    private func write(_ state: ApprovalState, _ events: [ApprovalEvent]) throws(JournalError) -> ApprovalRecord {
        let after = state.record
        for act in state.newActs {
            let fields = act.fields
            try session.execute(
                ApprovalSQL.appendAct,
                [
                    .run(act.run), .int(act.sequence), .int(act.number), .instant(act.at), .text(fields.kind),
                    .optional(act.actor), .optional(fields.revision.map(Int64.init)), .optional(fields.target),
                    .optional(act.reason), .optional(act.content),
                ])
            try appendLeaf(AuditLeaves.approvalAct(act))
        }
        let arguments: [SQLValue] = [
            .int(after.state.rawValue), .optional(after.decision?.by), .optional(after.decision?.reason),
            .optional(after.edited), .int(after.revision), .optional(after.decidedAt), .optional(state.nextLook),
            .run(after.run), .int(after.sequence),
        ]
        guard let row = try session.first(ApprovalSQL.change, arguments, { ApprovalRow(&$0) }) else {
            throw JournalError(.storage, "the approval of step \(after.sequence) of run \(after.run) is gone")
        }
        try appendLeaf(AuditLeaves.approval(row.record))
        let record = try opened(row.record)
        for event in events { try tell(event, of: record) }
        return record
    }

    private func sealed(_ approval: ApprovalRecord) throws(JournalError) -> ApprovalRequest {
        var request = approval.request
        guard let seal = try seal(ofRun: approval.run) else { return request }
        let row = Self.approvalRow(approval.run, approval.sequence)
        request.title = try seal.sealText(request.title, SealPlace(row, "title"))
        request.body = try seal.sealText(request.body, SealPlace(row, "body"))
        request.content = try seal.seal(request.content, SealPlace(row, "content"))
        return request
    }

    /// An empty reason stays one: the rules ask for it.
    private func sealed(
        _ wish: ApprovalWish, _ reason: String, of record: ApprovalRecord
    ) throws(JournalError) -> (ApprovalWish, String) {
        guard let seal = try seal(ofRun: record.run) else { return (wish, reason) }
        let row = Self.approvalRow(record.run, record.sequence)
        let isSaid = reason.contains { !$0.isWhitespace }
        let sealedReason = isSaid ? try seal.sealText(reason, SealPlace(row, "reason")) : reason
        switch wish {
        case .approve(let revision, let content?):
            let content = try seal.seal(content, SealPlace(row, "content"))
            return (.approve(revision: revision, content: content), sealedReason)
        case .edit(let revision, let content):
            return (.edit(revision: revision, content: try seal.seal(content, SealPlace(row, "content"))), sealedReason)
        case .approve, .reject, .delegate, .withdraw: return (wish, sealedReason)
        }
    }

    private func said(_ text: String, about record: ApprovalRecord) throws(JournalError) -> String {
        guard let seal = try seal(ofRun: record.run) else { return text }
        var reader = SealReader(seal, row: Self.approvalRow(record.run, record.sequence))
        return reader.text(text, "reason")
    }

    private func tell(_ event: ApprovalEvent, of record: ApprovalRecord) throws(JournalError) {
        var body: [String: JSONValue] = [
            "sequence": .integer(Int64(record.sequence)), "title": .string(record.request.title),
            "revision": .integer(Int64(record.revision)),
        ]
        let topic: String
        switch event {
        case .asked(let people):
            topic = EventTopic.approvalRequested
            body["approvers"] = .array(people.sorted().map { .string($0) })
            body["anybody"] = .bool(record.rules?.isForAnybody ?? true)
            body["expires_at"] = record.expiresAt.map { .string($0.timestamp) } ?? .null
        case .decided(let outcome, let reason):
            topic = EventTopic.approvalDecided
            body["outcome"] = .string(outcome.rawValue)
            body["because"] = .string(try said(reason, about: record))
            if let decision = record.decision {
                body["by"] = .string(decision.by)
                body["reason"] = .string(decision.reason)
            }
        }
        let root = try run(record.run)?.root ?? record.run
        _ = try eventAppend(NewEvent(topic: topic, run: record.run, root: root, body: .object(body)))
    }
}

extension JournalError {
    init(_ refusal: ApprovalRefusal, of record: ApprovalRecord) {
        let code: Code
        switch refusal {
        case .decided(let outcome): code = .conflict(current: UInt64(ApprovalRecord.State(outcome).rawValue))
        case .revision(_, let current): code = .conflict(current: UInt64(current))
        case .alreadyVoted: code = .conflict(current: UInt64(record.state.rawValue))
        case .excluded, .notApprover, .handedOn, .ownEdit: code = .denied
        case .delegation, .reasonMissing: code = .invalid
        }
        self.init(code, "\(record.request.title): \(refusal)")
    }
}
