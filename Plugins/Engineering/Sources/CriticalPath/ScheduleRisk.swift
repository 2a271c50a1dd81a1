package import PluginKit

/// How long a plan really takes, when every path counts; and what being faster costs.
package enum ScheduleRisk {
    package static func evaluate(_ input: ScheduleRiskInput) throws(TaskFailure) -> ScheduleRiskOutput {
        // Checks ids, estimates and cycles, and says what PERT says.
        let network = try ActivityNetwork(input.activities)
        let graph = ActivityGraph(input.activities)
        let draws = input.draws ?? 10_000
        guard draws * input.activities.count <= 100_000_000 else {
            throw .invalid("/draws: \(draws) times \(input.activities.count) activities are too many; 10^8 at most")
        }
        let tally = simulate(input, graph, draws: draws)
        let sorted = tally.lengths.sorted()
        func quantile(_ share: Double) -> Double {
            Rounding.fourDecimals(sorted[min(draws - 1, Int((share * Double(draws)).rounded(.up)) - 1)])
        }
        var output = ScheduleRiskOutput(
            meanDays: Rounding.fourDecimals(tally.mean), standardDeviationDays: Rounding.fourDecimals(tally.deviation),
            days50: quantile(0.5), days80: quantile(0.8), days95: quantile(0.95),
            probabilityOfTarget: input.targetDays.map { target in
                Double(sorted.count { $0 <= target + 1e-9 }) / Double(draws)
            },
            pertProbability: input.targetDays.map {
                NormalDistribution.probability(
                    below: $0, mean: network.expectedDays, standardDeviation: network.variance.squareRoot())
            },
            activities: tally.risks(input.activities), expectedDays: Rounding.fourDecimals(network.expectedDays),
            crashing: [], crashingCostMinor: 0, targetReached: nil, notes: notes(input, draws))
        if let options = input.crashing {
            let crash = try Crashing(input, options, graph)
            output.crashing = crash.steps
            output.crashingCostMinor = crash.steps.reduce(0) { $0 + $1.costMinor }
            output.targetReached = input.targetDays.map { crash.length <= $0 + 1e-9 }
        }
        return output
    }

    private static func simulate(_ input: ScheduleRiskInput, _ graph: ActivityGraph, draws: Int) -> Tally {
        var chance = Chance(seed: UInt64(clamping: input.seed ?? 1)), tally = Tally(input.activities.count)
        for _ in 0..<draws {
            let durations = input.activities.map { chance.duration($0, input.shape ?? .pert) }
            let pass = graph.pass(durations)
            tally.add(durations, pass)
        }
        return tally
    }

    private static func notes(_ input: ScheduleRiskInput, _ draws: Int) -> [String] {
        [
            "\(draws) draws, splitmix64, seed \(input.seed ?? 1); van Slyke 1963. Shares are off by up to"
                + " ±\((1 / Double(draws).squareRoot() * 1000).rounded() / 1000).",
            (input.shape ?? .pert) == .pert
                ? "Durations: beta with shape 4 (Malcolm et al. 1959; Vose, Risk Analysis, §7.1)."
                : "Durations: triangular.",
            "Activities are drawn independently; a common cause of delay makes the spread larger.",
            "Crashing: each step shortens the cheapest set of activities that lies on every longest path"
                + " (Fulkerson 1961; Kelley 1961), never lengthening one again, so a cheaper mix may exist.",
        ]
    }
}

private struct Tally {
    private(set) var lengths: [Double] = []
    private var critical: [Int]
    private var sums: [Double]
    private var squares: [Double]
    private var products: [Double]

    init(_ count: Int) {
        critical = Array(repeating: 0, count: count)
        sums = Array(repeating: 0, count: count)
        (squares, products) = (sums, sums)
    }

    mutating func add(_ durations: [Double], _ pass: ActivityGraph.Pass) {
        lengths.append(pass.length)
        for node in durations.indices {
            if pass.isCritical(node, durations) { critical[node] += 1 }
            sums[node] += durations[node]
            squares[node] += durations[node] * durations[node]
            products[node] += durations[node] * pass.length
        }
    }

    var mean: Double { lengths.reduce(0, +) / Double(lengths.count) }

    var deviation: Double {
        let mean = mean
        return (lengths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(lengths.count - 1)).squareRoot()
    }

    func risks(_ activities: [Activity]) -> [ActivityRisk] {
        let count = Double(lengths.count), mean = mean, deviation = deviation
        return activities.indices.map { node in
            let own = sums[node] / count, spread = max(0, squares[node] / count - own * own).squareRoot()
            let scale = spread * deviation
            let together = products[node] / count - own * mean
            return ActivityRisk(
                id: activities[node].id, criticality: Double(critical[node]) / count,
                meanDays: Rounding.fourDecimals(own),
                cruciality: scale > 1e-12 ? Rounding.fourDecimals(max(-1, min(1, together / scale))) : 0)
        }
    }
}
