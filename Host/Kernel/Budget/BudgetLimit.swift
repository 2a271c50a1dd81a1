/// What is left of a window when the next one opens.
package enum BudgetRollover: Hashable, Sendable, CustomStringConvertible {
    case none
    /// What was not used is added to the next window, up to an amount.
    case unused(upTo: Nanodollars)
    /// What was spent beyond the limit is taken from the next windows.
    case debt

    /// The stable name used in storage, with nanodollars.
    package var description: String {
        switch self {
        case .none: "none"
        case .unused(let cap): "unused:\(cap.value)"
        case .debt: "debt"
        }
    }

    package init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "debt": self = .debt
        default:
            guard text.hasPrefix("unused:"), let cap = Int64(text.dropFirst(7)), cap >= 0 else { return nil }
            self = .unused(upTo: Nanodollars(cap))
        }
    }
}

/// One limit of a node. A node may have several, each with another period; all of them bind.
package struct BudgetLimit: Hashable, Sendable {
    package var period: BudgetPeriod
    package var amount: Nanodollars
    /// Percent of the limit at which alerts are raised, rising.
    package var thresholds: [Int]
    package var rollover: BudgetRollover

    package static let defaultThresholds = [50, 80, 95, 100]
    package static let maximumThresholds = 8

    package init(
        period: BudgetPeriod, amount: Nanodollars, thresholds: [Int] = Self.defaultThresholds,
        rollover: BudgetRollover = .none
    ) {
        self.period = period
        self.amount = amount
        self.thresholds = thresholds
        self.rollover = rollover
    }

    /// What is wrong with the limit, in words; nil when nothing is.
    package var problem: String? {
        if amount < .zero { return "a budget cannot be negative" }
        if !period.isValid { return "\(period) is no period of a budget" }
        if period == .lifetime, rollover != .none { return "a limit without a period has nothing to roll over" }
        if !Self.areThresholds(thresholds) {
            return "thresholds are up to \(Self.maximumThresholds) rising percentages from 1 to 1000"
        }
        return nil
    }

    package static func areThresholds(_ percents: [Int]) -> Bool {
        percents.count <= maximumThresholds && percents.allSatisfy { (1...1_000).contains($0) }
            && zip(percents, percents.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// What a new window is given, after the one before it.
    ///
    /// - Parameters:
    ///   - last: the balance of the newest window that was opened; nil for the first.
    ///   - skipped: how many windows passed since without a charge.
    package func issue(after last: BudgetBalance?, skipped: Int) -> Nanodollars {
        guard let last, let given = last.issued else { return amount }
        var left = given.value - last.held.value - last.spent.value
        for _ in 0..<max(0, skipped) {
            let next = carried(left)
            // Nothing changes any more, however many windows follow.
            if next + amount.value == left { break }
            left = next + amount.value
        }
        return Nanodollars(amount.value + carried(left))
    }

    private func carried(_ left: Int64) -> Int64 {
        switch rollover {
        case .none: 0
        case .unused(let cap): max(0, min(left, cap.value, .max - amount.value))
        case .debt: min(0, left)
        }
    }
}

/// Where an account's money is. `issued = available + held + spent` at every commit.
package struct BudgetBalance: Hashable, Sendable {
    /// Limit and rollover; nil without a limit.
    package var issued: Nanodollars?
    package var held: Nanodollars
    package var spent: Nanodollars

    package init(issued: Nanodollars?, held: Nanodollars = .zero, spent: Nanodollars = .zero) {
        self.issued = issued
        self.held = held
        self.spent = spent
    }

    /// Below zero after an overage, or when the limit was lowered.
    package var available: Nanodollars? { issued.map { $0 - held - spent } }
    package var used: Nanodollars { held + spent }

    package enum Refusal: Hashable, Sendable {
        /// `isFinal`: it would not fit even if every running call settled at nothing.
        case noRoom(available: Nanodollars, isFinal: Bool)
        /// No sum can hold it.
        case overflow
    }

    /// Why `amount` cannot be held; nil when it can.
    package func refusal(of amount: Nanodollars) -> Refusal? {
        let (used, overflow) = held.value.addingReportingOverflow(spent.value)
        guard !overflow, !used.addingReportingOverflow(amount.value).overflow else { return .overflow }
        guard let issued, amount.value > issued.value - used else { return nil }
        return .noRoom(
            available: Nanodollars(max(0, issued.value - used)), isFinal: amount.value > issued.value - spent.value)
    }

    /// The thresholds that a change of balance passes.
    package static func crossed(_ thresholds: [Int], from before: BudgetBalance, to after: BudgetBalance) -> [Int] {
        guard let limit = after.issued else { return [] }
        return thresholds.filter { after.reaches($0, of: limit) && !before.reaches($0, of: before.issued) }
    }

    private func reaches(_ percent: Int, of limit: Nanodollars?) -> Bool {
        guard let limit, limit > .zero else { return false }
        return (Int128(held.value) + Int128(spent.value)) * 100 >= Int128(limit.value) * Int128(percent)
    }
}
