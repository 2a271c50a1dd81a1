import Kernel

extension SQLReading {
    fileprivate func reservation(_ attempt: String) throws(JournalError) -> ReservationRow? {
        try session.first(LedgerSQL.reservation, [.text(attempt)]) { ReservationRow(&$0) }
    }
}

extension SQLTransaction {
    /// Levels of a budget path: organisation, tenant, department, agent, user, runs, and room for more.
    static let maximumPath = 16
    /// Of a path, windows included: their names must fit one leaf.
    static let maximumAccounts = 48

    func budgetReserve(_ reservation: Reservation) throws(JournalError) {
        try check(reservation)
        if let existing = try self.reservation(reservation.attempt) {
            throw JournalError(.duplicate(existing.run), "attempt \(reservation.attempt) already holds money")
        }
        // All accounts are checked before any is written, in the writer's transaction: concurrent holds cannot pass
        // a cap, and the first use of a node cannot slip past one.
        let states = try accounts(of: reservation.path)
        guard states.count <= Self.maximumAccounts else {
            throw JournalError(.invalid, "the limits of one path have at most \(Self.maximumAccounts) windows")
        }
        for state in states { try checkRoom(state, for: reservation.amount) }
        if let tokens = reservation.tokens { try checkTokens(tokens, of: reservation.run) }
        let row = ReservationRow(reservation, accounts: states.map(\.account))
        let values: [SQLValue] =
            [
                .text(row.attempt), .run(row.run), .text(row.path), .money(row.amount), .optional(row.tokens),
                .instant(now),
            ] + ChargeDetail.columns(reservation.charge)
        guard try session.execute(LedgerSQL.reserve, values + [.run(row.run)]) == 1 else {
            throw JournalError(.cancelled, "run \(row.run) is cancelled")
        }
        for state in states where state.isNew { try open(state) }
        let movement = LedgerMovement(
            attempt: row.attempt, run: row.run, accounts: states.map(\.account),
            parts: LedgerMovement.beginning(row.amount))
        try post(movement, on: states) {
            AuditLeaves.held(row, for: reservation.charge, movement, first: $0, at: now)
        }
    }

    func budgetSettle(
        _ attempt: String, actual: Nanodollars, usage: ChargeUsage?
    ) throws(JournalError) -> Bool {
        guard actual >= .zero else { throw JournalError(.invalid, "a cost cannot be negative") }
        return try end(attempt, .settle(actual), usage, tokens: usage?.tokens.totalTokens)
    }

    func budgetRelease(_ attempt: String) throws(JournalError) -> Bool {
        try end(attempt, .release, nil, tokens: 0)
    }

    func budgetAmbiguous(_ attempt: String) throws(JournalError) -> Bool {
        try end(attempt, .ambiguous, nil, tokens: nil)
    }

    func reservations(of run: RunID?) throws(JournalError) -> [Reservation] {
        let rows =
            if let run {
                try session.rows(LedgerSQL.openOfRun, [.run(run)]) { ReservationRow(&$0) }
            } else {
                try session.rows(LedgerSQL.open) { ReservationRow(&$0) }
            }
        return try rows.map { row throws(JournalError) in try row.reservation() }
    }

    func ledgerAdjust(
        _ attempt: String, cost: Nanodollars, by: String, reason: String, evidence: String
    ) throws(JournalError) -> LedgerAdjustment {
        guard cost >= .zero else { throw JournalError(.invalid, "a cost cannot be negative") }
        guard !reason.isEmpty, !evidence.isEmpty else {
            throw JournalError(.invalid, "a correction needs a reason and evidence, such as an invoice's number")
        }
        guard let row = try reservation(attempt) else {
            throw JournalError(.notFound, "no money was held for attempt \(attempt)")
        }
        guard row.state != 0 else {
            throw JournalError(.invalid, "attempt \(attempt) is not settled yet: there is nothing to correct")
        }
        let accounts = try row.accounts()
        let key: [SQLValue] = [.run(row.run), .text(attempt), .text(accounts.first?.node.description ?? "")]
        let posted = try session.first(LedgerSQL.postedCost, key) { $0.money() } ?? .zero
        let movement = LedgerMovement(
            attempt: attempt, run: row.run, accounts: accounts,
            parts: LedgerMovement.correcting(to: cost, from: posted))
        guard !movement.parts.isEmpty else {
            throw JournalError(.invalid, "attempt \(attempt) is posted at \(posted) already")
        }
        let states = try states(of: accounts, withThresholds: cost > posted)
        try checkSums(movement, on: states)
        let values: [SQLValue] = [
            .instant(now), .text(attempt), .money(posted), .money(cost), .text(by), .text(reason), .text(evidence),
        ]
        let number = try session.first(AdjustmentSQL.append, values) { $0.integer() } ?? 0
        let adjustment = LedgerAdjustment(
            number: number, at: now, attempt: attempt, before: posted, after: cost, by: by, reason: reason,
            evidence: evidence)
        try appendLeaf(AuditLeaves.adjustment(adjustment))
        try post(movement, on: states) { AuditLeaves.ledger(movement, first: $0, at: now) }
        try runCorrectCost(row.run, by: cost - posted)
        return adjustment
    }

