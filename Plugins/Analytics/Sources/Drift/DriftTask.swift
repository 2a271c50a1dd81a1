import Glibc
import PluginKit

struct DriftInput: Codable, Sendable, SchemaDescribing {
    /// What the model was trained on.
    var reference: Dataset
    /// What it sees now; the same features in the same order.
    var current: Dataset
    var bins: Int?
    var significance: Double?
    /// The model's error then and now (RMSE, log loss): retrains when it grew too far.
    var referenceError: Double?
    var currentError: Double?
    var errorTolerance: Double?

    enum CodingKeys: String, CodingKey {
        case reference, current, bins, significance
        case referenceError = "reference_error"
        case currentError = "current_error"
        case errorTolerance = "error_tolerance"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("bins", "Of equal content in the reference. Default 10.", minimum: 2, maximum: 100)
        schema.property("significance", "For all features together. Default 0.01.", minimum: 1e-9, maximum: 0.5)
        schema.property("reference_error", "The model's error when it was trained.", minimum: 0)
        schema.property("current_error", "Its error now.", minimum: 0)
        schema.property("error_tolerance", "Growth that is borne. Default 0.2: 20 %.", minimum: 0, maximum: 100)
    }
}

struct DriftOutput: Codable, Sendable {
    enum Band: String, Codable, CaseIterable, Sendable { case stable, moderate, major }

    struct Feature: Codable, Sendable {
        var feature: String
        var psi: Double
        var band: Band
        /// That so large an index comes from chance alone: n·m/(n + m)·PSI is about χ² (Yurdakul 2018).
        var psiPValue: Double
        var ks: Double
        var ksPValue: Double
        var isDrifted: Bool

        enum CodingKeys: String, CodingKey {
            case feature, psi, band, ks
            case psiPValue = "psi_p_value"
            case ksPValue = "ks_p_value"
            case isDrifted = "is_drifted"
        }
    }

    var features: [Feature]
    var driftedCount: Int
    var shouldRetrain: Bool
    var reasons: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case features, reasons, evidence
        case driftedCount = "drifted_count"
        case shouldRetrain = "should_retrain"
    }
}

enum DriftTask {
    static func run(_ input: DriftInput) throws(TaskFailure) -> DriftOutput {
        let old = try CheckedData(input.reference, at: "/reference")
        let new = try CheckedData(input.current, at: "/current")
        guard old.features == new.features else {
            throw .invalid("/current has the features \(new.features), /reference \(old.features)")
        }
        let bins = input.bins ?? 10, level = input.significance ?? 0.01, tolerance = input.errorTolerance ?? 0.2
        try Check.range(bins, 2...100, at: "/bins")
        try Check.range(level, 1e-9...0.5, at: "/significance")
        for (count, place) in [(old.matrix.rowCount, "/reference/rows"), (new.matrix.rowCount, "/current/rows")] {
            guard count >= 5 * bins else {
                throw .invalid("\(place) has \(count) rows; \(bins) bins need at least \(5 * bins)")
            }
        }
        let features = old.features.indices.map { column in
            feature(
                old.features[column], old.matrix.column(column), new.matrix.column(column), bins,
                level / Double(old.features.count))
        }
        var output = DriftOutput(
            features: features, driftedCount: features.count { $0.isDrifted }, shouldRetrain: false, reasons: [],
            evidence: evidence(old, new, level))
        for one in features where one.isDrifted {
            output.reasons.append(
                "\(one.feature): PSI \(rounded(one.psi)) (\(one.band.rawValue)), KS \(rounded(one.ks))")
        }
        if let before = input.referenceError, let now = input.currentError, now > before * (1 + tolerance) {
            output.reasons.append("the error grew from \(rounded(before)) to \(rounded(now))")
        }
        output.shouldRetrain = !output.reasons.isEmpty
        return output
    }

    private static func rounded(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }

    /// Drifted: the index is at least moderate and neither it nor the distance comes from chance.
    private static func feature(
        _ name: String, _ old: [Double], _ new: [Double], _ bins: Int, _ level: Double
    ) -> DriftOutput.Feature {
        let sorted = old.sorted(), edges = binEdges(sorted, bins)
        let first = shares(old, edges), second = shares(new, edges), index = StabilityIndex.value(first, second)
        let (n, m) = (Double(old.count), Double(new.count))
        let chance = Distributions.chiSquareUpper(
            n * m / (n + m) * index, degrees: Double(max(1, first.count - 1)))
        let distance = kolmogorov(sorted, new.sorted())
        let distanceChance = Distributions.kolmogorovUpper(distance, old.count, new.count)
        let band: DriftOutput.Band = index < 0.1 ? .stable : index <= 0.25 ? .moderate : .major
        return .init(
            feature: name, psi: index, band: band, psiPValue: chance, ks: distance, ksPValue: distanceChance,
            isDrifted: band != .stable && chance < level && distanceChance < level)
    }

    /// Cuts at quantiles of the reference; where values repeat there are fewer.
    private static func binEdges(_ sorted: [Double], _ bins: Int) -> [Double] {
        var edges: [Double] = []
        for index in 1..<bins {
            let edge = Descriptive.quantile(sorted: sorted, Double(index) / Double(bins))
            if edge != edges.last { edges.append(edge) }
        }
        return edges
    }

    /// Half a row is added to each bin, so that an empty one has a finite weight.
    private static func shares(_ values: [Double], _ edges: [Double]) -> [Double] {
        var counts = [Double](repeating: 0.5, count: edges.count + 1)
        for value in values { counts[edges.firstIndex { value <= $0 } ?? edges.count] += 1 }
        let total = counts.reduce(0, +)
        return counts.map { $0 / total }
    }

    /// The largest distance between two distribution functions (Smirnov 1939).
    private static func kolmogorov(_ first: [Double], _ second: [Double]) -> Double {
        var i = 0, j = 0, largest = 0.0
        while i < first.count, j < second.count {
            let value = min(first[i], second[j])
            while i < first.count, first[i] <= value { i += 1 }
            while j < second.count, second[j] <= value { j += 1 }
            largest = max(largest, (Double(i) / Double(first.count) - Double(j) / Double(second.count)).magnitude)
        }
        return largest
    }

    private static func evidence(_ old: CheckedData, _ new: CheckedData, _ level: Double) -> Evidence {
        Evidence(
            method: "population stability index and two-sample Kolmogorov-Smirnov test of each feature",
            source: "Lewis 1994; Yurdakul 2018, Statistical Properties of Population Stability Index; Smirnov 1939",
            inputs: "\(old.matrix.rowCount) rows then, \(new.matrix.rowCount) now",
            assumptions: [
                "the bands 0.1 and 0.25 are custom, not theory: drift is reported only where both tests agree",
                "features are looked at one by one: a change of their relations alone is not seen",
            ],
            uncertainty: "significance \(level), divided by the number of features (Bonferroni)")
    }
}
