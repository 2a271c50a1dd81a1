/// CVSS 3.1 (specification §7) and 3.0, whose rounding and modified impact differ.
struct CVSS3: Sendable {
    let vector: CVSSVector

    /// Base, temporal and environmental score.
    var scores: (base: Double, temporal: Double, environmental: Double) {
        let base = score(isModified: false)
        let temporal = roundUp(base * temporalFactor)
        return (base, temporal, roundUp(score(isModified: true) * temporalFactor))
    }

    private var temporalFactor: Double {
        let exploit: [String: Double] = ["U": 0.91, "P": 0.94, "F": 0.97]
        let remediation: [String: Double] = ["O": 0.95, "T": 0.96, "W": 0.97]
        let confidence: [String: Double] = ["U": 0.92, "R": 0.96]
        return exploit[vector["E"], default: 1] * remediation[vector["RL"], default: 1]
            * confidence[vector["RC"], default: 1]
    }

    private func score(isModified: Bool) -> Double {
        func value(_ metric: String) -> String { isModified ? vector.effective(metric) : vector[metric] }
        let isChanged = value("S") == "C"
        let impactOf: [String: Double] = ["H": 0.56, "L": 0.22]
        let demand: [String: Double] = ["L": 0.5, "H": 1.5]
        var kept = 1.0
        for (metric, requirement) in [("C", "CR"), ("I", "IR"), ("A", "AR")] {
            let weight = isModified ? demand[vector[requirement], default: 1] : 1
            kept *= 1 - impactOf[value(metric), default: 0] * weight
        }
        let base = isModified ? min(1 - kept, 0.915) : 1 - kept
        let impact = isChanged ? changedImpact(base, isModified: isModified) : 6.42 * base
        guard impact > 0 else { return 0 }
        let vectorOf: [String: Double] = ["N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2]
        let complexity: [String: Double] = ["L": 0.77, "H": 0.44]
        let privileges: [String: Double] =
            isChanged ? ["N": 0.85, "L": 0.68, "H": 0.5] : ["N": 0.85, "L": 0.62, "H": 0.27]
        let interaction: [String: Double] = ["N": 0.85, "R": 0.62]
        let ease = vectorOf[value("AV"), default: 0] * complexity[value("AC"), default: 0]
        let exploitability = 8.22 * ease * privileges[value("PR"), default: 0] * interaction[value("UI"), default: 0]
        return roundUp(min((isChanged ? 1.08 : 1) * (impact + exploitability), 10))
    }

    private func changedImpact(_ base: Double, isModified: Bool) -> Double {
        if isModified, vector.version == .v31 {
            return 7.52 * (base - 0.029) - 3.25 * Self.power(base * 0.9731 - 0.02, 13)
        }
        return 7.52 * (base - 0.029) - 3.25 * Self.power(base - 0.02, 15)
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }

    /// 3.1 appendix A: the smallest number to one decimal place that is not below, immune to how floating point
    /// spells 4.02. In 3.0 the text is the same without that care; the same care gives its intended values.
    private func roundUp(_ value: Double) -> Double {
        let scaled = Int((value * 100_000).rounded())
        return scaled % 10_000 == 0 ? Double(scaled / 10_000) / 10 : Double(scaled / 10_000 + 1) / 10
    }
}