    // MARK: Helpers

    private func check(_ reservation: Reservation) throws(JournalError) {
        guard reservation.amount >= .zero, reservation.tokens ?? 0 >= 0 else {
            throw JournalError(.invalid, "a hold cannot be negative")
        }
        guard (1...Self.maximumPath).contains(reservation.path.count),
            Set(reservation.path).count == reservation.path.count
        else {
            throw JournalError(.invalid, "a budget path has 1 to \(Self.maximumPath) nodes, each once")
        }
        for node in reservation.path { try checkName(node) }
        guard (1...AuditLeaves.maximumTextBytes).contains(reservation.attempt.utf8.count) else {
            throw JournalError(.invalid, "an attempt's name has 1 to \(AuditLeaves.maximumTextBytes) bytes")
        }
    }

    func checkName(_ node: BudgetNode) throws(JournalError) {
        guard BudgetNode(node.description) == node else {
            throw JournalError(.invalid, "'\(node)' is not a budget node's name")
        }
    }

    private func checkRoom(_ state: AccountState, for amount: Nanodollars) throws(JournalError) {
        let node = state.account.node
        switch state.balance.refusal(of: amount) {
        case nil: return
        case .overflow: throw JournalError(.invalid, "\(node) would pass the largest amount")
        case .noRoom(let available, let isFinal):
            let period = state.account.period == .lifetime ? "" : " (\(state.account.period))"
            throw JournalError(
                .budget(node: node, available: available, final: isFinal),
                "\(amount) would pass the cap \(state.balance.issued ?? .zero) of \(node)\(period): \(available) is "
                    + "available" + (isFinal ? "" : ", more once running calls have settled"))
        }
    }

    /// Tokens are counted as money is: held at the most that a call can use, then settled.
    private func checkTokens(_ tokens: Int64, of run: RunID) throws(JournalError) {
        var next: RunID? = run
        while let id = next, let record = try self.run(id) {
            next = record.parent
            guard let cap = record.caps.tokens else { continue }
            let sums = try session.first(LedgerSQL.tokensOfTree, [.run(id)]) { ($0.integer(), $0.integer()) }
            let (used, held) = sums ?? (0, 0)
            guard tokens > cap - used else { continue }
            let isFinal = tokens > cap - (used - held)
            throw JournalError(
                .budget(node: .run(id), available: .zero, final: isFinal),
                "\(tokens) tokens would pass the cap of \(cap) tokens of run \(id) (--max-tokens): "
                    + "\(max(0, cap - used)) are left" + (isFinal ? "" : ", more once running calls have settled"))
        }
    }

    /// - Parameter tokens: what a cap on tokens counts; nil counts the hold's.
    private func end(
        _ attempt: String, _ end: HoldEnd, _ usage: ChargeUsage?, tokens: Int64?
    ) throws(JournalError) -> Bool {
        guard let row = try reservation(attempt) else {
            throw JournalError(.notFound, "no money is held for attempt \(attempt)")
        }
        guard row.state == 0 else { return false }
        let movement = try row.movement(end)
        let isViolated = end.actual.map { $0 > row.amount } ?? false
        let states = try states(of: movement.accounts, withThresholds: isViolated)
        try checkSums(movement, on: states)
        let used = row.tokens.map { tokens ?? $0 }
        try session.execute(
            LedgerSQL.endReservation,
            [.int(end.storedState), .optional(used), .instant(now), .money(end.cost(ofHold: row.amount))]
                + ChargeUsage.columns(usage) + [.text(attempt)])
        try post(movement, on: states) {
            AuditLeaves.ended(row, end, usage, usedTokens: used, movement, first: $0, at: now)
        }
        if isViolated { try announceViolation(row, actual: end.actual ?? .zero) }
        return true
    }

    /// Only an absurd amount can fail here; it must not stop the host.
    private func checkSums(_ movement: LedgerMovement, on states: [AccountState]) throws(JournalError) {
        for state in states
        where state.balance.spent.value.addingReportingOverflow(movement.change.spent.value).overflow {
            throw JournalError(.invalid, "\(state.account.node) would pass the largest amount")
        }
    }
}
