import Foundation
import Journal
import Kernel
import Synchronization
import TestSupport
import Testing

@Suite("The ledger adds up")
struct LedgerTests {
    private static let periods: [BudgetPeriod] = [
        .calendar(.day, zone: "Europe/Berlin"), .fixed(from: Instant(unixMilliseconds: 0), milliseconds: 3_600_000),
        .calendar(.month, zone: "America/New_York", anchor: 31),
    ]

    private func faults(_ store: TestStore) async throws -> [LedgerReport.Fault] {
        try await store.journal.read { tx throws(JournalError) in try tx.ledgerFaults() }.faults
    }

    /// Organisation, tenant, one of two departments, one of two agents, and sometimes a user.
    private func path(_ random: inout SplitMix64) -> [BudgetNode] {
        BudgetPayer(
            tenant: "t", department: ["a", "b"][Int.random(in: 0...1, using: &random)],
            agent: ["x", "y"][Int.random(in: 0...1, using: &random)],
            user: [nil, "ana"][Int.random(in: 0...1, using: &random)]
        ).nodes
    }

    @Test("once a run's cancellation is committed nothing is held for it, whoever has not heard of it")
    func cancelled() async throws {
        let store = try await TestStore()
        let run = try await store.running()
        func hold(_ attempt: String) async throws -> JournalError.Code? {
            try await refusal {
                try await store.journal.write { tx throws(JournalError) in
                    let path = BudgetNode.path(run.id)
                    try tx.budgetReserve(
                        Reservation(attempt: attempt, run: run.id, path: path, amount: Nanodollars(1)))
                }
            }
        }
        #expect(try await hold("before") == nil)
        _ = try await store.journal.write { tx throws(JournalError) in
            try tx.runRequestCancel(run.id, reason: "a test")
        }
        let leaves = try await store.leafTypes()
        #expect(try await hold("after") == .cancelled)
        #expect(try await store.leafTypes() == leaves)
        #expect(try await faults(store).isEmpty)
        #expect(try await store.mismatches().isEmpty)
    }

