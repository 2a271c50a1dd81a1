/// What a manager reads: who is proposed, by what, and whether groups are left out.
struct HiringReport {
    let input: HiringInput
    let output: HiringOutput
    private static let shown = 25

    var report: Report {
        let proposed = output.ranking.filter(\.proposed)
        var report = Report(
            title: "Proposal: \(input.position)",
            subtitle: "\(proposed.count) of \(input.candidates.count) candidates for \(input.openings) openings")
        report.blocks.append(
            .notice(
                output.status == .needsReview
                    ? "A person must look at this before it is used." : "Nothing speaks against this proposal.",
                isGood: output.status != .needsReview))
        if !output.warnings.isEmpty { report.blocks.append(.list(output.warnings)) }
        report.blocks += ranking + fairness
        report.blocks += [
            .heading("How it was computed"),
            .paragraph(
                "Each score is put on a scale from 0 to 100 between the worst and the best that can be given, and"
                    + " weighted. Whichever single weight is halved or doubled, \(Format.percent(output.steadiness)) of"
                    + " those proposed stay. Groups play no part in the ranking."),
            .table(
                header: ["Criterion", "Weight"],
                rows: input.criteria.map { [Format.title($0.id), Format.number($0.weight, 2)] }),
            .paragraph("\(output.evidence.source). \(Format.title(output.evidence.uncertainty))."),
        ]
        return report
    }

    private var ranking: [Report.Block] {
        let rows = Array(output.ranking.prefix(Self.shown))
        var blocks: [Report.Block] = [
            .heading("Ranking"),
            .figure(
                BarChart(
                    bars: rows.map {
                        BarChart.Bar(
                            label: "\($0.rank). \($0.id)", value: $0.score, text: Format.number($0.score, 1),
                            style: $0.proposed ? "bar-good" : "bar")
                    }, maximum: 100
                ).figure(
                    id: "ranking", title: "Scores",
                    description: "Scores of the first \(rows.count) candidates, those proposed in green.")),
            .table(
                header: ["Candidate", "Rank", "Score", "Proposed"],
                rows: rows.map { [$0.id, "\($0.rank)", Format.number($0.score, 1), $0.proposed ? "yes" : "no"] }),
        ]
        if output.ranking.count > Self.shown {
            blocks.append(.paragraph("\(output.ranking.count - Self.shown) more stand in the result of the run."))
        }
        return blocks
    }

    private var fairness: [Report.Block] {
        guard !output.impact.isEmpty else { return [] }
        return [
            .heading("Who is left out"),
            .figure(
                BarChart(
                    bars: output.impact.map {
                        BarChart.Bar(
                            label: "\($0.attribute): \($0.group)", value: $0.ratio,
                            text: "\(Format.number($0.ratio, 2)) (\($0.proposed) of \($0.candidates))",
                            style: $0.finding == .adverse ? "bar-bad" : $0.finding == .few ? "bar-warn" : "bar-good")
                    }, maximum: 1
                ).figure(
                    id: "impact", title: "Rates against the group with the highest",
                    description: "Below 0.8 a group is chosen less than four fifths as often.")),
            .table(
                header: ["Group", "Proposed", "Of", "Rate", "Ratio", "p", "Finding"],
                rows: output.impact.map {
                    [
                        "\($0.attribute): \($0.group)", "\($0.proposed)", "\($0.candidates)",
                        Format.percent($0.rate, decimals: 1), Format.number($0.ratio, 2),
                        Format.number($0.fisherPValue, 4), Format.title($0.finding.rawValue),
                    ]
                }),
        ]
    }
}
