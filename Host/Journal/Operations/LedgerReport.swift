package import Kernel

/// What reading the whole ledger found.
package struct LedgerReport: Hashable, Sendable {
    package struct Fault: Hashable, Sendable, CustomStringConvertible {
        /// The row, in words.
        package var row: String
        package var text: String

        package var description: String { "\(row): \(text)" }
    }

    package var entries: Int64 = 0
    package var accounts = 0
    package var openHolds = 0
    /// At most ``maximumFaults``.
    package var faults: [Fault] = []

    package static let maximumFaults = 1_000
}

extension SQLReading {
    func ledgerFaults() throws(JournalError) -> LedgerReport {
        var check = LedgerCheck()
        try session.forEach(LedgerSQL.all) { row in
            check.read(LedgerRow(&row))
            return true
        }
        for adjustment in try ledgerAdjustments() { check.read(adjustment) }
        try session.forEach(LedgerSQL.charges) { row in
            check.compare(ChargeRow(&row))
            return true
        }
        check.compareAttempts()
        let openings = try budgetOpenings()
        try session.forEach(BudgetSQL.all) { row in
            let row = BudgetRow(&row)
            check.compare(
                row.node, issued: (row.limit?.value ?? 0) - (openings[row.node] ?? 0), row.held, row.spent)
            return true
        }
        try session.forEach(BudgetWindowSQL.all) { row in
            let row = BudgetWindowRow(&row)
            check.compare(row.account, issued: row.issued.value, row.held, row.spent)
            return true
        }
        check.compareTree()
        return check.report
    }
}

extension SQLReading {
    /// Limits that were set before limits were entries of the ledger.
    func budgetOpenings() throws(JournalError) -> [String: Int64] {
        let rows = try session.rows(BudgetSQL.openings) { ($0.text(), $0.integer()) }
        return Dictionary(rows, uniquingKeysWith: { $1 })
    }
}

/// Adds up the ledger and compares: every account with its entries, every hold with its entries, what is held with
/// the open holds, and every node of the tree with what lies below it. It keeps a few numbers for each account and
/// each attempt, not the ledger.
private struct LedgerCheck {
    private struct Attempt {
        var run: RunID?
        /// Of one account: the others must give the same.
        var held: Int64 = 0
        var spent: Int64 = 0
        /// Entries of each kind times account: equal on all accounts.
        var entries: [String: LedgerSums] = [:]
    }

    private(set) var report = LedgerReport()
    private var sums: [String: LedgerSums] = [:]
    private var attempts: [String: Attempt] = [:]
    /// What people have changed of an attempt's cost.
    private var corrections: [String: Int64] = [:]
    private var openHolds: [String: Int64] = [:]
    /// By the rows of the tree's nodes.
    private var spentByRow: [BudgetNode: Int64] = [:]
    /// Charges whose path ends at the node, or goes on to a run.
    private var spentDirectly: [BudgetNode: Int64] = [:]
    private var lastEntry: Int64 = 0

    private mutating func fault(_ row: String, _ text: String) {
        guard report.faults.count < LedgerReport.maximumFaults else { return }
        report.faults.append(LedgerReport.Fault(row: row, text: text))
    }

    mutating func read(_ row: LedgerRow) {
        report.entries += 1
        if row.number != lastEntry + 1 {
            fault("entries \(lastEntry + 1) to \(row.number - 1)", "they are gone")
        }
        lastEntry = row.number
        let account = row.account
        if !sums[account, default: LedgerSums()].post(row.kind, row.amount) {
            fault("entry \(row.number)", "no sum can hold its amount")
        }
        guard let run = row.run else { return }
        var attempt = attempts.removeValue(forKey: row.attempt) ?? Attempt(run: run)
        if attempt.run != run { fault("entry \(row.number)", "it names another run than its attempt's first entry") }
        _ = attempt.entries[account, default: LedgerSums()].post(row.kind, row.amount)
        attempts[row.attempt] = attempt
    }

    mutating func read(_ adjustment: LedgerAdjustment) {
        corrections[adjustment.attempt, default: 0] &+= adjustment.after.value &- adjustment.before.value
    }

