import Kernel

extension SQLReading {
    func budgets() throws(JournalError) -> [BudgetRecord] {
        let limits = Dictionary(
            grouping: try session.rows(BudgetLimitSQL.all) { BudgetLimitRow(&$0) }, by: \.node)
        return try session.rows(BudgetSQL.all) { BudgetRow(&$0) }.map { row throws(JournalError) in
            try row.record(periods: try periods(limits[row.node] ?? [], of: row.node))
        }
    }

    func budget(_ node: BudgetNode) throws(JournalError) -> BudgetRecord? {
        guard let row = try budgetRows([node])[node.description] else { return nil }
        let limits = try session.rows(BudgetLimitSQL.some(1), [.text(row.node)]) { BudgetLimitRow(&$0) }
        return try row.record(periods: try periods(limits, of: row.node))
    }

    private func periods(
        _ limits: [BudgetLimitRow], of name: String
    ) throws(JournalError) -> [BudgetPeriodRecord] {
        let node = try BudgetNode(stored: name)
        var periods: [BudgetPeriodRecord] = []
        for stored in limits {
            guard let limit = try stored.limit() else { continue }
            let state = try current(limit, of: node)
            periods.append(
                BudgetPeriodRecord(
                    limit: limit, window: state.window, balance: state.balance, isOpened: !state.isNew))
        }
        return periods
    }

    func runCaps(for payer: BudgetPayer) throws(JournalError) -> RunCaps {
        var caps = RunCaps.none
        guard try session.first(RunCapSQL.any, [], { $0.flag() }) == true else { return caps }
        for node in payer.nodes.reversed() {
            let set = try session.first(RunCapSQL.one, [.text(node.description)]) { RunCapRow(&$0).caps }
            if let set { caps = caps.filled(from: set) }
        }
        return caps
    }

    func runCaps() throws(JournalError) -> [BudgetNode: RunCaps] {
        var caps: [BudgetNode: RunCaps] = [:]
        for row in try session.rows(RunCapSQL.all, [], { RunCapRow(&$0) }) {
            caps[try BudgetNode(stored: row.node)] = row.caps
        }
        return caps
    }

    func ledger(of run: RunID?, after entry: Int64, limit: Int) throws(JournalError) -> [LedgerEntry] {
        try ledger(LedgerFilter(run: run), after: entry, limit: limit)
    }

    func ledger(_ filter: LedgerFilter, after entry: Int64, limit: Int) throws(JournalError) -> [LedgerEntry] {
        var conditions: [String] = [], arguments: [SQLValue] = []
        if let run = filter.run {
            conditions.append("run_id = ?")
            arguments.append(.run(run))
        }
        if let node = filter.node {
            conditions.append("node = ?")
            arguments.append(.text(node.description))
        }
        if let attempt = filter.attempt {
            conditions.append("attempt = ?")
            arguments.append(.text(attempt))
        }
        arguments += [.integer(entry), .int(max(0, limit))]
        return try session.rows(LedgerSQL.filtered(conditions), arguments) { LedgerRow(&$0) }
            .map { row throws(JournalError) in try row.entry() }
    }

    func ledgerAdjustments() throws(JournalError) -> [LedgerAdjustment] {
        try session.rows(AdjustmentSQL.all) { AdjustmentRow(&$0).adjustment }
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
}

extension SQLTransaction {
    func budgetSet(_ node: BudgetNode, limit: Nanodollars?) throws(JournalError) {
        try budgetSet(node, limit: limit, thresholds: BudgetLimit.defaultThresholds)
    }

    func budgetSet(_ node: BudgetNode, _ limit: BudgetLimit) throws(JournalError) {
        if let problem = limit.problem { throw JournalError(.invalid, problem) }
        if limit.period == .lifetime {
            return try budgetSet(node, limit: limit.amount, thresholds: limit.thresholds)
        }
        try checkName(node)
        // Refused now rather than at the first charge.
        _ = try rules(of: limit.period)
        let old = try storedLimits(of: node).first { $0.period == limit.period.description }
        let open = try newestWindow(of: node, limit.period).flatMap { now < $0.window.closes ? $0 : nil }
        try write(limit.amount, of: node, limit)
        guard let open else { return }
        let state = AccountState(
            account: BudgetAccount(node: node, period: limit.period, opens: open.window.opens), window: open.window,
            balance: open.balance, thresholds: limit.thresholds)
        let carried = open.issued - (old?.amount ?? open.issued)
        try issue(limit.amount + carried, instead: open.issued, state)
        var after = open.balance
        after.issued = limit.amount + carried
        try raiseCrossed(state, after)
    }

