extension LaunchReport {
    var finances: [Report.Block] {
        let finance = facts.finance
        var blocks: [Report.Block] = [.figure(cashFlow), .table(header: yearHeader, rows: yearRows)]
        if !finance.scenarios.isEmpty {
            blocks += [.figure(scenarios), .table(header: scenarioHeader, rows: scenarioRows)]
        }
        blocks += [.figure(tornado), .paragraph(breakEven)]
        return blocks
    }

    private var cashFlow: Figure {
        CashFlowChart(rows: facts.finance.rows).figure(
            id: "cash-flow", title: "Net cash flow by month and running sum (\(facts.input.currency))",
            description: "Columns are months, the line is the running sum. It falls to"
                + " \(money(facts.finance.base.lowestCumulativeMinor)) and ends at"
                + " \(money(facts.finance.rows.last?.cumulativeMinor ?? 0)).")
    }

    private var yearHeader: [String] {
        ["Year of the plan", "Customers at its end", "Revenue", "Variable cost", "Fixed cost", "Investment", "Net"]
    }

    /// Month 0 belongs to the first year.
    private var yearRows: [[String]] {
        let rows = facts.finance.rows
        let years = Dictionary(grouping: rows) { max(0, $0.index - 1) / 12 }
        return years.keys.sorted().map { year in
            let months = years[year] ?? []
            func sum(_ member: (FinanceCase.Row) -> Int) -> String { money(months.reduce(0) { $0 + member($1) }) }
            return [
                "\(year + 1) (to \(months.last?.label ?? ""))", Format.number(Double(months.last?.units ?? 0)),
                sum(\.revenueMinor), sum(\.variableCostMinor), sum(\.fixedCostMinor), sum(\.investmentMinor),
                sum(\.netMinor),
            ]
        }
    }

    private var scenarios: Figure {
        let base = facts.finance.base
        let all = [("base case", base.npvMinor)] + facts.finance.scenarios.map { ($0.name, $0.evaluation.npvMinor) }
        let bars = all.map {
            BarChart.Bar(
                label: Format.title($0.0), value: Double($0.1), text: money($0.1),
                style: $0.1 < 0 ? "bar-bad" : "bar-good")
        }
        let losses = facts.finance.scenarios.count { $0.evaluation.npvMinor < 0 }
        return BarChart(bars: bars).figure(
            id: "scenarios", title: "Net present value by scenario",
            description: "\(losses) of \(facts.finance.scenarios.count) scenarios end with a loss.")
    }

    private var scenarioHeader: [String] { ["Scenario", "Probability", "NPV", "IRR a year", "Payback, months"] }

    private var scenarioRows: [[String]] {
        facts.finance.scenarios.map { scenario in
            let evaluation = scenario.evaluation
            return [
                Format.title(scenario.name), scenario.probability.map { Format.percent($0) } ?? "—",
                money(evaluation.npvMinor),
                evaluation.irr.annualRate.map { Format.percent($0, decimals: 1) }
                    ?? Format.title(evaluation.irr.status),
                evaluation.paybackPeriods.map { Format.number($0, 1) } ?? "—",
            ]
        }
    }

    private var tornado: Figure {
        let finance = facts.finance
        let bars = finance.sensitivity.map {
            TornadoChart.Bar(
                label: Format.title($0.driver), low: Double($0.lowNpvMinor), high: Double($0.highNpvMinor),
                lowText: Format.short(minor: Double($0.lowNpvMinor)),
                highText: Format.short(minor: Double($0.highNpvMinor)))
        }
        let change = finance.sensitivity.first.map { $0.highFactor - 1 } ?? 0
        let widest = finance.sensitivity.first.map { Format.title($0.driver).lowercased() } ?? "none"
        return TornadoChart(
            bars: bars, middle: Double(finance.base.npvMinor), middleText: "NPV " + money(finance.base.npvMinor)
        ).figure(
            id: "tornado", title: "What moves the net present value: each driver ±\(Format.percent(change))",
            description: "The widest driver is \(widest). Pale halves are the driver lowered, full halves raised.")
    }

    private var breakEven: String {
        let point = facts.finance.breakEven
        guard let units = point.units else {
            return "No number of units covers the cost: a unit contributes \(money(point.contributionMinor))."
        }
        let margins = facts.finance.sensitivity.compactMap { bar in
            bar.breakEvenFactor.map {
                "\(Format.title(bar.driver).lowercased()) at \(Format.percent($0)) of plan"
            }
        }
        let tail =
            margins.isEmpty
            ? "" : " The net present value is zero with one of: " + margins.joined(separator: "; ") + "."
        return "Fixed cost and investment are covered by \(Format.number(Double(units))) customer-months at "
            + Format.money(point.contributionMinor, facts.input.currency, decimals: true) + " each." + tail
    }
}
