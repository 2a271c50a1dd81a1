import PluginKit

/// The table of one world: the base, a scenario, or one end of a tornado bar.
struct CashFlowTable: Sendable {
    let rows: [CashFlowRow]
    let input: BusinessCaseInput
    let annualDiscountRate: Double

    /// Row by row, in exact integers; factors are applied to unit price and costs first and rounded there, so each
    /// row adds up to the cent.
    init(_ input: BusinessCaseInput, _ world: World = World()) throws(TaskFailure) {
        self.input = input
        annualDiscountRate = input.annualDiscountRate * world.discountRateFactor
        let rate = Discounting.periodRate(annualRate: annualDiscountRate, periodsPerYear: input.periodsPerYear)
        let price = try Amount.rounded(Double(input.priceMinor) * world.priceFactor)
        let unitCost = try Amount.rounded(Double(input.unitCostMinor) * world.unitCostFactor)
        var rows: [CashFlowRow] = [], cumulative = 0
        for (index, period) in input.periods.enumerated() {
            let source = index - world.delayPeriods
            let planned = source >= 0 ? input.periods[source].units : 0
            let units = try Amount.rounded(Double(planned) * world.volumeFactor)
            let revenue = try Amount.product(units, price)
            let variable = try Amount.product(units, unitCost)
            let fixed = try Amount.rounded(Double(period.fixedCostMinor) * world.fixedCostFactor)
            let investment = try Amount.rounded(Double(period.investmentMinor ?? 0) * world.investmentFactor)
            let other = period.otherMinor ?? 0
            let net = try Amount.sum(revenue, -variable, -fixed, -investment, other)
            cumulative = try Amount.sum(cumulative, net)
            let discounted = Discounting.presentValue([.init(amount: Double(net), time: Double(index))], rate: rate)
            rows.append(
                CashFlowRow(
                    index: index, label: period.label, date: period.date, units: units, revenueMinor: revenue,
                    variableCostMinor: variable, fixedCostMinor: fixed, investmentMinor: investment,
                    otherMinor: other, netMinor: net, cumulativeMinor: cumulative,
                    discountedMinor: try Amount.rounded(discounted)))
        }
        self.rows = rows
    }

    var netFlows: [Double] { rows.map { Double($0.netMinor) } }

    var periodRate: Double {
        Discounting.periodRate(annualRate: annualDiscountRate, periodsPerYear: input.periodsPerYear)
    }

    /// Unrounded: rounding belongs to the edge.
    var netPresentValue: Double { Discounting.presentValue(of: netFlows, rate: periodRate) }

    func evaluation() throws(TaskFailure) -> Evaluation {
        let investment = Discounting.presentValue(of: rows.map { Double($0.investmentMinor) }, rate: periodRate)
        let discounted = Discounting.evenlySpaced(netFlows).map {
            Discounting.presentValue([$0], rate: periodRate)
        }
        var result = Evaluation(
            npvMinor: try Amount.rounded(netPresentValue),
            irr: RateResult(
                RateOfReturn(of: Discounting.evenlySpaced(netFlows)), periodsPerYear: input.periodsPerYear),
            paybackPeriods: Discounting.payback(netFlows),
            discountedPaybackPeriods: Discounting.payback(discounted),
            profitabilityIndex: investment > 0 ? (netPresentValue + investment) / investment : nil,
            revenueMinor: try total(rows.map(\.revenueMinor)), netMinor: rows.last?.cumulativeMinor ?? 0,
            lowestCumulativeMinor: rows.map(\.cumulativeMinor).min() ?? 0)
        let dates = rows.compactMap { $0.date.flatMap(CivilDate.init) }
        if dates.count == rows.count {
            let flows = Discounting.dated(netFlows, on: dates)
            result.xnpvMinor = try Amount.rounded(Discounting.presentValue(flows, rate: annualDiscountRate))
            result.xirr = RateResult(RateOfReturn(of: flows), periodsPerYear: 1)
        }
        return result
    }

    func breakEven() throws(TaskFailure) -> BreakEvenResult {
        let other = try total(rows.map(\.otherMinor))
        let fixed = try Amount.sum(
            total(rows.map(\.fixedCostMinor)), total(rows.map(\.investmentMinor)), -other)
        let point = BreakEven(fixedCost: fixed, price: input.priceMinor, unitCost: input.unitCostMinor)
        let lastLoss = rows.lastIndex { $0.netMinor < 0 }
        let firstGain = lastLoss.map { $0 + 1 } ?? 0
        var result = BreakEvenResult(
            contributionMinor: point.contribution, contributionRatio: point.contributionRatio, units: point.units,
            firstPositivePeriod: firstGain < rows.count ? rows[firstGain].label : nil)
        if let units = point.units { result.revenueMinor = try Amount.product(units, input.priceMinor) }
        return result
    }

    private func total(_ amounts: [Int]) throws(TaskFailure) -> Int {
        var sum = 0
        for amount in amounts { sum = try Amount.sum(sum, amount) }
        return sum
    }
}

/// Factors on the drivers; the base case is 1 everywhere.
struct World: Sendable {
    var volumeFactor = 1.0
    var priceFactor = 1.0
    var unitCostFactor = 1.0
    var fixedCostFactor = 1.0
    var investmentFactor = 1.0
    var discountRateFactor = 1.0
    var delayPeriods = 0

    init() {}

    init(_ scenario: Scenario) {
        volumeFactor = scenario.volumeFactor ?? 1
        priceFactor = scenario.priceFactor ?? 1
        unitCostFactor = scenario.unitCostFactor ?? 1
        fixedCostFactor = scenario.fixedCostFactor ?? 1
        investmentFactor = scenario.investmentFactor ?? 1
        delayPeriods = scenario.delayPeriods ?? 0
    }
}
