/// Where the ledger's money lies. Every entry takes from one and gives to another.
package enum LedgerAccount: String, CaseIterable, Sendable {
    /// Where limits come from.
    case issue
    case available
    case held
    case spent
}

/// What an entry of the ledger means: which account it takes from (debit) and which it gives to (credit). Raw values
/// are stored.
package enum LedgerKind: Int, Hashable, Sendable {
    case reserve = 0, settle, release, ambiguous, overage
    /// A window opens, or its limit is raised.
    case issue
    /// The limit is lowered.
    case withdraw
    /// A correction: more was billed than was posted.
    case charge
    /// A correction: less was billed than was posted.
    case credit

    package var debit: LedgerAccount {
        switch self {
        case .issue: .issue
        case .reserve, .overage, .withdraw, .charge: .available
        case .settle, .release, .ambiguous: .held
        case .credit: .spent
        }
    }

    package var credit: LedgerAccount {
        switch self {
        case .issue, .release, .credit: .available
        case .reserve: .held
        case .settle, .ambiguous, .overage, .charge: .spent
        case .withdraw: .issue
        }
    }
}

/// The four accounts of one node in one window, as sums of entries.
package struct LedgerSums: Hashable, Sendable {
    package private(set) var issue: Int64 = 0
    package private(set) var available: Int64 = 0
    package private(set) var held: Int64 = 0
    package private(set) var spent: Int64 = 0

    package init() {}

    /// False when a sum would pass what a number holds.
    package mutating func post(_ kind: LedgerKind, _ amount: Nanodollars) -> Bool {
        add(kind.debit, -amount.value) && add(kind.credit, amount.value)
    }

    private mutating func add(_ account: LedgerAccount, _ amount: Int64) -> Bool {
        let path: WritableKeyPath<LedgerSums, Int64> =
            switch account {
            case .issue: \.issue
            case .available: \.available
            case .held: \.held
            case .spent: \.spent
            }
        let (sum, overflow) = self[keyPath: path].addingReportingOverflow(amount)
        if !overflow { self[keyPath: path] = sum }
        return !overflow
    }
}

/// A node in one window: what an entry is posted to.
package struct BudgetAccount: Hashable, Sendable, CustomStringConvertible {
    package var node: BudgetNode
    package var period: BudgetPeriod
    /// When its window opened; zero for the lifetime.
    package var opens: Instant

    package init(node: BudgetNode, period: BudgetPeriod = .lifetime, opens: Instant = BudgetWindow.lifetime.opens) {
        self.node = node
        self.period = period
        self.opens = opens
    }

    /// The node's name; with `#period#opens` for a window.
    package var description: String {
        period == .lifetime ? node.description : "\(node)#\(period)#\(opens.unixMilliseconds)"
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
        guard let node = BudgetNode(parts[0]) else { return nil }
        switch parts.count {
        case 1: self.init(node: node)
        case 3:
            guard let period = BudgetPeriod(parts[1]), period != .lifetime, let opens = Int64(parts[2])
            else { return nil }
            self.init(node: node, period: period, opens: Instant(unixMilliseconds: opens))
        default: return nil
        }
    }
}

/// How a hold ends.
package enum HoldEnd: Hashable, Sendable {
    case settle(Nanodollars)
    case release
    case ambiguous

    /// In leaves.
    package var name: String {
        switch self {
        case .settle: "settle"
        case .release: "release"
        case .ambiguous: "ambiguous"
        }
    }

    /// In the reservation's row; 0 is open.
    package var storedState: Int {
        switch self {
        case .settle: 1
        case .release: 2
        case .ambiguous: 3
        }
    }

    package var actual: Nanodollars? { if case .settle(let amount) = self { amount } else { nil } }

    /// What the attempt then has cost.
    package func cost(ofHold amount: Nanodollars) -> Nanodollars {
        switch self {
        case .settle(let actual): actual
        case .release: .zero
        case .ambiguous: amount
        }
    }
}

/// A movement of one attempt's money on all accounts of its path, and the ledger rows that it is. Pure, so that the
/// operation and the cross-checks cannot disagree.
package struct LedgerMovement: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package var kind: LedgerKind
        package var amount: Nanodollars

        package init(_ kind: LedgerKind, _ amount: Nanodollars) {
            self.kind = kind
            self.amount = amount
        }
    }

    package var attempt: String
    package var run: RunID?
    package var accounts: [BudgetAccount]
    /// What happens on each account.
    package var parts: [Part]

    package init(attempt: String, run: RunID?, accounts: [BudgetAccount], parts: [Part]) {
        self.attempt = attempt
        self.run = run
        self.accounts = accounts
        self.parts = parts
    }

    package static func beginning(_ amount: Nanodollars) -> [Part] { [Part(.reserve, amount)] }

    /// More than was held is always posted.
    package static func ending(_ end: HoldEnd, of amount: Nanodollars) -> [Part] {
        switch end {
        case .release: [Part(.release, amount)]
        case .ambiguous: [Part(.ambiguous, amount)]
        case .settle(let actual) where actual > amount: [Part(.settle, amount), Part(.overage, actual - amount)]
        case .settle(let actual) where actual < amount: [Part(.settle, actual), Part(.release, amount - actual)]
        case .settle(let actual): [Part(.settle, actual)]
        }
    }

    /// What brings an account from one issued amount to another.
    package static func issuing(_ amount: Nanodollars, instead old: Nanodollars) -> [Part] {
        amount > old ? [Part(.issue, amount - old)] : amount < old ? [Part(.withdraw, old - amount)] : []
    }

    /// What brings a posted cost to another.
    package static func correcting(to cost: Nanodollars, from posted: Nanodollars) -> [Part] {
        cost > posted ? [Part(.charge, cost - posted)] : cost < posted ? [Part(.credit, posted - cost)] : []
    }

    /// What the movement does to each account's balance.
    package var change: (issued: Nanodollars, held: Nanodollars, spent: Nanodollars) {
        var issued = Nanodollars.zero, held = Nanodollars.zero, spent = Nanodollars.zero
        for part in parts {
            for (account, amount) in [(part.kind.debit, -part.amount), (part.kind.credit, part.amount)] {
                switch account {
                case .issue: issued = issued - amount
                case .held: held = held + amount
                case .spent: spent = spent + amount
                case .available: break
                }
            }
        }
        return (issued, held, spent)
    }
}

/// Money held for one attempt of one effect, on every node from `path`.
package struct Reservation: Hashable, Sendable {
    /// Unique and stable: `run/sequence/attempt`.
    package var attempt: String
    package var run: RunID
    package var path: [BudgetNode]
    package var amount: Nanodollars
    /// The most tokens that the attempt can use, where a cap on tokens counts them.
    package var tokens: Int64?
    /// What it pays for; nil for money that a plugin sets aside.
    package var charge: ChargeDetail?

    package init(
        attempt: String, run: RunID, path: [BudgetNode], amount: Nanodollars, tokens: Int64? = nil,
        charge: ChargeDetail? = nil
    ) {
        self.attempt = attempt
        self.run = run
        self.path = path
        self.amount = amount
        self.tokens = tokens
        self.charge = charge
    }
}
