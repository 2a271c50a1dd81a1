package import PluginKit

package struct CVSSInput: Codable, Sendable, SchemaDescribing {
    package var vectors: [String]

    package init(vectors: [String]) { self.vectors = vectors }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "vectors", "CVSS 3.0, 3.1 or 4.0 vector strings.", minLength: 1, maxLength: 400, minItems: 1,
            maxItems: 10_000)
    }
}

package struct CVSSScore: Codable, Hashable, Sendable {
    /// In the specification's order, without metrics that are not defined.
    package var vector: String
    package var version: String
    /// What counts: 4.0's one score; 3.x's environmental score where such metrics are given, else the temporal one.
    package var score: Double
    package var rating: String
    /// 3.x only.
    package var base: Double?
    package var temporal: Double?
    package var environmental: Double?
    /// 4.0 only.
    package var macroVector: String?
    package var nomenclature: String?

    enum CodingKeys: String, CodingKey {
        case vector, version, score, rating, base, temporal, environmental, nomenclature
        case macroVector = "macro_vector"
    }

    init(_ vector: CVSSVector) {
        self.vector = vector.canonical
        version = vector.version.rawValue
        if vector.version == .v40 {
            let rated = CVSS4(vector: vector)
            score = rated.score
            macroVector = rated.macroVector
            nomenclature = rated.nomenclature
        } else {
            let scores = CVSS3(vector: vector).scores
            base = scores.base
            temporal = scores.temporal
            environmental = scores.environmental
            let isEnvironmental = vector.metrics.keys.contains {
                $0.hasPrefix("M") || ["CR", "IR", "AR"].contains($0)
            }
            score = isEnvironmental ? scores.environmental : scores.temporal
        }
        rating = CVSSRating.of(score)
    }
}

package struct CVSSOutput: Codable, Hashable, Sendable {
    package var scores: [CVSSScore]
    package var method: String
}

enum CVSSTask {
    static func run(_ input: CVSSInput) throws(TaskFailure) -> CVSSOutput {
        var scores: [CVSSScore] = []
        for (index, text) in input.vectors.enumerated() {
            scores.append(CVSSScore(try CVSSVector(text, place: "/vectors/\(index)")))
        }
        return CVSSOutput(
            scores: scores,
            method: "CVSS 3.1 specification §7 with appendix A's rounding; CVSS 4.0 specification §8 (FIRST)")
    }
}
