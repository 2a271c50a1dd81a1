import PluginKit

/// The monthly table that finance judges, from price, funnel and costs.
struct CashFlowPlan: Sendable {
    let input: LaunchInput
    let pricing: PricingOutput
    let funnel: FunnelOutput

    /// Month 0 is the investment. In the building months only the team and the overhead are paid. From then on the
    /// customers of the funnel pay, and its spend is due.
    func request(for option: LaunchOption) throws(TaskFailure) -> FinanceRequest {
        let calendar = try CivilMonth(input.startDate)
        let running = try runningCost()
        var periods: [FinanceRequest.Period] = []
        for month in 0...input.horizonMonths {
            let sales = salesMonth(month)
            let fixed = month == 0 ? 0 : Double(running) + Double(sales?.spendMinor ?? 0)
            let date = calendar.date(after: month)
            periods.append(
                FinanceRequest.Period(
                    label: String(date.prefix(7)), date: date,
                    units: try Amount.rounded((sales?.customers ?? 0) * (option.volumeFactor ?? 1)),
                    fixedCostMinor: try Amount.rounded(fixed * (option.fixedCostFactor ?? 1)),
                    investmentMinor: month > 0
                        ? 0
                        : try Amount.rounded(
                            Double(input.costs.initialInvestmentMinor) * (option.investmentFactor ?? 1))))
        }
        return FinanceRequest(
            title: "\(input.idea.title): \(option.title)", currency: input.currency,
            annualDiscountRate: input.annualDiscountRate, periods: periods,
            priceMinor: pricing.recommendedPriceMinor, unitCostMinor: input.pricing.unitCostMinor,
            scenarios: input.scenarios)
    }

    private func salesMonth(_ month: Int) -> FunnelMonth? {
        let index = month - input.costs.buildMonths - 1
        return funnel.months.indices.contains(index) ? funnel.months[index] : nil
    }

    /// Team and overhead of a month.
    private func runningCost() throws(TaskFailure) -> Int {
        var total = Double(input.costs.overheadPerMonthMinor)
        for member in input.costs.team { total += member.count * Double(member.monthlyCostMinor) }
        return try Amount.rounded(total)
    }
}
