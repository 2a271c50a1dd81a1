import Glibc
package import PluginKit

/// What a controlled experiment on conversions shows.
package enum Experiment {
    package static func evaluate(_ input: ExperimentInput) throws(TaskFailure) -> ExperimentOutput {
        try check(input)
        let confidence = input.confidence ?? 0.95
        let z = Distributions.normalQuantile((1 + confidence) / 2)
        let groups = input.variants.map { Proportion($0.conversions, of: $0.visitors) }
        let ratio = try sampleRatio(input.variants)
        let boundaries = try input.looks.map { looks throws(TaskFailure) in
            try SequentialDesign(looks, error: 1 - confidence).boundaries
        }
        var output = ExperimentOutput(
            variants: zip(input.variants, groups).map {
                VariantResult(name: $0.name, rate: $1.rate, interval: $1.wilson(z: z))
            },
            comparisons: comparisons(input, groups, z: z), sampleRatioPValue: ratio,
            sampleRatioMismatch: ratio < 0.001, boundaries: boundaries ?? [], warnings: [],
            evidence: evidence(input))
        judge(&output, input, confidence: confidence)
        return output
    }

    private static func check(_ input: ExperimentInput) throws(TaskFailure) {
        guard input.variants.count >= 2 else { throw .invalid("/variants: a control and a variant are needed") }
        var names: Set<String> = []
        for (index, variant) in input.variants.enumerated() {
            guard names.insert(variant.name).inserted else {
                throw .invalid("/variants/\(index)/name: \(variant.name) is there twice")
            }
            guard (1...100_000_000).contains(variant.visitors) else {
                throw .invalid("/variants/\(index)/visitors: must be 1 to 10^8; without visitors there is no rate")
            }
            guard (0...variant.visitors).contains(variant.conversions) else {
                throw .invalid(
                    "/variants/\(index)/conversions: \(variant.conversions) of \(variant.visitors) visitors;"
                        + " count each visitor once")
            }
        }
        let confidence = input.confidence ?? 0.95
        guard confidence >= 0.5, confidence < 1 else { throw .invalid("/confidence: must be 0.5 to 0.9999") }
    }

    /// Chi-squared of the visitors against their planned shares.
    private static func sampleRatio(_ variants: [Variant]) throws(TaskFailure) -> Double {
        let given = variants.compactMap(\.plannedShare)
        guard given.isEmpty || given.count == variants.count else {
            throw .invalid("/variants: give planned_share to all or to none")
        }
        let shares = given.isEmpty ? variants.map { _ in 1.0 } : given
        guard shares.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw .invalid("/variants: each planned_share must be above 0")
        }
        let whole = shares.reduce(0, +), visitors = Double(variants.reduce(0) { $0 + $1.visitors })
        let statistic = zip(variants, shares).reduce(0.0) { sum, pair in
            let expected = visitors * pair.1 / whole, off = Double(pair.0.visitors) - expected
            return sum + off * off / expected
        }
        return Distributions.chiSquareUpper(statistic, degrees: Double(variants.count - 1))
    }

    private static func comparisons(
        _ input: ExperimentInput, _ groups: [Proportion], z: Double
    ) -> [VariantComparison] {
        let control = groups[0]
        var results = groups.indices.dropFirst().map { index in
            let group = groups[index], statistic = group.pooledZ(against: control)
            let difference = group.rate - control.rate
            return VariantComparison(
                name: input.variants[index].name, difference: difference,
                interval: group.difference(from: control, z: z),
                relativeLift: control.rate > 0 ? difference / control.rate : nil, z: statistic,
                pValue: statistic.map(Distributions.normalTwoSided) ?? 1,
                fisherPValue: group.fisherExact(against: control), adjustedPValue: 1,
                alwaysValidPValue: alwaysValid(group, control),
                probabilityBetter: group.probabilityBetter(than: control), verdict: .undecided)
        }
        let plain = results.indices.map { index in
            isSparse(groups[index + 1], control) ? results[index].fisherPValue : results[index].pValue
        }
        for (index, adjusted) in holm(plain).enumerated() { results[index].adjustedPValue = adjusted }
        return results
    }

    /// Cochran's rule: the normal approximation wants at least 5 expected in each cell.
    private static func isSparse(_ group: Proportion, _ control: Proportion) -> Bool {
        let pooled = (group.successes + control.successes) / (group.trials + control.trials)
        return min(group.trials, control.trials) * min(pooled, 1 - pooled) < 5
    }

    /// Holm, "A simple sequentially rejective multiple test procedure", 1979.
    package static func holm(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var adjusted = values, largest = 0.0
        for (rank, index) in order.enumerated() {
            largest = max(largest, min(1, values[index] * Double(values.count - rank)))
            adjusted[index] = largest
        }
        return adjusted
    }

    /// The mixture sequential probability ratio test of Johari, Koomen, Pekelis and Walsh, "Always valid inference",
    /// 2022, eq. 10, with N(0, τ²) over effects; τ is a tenth of the standard deviation of one visitor.
    private static func alwaysValid(_ group: Proportion, _ control: Proportion) -> Double {
        let pooled = (group.successes + control.successes) / (group.trials + control.trials)
        let unit = pooled * (1 - pooled)
        guard unit > 0 else { return 1 }
        let variance = unit * (1 / group.trials + 1 / control.trials), mixture = unit * 0.01
        let difference = group.rate - control.rate
        let exponent = mixture * difference * difference / (2 * variance * (variance + mixture))
        let logRatio = 0.5 * log(variance / (variance + mixture)) + exponent
        return min(1, exp(-logRatio))
    }

    private static func judge(_ output: inout ExperimentOutput, _ input: ExperimentInput, confidence: Double) {
        if output.sampleRatioMismatch {
            output.warnings.append(
                "the visitors are not split as planned (p \(output.sampleRatioPValue)); find out why before you"
                    + " believe any difference")
        }
        let boundary = input.looks.map { output.boundaries[$0.current - 1].z }
        if boundary != nil, output.comparisons.count > 1 {
            output.warnings.append("boundaries hold for one comparison; with several they are not corrected for that")
        }
        for index in output.comparisons.indices {
            let result = output.comparisons[index]
            let isFound = boundary.map { abs(result.z ?? 0) >= $0 } ?? (result.adjustedPValue <= 1 - confidence)
            output.comparisons[index].verdict =
                output.sampleRatioMismatch
                ? .invalid : !isFound ? .undecided : result.difference > 0 ? .better : .worse
        }
    }

    private static func evidence(_ input: ExperimentInput) -> Evidence {
        Evidence(
            method: "two-proportion z, Fisher's exact test, Holm's correction, beta-binomial, mixture sequential test"
                + (input.looks == nil ? "" : ", Lan-DeMets boundaries"),
            source: "Fleiss, Statistical Methods for Rates and Proportions; Newcombe 1998; Holm 1979; Johari et al."
                + " 2022; Lan and DeMets 1983; Fabijan et al. 2019 on sample ratio mismatch",
            inputs: input.variants.map { "\($0.name): \($0.conversions) of \($0.visitors)" },
            assumptions: [
                "visitors decide independently and are counted once",
                input.looks == nil
                    ? "p_value, fisher_p_value and adjusted_p_value: the time to look was fixed before"
                    : "looks happen at the planned fractions",
            ],
            uncertainty: "intervals are for single comparisons; chance alone gives one wrong verdict in"
                + " \(Format.number(1 / (1 - (input.confidence ?? 0.95)))) tests of equal variants")
    }
}
