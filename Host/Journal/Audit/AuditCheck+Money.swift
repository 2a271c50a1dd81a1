import Kernel

/// The part of the cross-check that is about money.
extension AuditCheck {
    // MARK: The log

    /// The reservation and the ledger's rows from `first` on must give the same leaf.
    mutating func compareLedger(_ leaf: LeafContent, _ index: Int64) throws(JournalError) {
        let attempt = leaf.fields["attempt"]?.stringValue ?? "", first = leaf.fields["first"]?.integerValue ?? 0
        let row = "ledger entry \(first) of attempt \(attempt)"
        if first != nextEntry { report(index, "ledger entry \(nextEntry)", "no leaf covers it") }
        let found =
            leaf.type == "ledger.issue" || leaf.type == "ledger.adjust"
            ? try freeMovement(leaf, first: first) : try heldMovement(leaf, first: first, index)
        guard let (movement, entries, expected) = found else {
            return report(index, row, "its reservation or its rows are gone or unreadable")
        }
        if expected.fields != leaf.fields.filter({ !["seq", "ts", "type"].contains($0.key) })
            || expected.type != leaf.type || !movement.matches(entries, first: first)
        {
            report(index, row, "the rows differ from what was recorded")
        }
        nextEntry = first + Int64(movement.accounts.count * movement.parts.count)
        for account in movement.accounts {
            for part in movement.parts {
                if !balances[account.description, default: LedgerSums()].post(part.kind, part.amount) {
                    report(index, row, "no sum can hold its amount")
                }
            }
        }
    }

    private typealias Found = (movement: LedgerMovement, entries: [LedgerRow], expected: LeafContent)

    /// Of a hold's beginning or end: from its reservation.
    private mutating func heldMovement(
        _ leaf: LeafContent, first: Int64, _ index: Int64
    ) throws(JournalError) -> Found? {
        let attempt = leaf.fields["attempt"]?.stringValue ?? ""
        let charge = try reading.session.first(LedgerSQL.charge, [.text(attempt)]) { ChargeRow(&$0) }
        guard let charge, let recorded = RecordedEnd(leaf.type, actual: leaf.fields["actual"]),
            let movement = try? charge.hold.movement(recorded.end)
        else { return nil }
        let hold = charge.hold
        let entries = try entries(from: first, movement.accounts.count * movement.parts.count)
        let at = entries.first?.at ?? Instant(unixMilliseconds: 0)
        holds[attempt] = (recorded.end?.storedState ?? 0, index)
        guard let end = recorded.end else {
            if charge.heldAt != at { report(index, "charge \(attempt)", "it was not held when its row says") }
            return (movement, entries, AuditLeaves.held(hold, for: charge.detail, movement, first: first, at: at))
        }
        if charge.endedAt != at || charge.cost != end.cost(ofHold: hold.amount) {
            report(index, "charge \(attempt)", "it did not end when or at what its row says")
        }
        return (
            movement, entries,
            AuditLeaves.ended(
                hold, end, charge.usage, usedTokens: hold.usedTokens, movement, first: first, at: at)
        )
    }

    /// Of no hold: the rows themselves must give the leaf.
    private func freeMovement(_ leaf: LeafContent, first: Int64) throws(JournalError) -> Found? {
        let count = leaf.fields["nodes"]?.arrayValue?.count ?? 0
        let entries = try entries(from: first, count)
        let accounts = entries.compactMap { BudgetAccount($0.account) }
        guard let row = entries.first, accounts.count == count else { return nil }
        let movement = LedgerMovement(
            attempt: row.attempt, run: row.run, accounts: accounts,
            parts: [LedgerMovement.Part(row.kind, row.amount)])
        return (movement, entries, AuditLeaves.ledger(movement, first: first, at: row.at))
    }

    private func entries(from first: Int64, _ count: Int) throws(JournalError) -> [LedgerRow] {
        try reading.session.rows(LedgerSQL.after, [.integer(first - 1), .int(count)]) { LedgerRow(&$0) }
    }

    // MARK: The rows

