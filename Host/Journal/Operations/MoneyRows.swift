import Kernel

struct BudgetRow {
    let node: String
    let limit: Nanodollars?
    let held: Nanodollars
    let spent: Nanodollars

    /// From ``BudgetSQL/columns``.
    init(_ row: inout SQLRow) {
        node = row.text()
        limit = row.optionalInteger().map(Nanodollars.init(_:))
        held = row.money()
        spent = row.money()
    }

    func record() throws(JournalError) -> BudgetRecord {
        BudgetRecord(node: try BudgetNode(stored: node), limit: limit, held: held, spent: spent)
    }
}

struct LedgerRow {
    let number: Int64
    let at: Instant
    let attempt: String
    let run: RunID
    let node: String
    let kind: LedgerEntry.Kind
    let amount: Nanodollars

    /// From ``LedgerSQL/columns``.
    init(_ row: inout SQLRow) {
        number = row.integer()
        at = row.instant()
        attempt = row.text()
        run = row.runID()
        node = row.text()
        kind = row.raw(.reserve)
        amount = row.money()
    }

    func entry() throws(JournalError) -> LedgerEntry {
        LedgerEntry(
            number: number, at: at, attempt: attempt, run: run, node: try BudgetNode(stored: node), kind: kind,
            amount: amount)
    }
}

struct ReservationRow {
    let attempt: String
    let run: RunID
    let path: String
    let amount: Nanodollars
    /// 0 open; then ``HoldEnd/storedState``.
    let state: Int

    /// From ``LedgerSQL/reservationColumns``.
    init(_ row: inout SQLRow) {
        attempt = row.text()
        run = row.runID()
        path = row.text()
        amount = row.money()
        state = row.int()
    }

    /// No node's name holds a comma.
    static func stored(_ path: [BudgetNode]) -> String { path.map(\.description).joined(separator: ",") }

    func reservation() throws(JournalError) -> Reservation {
        let nodes = try path.split(separator: ",").map { name throws(JournalError) in
            try BudgetNode(stored: String(name))
        }
        return Reservation(attempt: attempt, run: run, path: nodes, amount: amount)
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
