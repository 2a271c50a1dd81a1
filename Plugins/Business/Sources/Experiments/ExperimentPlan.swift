import Glibc
package import PluginKit

/// How many visitors a test needs, what it can find, or how surely.
///
/// The usual formula for two proportions (Fleiss, Levin and Paik, *Statistical Methods for Rates and Proportions*,
/// 3rd ed., §4.2, without continuity correction), as R's `power.prop.test` has it.
package enum ExperimentPlan {
    package static func evaluate(_ input: ExperimentPlanInput) throws(TaskFailure) -> ExperimentPlanOutput {
        guard (0...1).contains(input.baseline) else { throw .invalid("/baseline: must be 0 to 1") }
        guard (2...20).contains(input.variants ?? 2), input.visitorsPerDay ?? 1 > 0 else {
            throw .invalid("/variants: must be 2 to 20, and visitors_per_day above 0")
        }
        let comparisons = (input.variants ?? 2) - 1
        let confidence = input.confidence ?? 0.95
        guard confidence >= 0.5, confidence < 1 else { throw .invalid("/confidence: must be 0.5 to 0.9999") }
        let error = (1 - confidence) / Double(comparisons)
        let design = Design(baseline: input.baseline, z: Distributions.normalQuantile(1 - error / 2))
        let (visitors, effect, power) = try solve(input, design)
        guard visitors.isFinite, visitors <= 1e12 else {
            throw .invalid("/minimum_effect: so small an effect needs more than 10^12 visitors")
        }
        let whole = max(2, Int(visitors.rounded(.up)))
        let total = whole * (comparisons + 1)
        return ExperimentPlanOutput(
            visitorsPerVariant: whole, exactVisitorsPerVariant: visitors, minimumEffect: effect, power: power,
            errorPerComparison: error, totalVisitors: total, days: input.visitorsPerDay.map { Double(total) / $0 },
            evidence: Evidence(
                method: "sample size and power of the comparison of two proportions, two-sided",
                source: "Fleiss, Levin and Paik 2003, §4.2; Bonferroni",
                inputs: ["baseline \(input.baseline)", "\(comparisons) comparisons", "confidence \(confidence)"],
                assumptions: ["equal groups", "one look at the end", "the normal approximation holds"],
                uncertainty: "the baseline is taken as known; twice the variance of the rate needs twice the visitors"))
    }

    private static func solve(
        _ input: ExperimentPlanInput, _ design: Design
    ) throws(TaskFailure) -> (visitors: Double, effect: Double, power: Double) {
        if let effect = input.minimumEffect {
            guard effect != 0, (0...1).contains(input.baseline + effect) else {
                throw .invalid("/minimum_effect: must not be 0, and baseline plus effect must be 0 to 1")
            }
            if let visitors = input.visitorsPerVariant {
                guard input.power == nil else {
                    throw .invalid("/power: effect and visitors are given, so the power follows")
                }
                return (Double(visitors), effect, design.power(Double(visitors), effect))
            }
            let power = try checked(input.power)
            return (design.visitors(effect, power), effect, power)
        }
        guard let visitors = input.visitorsPerVariant else {
            throw .invalid("/: give minimum_effect, visitors_per_variant, or both")
        }
        guard visitors >= 2 else { throw .invalid("/visitors_per_variant: must be at least 2") }
        let power = try checked(input.power), most = 1 - input.baseline
        guard most > 0, design.power(Double(visitors), most) >= power else {
            throw .invalid("/visitors_per_variant: \(visitors) find no rise above the baseline with this power")
        }
        var low = 0.0, high = most
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if design.power(Double(visitors), middle) < power { low = middle } else { high = middle }
        }
        return (Double(visitors), high, power)
    }

    private static func checked(_ power: Double?) throws(TaskFailure) -> Double {
        let power = power ?? 0.8
        guard power >= 0.05, power < 1 else { throw .invalid("/power: must be 0.05 to 0.9999") }
        return power
    }

    private struct Design {
        let baseline: Double
        /// Of the two-sided error.
        let z: Double

        func deviations(_ effect: Double) -> (equal: Double, different: Double) {
            let other = baseline + effect, mean = (baseline + other) / 2
            return (
                (2 * mean * (1 - mean)).squareRoot(),
                (baseline * (1 - baseline) + other * (1 - other)).squareRoot()
            )
        }

        func power(_ visitors: Double, _ effect: Double) -> Double {
            let (equal, different) = deviations(effect)
            let distance = visitors.squareRoot() * abs(effect) - z * equal
            guard different > 0 else { return distance >= 0 ? 1 : 0 }
            return Distributions.normalCDF(distance / different)
        }

        func visitors(_ effect: Double, _ power: Double) -> Double {
            let (equal, different) = deviations(effect)
            let root = (z * equal + Distributions.normalQuantile(power) * different) / abs(effect)
            return root <= 0 ? 2 : max(2, root * root)
        }
    }
}