    mutating func compareMoney() throws(JournalError) {
        try compareBudgets()
        try compareWindows()
        for name in balances.keys.sorted() { report(nil, "budget \(name)", "the row is gone") }
        try compareReservations()
        try compare(BudgetLimitSQL.all) { row in
            let limit = BudgetLimitRow(&row)
            return AuditLeaves.limitSet(
                node: limit.node, period: limit.period, amount: limit.amount, soft: limit.soft,
                rollover: limit.rollover)
        }
        try compare(BudgetAlertSQL.all) { row in
            let alert = BudgetAlertRow(&row)
            return AuditLeaves.alert(
                node: alert.node, period: alert.period, opens: alert.opens, threshold: alert.threshold, at: alert.at)
        }
        try compare(RunCapSQL.all) { row in
            let caps = RunCapRow(&row)
            return AuditLeaves.runCaps(node: caps.node, caps.caps)
        }
        try compare(AdjustmentSQL.all) { AuditLeaves.adjustment(AdjustmentRow(&$0).adjustment) }
    }

    /// Limits by their leaf, balances by the ledger's sums.
    private mutating func compareBudgets() throws(JournalError) {
        let openings = try reading.budgetOpenings()
        for row in try reading.session.rows(BudgetSQL.all, [], { BudgetRow(&$0) }) {
            let node = try BudgetNode(stored: row.node)
            let claims = AuditSubject.claims(of: AuditLeaves.budgetSet(node, limit: row.limit, soft: row.soft))
            for claim in claims where row.limit != nil || row.soft != nil || newest[claim.row] != nil {
                settle(claim)
            }
            if let stop = row.stop {
                for claim in AuditSubject.claims(of: AuditLeaves.stop(node, stop)) { settle(claim) }
            }
            let sums = balances.removeValue(forKey: row.node) ?? LedgerSums()
            if sums.held != row.held.value || sums.spent != row.spent.value {
                report(nil, "budget \(row.node)", "its balance is not the sum of its ledger entries")
            }
            if row.limit?.value ?? 0 != (openings[row.node] ?? 0) - sums.issue {
                report(nil, "budget \(row.node)", "its limit is not what the ledger issued")
            }
        }
    }

    private mutating func compareWindows() throws(JournalError) {
        for row in try reading.session.rows(BudgetWindowSQL.all, [], { BudgetWindowRow(&$0) }) {
            let leaf = AuditLeaves.windowOpened(node: row.node, period: row.period, row.window)
            for claim in AuditSubject.claims(of: leaf) { settle(claim) }
            let sums = balances.removeValue(forKey: row.account) ?? LedgerSums()
            if sums.held != row.held.value || sums.spent != row.spent.value || -sums.issue != row.issued.value {
                report(nil, "budget \(row.account)", "its balance is not the sum of its ledger entries")
            }
        }
    }

    private mutating func compareReservations() throws(JournalError) {
        for charge in try reading.session.rows(LedgerSQL.charges, [], { ChargeRow(&$0) }) {
            let row = charge.hold
            guard let hold = holds.removeValue(forKey: row.attempt) else {
                report(nil, "reservation \(row.attempt)", "no leaf speaks of this row")
                continue
            }
            if hold.state != row.state || (row.state == 0 && (row.usedTokens != nil || charge.usage != nil)) {
                report(hold.leaf, "reservation \(row.attempt)", "the row differs from what was recorded")
            }
        }
    }
}

extension LedgerMovement {
    fileprivate func matches(_ stored: [LedgerRow], first: Int64) -> Bool {
        let expected = accounts.flatMap { account in parts.map { (account.description, $0) } }
        guard stored.count == expected.count else { return false }
        return zip(stored, expected).enumerated().allSatisfy { offset, pair in
            let (entry, (account, part)) = pair
            return entry.number == first + Int64(offset) && entry.at == stored[0].at && entry.attempt == attempt
                && entry.run == run && entry.account == account && entry.kind == part.kind
                && entry.amount == part.amount
        }
    }
}

/// The end that a leaf's type names; nil inside for a movement that begins a hold.
private struct RecordedEnd {
    let end: HoldEnd?

    init?(_ type: String, actual: JSONValue?) {
        switch type {
        case "ledger.reserve": end = nil
        case "ledger.release": end = .release
        case "ledger.ambiguous": end = .ambiguous
        case "ledger.settle":
            guard let amount = actual?.integerValue ?? actual?.stringValue.flatMap({ Int64($0) }) else { return nil }
            end = .settle(Nanodollars(amount))
        default: return nil
        }
    }
}
