import Kernel

extension SQLReading {
    /// An approval past its time reads as expired; nothing has to be written for that.
    func approvals(open: Bool?) throws(JournalError) -> [ApprovalRecord] {
        let stored = try session.rows(open == true ? ApprovalSQL.open : ApprovalSQL.all) { ApprovalRow(&$0).record }
        let records = stored.map { record in
            var record = record
            if isExpired(record) { record.state = .expired }
            return record
        }
        guard let open else { return records }
        return records.filter { ($0.state == .open) == open }
    }

    fileprivate func isExpired(_ approval: ApprovalRecord) -> Bool {
        guard approval.state == .open, let expiresAt = approval.expiresAt else { return false }
        return expiresAt <= now
    }
}

extension SQLTransaction {
    func approvalOpen(_ approval: ApprovalRecord) throws(JournalError) {
        guard approval.state == .open, approval.decision == nil else {
            throw JournalError(.invalid, "an approval opens without a decision")
        }
        let request = approval.request
        let arguments: [SQLValue] = [
            .run(approval.run), .int(approval.sequence), .text(request.title), .text(request.body),
            .blob(request.content), .optional(request.expiresMilliseconds.map { Int64(bitPattern: $0) }),
            .instant(approval.openedAt), .optional(approval.expiresAt),
        ]
        guard let row = try session.first(ApprovalSQL.insert, arguments, { ApprovalRow(&$0) }) else {
            throw JournalError(
                .duplicate(approval.run), "step \(approval.sequence) of run \(approval.run) already asks for approval")
        }
        try appendLeaf(AuditLeaves.approval(row.record))
    }

    func approvalDecide(run: RunID, sequence: Int, decision: ApprovalDecision) throws(JournalError) {
        let key: [SQLValue] = [.run(run), .int(sequence)]
        guard let stored = try session.first(ApprovalSQL.one, key, { ApprovalRow(&$0).record }) else {
            throw JournalError(.notFound, "step \(sequence) of run \(run) asks for no approval")
        }
        let state = isExpired(stored) ? .expired : stored.state
        guard state == .open else {
            throw JournalError(.conflict(current: UInt64(state.rawValue)), "the approval is already \(state)")
        }
        let outcome: ApprovalRecord.State = decision.approved ? .approved : .rejected
        let arguments: [SQLValue] = [
            .int(outcome.rawValue), .text(decision.by), .text(decision.reason), .optional(decision.content),
        ]
        for row in try session.rows(ApprovalSQL.decide, arguments + key, { ApprovalRow(&$0) }) {
            try appendLeaf(AuditLeaves.approval(row.record))
        }
    }
}

struct ApprovalRow {
    let record: ApprovalRecord

    /// From ``ApprovalSQL/columns``.
    init(_ row: inout SQLRow) {
        let run = row.runID(), sequence = row.int()
        let request = ApprovalRequest(
            title: row.text(), body: row.text(), content: row.blob(),
            expiresMilliseconds: row.optionalInteger().map { UInt64(bitPattern: $0) })
        let state = row.raw(ApprovalRecord.State.open), openedAt = row.instant(), expiresAt = row.optionalInstant()
        let by = row.optionalText(), reason = row.optionalText(), content = row.optionalBlob()
        record = ApprovalRecord(
            run: run, sequence: sequence, request: request, state: state, openedAt: openedAt, expiresAt: expiresAt,
            decision: by.map {
                ApprovalDecision(approved: state == .approved, by: $0, reason: reason ?? "", content: content)
            })
    }
}
