import Glibc
package import PluginKit

/// Which leads to call first: by points that somebody wrote down, or by a fit to what became of others.
package enum LeadScore {
    package static func evaluate(_ input: LeadScoreInput) throws(TaskFailure) -> LeadScoreOutput {
        var ids: Set<String> = []
        for (index, lead) in input.leads.enumerated() where !ids.insert(lead.id).inserted {
            throw .invalid("/leads/\(index)/id: \(lead.id) is there twice")
        }
        guard !input.leads.isEmpty else { throw .invalid("/leads: none") }
        switch (input.rules, input.features) {
        case (let rules?, nil): return try byPoints(input, rules)
        case (nil, let features?): return try byFit(input, features)
        default: throw .invalid("/: give rules or features, not both and not neither")
        }
    }

    private static func byPoints(_ input: LeadScoreInput, _ rules: [ScoreRule]) throws(TaskFailure) -> LeadScoreOutput {
        for (index, rule) in rules.enumerated() {
            guard rule.points.isFinite else { throw .invalid("/rules/\(index)/points: must be a number") }
            switch rule.comparison {
            case .present: continue
            case .equals where rule.value != nil: continue
            case .atLeast, .atMost:
                if rule.value?.doubleValue != nil { continue }
                throw .invalid("/rules/\(index)/value: must be a number")
            default: throw .invalid("/rules/\(index)/value: what is it to equal?")
            }
        }
        let scored = input.leads.map { lead in
            let holding = rules.filter { holds($0, lead) }
            return (lead, holding.reduce(0) { $0 + $1.points }, holding.map(Self.reason))
        }
        var output = output(input, scored, probabilities: nil)
        output.evidence = Evidence(
            method: "sum of the points of the rules that hold", source: "the rules of the request",
            inputs: ["\(rules.count) rules, \(input.leads.count) leads"],
            assumptions: ["rules add up; a missing attribute holds no rule"],
            uncertainty: "points are no probabilities; auc says how well they tell outcomes apart, where some are known"
        )
        return output
    }

    private static func holds(_ rule: ScoreRule, _ lead: Lead) -> Bool {
        guard let value = lead.attributes[rule.attribute], value != .null else { return false }
        switch rule.comparison {
        case .present: return true
        case .equals:
            if let number = value.doubleValue, let other = rule.value?.doubleValue { return number == other }
            return value == rule.value
        case .atLeast: return value.doubleValue.map { $0 >= rule.value?.doubleValue ?? .infinity } ?? false
        case .atMost: return value.doubleValue.map { $0 <= rule.value?.doubleValue ?? -.infinity } ?? false
        }
    }

    private static func reason(_ rule: ScoreRule) -> String {
        "\(rule.points > 0 ? "+" : "")\(Format.number(rule.points, 1)): \(rule.reason ?? rule.attribute)"
    }

    private static func byFit(_ input: LeadScoreInput, _ features: [String]) throws(TaskFailure) -> LeadScoreOutput {
        guard Set(features).count == features.count else { throw .invalid("/features: each once") }
        var rows: [[Double]] = []
        for (index, lead) in input.leads.enumerated() {
            var row: [Double] = []
            for feature in features {
                let value = lead.attributes[feature]
                guard let number = value?.doubleValue ?? value?.boolValue.map({ $0 ? 1 : 0 }), abs(number) < 1e100
                else { throw .invalid("/leads/\(index)/attributes/\(feature): must be a number, true or false") }
                row.append(number)
            }
            rows.append(row)
        }
        let known = input.leads.indices.filter { input.leads[$0].converted != nil }
        let outcomes = known.map { input.leads[$0].converted == true ? 1.0 : 0 }
        let won = outcomes.reduce(0, +)
        guard won > 0, won < Double(known.count), known.count > features.count + 1 else {
            throw .invalid(
                "/leads: a fit needs converted and unconverted leads, and more of them than features plus one")
        }
        let fit = try LogisticFit(known.map { rows[$0] }, outcomes, names: features, ridge: input.ridge ?? 0)
        let means = features.indices.map { index in known.reduce(0) { $0 + rows[$1][index] } / Double(known.count) }
        let scored = input.leads.indices.map { index in
            let row = rows[index], probability = LogisticFit.probability(fit.logOdds(row))
            return (input.leads[index], 100 * probability, reasons(row, means, fit, features))
        }
        var output = output(input, scored, probabilities: scored.map { $0.1 / 100 })
        output.coefficients = zip(["(constant)"] + features, fit.coefficients.indices).map { name, index in
            let error = fit.standardErrors[index]
            return ScoreCoefficient(
                feature: name, coefficient: fit.coefficients[index], standardError: error,
                pValue: Distributions.normalTwoSided(fit.coefficients[index] / error))
        }
        if won < 10 * Double(features.count) || Double(known.count) - won < 10 * Double(features.count) {
            output.warnings.append("fewer than 10 leads of the rarer outcome for each feature: the fit is not steady")
        }
        output.warnings.append("quality is measured on the leads that taught the fit; new ones will do a little worse")
        output.evidence = Evidence(
            method: "logistic regression by iteratively reweighted least squares"
                + (input.ridge.map { $0 > 0 ? ", ridge \($0)" : "" } ?? ""),
            source: "McCullagh and Nelder 1989, §4.4; Hosmer and Lemeshow 2000, §5.2; Peduzzi et al. 1996",
            inputs: ["\(known.count) leads with an outcome, \(Int(won)) converted", features.joined(separator: ", ")],
            assumptions: ["log-odds are linear in the features", "leads are independent"],
            uncertainty: "see the standard errors and the calibration")
        return output
    }

    /// The three largest parts of the log-odds, against the mean lead.
    private static func reasons(_ row: [Double], _ means: [Double], _ fit: LogisticFit, _ features: [String])
        -> [String]
    {
        let parts = features.indices.map { fit.coefficients[$0 + 1] * (row[$0] - means[$0]) }
        return parts.indices.sorted { abs(parts[$0]) > abs(parts[$1]) }.prefix(3).map {
            "\(features[$0]) \(Format.number(row[$0], 2)): \(parts[$0] >= 0 ? "+" : "")\(Format.number(parts[$0], 2))"
        }
    }

    private static func output(
        _ input: LeadScoreInput, _ scored: [(lead: Lead, score: Double, reasons: [String])], probabilities: [Double]?
    ) -> LeadScoreOutput {
        let order = scored.indices.sorted { (scored[$1].score, $0) < (scored[$0].score, $1) }
        var leads: [ScoredLead] = []
        for (place, index) in order.enumerated() {
            let score = scored[index].score
            let rank = leads.last.map { $0.score == score ? $0.rank : place + 1 } ?? 1
            leads.append(
                ScoredLead(
                    id: scored[index].lead.id, rank: rank, score: score, probability: probabilities?[index],
                    reasons: scored[index].reasons))
        }
        let known = scored.indices.filter { scored[$0].lead.converted != nil }
        let quality =
            known.isEmpty
            ? nil
            : ScoreQuality(
                scores: known.map { scored[$0].score },
                probabilities: probabilities.map { all in known.map { all[$0] } },
                outcomes: known.map { scored[$0].lead.converted == true }, bins: input.bins ?? 10)
        return LeadScoreOutput(
            leads: leads, coefficients: [], quality: quality, warnings: [],
            evidence: Evidence(method: "", source: "", inputs: [], assumptions: [], uncertainty: ""))
    }
}