    @Test(
        "holds, ends, limits, corrections and clock steps leave every account the sum of its entries")
    func property() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let clock = TestClock()
        let store = try await TestStore(clock: clock), run = try await store.insert(.sample()).id
        for number in 0..<400 {
            clock.advance(byMilliseconds: Int64.random(in: -600_000...7_200_000, using: &random))
            let path = path(&random), node = path[Int.random(in: 0..<path.count, using: &random)]
            let period = Self.periods[Int.random(in: 0...2, using: &random)]
            let amount = Nanodollars(Int64.random(in: 0...60, using: &random))
            let limit = BudgetLimit(
                period: period, amount: Nanodollars(Int64.random(in: 0...900, using: &random)),
                rollover: [.none, .debt, .unused(upTo: Nanodollars(40))][Int.random(in: 0...2, using: &random)])
            let other = "\(Int.random(in: 0...number, using: &random))"
            let choice = Int.random(in: 0...11, using: &random)
            _ = try await refusal {
                try await store.journal.write { tx throws(JournalError) in
                    switch choice {
                    case 0: try tx.budgetSet(node, limit)
                    case 1: try tx.budgetRemoveLimit(node, period: period)
                    case 2: try tx.budgetSet(node, limit: limit.amount)
                    case 3: try tx.budgetSet(node, limit: nil)
                    case 4: _ = try tx.ledgerAdjust(other, cost: amount, by: "a", reason: "r", evidence: "e")
                    case 5: _ = try tx.budgetRelease(other)
                    case 6: _ = try tx.budgetAmbiguous(other)
                    case 7, 8: _ = try tx.budgetSettle(other, actual: amount)
                    default:
                        try tx.budgetReserve(
                            Reservation(attempt: "\(number)", run: run, path: path, amount: amount))
                    }
                }
            }
        }
        let report = try await store.journal.read { tx throws(JournalError) in try tx.ledgerFaults() }
        #expect(report.faults == [] && report.entries > 100, "seed \(seed)")
        #expect(try await store.mismatches() == [], "seed \(seed)")
        for attempt in try await store.journal.write({ tx throws(JournalError) in try tx.reservations(of: nil) }) {
            _ = try await store.journal.write { tx throws(JournalError) in try tx.budgetRelease(attempt.attempt) }
        }
        let budgets = try await store.journal.read { tx throws(JournalError) in try tx.budgets() }
        #expect(budgets.allSatisfy { $0.held == .zero }, "B8, seed \(seed)")
    }

    @Test("splitting a charge and settling in another order give the same balances")
    func metamorphic() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let charges = (0..<40).map { _ in
            (path(&random), Int64.random(in: 2...500, using: &random), Int64.random(in: 0...500, using: &random))
        }
        var results: [[BudgetRecord]] = []
        for isSplit in [false, true] {
            let store = try await TestStore(), run = try await store.insert(.sample()).id
            try await store.journal.write { tx throws(JournalError) in
                for node in [BudgetNode.organisation, .tenant("t")] {
                    try tx.budgetSet(
                        node, BudgetLimit(period: Self.periods[0], amount: Nanodollars(1_000_000), thresholds: []))
                }
            }
            var ends: [(String, Int64)] = []
            for (number, (path, amount, actual)) in charges.enumerated() {
                let cut = isSplit ? amount / 3 : 0
                for (part, held) in [cut, amount - cut].enumerated() where held > 0 {
                    let hold = Reservation(
                        attempt: "\(number).\(part)", run: run, path: path, amount: Nanodollars(held))
                    try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }
                    ends.append((hold.attempt, part == 0 ? min(cut, actual) : actual - min(cut, actual)))
                }
            }
            if isSplit { ends.shuffle(using: &random) }
            for (attempt, actual) in ends {
                _ = try await store.journal.write { tx throws(JournalError) in
                    try tx.budgetSettle(attempt, actual: Nanodollars(actual))
                }
            }
            results.append(try await store.journal.read { tx throws(JournalError) in try tx.budgets() })
            #expect(try await faults(store) == [], "seed \(seed)")
        }
        #expect(results[0] == results[1], "seed \(seed)")
    }

    @Test("200 tasks on 32 threads, room for 50: 50 are paid, and no committed state is ever below zero")
    func fight() async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        let node = BudgetNode.department(tenant: "acme", "research"), path = BudgetNode.path(run)
        let day = BudgetLimit(period: .calendar(.day, zone: "UTC"), amount: Nanodollars(350), thresholds: [50, 100])
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(node, limit: Nanodollars(350))
            try tx.budgetSet(node, day)
        }
        let clock = store.clock
        let second = try await SQLiteJournal.openReadOnly(folder: store.folder.path, clock: { clock.now })
        let isOver = Mutex(false), paid = Counter(), next = Mutex(0)
        let watcher = Task {
            var states = 0, lowest = Int64.max
            while !isOver.withLock({ $0 }) {
                let left = try await second.read { tx throws(JournalError) in try tx.budget(node)?.available }
                lowest = min(lowest, left?.value ?? 0)
                states += 1
            }
            return (states, lowest)
        }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let open = Mutex(32)
            for _ in 0..<32 {
                Thread.detachNewThread {
                    while true {
                        let number = next.withLock { number in
                            number += 1
                            return number
                        }
                        if number > 200 { break }
                        let finished = DispatchSemaphore(value: 0)
                        Task {
                            if await Self.pay("n\(number)", run, path, store.journal) { paid.add() }
                            finished.signal()
                        }
                        finished.wait()
                    }
                    let isLast = open.withLock { open in
                        open -= 1
                        return open == 0
                    }
                    if isLast { done.resume() }
                }
            }
        }
        isOver.withLock { $0 = true }
        let (states, lowest) = try await watcher.value
        await second.close()
        #expect(paid.value == 50)
        #expect(states > 0 && lowest >= 0, "\(states) states were read")
        #expect(try await faults(store) == [])
        #expect(try await store.mismatches() == [])
    }

    /// Settles at the whole hold, so that room never comes back.
    private static func pay(_ attempt: String, _ run: RunID, _ path: [BudgetNode], _ journal: SQLiteJournal) async
        -> Bool
    {
        do {
            let hold = Reservation(attempt: attempt, run: run, path: path, amount: Nanodollars(7))
            try await journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }
            return try await journal.write { tx throws(JournalError) in
                try tx.budgetSettle(attempt, actual: Nanodollars(7))
            }
        } catch {
            return false
        }
    }

    @Test("fifty concurrent first uses of a node open one window, and its limit holds")
    func firstUses() async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        let node = BudgetNode.user(tenant: "acme", "new")
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(
                node, BudgetLimit(period: .calendar(.day, zone: "UTC"), amount: Nanodollars(3), thresholds: []))
        }
        let granted = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                let hold = Reservation(attempt: "\(number)", run: run, path: [node], amount: Nanodollars(1))
                group.addTask {
                    (try? await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }) != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 3)
        #expect(try await store.leafTypes().count { $0 == "window.opened" } == 1)
        #expect(try await faults(store) == [])
    }

    @Test(
        "whatever is altered in a balance, a hold or an entry is named",
        arguments: [
            "UPDATE budget SET spent = spent + 1 WHERE node = 'tenant:acme'",
            "UPDATE budget SET held = held + 1 WHERE node = 'organisation'",
            "UPDATE budget SET amount_limit = 7 WHERE node = 'organisation'",
            "UPDATE budget_window SET issued = issued + 1", "UPDATE budget_window SET spent = 0",
            "UPDATE ledger SET amount = amount + 1 WHERE entry = 5", "DELETE FROM ledger WHERE entry = 5",
            "UPDATE ledger SET node = 'tenant:other' WHERE entry = 6", "UPDATE reservation SET state = 0",
            "UPDATE reservation SET amount = amount + 1 WHERE state = 0", "DELETE FROM reservation WHERE state = 1",
            "UPDATE reservation SET path = 'organisation'", "DELETE FROM budget WHERE node = 'tenant:acme'",
        ])
    func altered(statement: String) async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        let path = BudgetNode.path(run)
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(
                .tenant("acme"),
                BudgetLimit(period: .calendar(.day, zone: "UTC"), amount: Nanodollars(100), thresholds: []))
            for (name, amount) in [("a", 10), ("b", 20)] as [(String, Int64)] {
                try tx.budgetReserve(
                    Reservation(attempt: name, run: run, path: path, amount: Nanodollars(amount)))
            }
            _ = try tx.budgetSettle("a", actual: Nanodollars(5))
        }
        #expect(try await faults(store) == [])
        await store.journal.close()
        try Tampering.run(store.folder.path, statement)
        let clock = store.clock
        let reader = try await SQLiteJournal.openReadOnly(folder: store.folder.path, clock: { clock.now })
        let report = try await reader.read { tx throws(JournalError) in try tx.ledgerFaults() }
        #expect(!report.faults.isEmpty)
        await reader.close()
    }

    @Test("a store from before windows keeps its balances, its limits and its log")
    func migration() async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        let path = BudgetNode.path(run)
        try await store.journal.write { tx throws(JournalError) in
            for name in ["a", "b"] {
                try tx.budgetReserve(Reservation(attempt: name, run: run, path: path, amount: Nanodollars(10)))
            }
            _ = try tx.budgetSettle("a", actual: Nanodollars(14))
        }
        let before = try await store.journal.read { tx throws(JournalError) in
            (try tx.budgets(), try tx.ledger(of: run, after: 0, limit: 100))
        }
        await store.journal.close()
        for statement in OldSchema.beforeBudgets { try Tampering.run(store.folder.path, statement) }
        let limit = "UPDATE budget SET amount_limit = 30 WHERE node = 'organisation'"
        let migrated = try await store.reopened()
        let after = try await migrated.journal.read { tx throws(JournalError) in
            (try tx.budgets(), try tx.ledger(of: run, after: 0, limit: 100))
        }
        #expect(after == before)
        #expect(try await migrated.mismatches() == [])
        #expect(try await faults(migrated) == [])
        // A limit of that time is no entry of the ledger, and binds all the same.
        await migrated.journal.close()
        for statement in OldSchema.beforeBudgets + [limit] { try Tampering.run(store.folder.path, statement) }
        let limited = try await migrated.reopened()
        #expect(try await faults(limited) == [])
        let refused = try await refusal {
            try await limited.journal.write { tx throws(JournalError) in
                try tx.budgetReserve(Reservation(attempt: "c", run: run, path: path, amount: Nanodollars(7)))
            }
        }
        #expect(refused == .budget(node: .organisation, available: Nanodollars(6), final: false))
        try await limited.journal.write { tx throws(JournalError) in
            try tx.budgetSet(.organisation, limit: Nanodollars(50))
            try tx.budgetReserve(Reservation(attempt: "c", run: run, path: path, amount: Nanodollars(7)))
        }
        #expect(try await faults(limited) == [])
    }

    @Test("B9: killed at any moment, the ledger says of each call what was acknowledged, and adds up")
    func killed() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let folder = try Scratch()
        var acknowledged: [String: String] = [:]
        for _ in 0..<8 {
            let child = try ChildProcess.writer([folder.path, "4", "money"])
            for line in child.lines(Int.random(in: 1...120, using: &random)) { Self.note(line, &acknowledged) }
            child.kill()
            for line in child.remainingLines() { Self.note(line, &acknowledged) }
        }
        let store = try await TestStore(folder: folder)
        #expect(try await faults(store) == [], "seed \(seed)")
        let entries = try await store.journal.read { tx throws(JournalError) in
            try tx.ledger(LedgerFilter(node: .organisation), after: 0, limit: 10_000_000)
        }
        var kinds: [String: Set<LedgerKind>] = [:]
        var spent: Int64 = 0
        for entry in entries {
            #expect(kinds[entry.attempt, default: []].insert(entry.kind).inserted, "\(entry.attempt) twice")
            if entry.kind == .settle || entry.kind == .overage { spent += entry.amount.value }
        }
        for (attempt, word) in acknowledged {
            #expect(kinds[attempt]?.contains(.reserve) == true, "\(attempt), seed \(seed)")
            if word == "settled" { #expect(kinds[attempt]?.contains(.settle) == true, "\(attempt), seed \(seed)") }
        }
        // The oracle: each settled attempt cost what its name says.
        let oracle = kinds.filter { $0.value.contains(.settle) }.keys.reduce(Int64(0)) { $0 + Self.cost(of: $1) }
        #expect(spent == oracle && !acknowledged.isEmpty, "seed \(seed)")
        let open = try await store.journal.write { tx throws(JournalError) in
            let open = try tx.reservations(of: nil)
            for hold in open { _ = try tx.budgetAmbiguous(hold.attempt) }
            return open
        }
        let record = try await store.journal.read { tx throws(JournalError) in try tx.budget(.organisation) }
        #expect(record?.held == .zero)
        #expect(record?.spent == Nanodollars(oracle + open.reduce(0) { $0 + $1.amount.value }), "seed \(seed)")
        #expect(try await faults(store) == [], "seed \(seed)")
    }

    /// As `JournalWriter` does.
    private static func cost(of attempt: String) -> Int64 { attempt.utf8.reduce(0) { ($0 * 31 + Int64($1)) % 97 } }

    private static func note(_ line: String, _ acknowledged: inout [String: String]) {
        let parts = line.split(separator: " ").map(String.init)
        if parts.count == 2 { acknowledged[parts[1]] = parts[0] }
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)

    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
}
