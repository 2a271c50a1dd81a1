import Kernel

extension SQLReading {
    func budgets() throws(JournalError) -> [BudgetRecord] {
        try readable(try session.rows(BudgetSQL.all) { BudgetRow(&$0) })
    }

    func budget(_ node: BudgetNode) throws(JournalError) -> BudgetRecord? {
        try readable(try session.rows(BudgetSQL.one, [.text(node.description)]) { BudgetRow(&$0) }).first
    }

    func ledger(of run: RunID?, after entry: Int64, limit: Int) throws(JournalError) -> [LedgerEntry] {
        let range: [SQLValue] = [.integer(entry), .int(max(0, limit))]
        let rows =
            if let run {
                try session.rows(LedgerSQL.afterOfRun, [.run(run)] + range) { LedgerRow(&$0) }
            } else {
                try session.rows(LedgerSQL.after, range) { LedgerRow(&$0) }
            }
        return try rows.map { row throws(JournalError) in try row.entry() }
    }

    func costs(root: RunID?) throws(JournalError) -> [CostRow] {
        let arguments: [SQLValue] = root.map { [.run($0), .run($0)] } ?? []
        return try session.rows(CostSQL.byTask(inTree: root != nil), arguments) { row in
            CostRow(
                task: TaskReference(department: row.text(), task: row.text()), runs: row.int(), steps: row.int(),
                modelCalls: row.int(), inputTokens: row.integer(), outputTokens: row.integer(), cost: row.money(),
                milliseconds: row.integer())
        }
    }

    private func readable(_ rows: [BudgetRow]) throws(JournalError) -> [BudgetRecord] {
        try rows.map { row throws(JournalError) in try row.record() }
    }

    fileprivate func reservation(_ attempt: String) throws(JournalError) -> ReservationRow? {
        try session.first(LedgerSQL.reservation, [.text(attempt)]) { ReservationRow(&$0) }
    }
}

extension SQLTransaction {
    /// Levels of a budget path: organisation, tenant, department, agent, user, run, and room for more.
    static let maximumPath = 16

    func budgetSet(_ node: BudgetNode, limit: Nanodollars?) throws(JournalError) {
        guard limit ?? .zero >= .zero else { throw JournalError(.invalid, "a budget cannot be negative") }
        try checkName(node)
        try session.execute(BudgetSQL.setLimit, [.text(node.description), .optional(limit?.value)])
        try appendLeaf(AuditLeaves.budgetSet(node, limit: limit))
    }

    func budgetReserve(_ reservation: Reservation) throws(JournalError) {
        guard reservation.amount >= .zero else { throw JournalError(.invalid, "a hold cannot be negative") }
        guard (1...Self.maximumPath).contains(reservation.path.count),
            Set(reservation.path).count == reservation.path.count
        else {
            throw JournalError(.invalid, "a budget path has 1 to \(Self.maximumPath) nodes, each once")
        }
        for node in reservation.path { try checkName(node) }
        guard (1...AuditLeaves.maximumTextBytes).contains(reservation.attempt.utf8.count) else {
            throw JournalError(.invalid, "an attempt's name has 1 to \(AuditLeaves.maximumTextBytes) bytes")
        }
        if let existing = try self.reservation(reservation.attempt) {
            throw JournalError(.duplicate(existing.run), "attempt \(reservation.attempt) already holds money")
        }
        for node in reservation.path { try checkRoom(node, for: reservation.amount) }
        let arguments: [SQLValue] = [
            .text(reservation.attempt), .run(reservation.run), .text(ReservationRow.stored(reservation.path)),
            .money(reservation.amount),
        ]
        try session.execute(LedgerSQL.reserve, arguments)
        try post(LedgerMovement(reservation: reservation, end: nil))
    }

    func budgetSettle(_ attempt: String, actual: Nanodollars) throws(JournalError) -> Bool {
        guard actual >= .zero else { throw JournalError(.invalid, "a cost cannot be negative") }
        return try end(attempt, .settle(actual))
    }

    func budgetRelease(_ attempt: String) throws(JournalError) -> Bool { try end(attempt, .release) }

    func budgetAmbiguous(_ attempt: String) throws(JournalError) -> Bool { try end(attempt, .ambiguous) }

    func reservations(of run: RunID?) throws(JournalError) -> [Reservation] {
        let rows =
            if let run {
                try session.rows(LedgerSQL.openOfRun, [.run(run)]) { ReservationRow(&$0) }
            } else {
                try session.rows(LedgerSQL.open) { ReservationRow(&$0) }
            }
        return try rows.map { row throws(JournalError) in try row.reservation() }
    }

    // MARK: Helpers

    private func checkName(_ node: BudgetNode) throws(JournalError) {
        guard BudgetNode(node.description) == node else {
            throw JournalError(.invalid, "'\(node)' is not a budget node's name")
        }
    }

    /// All nodes are checked before any is written, in the writer's transaction: concurrent holds cannot pass a cap.
    private func checkRoom(_ node: BudgetNode, for amount: Nanodollars) throws(JournalError) {
        guard let stored = try budget(node) else { return }
        let (used, overflow) = stored.held.value.addingReportingOverflow(stored.spent.value)
        let (_, tooMuch) = used.addingReportingOverflow(amount.value)
        guard !overflow, !tooMuch else { throw JournalError(.invalid, "\(node) would pass the largest amount") }
        guard let limit = stored.limit, amount.value > limit.value - used else { return }
        let available = Nanodollars(max(0, limit.value - used))
        let final = amount.value > limit.value - stored.spent.value
        throw JournalError(
            .budget(node: node, available: available, final: final),
            "\(amount) would pass the cap \(limit) of \(node): \(available) is available"
                + (final ? "" : ", more once running calls have settled"))
    }

    private func end(_ attempt: String, _ end: HoldEnd) throws(JournalError) -> Bool {
        guard let row = try reservation(attempt) else {
            throw JournalError(.notFound, "no money is held for attempt \(attempt)")
        }
        guard row.state == 0 else { return false }
        let movement = LedgerMovement(reservation: try row.reservation(), end: end)
        try checkSums(movement)
        try session.execute(LedgerSQL.endReservation, [.int(end.storedState), .text(attempt)])
        try post(movement)
        return true
    }

    /// Only an absurd amount can fail here; it must not stop the host.
    private func checkSums(_ movement: LedgerMovement) throws(JournalError) {
        for node in movement.reservation.path {
            let spent = try budget(node)?.spent ?? .zero
            if spent.value.addingReportingOverflow(movement.change.spent.value).overflow {
                throw JournalError(.invalid, "\(node) would pass the largest amount")
            }
        }
    }

    /// Balances, ledger rows and the leaf.
    private func post(_ movement: LedgerMovement) throws(JournalError) {
        let change = movement.change
        for node in movement.reservation.path {
            let stored = try budget(node)
            let held = SQLValue.money((stored?.held ?? .zero) + change.held)
            let spent = SQLValue.money((stored?.spent ?? .zero) + change.spent)
            try session.execute(BudgetSQL.move, [.text(node.description), held, spent, held, spent])
        }
        var first: Int64?
        for row in movement.rows {
            let arguments: [SQLValue] = [
                .instant(now), .text(movement.reservation.attempt), .run(movement.reservation.run),
                .text(row.node.description), .int(row.kind.rawValue), .money(row.amount),
            ]
            let entry = try session.first(LedgerSQL.append, arguments) { $0.integer() }
            first = first ?? entry
        }
        try appendLeaf(AuditLeaves.ledger(movement, first: first ?? 0, at: now))
    }
}
