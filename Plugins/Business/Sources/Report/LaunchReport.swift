/// What the report of a launch case says, in which order.
struct LaunchReport {
    let facts: LaunchFacts
    let prose: Prose

    var report: Report {
        var report = Report(title: facts.input.idea.title, subtitle: facts.input.idea.description)
        report.blocks += verdict
        report.blocks += [.heading("Summary")] + paragraph(prose.summary) + [keyFigures]
        report.blocks += warnings
        report.blocks += [.heading("Market: what is missing")] + paragraph(prose.market) + market
        report.blocks += [.heading("Price and customers")] + price
        report.blocks += [.heading("Money")] + finances
        report.blocks += [.heading("Council")] + paragraph(prose.decision) + council
        report.blocks += [.heading("Delivery plan")] + delivery
        report.blocks += [.heading("Sources and method")] + sources
        return report
    }

    func paragraph(_ paragraph: Prose.Paragraph?) -> [Report.Block] {
        guard let paragraph, !paragraph.text.isEmpty else { return [] }
        return [.prose(paragraph.text, model: paragraph.model)]
    }

    func money(_ minor: Int) -> String { Format.money(minor, facts.input.currency) }

    private var verdict: [Report.Block] {
        let council = facts.council
        let support = Format.percent(council.supportPercentage)
        switch facts.status {
        case .approved:
            let by = council.person.map { "by \($0.by)" } ?? "by the council with \(support) support"
            return [.notice("Approved \(by): \(facts.optionTitle).", isGood: true)]
        case .notApproved:
            let by = council.person.map { "A person decided against \(facts.optionTitle): \($0.reason)" }
            let words = by ?? "The council recommends: \(facts.optionTitle) (support \(support))"
            return [.notice("Not approved. \(words). The plan below is shown for reference only.", isGood: false)]
        case .needsDecision:
            let reason = council.escalationReason ?? "an executive named a high risk, so a person looks at it first"
            return [
                .notice(
                    "Needs a decision by a person: \(reason). Proposal: \(facts.optionTitle), support \(support)."
                        + " The plan below is not approved.", isGood: false)
            ]
        }
    }

    private var keyFigures: Report.Block {
        let base = facts.finance.base
        var rows = [
            ["Price a month", Format.money(facts.pricing.recommendedPriceMinor, facts.input.currency, decimals: true)],
            ["Net present value, \(facts.input.horizonMonths) months", money(base.npvMinor)],
            ["Internal rate of return, a year", rate(base.irr)],
            ["XIRR, by date", base.xirr.map(rate) ?? "—"],
            ["Payback", base.paybackPeriods.map { Format.number($0, 1) + " months" } ?? "not within the horizon"],
            ["Largest amount at risk", money(max(0, -base.lowestCumulativeMinor))],
            ["Customers at the end", Format.number(Double(facts.finance.rows.last?.units ?? 0))],
        ]
        if let expected = facts.finance.expectedNpvMinor {
            rows.append(["Expected NPV over scenarios", money(expected)])
        }
        if let loss = facts.finance.lossProbability { rows.append(["Probability of a loss", Format.percent(loss)]) }
        if let chance = facts.delivery.probabilityOfTarget {
            rows.append(["Probability to deliver on time", Format.percent(chance)])
        }
        return .table(header: ["Figure", facts.input.council.options.first?.title ?? "Base case"], rows: rows)
    }

    private func rate(_ rate: FinanceCase.Rate) -> String {
        rate.annualRate.map { Format.percent($0, decimals: 1) } ?? Format.title(rate.status).lowercased()
    }

    private var warnings: [Report.Block] {
        facts.warnings.isEmpty ? [] : [.paragraph("To keep in mind:"), .list(facts.warnings)]
    }

    private var sources: [Report.Block] {
        [
            .paragraph(
                "Every figure is computed from the input; each step is recorded in the journal of the run. "
                    + prose.source
            ),
            .list(methods),
            .table(
                header: ["Document", "Date"],
                rows: facts.input.documents.map { ["\($0.id): \($0.title)", $0.date] }),
        ]
    }

    private var methods: [String] {
        var lines = [
            "Gaps: scores of the research department over \(facts.input.documents.count) documents, with quotes.",
            "Price: least-squares demand curve (\(Format.title(facts.pricing.model.rawValue).lowercased())),"
                + " profit-maximising within the observed prices unless limits were given.",
            "Money: monthly table discounted at \(Format.percent(facts.input.annualDiscountRate, decimals: 1)) a year,"
                + " exact minor units, rounded once.",
            "Council: TOPSIS (Hwang and Yoon 1981); accepted from 70 % support, resolution by averaging weights"
                + " (DeGroot 1974), otherwise a person, unless the settings of the request say differently.",
            "Plan: critical path with three estimates (PERT), probability by normal approximation.",
        ]
        lines += facts.input.council.ratings.map { "\(Format.title($0.id)) was judged, not computed: \($0.source)." }
        return lines
    }
}
