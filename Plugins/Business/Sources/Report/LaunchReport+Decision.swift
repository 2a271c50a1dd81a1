extension LaunchReport {
    var council: [Report.Block] {
        let outcome = facts.council
        let analyses = outcome.participatingExecutives.compactMap { name in
            outcome.recommendation.domainSpecificAnalyses[name].map { (name, $0) }
        }
        let bars = analyses.map { name, analysis in
            BarChart.Bar(
                label: Format.title(name), value: analysis.score,
                text: "\(Format.number(analysis.score, 2)) \(analysis.stance)", style: style(analysis.stance))
        }
        let chart = BarChart(bars: bars, maximum: 1).figure(
            id: "council", title: "Executives on “\(facts.optionTitle)”",
            description: "Closeness or clearance from 0 to 1, with the stance. Support is"
                + " \(Format.percent(outcome.supportPercentage)), consensus: \(outcome.consensusLevel).")
        let titles = Dictionary(
            facts.input.council.options.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
        var blocks: [Report.Block] = [
            .paragraph(
                "Led by \(outcome.recommendation.leadExecutive), framework \(outcome.selectedFramework)"
                    + " (\(outcome.responsePattern)), \(outcome.resolutionAttempts) rounds of resolution."),
            .figure(chart),
            .table(
                header: ["Option", "Rank of the whole council", "Closeness", "NPV"],
                rows: outcome.ranking.map { ranked in
                    [
                        titles[ranked.option] ?? ranked.option, "\(ranked.rank)",
                        Format.number(ranked.closeness, 3),
                        facts.cases[ranked.option].map { money($0.base.npvMinor) } ?? "—",
                    ]
                }),
            .list(outcome.transcript.map { "Round \($0.round), \($0.role): \($0.statement)" }),
        ]
        let risks = analyses.filter { $0.1.highRisk }.flatMap { name, analysis in
            analysis.findings.filter { $0.contains("beyond") }.map { "\(Format.title(name)): \($0)" }
        }
        if !risks.isEmpty { blocks += [.paragraph("High risks named:"), .list(risks)] }
        return blocks
    }

    private func style(_ stance: String) -> String {
        switch stance {
        case "approve": "bar-good"
        case "conditional": "bar-warn"
        default: "bar-bad"
        }
    }

    var delivery: [Report.Block] {
        let plan = facts.delivery, target = facts.input.plan.targetDays
        let rows = plan.schedule.sorted {
            ($0.earlyStart, $0.earlyFinish, $0.id) < ($1.earlyStart, $1.earlyFinish, $1.id)
        }
        let names = Dictionary(plan.schedule.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        let path = plan.criticalPath.map { names[$0] ?? $0 }.joined(separator: " → ")
        let chance = plan.probabilityOfTarget.map { Format.percent($0) } ?? "unknown"
        let chart = GanttChart(rows: rows, targetDays: target).figure(
            id: "plan", title: "Plan in working days, critical path in red",
            description: "\(rows.count) activities, \(Format.number(plan.expectedDays, 1)) expected days, target"
                + " \(Format.number(target)). Thin bars are slack.")
        let marking = facts.status == .approved ? "" : "This plan is not approved. "
        return [
            .paragraph(
                marking + "The plan takes \(Format.number(plan.expectedDays, 1)) ±"
                    + " \(Format.number(plan.standardDeviationDays, 1)) working days"
                    + (plan.endDate.map { " and ends on \($0)" } ?? "")
                    + "; the probability to meet \(Format.number(target)) days is \(chance). Critical path: \(path)."),
            .figure(chart),
            .table(
                header: ["Activity", "Start", "End", "Slack, days", "Critical"],
                rows: rows.map {
                    [
                        $0.name, $0.startDate ?? Format.number($0.earlyStart, 1),
                        $0.endDate ?? Format.number($0.earlyFinish, 1), Format.number($0.slackDays, 1),
                        $0.critical ? "yes" : "",
                    ]
                }),
        ]
    }
}