    /// Entries of an attempt must be on exactly the accounts of its hold, the same on each, and add up to its cost.
    mutating func compare(_ charge: ChargeRow) {
        let hold = charge.hold
        let row = "hold \(hold.attempt)"
        guard let attempt = attempts.removeValue(forKey: hold.attempt) else {
            return fault(row, "the ledger has no entry for it")
        }
        guard let accounts = try? hold.accounts(), let first = accounts.first,
            let sums = attempt.entries[first.description]
        else { return fault(row, "its path is unreadable, or has no entries") }
        if attempt.run != hold.run { fault(row, "its entries name another run") }
        let names = accounts.map(\.description)
        if Set(names) != Set(attempt.entries.keys) { fault(row, "its entries are not on the accounts of its path") }
        for name in names where attempt.entries[name] != sums {
            fault(row, "its entries on \(name) are not those on \(first)")
        }
        let expected = hold.state == 0 ? hold.amount.value : 0
        if sums.held != expected {
            fault(row, "\(Nanodollars(sums.held)) is held by its entries, \(Nanodollars(expected)) by its state")
        }
        if (hold.state == 0) != (charge.endedAt == nil) || (hold.state == 0) != (charge.cost == nil) {
            fault(row, "it is open by one of state, end and cost, and ended by another")
        }
        let cost = (charge.cost?.value ?? 0) &+ corrections[hold.attempt, default: 0]
        if sums.spent != cost {
            fault(row, "\(Nanodollars(sums.spent)) is spent by its entries, \(Nanodollars(cost)) by its charge")
        }
        if hold.state == 0 {
            report.openHolds += 1
            for name in names { openHolds[name, default: 0] &+= hold.amount.value }
        }
        count(accounts.filter { $0.period == .lifetime }.map(\.node), spent: sums.spent)
    }

    /// Side nodes are no part of the way down.
    private mutating func count(_ path: [BudgetNode], spent: Int64) {
        let tree = path.filter { if case .user = $0 { false } else { true } }
        for (index, node) in tree.enumerated() {
            guard index + 1 < tree.count, let parent = tree[index + 1].parent else {
                spentDirectly[node, default: 0] &+= spent
                continue
            }
            if parent != node {
                fault("node \(tree[index + 1])", "a path leads to it from \(node), which is not above it")
            }
        }
    }

    mutating func compareAttempts() {
        for name in attempts.keys.sorted() { fault("attempt \(name)", "it has entries, but no hold") }
    }

    mutating func compare(_ account: String, issued: Int64, _ held: Nanodollars, _ spent: Nanodollars) {
        report.accounts += 1
        let sums = sums.removeValue(forKey: account) ?? LedgerSums()
        let row = "account \(account)"
        if -sums.issue != issued {
            fault(row, "\(Nanodollars(issued)) was issued by its row, \(Nanodollars(-sums.issue)) by its entries")
        }
        if sums.held != held.value {
            fault(row, "\(held) is held by its row, \(Nanodollars(sums.held)) by its entries")
        }
        if sums.spent != spent.value {
            fault(row, "\(spent) is spent by its row, \(Nanodollars(sums.spent)) by its entries")
        }
        if openHolds[account, default: 0] != held.value {
            fault(row, "\(held) is held by its row, \(Nanodollars(openHolds[account, default: 0])) by open holds")
        }
        // A run's place in the tree is its path: it is counted with the node above.
        guard let known = BudgetAccount(account), known.period == .lifetime else { return }
        switch known.node {
        case .run, .user: break
        case .organisation, .tenant, .department, .agent: spentByRow[known.node] = spent.value
        }
    }

    /// Root = children + own, at every node; and no account is left without a row.
    mutating func compareTree() {
        var below: [BudgetNode: Int64] = [:]
        for (node, spent) in spentByRow {
            if let parent = node.parent { below[parent, default: 0] &+= spent }
        }
        for (node, spent) in spentByRow.sorted(by: { $0.key.description < $1.key.description }) {
            let parts = below[node, default: 0] &+ spentDirectly[node, default: 0]
            if parts != spent {
                fault("node \(node)", "\(Nanodollars(spent)) is spent, \(Nanodollars(parts)) below and by itself")
            }
        }
        for account in sums.keys.sorted() { fault("account \(account)", "it has entries, but no row") }
    }
}
