import Kernel

struct BudgetRow {
    let node: String
    let limit: Nanodollars?
    /// Nil as it was before limits had thresholds of their own.
    let soft: String?
    let held: Nanodollars
    let spent: Nanodollars
    let stop: BudgetStop?

    /// From ``BudgetSQL/columns``.
    init(_ row: inout SQLRow) {
        node = row.text()
        limit = row.optionalInteger().map(Nanodollars.init(_:))
        soft = row.optionalText()
        held = row.money()
        spent = row.money()
        let stopped = row.optionalInteger(), at = row.optionalInstant(), by = row.optionalText()
        let reason = row.optionalText()
        if let stopped, let at, let by, let reason {
            stop = BudgetStop(isStopped: stopped == 1, at: at, by: by, reason: reason)
        } else {
            stop = nil
            if stopped != nil || at != nil || by != nil || reason != nil { row.refuse() }
        }
    }

    var thresholds: [Int] { soft.map(StoredThresholds.read) ?? BudgetLimit.defaultThresholds }
    var balance: BudgetBalance { BudgetBalance(issued: limit, held: held, spent: spent) }

    func record(periods: [BudgetPeriodRecord]) throws(JournalError) -> BudgetRecord {
        BudgetRecord(
            node: try BudgetNode(stored: node), limit: limit, held: held, spent: spent, thresholds: thresholds,
            periods: periods, stop: stop)
    }
}

enum StoredThresholds {
    static func write(_ thresholds: [Int]) -> String { thresholds.map(String.init).joined(separator: ",") }
    static func read(_ text: String) -> [Int] { text.split(separator: ",").compactMap { Int($0) } }
}

struct BudgetLimitRow {
    let node: String
    let period: String
    /// Nil: taken away.
    let amount: Nanodollars?
    let soft: String
    let rollover: String

    /// From ``BudgetLimitSQL/columns``.
    init(_ row: inout SQLRow) {
        node = row.text()
        period = row.text()
        amount = row.optionalInteger().map(Nanodollars.init(_:))
        soft = row.text()
        rollover = row.text()
    }

    func limit() throws(JournalError) -> BudgetLimit? {
        guard let amount else { return nil }
        guard let period = BudgetPeriod(period), let rollover = BudgetRollover(rollover) else {
            throw JournalError(.storage, "the store holds a limit of \(node) that is none: \(period), \(rollover)")
        }
        return BudgetLimit(
            period: period, amount: amount, thresholds: StoredThresholds.read(soft), rollover: rollover)
    }
}

struct BudgetWindowRow {
    let node: String
    let period: String
    let window: BudgetWindow
    let issued: Nanodollars
    let held: Nanodollars
    let spent: Nanodollars

    /// From ``BudgetWindowSQL/columns``.
    init(_ row: inout SQLRow) {
        node = row.text()
        period = row.text()
        window = BudgetWindow(opens: row.instant(), closes: row.instant())
        issued = row.money()
        held = row.money()
        spent = row.money()
    }

    var balance: BudgetBalance { BudgetBalance(issued: issued, held: held, spent: spent) }
    /// As ``BudgetAccount/description``.
    var account: String { "\(node)#\(period)#\(window.opens.unixMilliseconds)" }
}

struct BudgetAlertRow {
    let node: String
    let period: String
    let opens: Instant
    let threshold: Int
    let at: Instant

    /// From ``BudgetAlertSQL/columns``.
    init(_ row: inout SQLRow) {
        node = row.text()
        period = row.text()
        opens = row.instant()
        threshold = row.int()
        at = row.instant()
    }

    func alert() throws(JournalError) -> BudgetAlert {
        BudgetAlert(
            account: try BudgetAccount(storedNode: node, period: period, opens: opens), threshold: threshold, at: at)
    }
}

struct RunCapRow {
    let node: String
    let caps: RunCaps

    /// From ``RunCapSQL/columns``.
    init(_ row: inout SQLRow) {
        node = row.text()
        caps = RunCaps(
            cost: row.optionalInteger().map(Nanodollars.init(_:)), tokens: row.optionalInteger(),
            steps: row.optionalInteger().map(Int.init), seconds: row.optionalInteger().map(Int.init))
    }
}

