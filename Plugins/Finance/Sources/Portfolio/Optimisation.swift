package import PluginKit

/// Mean-variance portfolios (Markowitz 1952) as quadratic programs.
package enum Optimisation {
    package static func evaluate(_ input: OptimisationInput) throws(TaskFailure) -> OptimisationOutput {
        guard input.goal != .targetReturn || input.targetReturn?.isFinite == true else {
            throw .invalid("/target_return: target_return needs it")
        }
        guard (input.riskAversion ?? 1) > 0 else { throw .invalid("/risk_aversion: must be above 0") }
        let market = try Market(input)
        let solution: QuadraticProgram.Solution
        do {
            solution = try market.solve(input)
        } catch {
            switch error {
            case .notConvex:
                throw .invalid(
                    "the covariance is not positive definite: fewer periods than assets, or an asset that is a mix of"
                        + " others; give more periods, or a shrinkage above 0")
            case .infeasible:
                throw .invalid("no weights satisfy the sum of 1, the bounds, the groups and the target together")
            case .stalled: throw .invalid("the constraints are too nearly dependent to be solved")
            }
        }
        guard solution.gap < 1e-6 else {
            throw .internal("the optimum misses its conditions by \(solution.gap)")
        }
        return output(input, market, solution)
    }

    private static func output(
        _ input: OptimisationInput, _ market: Market, _ solution: QuadraticProgram.Solution
    ) -> OptimisationOutput {
        var weights = solution.x
        if input.goal == .maximumSharpe {
            let sum = weights.reduce(0, +)
            weights = weights.map { $0 / sum }
        }
        let mean = Vector.dot(weights, market.means)
        let marginal = Vector.times(market.covariance, weights)
        let variance = max(0, Vector.dot(weights, marginal)), volatility = variance.squareRoot()
        let squares = Vector.dot(weights, weights)
        let rows = input.assets.indices.map { index in
            let bounds = market.bounds[index], weight = weights[index]
            let bound: String? =
                weight - bounds.lowerBound < 1e-8
                ? "minimum" : bounds.upperBound - weight < 1e-8 ? "maximum" : nil
            return AssetWeight(
                name: input.assets[index].name, weight: min(max(weight, bounds.lowerBound), bounds.upperBound),
                riskShare: variance > 0 ? weight * marginal[index] / variance : nil, bound: bound)
        }
        return OptimisationOutput(
            weights: rows, expectedReturn: mean, volatility: volatility,
            sharpe: volatility > 0 ? (mean - (input.riskFree ?? 0)) / volatility : nil, herfindahl: squares,
            effectiveAssets: 1 / squares, optimalityGap: solution.gap, iterations: solution.iterations,
            evidence: evidence(input, market))
    }

    private static func evidence(_ input: OptimisationInput, _ market: Market) -> Evidence {
        Evidence(
            method: "\(input.goal.rawValue) by the dual active-set method",
            source: "Markowitz 1952; Goldfarb and Idnani 1983; maximum Sharpe ratio as a convex program:"
                + " Cornuejols and Tutuncu, Optimization Methods in Finance, ch. 8",
            inputs: [
                "\(input.assets.count) assets",
                market.periods.map { "means and sample covariance of \($0) periods" } ?? "given means and covariance",
            ],
            assumptions: [
                "Weights sum to 1; costs and taxes are left out.",
                "Shrinkage of the covariance towards its diagonal: \(input.shrinkage ?? 0).",
            ],
            uncertainty: "The optimum is exact for the figures that are given; means of returns are known badly"
                + " (standard error: volatility / √periods), and the weights follow them.")
    }
}

/// Means, covariance and bounds, checked.
private struct Market {
    var means: [Double]
    var covariance: [[Double]]
    var bounds: [ClosedRange<Double>]
    var periods: Int?
    private var groups: [(members: [Double], minimum: Double?, maximum: Double?)] = []

    init(_ input: OptimisationInput) throws(TaskFailure) {
        bounds = try Self.bounds(input.assets)
        if let covariance = input.covariance {
            (means, self.covariance) = try Self.given(input.assets, covariance)
        } else {
            let returns = try Self.returns(input.assets)
            means = returns.map { $0.reduce(0, +) / Double($0.count) }
            covariance = Self.sampleCovariance(returns, means)
            periods = returns[0].count
        }
        let shrinkage = input.shrinkage ?? 0
        guard (0...1).contains(shrinkage) else { throw .invalid("/shrinkage: must be 0 to 1") }
        for row in covariance.indices {
            for column in covariance.indices where row != column { covariance[row][column] *= 1 - shrinkage }
        }
        try readGroups(input)
    }

    private static func bounds(_ assets: [Asset]) throws(TaskFailure) -> [ClosedRange<Double>] {
        var names: Set<String> = [], bounds: [ClosedRange<Double>] = []
        guard (1...200).contains(assets.count) else { throw .invalid("/assets: must be 1 to 200") }
        for (index, asset) in assets.enumerated() {
            guard names.insert(asset.name).inserted else {
                throw .invalid("/assets/\(index)/name: \(asset.name) occurs twice")
            }
            let low = asset.minimum ?? 0, high = asset.maximum ?? 1
            guard low <= high, abs(low) <= 10, abs(high) <= 10 else {
                throw .invalid("/assets/\(index): minimum must be at most maximum, both within -10 to 10")
            }
            bounds.append(low...high)
        }
        return bounds
    }

