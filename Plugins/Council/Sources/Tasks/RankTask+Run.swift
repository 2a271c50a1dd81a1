package import PluginKit

extension RankInput {
    package func ranked() throws(TaskFailure) -> RankOutput {
        try Checks.check(criteria, options)
        for name in (preferences ?? [:]).keys.sorted() where !criteria.contains(where: { $0.id == name }) {
            throw .invalid("/preferences/\(name): no criterion has this id")
        }
        let matrix = options.map { option in criteria.map { option.values[$0.id] ?? 0 } }
        let weights = try weights(matrix)
        var output = RankOutput(
            weights: Dictionary(zip(criteria.map(\.id), weights), uniquingKeysWith: { first, _ in first }), results: [],
            skipped: [], firsts: [:])
        for method in methods ?? Method.allCases {
            if let reason = obstacle(to: method, matrix) {
                output.skipped.append(RankOutput.Skipped(method: method, reason: reason))
            } else {
                output.results.append(try result(of: method, matrix, weights))
            }
        }
        for result in output.results {
            for place in result.ranking where place.rank == 1 { output.firsts[place.option, default: 0] += 1 }
        }
        return output
    }

    private func weights(_ matrix: [[Double]]) throws(TaskFailure) -> [Double] {
        switch weighting ?? .given {
        case .given:
            let total = criteria.reduce(0) { $0 + ($1.weight ?? 1) }
            return criteria.map { ($0.weight ?? 1) / total }
        case .equal: return criteria.map { _ in 1 / Double(criteria.count) }
        case .entropy:
            for (row, values) in matrix.enumerated() {
                for (column, value) in values.enumerated() where value < 0 {
                    throw .invalid(
                        "/options/\(row)/values/\(criteria[column].id): entropy weights need values of at least 0")
                }
            }
            return EntropyWeights.weights(matrix)
        }
    }

    private func obstacle(to method: Method, _ matrix: [[Double]]) -> String? {
        guard [.wsm, .wpm, .waspas].contains(method) else { return nil }
        for (row, values) in matrix.enumerated() {
            if let column = values.firstIndex(where: { $0 <= 0 }) {
                return "needs values above 0; \(options[row].id) has \(values[column]) for \(criteria[column].id)"
            }
        }
        return nil
    }

    private func result(
        of method: Method, _ matrix: [[Double]], _ weights: [Double]
    ) throws(TaskFailure) -> RankOutput.Result {
        let isCost = criteria.map { $0.kind == .cost }
        func sums() -> WeightedSum { WeightedSum(matrix: matrix, weights: weights, isCost: isCost) }
        switch method {
        case .topsis:
            let topsis = Topsis(matrix: matrix, weights: weights, isCost: isCost)
            return listed(method, "Hwang and Yoon 1981", topsis.closeness)
        case .wsm: return listed(method, "Fishburn 1967", sums().sum)
        case .wpm: return listed(method, "Bridgman 1922, Miller and Starr 1969", sums().product)
        case .waspas: return listed(method, "Zavadskas et al. 2012", sums().combined(lambda: lambda ?? 0.5))
        case .promethee:
            var functions: [PreferenceFunction] = []
            for criterion in criteria {
                functions.append(try preferences?[criterion.id]?.function(of: criterion.id) ?? .usual)
            }
            let flows = Promethee(matrix: matrix, weights: weights, isCost: isCost, preferences: functions)
            return listed(method, "Brans and Vincke 1985", flows.net)
        case .vikor:
            let vikor = Vikor(matrix: matrix, weights: weights, isCost: isCost, strategy: strategy ?? 0.5)
            var result = listed(method, "Opricovic and Tzeng 2004", vikor.mixture, lessIsBetter: true)
            result.compromise = vikor.compromise.map { options[$0].id }
            return result
        }
    }

    /// Equal scores share a rank.
    private func listed(
        _ method: Method, _ source: String, _ scores: [Double], lessIsBetter: Bool = false
    ) -> RankOutput.Result {
        let order = scores.indices.sorted {
            lessIsBetter ? scores[$0] < scores[$1] : scores[$0] > scores[$1]
        }
        var places: [RankOutput.Place] = []
        for (place, row) in order.enumerated() {
            let isTied = places.last.map { $0.score == scores[row] } ?? false
            let rank = isTied ? places.last?.rank ?? 1 : place + 1
            places.append(RankOutput.Place(rank: rank, option: options[row].id, score: scores[row]))
        }
        return RankOutput.Result(method: method, source: source, lessIsBetter: lessIsBetter, ranking: places)
    }
}