struct LedgerRow {
    let number: Int64
    let at: Instant
    let attempt: String
    let run: RunID?
    let node: String
    let period: String
    let opens: Instant
    let kind: LedgerKind
    let amount: Nanodollars

    /// From ``LedgerSQL/columns``.
    init(_ row: inout SQLRow) {
        number = row.integer()
        at = row.instant()
        attempt = row.text()
        run = row.optionalRunID()
        node = row.text()
        period = row.text()
        opens = row.instant()
        kind = row.raw(.reserve)
        amount = row.money()
    }

    /// As ``BudgetAccount/description``.
    var account: String {
        period == "lifetime" && opens == BudgetWindow.lifetime.opens
            ? node : "\(node)#\(period)#\(opens.unixMilliseconds)"
    }

    func entry() throws(JournalError) -> LedgerEntry {
        LedgerEntry(
            number: number, at: at, attempt: attempt, run: run,
            account: try BudgetAccount(storedNode: node, period: period, opens: opens), kind: kind, amount: amount)
    }
}

struct ReservationRow {
    let attempt: String
    let run: RunID
    let path: String
    let amount: Nanodollars
    /// 0 open; then ``HoldEnd/storedState``.
    let state: Int
    let tokens: Int64?
    let usedTokens: Int64?

    /// From ``LedgerSQL/reservationColumns``.
    init(_ row: inout SQLRow) {
        attempt = row.text()
        run = row.runID()
        path = row.text()
        amount = row.money()
        state = row.int()
        tokens = row.optionalInteger()
        usedTokens = row.optionalInteger()
    }

    init(_ reservation: Reservation, accounts: [BudgetAccount]) {
        attempt = reservation.attempt
        run = reservation.run
        path = Self.stored(accounts)
        amount = reservation.amount
        state = 0
        tokens = reservation.tokens
        usedTokens = nil
    }

    /// No account's name holds a comma.
    static func stored(_ accounts: [BudgetAccount]) -> String {
        accounts.map(\.description).joined(separator: ",")
    }

    /// A node of the path stands before its windows.
    func accounts() throws(JournalError) -> [BudgetAccount] {
        try path.split(separator: ",").map { name throws(JournalError) in
            guard let account = BudgetAccount(String(name)) else {
                throw JournalError(.storage, "the store names a budget account '\(name)', which is none")
            }
            return account
        }
    }

    func reservation() throws(JournalError) -> Reservation {
        Reservation(
            attempt: attempt, run: run, path: try accounts().filter { $0.period == .lifetime }.map(\.node),
            amount: amount, tokens: tokens)
    }

    func movement(_ end: HoldEnd?) throws(JournalError) -> LedgerMovement {
        LedgerMovement(
            attempt: attempt, run: run, accounts: try accounts(),
            parts: end.map { LedgerMovement.ending($0, of: amount) } ?? LedgerMovement.beginning(amount))
    }
}

struct AdjustmentRow {
    let adjustment: LedgerAdjustment

    /// From ``AdjustmentSQL/columns``.
    init(_ row: inout SQLRow) {
        adjustment = LedgerAdjustment(
            number: row.integer(), at: row.instant(), attempt: row.text(), before: row.money(), after: row.money(),
            by: row.text(), reason: row.text(), evidence: row.text())
    }
}

extension BudgetNode {
    init(stored name: String) throws(JournalError) {
        guard let node = BudgetNode(name) else {
            throw JournalError(.storage, "the store names a budget node '\(name)', which is none")
        }
        self = node
    }
}

extension BudgetAccount {
    init(storedNode node: String, period: String, opens: Instant) throws(JournalError) {
        let known = try BudgetNode(stored: node)
        guard let period = BudgetPeriod(period) else {
            throw JournalError(.storage, "the store names a period '\(period)' of \(node), which is none")
        }
        self.init(node: known, period: period, opens: opens)
    }

    /// The three columns that name it.
    var key: [SQLValue] { [.text(node.description), .text(period.description), .instant(opens)] }
}