    private static func given(
        _ assets: [Asset], _ covariance: [[Double]]
    ) throws(TaskFailure) -> ([Double], [[Double]]) {
        guard covariance.count == assets.count, covariance.allSatisfy({ $0.count == assets.count }) else {
            throw .invalid("/covariance: must have a row and a column for each of the \(assets.count) assets")
        }
        var means: [Double] = []
        for (index, asset) in assets.enumerated() {
            guard asset.returns == nil, let mean = asset.expectedReturn, mean.isFinite else {
                throw .invalid("/assets/\(index): with a covariance each asset has an expected_return, and no returns")
            }
            means.append(mean)
            for column in 0...index {
                let value = covariance[index][column], mirrored = covariance[column][index]
                guard value.isFinite, abs(value) <= 1e6, abs(value - mirrored) <= 1e-12 * max(1e-12, abs(value)) else {
                    throw .invalid("/covariance/\(index)/\(column): must be finite and symmetric")
                }
            }
        }
        return (means, covariance)
    }

    private static func returns(_ assets: [Asset]) throws(TaskFailure) -> [[Double]] {
        let count = assets[0].returns?.count ?? 0
        var returns: [[Double]] = []
        for (index, asset) in assets.enumerated() {
            guard let values = asset.returns, values.count == count, count >= 2, asset.expectedReturn == nil else {
                throw .invalid(
                    "/assets/\(index): needs returns, as many as the others and two or more, and no expected_return;"
                        + " or give a covariance")
            }
            if let bad = values.firstIndex(where: { !$0.isFinite || $0 < -1 || $0 > 1_000 }) {
                throw .invalid("/assets/\(index)/returns/\(bad): \(values[bad]) is no return")
            }
            returns.append(values)
        }
        return returns
    }

    private static func sampleCovariance(_ returns: [[Double]], _ means: [Double]) -> [[Double]] {
        let centred = zip(returns, means).map { row, mean in row.map { $0 - mean } }
        let scale = Double(returns[0].count - 1)
        return centred.map { row in centred.map { Vector.dot(row, $0) / scale } }
    }

    private mutating func readGroups(_ input: OptimisationInput) throws(TaskFailure) {
        for (index, group) in (input.groups ?? []).enumerated() {
            var members = [Double](repeating: 0, count: input.assets.count)
            for (place, name) in group.assets.enumerated() {
                guard let asset = input.assets.firstIndex(where: { $0.name == name }) else {
                    throw .invalid("/groups/\(index)/assets/\(place): there is no asset \(name)")
                }
                members[asset] = 1
            }
            groups.append((members, group.minimum, group.maximum))
        }
    }

    func solve(_ input: OptimisationInput) throws(QuadraticProgram.Failure) -> QuadraticProgram.Solution {
        // The objective is scaled so that tolerances do not depend on the length of a period.
        let scale = max(covariance.indices.reduce(0) { max($0, covariance[$1][$1]) }, 1e-300)
        let quadratic = covariance.map { $0.map { $0 / scale } }
        var linear = [Double](repeating: 0, count: means.count)
        if input.goal == .utility { linear = means.map { -$0 / ((input.riskAversion ?? 1) * scale) } }
        return try QuadraticProgram.minimise(
            quadratic: quadratic, linear: linear,
            constraints: input.goal == .maximumSharpe ? sharpeConstraints(input) : plainConstraints(input))
    }

    private func unit(_ index: Int, _ value: Double = 1) -> [Double] {
        var row = [Double](repeating: 0, count: means.count)
        row[index] = value
        return row
    }

    private func plainConstraints(_ input: OptimisationInput) -> [QuadraticProgram.Constraint] {
        var rows: [QuadraticProgram.Constraint] = [
            .init(normal: means.map { _ in 1 }, bound: 1, isEquality: true)
        ]
        for (index, range) in bounds.enumerated() {
            rows.append(.init(normal: unit(index), bound: range.lowerBound))
            rows.append(.init(normal: unit(index, -1), bound: -range.upperBound))
        }
        for group in groups {
            if let minimum = group.minimum { rows.append(.init(normal: group.members, bound: minimum)) }
            if let maximum = group.maximum {
                rows.append(.init(normal: group.members.map { -$0 }, bound: -maximum))
            }
        }
        if input.goal == .targetReturn, let target = input.targetReturn {
            let size = max(means.reduce(0) { max($0, abs($1)) }, 1e-12)
            rows.append(.init(normal: means.map { $0 / size }, bound: target / size))
        }
        return rows
    }

    /// In y = w / (excess return of w), every bound of a weight becomes homogeneous, and the excess return is 1.
    private func sharpeConstraints(_ input: OptimisationInput) -> [QuadraticProgram.Constraint] {
        let excess = means.map { $0 - (input.riskFree ?? 0) }
        let size = max(excess.reduce(0) { max($0, abs($1)) }, 1e-300)
        var rows: [QuadraticProgram.Constraint] = [
            .init(normal: excess.map { $0 / size }, bound: 1, isEquality: true),
            .init(normal: means.map { _ in 1 }, bound: 0),
        ]
        func add(_ members: [Double], _ minimum: Double?, _ maximum: Double?) {
            if let minimum { rows.append(.init(normal: members.map { $0 - minimum }, bound: 0)) }
            if let maximum { rows.append(.init(normal: members.map { maximum - $0 }, bound: 0)) }
        }
        for (index, range) in bounds.enumerated() { add(unit(index), range.lowerBound, range.upperBound) }
        for group in groups { add(group.members, group.minimum, group.maximum) }
        return rows
    }
}
