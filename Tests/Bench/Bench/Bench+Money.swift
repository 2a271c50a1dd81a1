import Foundation
import Journal
import Kernel

extension Bench {
    private static let calls = 20_000
    private static let writers = 16

    /// What budgets add to a call: the rules alone, then in the journal, and reading it all again.
    func money() async throws -> [Measurement] {
        let rules = rulesMicroseconds()
        let journal = try await SQLiteJournal.open(
            folder: "\(folder)/money", clock: { Self.now }, hostID: "bench")
        let perSecond = try await callsPerSecond(journal)
        let start = ContinuousClock.now
        let report = try await journal.read { tx throws(JournalError) in try tx.ledgerFaults() }
        let elapsed = start.duration(to: .now).milliseconds / 1_000
        await journal.close()
        guard report.faults.isEmpty else { throw Failed(text: "the ledger does not add up: \(report.faults)") }
        return [
            Measurement(
                name: "reserve and settle, 5 nodes of 2 limits, the rules alone", value: rules, unit: "µs",
                reference: nil, bar: .atMost(5)),
            Measurement(
                name: "reserve and settle, 5 nodes and 2 windows, in the journal, 16 at once", value: perSecond,
                unit: "calls/s", reference: nil, bar: .none),
            Measurement(
                name: "ledger verify", value: Double(report.entries) / elapsed, unit: "entries/s", reference: nil,
                bar: .none),
        ]
    }

    private static let now = Instant(unixMilliseconds: 1_800_000_000_000)

    private func rulesMicroseconds() -> Double {
        let payer = BudgetPayer(tenant: "t", department: "d", agent: "a", user: "u")
        let accounts = payer.nodes.flatMap { [BudgetAccount(node: $0), BudgetAccount(node: $0)] }
        var balances = accounts.map { _ in BudgetBalance(issued: Nanodollars(1 << 60)) }
        let hold = Nanodollars(1_000), actual = Nanodollars(700)
        let start = ContinuousClock.now
        for _ in 0..<Self.calls {
            guard balances.allSatisfy({ $0.refusal(of: hold) == nil }) else { return .nan }
            for parts in [LedgerMovement.beginning(hold), LedgerMovement.ending(.settle(actual), of: hold)] {
                let movement = LedgerMovement(attempt: "a", run: nil, accounts: accounts, parts: parts)
                let change = movement.change
                for index in balances.indices {
                    let before = balances[index]
                    balances[index].held = before.held + change.held
                    balances[index].spent = before.spent + change.spent
                    _ = BudgetBalance.crossed(BudgetLimit.defaultThresholds, from: before, to: balances[index])
                }
            }
        }
        let elapsed = start.duration(to: .now).milliseconds * 1_000 / Double(Self.calls)
        let isRight = balances.allSatisfy { $0.spent == Nanodollars(700 * Int64(Self.calls)) && $0.held == .zero }
        return isRight ? elapsed : .nan
    }

    private func callsPerSecond(_ journal: SQLiteJournal) async throws -> Double {
        let path = BudgetPayer(tenant: "t", department: "d", agent: "a", user: "u").nodes
        let run = RunID(unixMilliseconds: 1, random: Array(repeating: 1, count: 10))
        try await journal.write { tx throws(JournalError) in
            for node in path.prefix(2) {
                try tx.budgetSet(
                    node,
                    BudgetLimit(period: .calendar(.day, zone: "Europe/Berlin"), amount: Nanodollars(1 << 60)))
            }
        }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                group.addTask {
                    for number in 0..<Self.calls / Self.writers {
                        let hold = Reservation(
                            attempt: "\(run)/\(writer)/\(number)", run: run, path: path, amount: Nanodollars(1_000))
                        try await journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }
                        _ = try await journal.write { tx throws(JournalError) in
                            try tx.budgetSettle(hold.attempt, actual: Nanodollars(700))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(Self.calls) / (start.duration(to: .now).milliseconds / 1_000)
    }
}
