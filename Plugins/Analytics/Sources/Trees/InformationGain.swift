import Glibc
import PluginKit

struct GainInput: Codable, Sendable, SchemaDescribing {
    /// Words or classes of each row, by name.
    var columns: [String: [String]]
    var labels: [String]

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("columns", "For each name one value a row. Numbers are to be cut into bands first.")
        schema.property("labels", "One class for each row.", minItems: 2, maxItems: 1_000_000)
    }
}

struct GainOutput: Codable, Sendable {
    struct Column: Codable, Sendable {
        var column: String
        /// In bits: how much of the entropy goes when the column is known.
        var gain: Double
        /// Over the column's own entropy, so that many different values do not win by themselves (Quinlan 1993).
        var gainRatio: Double?
        /// That the gain comes from chance: 2·ln 2·n·gain is about χ².
        var pValue: Double
        var values: Int

        enum CodingKeys: String, CodingKey {
            case column, gain, values
            case gainRatio = "gain_ratio"
            case pValue = "p_value"
        }
    }

    /// In bits.
    var entropy: Double
    /// The largest gain first.
    var columns: [Column]
    var evidence: Evidence
}

enum GainTask {
    static func run(_ input: GainInput) throws(TaskFailure) -> GainOutput {
        guard !input.columns.isEmpty else { throw .invalid("/columns is empty") }
        guard input.labels.count >= 2, Set(input.labels).count >= 2 else {
            throw .invalid("/labels needs two classes or more")
        }
        let count = Double(input.labels.count), whole = entropy(input.labels)
        var columns: [GainOutput.Column] = []
        for (name, values) in input.columns {
            try Check.count(values.count, input.labels.count, at: "/columns/\(name)")
            var groups: [String: [String]] = [:]
            for (value, label) in zip(values, input.labels) { groups[value, default: []].append(label) }
            // In a fixed order: sums of doubles depend on it.
            let parts = groups.sorted { $0.key < $1.key }.map(\.value)
            let rest = parts.reduce(0) { $0 + Double($1.count) / count * entropy($1) }
            let own = entropy(values), gain = max(0, whole - rest)
            let degrees = (parts.count - 1) * (Set(input.labels).count - 1)
            columns.append(
                .init(
                    column: name, gain: gain, gainRatio: own > 0 ? gain / own : nil,
                    pValue: degrees > 0
                        ? Distributions.chiSquareUpper(2 * log(2) * count * gain, degrees: Double(degrees)) : 1,
                    values: parts.count))
        }
        columns.sort { $0.gain == $1.gain ? $0.column < $1.column : $0.gain > $1.gain }
        return GainOutput(
            entropy: whole, columns: columns,
            evidence: Evidence(
                method: "information gain of each column alone", source: "Quinlan 1986, Induction of Decision Trees",
                inputs: "\(input.labels.count) rows, \(columns.count) columns",
                assumptions: ["rows are independent"],
                uncertainty: "p values by the likelihood-ratio test; they are rough where a value is rare"))
    }

    private static func entropy(_ values: [String]) -> Double {
        let counts = Dictionary(values.map { ($0, 1) }, uniquingKeysWith: +).values.sorted()
        return counts.reduce(0) { sum, part in
            let share = Double(part) / Double(values.count)
            return sum - share * log2(share)
        }
    }
}
