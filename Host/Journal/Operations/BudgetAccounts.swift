import Kernel

/// An account as it stands now, with what alerts need to know of it.
struct AccountState {
    var account: BudgetAccount
    var window: BudgetWindow
    var balance: BudgetBalance
    var thresholds: [Int] = []
    /// The window is not in the store yet: this is what its opening will issue.
    var isNew = false
}

extension SQLReading {
    /// Every account that a charge now would touch: each node's own and those of its windows, in the path's order.
    func accounts(of path: [BudgetNode]) throws(JournalError) -> [AccountState] {
        let rows = try budgetRows(path)
        let names: [SQLValue] = path.map { .text($0.description) }
        let limits = try session.rows(BudgetLimitSQL.some(path.count), names) { BudgetLimitRow(&$0) }
        var states: [AccountState] = []
        for node in path {
            let name = node.description, row = rows[name]
            if let stop = row?.stop, stop.isStopped { throw Self.stopped(node, stop) }
            states.append(
                AccountState(
                    account: BudgetAccount(node: node), window: .lifetime,
                    balance: row?.balance ?? BudgetBalance(issued: nil), thresholds: row?.thresholds ?? []))
            for stored in limits where stored.node == name {
                if let limit = try stored.limit() { states.append(try current(limit, of: node)) }
            }
        }
        return states
    }

    /// Final until a person resumes the node.
    static func stopped(_ node: BudgetNode, _ stop: BudgetStop) -> JournalError {
        JournalError(
            .budget(node: node, available: .zero, final: true),
            "\(node) was stopped by \(stop.by): \(stop.reason); bureau budget resume \(node)")
    }

    func budgetRows(_ nodes: [BudgetNode]) throws(JournalError) -> [String: BudgetRow] {
        let names: [SQLValue] = nodes.map { .text($0.description) }
        let rows = try session.rows(BudgetSQL.some(nodes.count), names) { BudgetRow(&$0) }
        return Dictionary(rows.map { ($0.node, $0) }, uniquingKeysWith: { $1 })
    }

    /// The limit's window now. A window that was opened stays until it closes, even when the clock steps back.
    func current(_ limit: BudgetLimit, of node: BudgetNode) throws(JournalError) -> AccountState {
        let newest = try newestWindow(of: node, limit.period)
        if let newest, now < newest.window.closes {
            return AccountState(
                account: BudgetAccount(node: node, period: limit.period, opens: newest.window.opens),
                window: newest.window, balance: newest.balance, thresholds: limit.thresholds)
        }
        let zone = try rules(of: limit.period)
        var window = limit.period.window(containing: now, in: zone)
        var skipped = 0
        if let newest {
            // A zone whose rules were changed may cut windows differently: none overlaps another.
            window = BudgetWindow(opens: max(window.opens, newest.window.closes), closes: window.closes)
            skipped = limit.period.count(from: newest.window.closes, to: window.opens, in: zone)
        }
        return AccountState(
            account: BudgetAccount(node: node, period: limit.period, opens: window.opens), window: window,
            balance: BudgetBalance(issued: limit.issue(after: newest?.balance, skipped: skipped)),
            thresholds: limit.thresholds, isNew: true)
    }

    func newestWindow(of node: BudgetNode, _ period: BudgetPeriod) throws(JournalError) -> BudgetWindowRow? {
        let key: [SQLValue] = [.text(node.description), .text(period.description)]
        return try session.first(BudgetWindowSQL.newest, key) { BudgetWindowRow(&$0) }
    }

    func rules(of period: BudgetPeriod) throws(JournalError) -> TimeZoneRules {
        guard let name = period.zone else { return .utc }
        return try rules(named: name)
    }

    /// The accounts of a hold that was made earlier. Charges stay in the windows that were open then.
    func states(of accounts: [BudgetAccount], withThresholds: Bool) throws(JournalError) -> [AccountState] {
        let nodes = accounts.filter { $0.period == .lifetime }.map(\.node)
        let rows = try budgetRows(nodes)
        var limits: [BudgetLimitRow] = []
        if withThresholds, accounts.count > nodes.count {
            let names: [SQLValue] = nodes.map { .text($0.description) }
            limits = try session.rows(BudgetLimitSQL.some(nodes.count), names) { BudgetLimitRow(&$0) }
        }
        return try accounts.map { account throws(JournalError) in
            if account.period == .lifetime {
                let row = rows[account.node.description]
                return AccountState(
                    account: account, window: .lifetime, balance: row?.balance ?? BudgetBalance(issued: nil),
                    thresholds: row?.thresholds ?? [])
            }
            guard let row = try session.first(BudgetWindowSQL.one, account.key, { BudgetWindowRow(&$0) }) else {
                throw JournalError(.storage, "the store has lost the window \(account)")
            }
            let limit = limits.first { $0.node == row.node && $0.period == row.period }
            return AccountState(
                account: account, window: row.window, balance: row.balance,
                thresholds: limit.map { StoredThresholds.read($0.soft) } ?? [])
        }
    }
}

