package import Kernel

/// A node with its balance over its whole life, and what limits it.
package struct BudgetRecord: Hashable, Sendable {
    package var node: BudgetNode
    /// Of the node's whole life; nil when there is none.
    package var limit: Nanodollars?
    package var held: Nanodollars
    package var spent: Nanodollars
    /// Percent of `limit` at which alerts are raised.
    package var thresholds: [Int]
    /// The limits that begin anew, each with the window that holds now.
    package var periods: [BudgetPeriodRecord]
    /// Nil when nobody ever stopped the node.
    package var stop: BudgetStop?

    package init(
        node: BudgetNode, limit: Nanodollars?, held: Nanodollars, spent: Nanodollars,
        thresholds: [Int] = BudgetLimit.defaultThresholds, periods: [BudgetPeriodRecord] = [],
        stop: BudgetStop? = nil
    ) {
        self.node = node
        self.limit = limit
        self.held = held
        self.spent = spent
        self.thresholds = thresholds
        self.periods = periods
        self.stop = stop
    }

    package var balance: BudgetBalance { BudgetBalance(issued: limit, held: held, spent: spent) }

    /// The least that is left under any of the limits; nil without one. Below zero after an overage.
    package var available: Nanodollars? {
        ([balance] + periods.map(\.balance)).compactMap(\.available).min()
    }
}

/// A limit with its window now.
package struct BudgetPeriodRecord: Hashable, Sendable {
    package var limit: BudgetLimit
    package var window: BudgetWindow
    package var balance: BudgetBalance
    /// False while nothing was charged in the window: its balance is what its opening will issue.
    package var isOpened: Bool

    package init(limit: BudgetLimit, window: BudgetWindow, balance: BudgetBalance, isOpened: Bool) {
        self.limit = limit
        self.window = window
        self.balance = balance
        self.isOpened = isOpened
    }
}

/// The kill switch of a node as it was last thrown.
package struct BudgetStop: Hashable, Sendable {
    package var isStopped: Bool
    package var at: Instant
    package var by: String
    package var reason: String

    package init(isStopped: Bool, at: Instant, by: String, reason: String) {
        self.isStopped = isStopped
        self.at = at
        self.by = by
        self.reason = reason
    }
}

/// One movement of the ledger, on one account.
package struct LedgerEntry: Hashable, Sendable {
    package var number: Int64
    package var at: Instant
    /// The attempt that is paid for; `issue` where a limit begins or changes.
    package var attempt: String
    package var run: RunID?
    package var account: BudgetAccount
    package var kind: LedgerKind
    package var amount: Nanodollars

    package init(
        number: Int64, at: Instant, attempt: String, run: RunID?, account: BudgetAccount, kind: LedgerKind,
        amount: Nanodollars
    ) {
        self.number = number
        self.at = at
        self.attempt = attempt
        self.run = run
        self.account = account
        self.kind = kind
        self.amount = amount
    }

    package var node: BudgetNode { account.node }
}

/// Which entries of the ledger are asked for.
package struct LedgerFilter: Hashable, Sendable {
    package var run: RunID?
    package var node: BudgetNode?
    package var attempt: String?

    package init(run: RunID? = nil, node: BudgetNode? = nil, attempt: String? = nil) {
        self.run = run
        self.node = node
        self.attempt = attempt
    }
}

/// A correction of what one attempt cost, by a person, with evidence. The entries that it corrects stay.
package struct LedgerAdjustment: Hashable, Sendable {
    package var number: Int64
    package var at: Instant
    package var attempt: String
    package var before: Nanodollars
    package var after: Nanodollars
    package var by: String
    package var reason: String
    /// An invoice's number, a support ticket: where the right amount stands.
    package var evidence: String

    package init(
        number: Int64, at: Instant, attempt: String, before: Nanodollars, after: Nanodollars, by: String,
        reason: String, evidence: String
    ) {
        self.number = number
        self.at = at
        self.attempt = attempt
        self.before = before
        self.after = after
        self.by = by
        self.reason = reason
        self.evidence = evidence
    }
}

/// A threshold that was reached, once for each node, window and threshold.
package struct BudgetAlert: Hashable, Sendable {
    package var account: BudgetAccount
    /// Percent; ``forecastThreshold`` for a forecast beyond the limit.
    package var threshold: Int
    package var at: Instant

    package static let forecastThreshold = 0

    package init(account: BudgetAccount, threshold: Int, at: Instant) {
        self.account = account
        self.threshold = threshold
        self.at = at
    }
}

/// What a window will have cost when it closes.
package struct BudgetForecastRecord: Hashable, Sendable {
    package var node: BudgetNode
    package var period: BudgetPeriodRecord
    package var forecast: BudgetForecast

    package init(node: BudgetNode, period: BudgetPeriodRecord, forecast: BudgetForecast) {
        self.node = node
        self.period = period
        self.forecast = forecast
    }
}
