package import PluginKit

/// Budget variances by cause (Horngren, Datar and Rajan, Cost Accounting, ch. 7 and 14): price, and volume cut into
/// mix and quantity. Each variance is exact, so the causes add up to the whole.
package enum Budget {
    package static func evaluate(_ input: BudgetInput) throws(TaskFailure) -> BudgetOutput {
        try check(input)
        var lines: [BudgetVariance] = []
        let incomes = try Quantities(input.lines.filter { $0.kind == .income })
        let expenses = try Quantities(input.lines.filter { $0.kind == .expense })
        for line in input.lines {
            lines.append(try variance(line, line.kind == .income ? incomes : expenses, input))
        }
        let kinds = input.lines.map(\.kind)
        let income = try total("income", zip(lines, kinds).filter { $0.1 == .income }.map { $0.0 }, input)
        let expense = try total("expense", zip(lines, kinds).filter { $0.1 == .expense }.map { $0.0 }, input)
        return BudgetOutput(
            lines: lines, income: income, expense: expense,
            resultVarianceMinor: try Amount.sum(income.varianceMinor, expense.varianceMinor),
            budgetResultMinor: try Amount.sum(income.budgetMinor, -expense.budgetMinor),
            actualResultMinor: try Amount.sum(income.actualMinor, -expense.actualMinor),
            evidence: evidence(input))
    }

    private static func check(_ input: BudgetInput) throws(TaskFailure) {
        var names: Set<String> = []
        for (index, line) in input.lines.enumerated() {
            guard names.insert(line.name).inserted else {
                throw .invalid("/lines/\(index)/name: \(line.name) occurs twice")
            }
            let figures = [
                line.budgetQuantity, line.budgetPriceMinor, line.actualQuantity, line.actualPriceMinor,
            ]
            guard figures.allSatisfy({ (0...1_000_000_000_000).contains($0) }) else {
                throw .invalid("/lines/\(index): quantities and prices must be 0 to 10^12")
            }
        }
        guard !input.lines.isEmpty else { throw .invalid("/lines: one or more are needed") }
        guard (input.alertShare ?? 0.1) >= 0, (input.alertMinor ?? 0) >= 0 else {
            throw .invalid("/alert_share: thresholds must not be negative")
        }
    }

    private static func variance(
        _ line: BudgetLine, _ totals: Quantities, _ input: BudgetInput
    ) throws(TaskFailure) -> BudgetVariance {
        let budget = try Amount.product(line.budgetQuantity, line.budgetPriceMinor)
        let actual = try Amount.product(line.actualQuantity, line.actualPriceMinor)
        let volume = try Amount.product(line.actualQuantity - line.budgetQuantity, line.budgetPriceMinor)
        let mix = try totals.mix(line)
        let sign = line.kind == .income ? 1 : -1
        return flagged(
            BudgetVariance(
                name: line.name, budgetMinor: budget, actualMinor: actual,
                varianceMinor: sign * (actual - budget), priceMinor: sign * (actual - budget - volume),
                volumeMinor: sign * volume, mixMinor: sign * mix, quantityMinor: sign * (volume - mix),
                share: nil, flagged: false),
            input)
    }

    private static func total(
        _ name: String, _ lines: [BudgetVariance], _ input: BudgetInput
    ) throws(TaskFailure) -> BudgetVariance {
        func sum(_ member: KeyPath<BudgetVariance, Int>) throws(TaskFailure) -> Int {
            var sum = 0
            for line in lines { sum = try Amount.sum(sum, line[keyPath: member]) }
            return sum
        }
        return flagged(
            BudgetVariance(
                name: name, budgetMinor: try sum(\.budgetMinor), actualMinor: try sum(\.actualMinor),
                varianceMinor: try sum(\.varianceMinor), priceMinor: try sum(\.priceMinor),
                volumeMinor: try sum(\.volumeMinor), mixMinor: try sum(\.mixMinor),
                quantityMinor: try sum(\.quantityMinor), share: nil, flagged: false),
            input)
    }

    private static func flagged(_ variance: BudgetVariance, _ input: BudgetInput) -> BudgetVariance {
        var result = variance
        if variance.budgetMinor != 0 {
            result.share = Double(variance.varianceMinor) / Double(variance.budgetMinor)
        }
        let isLargeShare = result.share.map { abs($0) >= input.alertShare ?? 0.1 } ?? true
        result.flagged =
            variance.varianceMinor != 0 && isLargeShare && abs(variance.varianceMinor) >= input.alertMinor ?? 0
        return result
    }

    private static func evidence(_ input: BudgetInput) -> Evidence {
        Evidence(
            method: "price, mix and quantity variances",
            source: "Horngren, Datar and Rajan, Cost Accounting, ch. 7 and 14",
            inputs: ["\(input.lines.count) lines in \(input.currency)"],
            assumptions: [
                "Quantities of all lines of a kind are of one unit; else read volume and not mix and quantity.",
                "Price variance is taken at the actual quantity.", "Positive is favourable.",
            ],
            uncertainty: "None; a mix variance is rounded once, and the quantity variance takes the rest.")
    }
}

/// The whole quantities of one kind of lines.
private struct Quantities {
    var budget = 0
    var actual = 0

    init(_ lines: [BudgetLine]) throws(TaskFailure) {
        for line in lines {
            budget = try Amount.sum(budget, line.budgetQuantity)
            actual = try Amount.sum(actual, line.actualQuantity)
        }
    }

    /// (actual quantity − whole actual quantity × planned share) × planned price.
    func mix(_ line: BudgetLine) throws(TaskFailure) -> Int {
        guard budget > 0 else { return 0 }
        let shift =
            Int128(line.actualQuantity) * Int128(budget) - Int128(actual) * Int128(line.budgetQuantity)
        let (product, overflow) = shift.multipliedReportingOverflow(by: Int128(line.budgetPriceMinor))
        guard !overflow else { throw .invalid("the quantities of \(line.name) are too large") }
        let rounded = CentRounding.halfAway.divide(product.magnitude.signed, by: Int128(budget))
        guard rounded <= Int128(Amount.limit) else { throw .invalid("the mix variance of \(line.name) is too large") }
        return product < 0 ? -Int(rounded) : Int(rounded)
    }
}

extension UInt128 {
    /// Of a magnitude that fits: all but that of the smallest number.
    fileprivate var signed: Int128 { Int128(truncatingIfNeeded: self) }
}
