extension LaunchReport {
    var market: [Report.Block] {
        let gaps = facts.gaps.gaps
        guard let best = gaps.first else { return [.paragraph("No gap was found in the documents.")] }
        let chart = BarChart(
            bars: gaps.map {
                BarChart.Bar(
                    label: "\($0.rank). \($0.title)", value: $0.score, text: Format.number($0.score, 2), style: "bar")
            }
        ).figure(
            id: "gaps", title: "Market gaps by opportunity score",
            description: "\(gaps.count) gaps; the first is \(best.title) with \(Format.number(best.score, 2)).")
        let titles = Dictionary(
            facts.input.documents.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
        var blocks: [Report.Block] = [
            .figure(chart),
            .table(
                header: ["Gap", "Score", "Demand", "Supply", "Quotes"],
                rows: gaps.map {
                    [
                        $0.title, Format.number($0.score, 2), Format.number($0.demand, 2),
                        Format.number($0.supply, 2), "\($0.evidence.count)",
                    ]
                }),
        ]
        for gap in gaps.prefix(3) {
            blocks.append(.paragraph("Evidence for “\(gap.title)”:"))
            blocks += gap.evidence.prefix(3).map {
                .quote($0.quote, source: "\(titles[$0.documentID] ?? $0.documentID) (\($0.documentID))")
            }
        }
        return blocks
    }

    var price: [Report.Block] {
        let pricing = facts.pricing, funnel = facts.funnel, currency = facts.input.currency
        let price = Format.money(pricing.recommendedPriceMinor, currency, decimals: true)
        let chart = PriceChart(pricing: pricing).figure(
            id: "price", title: "Contribution at each price (\(currency), one period of the observations)",
            description: "Contribution is largest at \(price), where"
                + " \(Format.number(pricing.expectedUnits, 1)) units are expected.")
        var rows = funnel.stages.map { [$0.name, Format.percent($0.rate, decimals: 1), Format.number($0.reached, 1)] }
        rows.insert(["Visitors, first month", "", Format.number(facts.input.funnel.visitorsPerMonth)], at: 0)
        return [
            .paragraph(
                "The best price is \(price); there demand changes by \(Format.number(pricing.elasticity, 2)) % for each"
                    + " per cent of price. " + fits(pricing)),
            .figure(chart),
            .table(header: ["Stage", "Conversion", "Reached in the first month"], rows: rows),
            .paragraph(unitEconomics(funnel, currency)),
        ]
    }

    private func fits(_ pricing: PricingOutput) -> String {
        let fits = [("a line", pricing.linear), ("constant elasticity", pricing.constantElasticity)].compactMap {
            name, fit in fit.map { "\(name) explains \(Format.percent($0.rSquared))" }
        }
        return "Of the variance of the \(facts.input.pricing.observations.count) observations "
            + fits.joined(separator: ", ") + "."
    }

    private func unitEconomics(_ funnel: FunnelOutput, _ currency: String) -> String {
        var parts: [String] = []
        if let cost = funnel.acquisitionCostMinor { parts.append("Winning a customer costs \(money(cost))") }
        if let value = funnel.lifetimeValueMinor {
            parts.append("a customer contributes \(money(value)) over its lifetime")
        }
        if let ratio = funnel.valueToCost { parts.append("which is \(Format.number(ratio, 1)) times the cost") }
        if let months = funnel.paybackMonths { parts.append("and pays it back in \(Format.number(months, 1)) months") }
        return parts.isEmpty ? "No customer is won." : parts.joined(separator: ", ") + "."
    }
}
