import PluginKit

/// Ranks candidates by what counts, looks at who is left out, and leaves the decision to a person where it must be.
struct Hiring {
    let input: HiringInput
    let context: TaskContext

    func run() async throws -> HiringOutput {
        try check()
        context.progress(0.2, "\(input.candidates.count) candidates for \(input.openings) openings")
        var output = try await context.step("rank", dependsOn: input) { assess() }
        let report = HiringReport(input: input, output: output).report
        let markdown = try await context.artifact(
            "report.md", text: Markdown.render(report), mediaType: "text/markdown", step: "report.md")
        let html = try await context.artifact(
            "report.html", text: HTML.render(report), mediaType: "text/html", step: "report.html")
        output.report = [
            ReportFile(name: markdown.name, mediaType: "text/markdown", digest: markdown.digest),
            ReportFile(name: html.name, mediaType: "text/html", digest: html.digest),
        ]
        if input.askPerson == true {
            let answer = try await context.approval(
                title: "Propose for \(input.position)?", body: Markdown.render(report), content: output.ranking,
                step: "person")
            output.status = answer.approved ? .approvedByPerson : .rejectedByPerson
        }
        context.progress(1, output.status.rawValue)
        return output
    }

    private func check() throws(TaskFailure) {
        guard input.openings >= 1 else { throw .invalid("/openings: must be at least 1") }
        for (index, criterion) in input.criteria.enumerated() {
            guard criterion.weight > 0, criterion.weight.isFinite, criterion.low < criterion.high else {
                throw .invalid("/criteria/\(index): needs a weight above 0, and low below high")
            }
        }
        guard !input.criteria.isEmpty, Set(input.criteria.map(\.id)).count == input.criteria.count else {
            throw .invalid("/criteria: at least one, each once")
        }
        var ids: Set<String> = []
        for (index, candidate) in input.candidates.enumerated() {
            guard ids.insert(candidate.id).inserted else {
                throw .invalid("/candidates/\(index)/id: \(candidate.id) is there twice")
            }
            for criterion in input.criteria {
                guard let score = candidate.scores[criterion.id], criterion.low <= score, score <= criterion.high else {
                    throw .invalid(
                        "/candidates/\(index)/scores/\(criterion.id): must be \(criterion.low) to \(criterion.high)")
                }
            }
        }
        guard !input.candidates.isEmpty else { throw .invalid("/candidates: none") }
    }

    private func assess() -> HiringOutput {
        let weights = input.criteria.map(\.weight), scores = scores(weights)
        let chosen = chosen(scores), order = order(scores)
        var ranking: [RankedCandidate] = []
        for (place, index) in order.enumerated() {
            let rank = ranking.last.map { $0.score == scores[index] ? $0.rank : place + 1 } ?? 1
            ranking.append(
                RankedCandidate(
                    id: input.candidates[index].id, rank: rank, score: scores[index],
                    proposed: chosen.contains(index)))
        }
        let edge = chosen.map { scores[$0] }.min()
        let tied = input.candidates.indices.filter { scores[$0] == edge }
        let ties = tied.contains { !chosen.contains($0) } ? tied.map { input.candidates[$0].id } : []
        let impact = impact(chosen)
        var warnings: [String] = []
        if impact.contains(where: { $0.finding == .adverse }) {
            warnings.append("adverse impact: show that the criteria are needed for the work, or use others")
        }
        if impact.contains(where: { $0.finding == .few }) {
            warnings.append("a ratio is below four fifths, but the numbers are too small to tell it from chance")
        }
        if impact.isEmpty { warnings.append("no groups were given: fairness was not checked") }
        if !ties.isEmpty { warnings.append("\(ties.count) candidates have the same score at the edge") }
        let needsReview = !ties.isEmpty || impact.contains { $0.finding == .adverse }
        return HiringOutput(
            status: needsReview ? .needsReview : .proposed, ranking: ranking, impact: impact, tiesAtTheEdge: ties,
            steadiness: steadiness(weights, chosen), report: [], warnings: warnings, evidence: evidence())
    }

    private func scores(_ weights: [Double]) -> [Double] {
        let sum = weights.reduce(0, +)
        return input.candidates.map { candidate in
            let total = zip(input.criteria, weights).reduce(0.0) { total, pair in
                let (criterion, weight) = pair
                let share = ((candidate.scores[criterion.id] ?? criterion.low) - criterion.low)
                return total + weight * share / (criterion.high - criterion.low)
            }
            // Equal candidates must be equal whatever the order of a sum.
            return (total / sum * 1e11).rounded() / 1e9
        }
    }

    private func order(_ scores: [Double]) -> [Int] {
        scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    }

    private func chosen(_ scores: [Double]) -> Set<Int> {
        Set(order(scores).filter { scores[$0] >= input.minimumScore ?? 0 }.prefix(input.openings))
    }

    private func steadiness(_ weights: [Double], _ chosen: Set<Int>) -> Double {
        var stayed = chosen
        for index in weights.indices {
            for factor in [0.5, 2] {
                var changed = weights
                changed[index] *= factor
                stayed.formIntersection(self.chosen(scores(changed)))
            }
        }
        return chosen.isEmpty ? 1 : Double(stayed.count) / Double(chosen.count)
    }

    /// The four-fifths rule of the Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D, with Fisher's
    /// exact test against the group with the highest rate.
    private func impact(_ chosen: Set<Int>) -> [ImpactRow] {
        let attributes = Set(input.candidates.flatMap { ($0.groups ?? [:]).keys }).sorted()
        return attributes.flatMap { attribute -> [ImpactRow] in
            var counts: [String: (all: Int, proposed: Int)] = [:]
            for (index, candidate) in input.candidates.enumerated() {
                guard let group = candidate.groups?[attribute] else { continue }
                let old = counts[group] ?? (0, 0)
                counts[group] = (old.all + 1, old.proposed + (chosen.contains(index) ? 1 : 0))
            }
            let groups = counts.mapValues { Proportion($0.proposed, of: $0.all) }
            let names = counts.keys.sorted()
            guard let best = names.max(by: { (groups[$0]?.rate ?? 0) < (groups[$1]?.rate ?? 0) }),
                let top = groups[best], names.count > 1
            else { return [] }
            return names.compactMap { name in
                guard let group = groups[name], let count = counts[name] else { return nil }
                let ratio = top.rate > 0 ? group.rate / top.rate : 1, p = group.fisherExact(against: top)
                // 0.8 itself is four fifths, also after a division.
                let isBelow = ratio < 0.8 - 1e-9
                let finding: ImpactRow.Finding =
                    name == best ? .reference : !isBelow ? .fair : p <= 0.05 ? .adverse : .few
                return ImpactRow(
                    attribute: attribute, group: name, candidates: count.all, proposed: count.proposed,
                    rate: group.rate, ratio: ratio, fisherPValue: p, finding: finding)
            }
        }
    }

    private func evidence() -> Evidence {
        Evidence(
            method: "weighted mean of scores; four-fifths rule with Fisher's exact test",
            source: "29 CFR 1607.4 D (Uniform Guidelines, 1978); Fisher 1922",
            inputs: [
                "\(input.candidates.count) candidates, \(input.criteria.count) criteria, \(input.openings) openings"
            ],
            assumptions: [
                "scores measure what the work needs", "groups were told truthfully, and play no part in the ranking",
            ],
            uncertainty: "a ratio above four fifths is no proof of fairness, and one below none of the contrary")
    }
}