    func budgetRemoveLimit(_ node: BudgetNode, period: BudgetPeriod) throws(JournalError) {
        if period == .lifetime { return try budgetSet(node, limit: nil) }
        guard let stored = try storedLimits(of: node).first(where: { $0.period == period.description }),
            let limit = try stored.limit()
        else { throw JournalError(.notFound, "\(node) has no limit for \(period)") }
        try write(nil, of: node, limit)
    }

    /// - Parameter thresholds: none for a run, whose cap is nobody's alarm.
    private func budgetSet(
        _ node: BudgetNode, limit: Nanodollars?, thresholds: [Int]
    ) throws(JournalError) {
        guard limit ?? .zero >= .zero else { throw JournalError(.invalid, "a budget cannot be negative") }
        try checkName(node)
        let thresholds = if case .run = node { [Int]() } else { thresholds }
        let row = try budgetRows([node])[node.description]
        let soft = StoredThresholds.write(thresholds)
        try session.execute(
            BudgetSQL.setLimit, [.text(node.description), .optional(limit?.value), .text(soft)])
        try appendLeaf(AuditLeaves.budgetSet(node, limit: limit, soft: soft))
        let state = AccountState(
            account: BudgetAccount(node: node), window: .lifetime,
            balance: row?.balance ?? BudgetBalance(issued: nil), thresholds: thresholds)
        try issue(limit ?? .zero, instead: row?.limit ?? .zero, state)
        var after = state.balance
        after.issued = limit
        try raiseCrossed(state, after)
    }

    /// A limit that was lowered may be reached already.
    private func raiseCrossed(_ state: AccountState, _ after: BudgetBalance) throws(JournalError) {
        for threshold in BudgetBalance.crossed(state.thresholds, from: state.balance, to: after) {
            try raise(threshold, state, after, run: nil)
        }
    }

    private func storedLimits(of node: BudgetNode) throws(JournalError) -> [BudgetLimitRow] {
        try session.rows(BudgetLimitSQL.some(1), [.text(node.description)]) { BudgetLimitRow(&$0) }
    }

    private func write(
        _ amount: Nanodollars?, of node: BudgetNode, _ limit: BudgetLimit
    ) throws(JournalError) {
        let soft = StoredThresholds.write(limit.thresholds)
        try session.execute(
            BudgetLimitSQL.set,
            [
                .text(node.description), .text(limit.period.description), .optional(amount?.value), .text(soft),
                .text(limit.rollover.description),
            ])
        try session.execute(BudgetSQL.ensure, [.text(node.description)])
        try appendLeaf(AuditLeaves.limitSet(node, limit, amount: amount, soft: soft))
    }

    // MARK: The kill switch, and caps of runs

    func budgetStop(_ node: BudgetNode, by: String, reason: String) throws(JournalError) {
        try set(node, BudgetStop(isStopped: true, at: now, by: by, reason: reason))
    }

    func budgetResume(_ node: BudgetNode, by: String, reason: String) throws(JournalError) {
        guard try budgetRows([node])[node.description]?.stop?.isStopped == true else {
            throw JournalError(.notFound, "\(node) is not stopped")
        }
        try set(node, BudgetStop(isStopped: false, at: now, by: by, reason: reason))
    }

    private func set(_ node: BudgetNode, _ stop: BudgetStop) throws(JournalError) {
        try checkName(node)
        try session.execute(
            BudgetSQL.setStop,
            [
                .text(node.description), .flag(stop.isStopped), .instant(stop.at), .text(stop.by),
                .text(stop.reason),
            ])
        try appendLeaf(AuditLeaves.stop(node, stop))
        try announce(
            stop.isStopped ? "budget.stopped" : "budget.resumed", nil,
            ["node": .string(node.description), "by": .string(stop.by), "reason": .string(stop.reason)])
    }

    func runCapsSet(_ node: BudgetNode, _ caps: RunCaps) throws(JournalError) {
        guard caps.isValid else { throw JournalError(.invalid, "a cap cannot be negative") }
        try checkName(node)
        try session.execute(
            RunCapSQL.set,
            [
                .text(node.description), .optional(caps.cost?.value), .optional(caps.tokens),
                .optional(caps.steps.map(Int64.init)), .optional(caps.seconds.map(Int64.init)),
            ])
        try appendLeaf(AuditLeaves.runCaps(node, caps))
    }
}