extension BudgetPeriod {
    /// Carrying over comes to rest long before.
    private static let maximumCount = 4_096

    /// How many windows lie between two instants.
    fileprivate func count(from: Instant, to: Instant, in zone: TimeZoneRules) -> Int {
        if case .fixed(_, let milliseconds) = self {
            return Int(max(0, to.unixMilliseconds - from.unixMilliseconds) / milliseconds)
        }
        var count = 0, next = from
        while next < to, count < Self.maximumCount {
            let closes = window(containing: next, in: zone).closes
            guard closes > next else { return count }
            (next, count) = (closes, count + 1)
        }
        return count
    }
}

extension SQLTransaction {
    /// Writes a movement on accounts that were read before: balances, entries, and the leaf that `leaf` makes from
    /// the first entry's number. Alerts follow where a threshold was passed.
    func post(
        _ movement: LedgerMovement, on states: [AccountState], leaf: (Int64) -> LeafContent
    ) throws(JournalError) {
        let change = movement.change
        let after = states.map { state in
            BudgetBalance(
                issued: state.balance.issued.map { $0 + change.issued }, held: state.balance.held + change.held,
                spent: state.balance.spent + change.spent)
        }
        var nodes: [SQLValue] = [], count = 0
        for (state, balance) in zip(states, after) {
            if state.account.period == .lifetime {
                nodes += [.text(state.account.node.description), .money(balance.held), .money(balance.spent)]
                count += 1
            } else {
                let values: [SQLValue] = [
                    .money(balance.issued ?? .zero), .money(balance.held), .money(balance.spent),
                ]
                try session.execute(BudgetWindowSQL.move, values + state.account.key)
            }
        }
        if count > 0 { try session.execute(BudgetSQL.move(count), nodes) }
        try append(movement, leaf)
        guard change.held + change.spent > .zero else { return }
        for (state, balance) in zip(states, after) {
            let crossed = BudgetBalance.crossed(state.thresholds, from: state.balance, to: balance)
            for threshold in crossed { try raise(threshold, state, balance, run: movement.run) }
        }
    }

    /// Entries and leaf alone, for what changes no held or spent money.
    func append(_ movement: LedgerMovement, _ leaf: (Int64) -> LeafContent) throws(JournalError) {
        var arguments: [SQLValue] = []
        for account in movement.accounts {
            for part in movement.parts {
                arguments += [.instant(now), .text(movement.attempt), .optional(movement.run?.bytes)]
                arguments += account.key + [.int(part.kind.rawValue), .money(part.amount)]
            }
        }
        let count = movement.accounts.count * movement.parts.count
        let numbers = try session.rows(LedgerSQL.append(count), arguments) { $0.integer() }
        try appendLeaf(leaf(numbers.min() ?? 0))
    }

    /// A window that is charged for the first time.
    func open(_ state: AccountState) throws(JournalError) {
        try session.execute(BudgetWindowSQL.open, state.account.key + [.instant(state.window.closes)])
        try appendLeaf(AuditLeaves.windowOpened(state.account, closes: state.window.closes))
        try issue(state.balance.issued ?? .zero, instead: .zero, state)
    }

    /// Gives an account more or takes some back. `state` is as it was before.
    func issue(
        _ amount: Nanodollars, instead old: Nanodollars, _ state: AccountState
    ) throws(JournalError) {
        let parts = LedgerMovement.issuing(amount, instead: old)
        guard !parts.isEmpty else { return }
        let movement = LedgerMovement(attempt: "issue", run: nil, accounts: [state.account], parts: parts)
        if state.account.period != .lifetime {
            let values: [SQLValue] = [
                .money(amount), .money(state.balance.held), .money(state.balance.spent),
            ]
            try session.execute(BudgetWindowSQL.move, values + state.account.key)
        }
        try append(movement) { AuditLeaves.ledger(movement, first: $0, at: now) }
    }
}
