package import PluginKit

package enum SourceKind: String, Codable, Sendable, CaseIterable {
    case officialStatistics = "official_statistics"
    case peerReviewed = "peer_reviewed"
    case standard
    case primaryDocument = "primary_document"
    case specialistPress = "specialist_press"
    case generalPress = "general_press"
    case vendor
    case personal
    case anonymous
}

package struct SourceProfile: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var kind: SourceKind
    package var owner: String?
    package var hasAuthor: Bool?
    package var citesItsSources: Bool?
    package var date: String?
    package var confirmedBefore: Int?
    package var refutedBefore: Int?

    enum CodingKeys: String, CodingKey {
        case id, kind, owner, date
        case hasAuthor = "has_author"
        case citesItsSources = "cites_its_sources"
        case confirmedBefore = "confirmed_before"
        case refutedBefore = "refuted_before"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the list.", minLength: 1, maxLength: 200)
        schema.property("kind", "What kind of source it is.")
        schema.property("owner", "Sources of one owner do not confirm one another.", maxLength: 200)
        schema.property("has_author", "Somebody answers for it by name.")
        schema.property("cites_its_sources", "It says where it knows from.")
        schema.property("date", "YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("confirmed_before", "Earlier statements that proved right.", minimum: 0, maximum: 1e6)
        schema.property("refuted_before", "Earlier statements that proved wrong.", minimum: 0, maximum: 1e6)
    }
}

package struct SourceStatement: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var text: String?
    package var supportedBy: [String]
    package var contradictedBy: [String]?

    enum CodingKeys: String, CodingKey {
        case id, text
        case supportedBy = "supported_by"
        case contradictedBy = "contradicted_by"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the list.", minLength: 1, maxLength: 200)
        schema.property("text", "For readers.", maxLength: 2_000)
        schema.property("supported_by", "Ids of sources that say so.", minItems: 1, maxItems: 1_000)
        schema.property("contradicted_by", "Ids of sources that say otherwise.", maxItems: 1_000)
    }
}

package struct SourceQualityInput: Codable, Sendable, SchemaDescribing {
    package var sources: [SourceProfile]
    package var statements: [SourceStatement]?
    package var asOf: String?
    package var halfLifeDays: Int?

    enum CodingKeys: String, CodingKey {
        case sources, statements
        case asOf = "as_of"
        case halfLifeDays = "half_life_days"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("sources", "To be graded.", minItems: 1, maxItems: 1_000)
        schema.property("statements", "To be graded by who says them.", maxItems: 1_000)
        schema.property(
            "as_of", "Today, YYYY-MM-DD; ages are not judged without it.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property(
            "half_life_days", "Age at which a source counts half; 730 if absent.", minimum: 1, maximum: 36_500)
    }
}

package struct GradedSource: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var reliability: String
    package var score: Int
    package var freshness: Double?
    package var reasons: [String]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "As given.")
        schema.property("reliability", "A (completely reliable) to E (unreliable), F (cannot be judged).")
        schema.property("score", "Points of the table, 0 to 100.")
        schema.property("freshness", "½ to the power of age over half-life; absent without dates.")
        schema.property("reasons", "Points, one line each.")
    }
}

package struct GradedStatement: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var credibility: Int
    package var grade: String
    package var meaning: String
    package var independentSupport: Int
    package var independentContradiction: Int

    enum CodingKeys: String, CodingKey {
        case id, credibility, grade, meaning
        case independentSupport = "independent_support"
        case independentContradiction = "independent_contradiction"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "As given.")
        schema.property("credibility", "1 (confirmed) to 5 (improbable), 6 (cannot be judged).")
        schema.property("grade", "Reliability of its best source with the credibility: B2.")
        schema.property("meaning", "In words.")
        schema.property("independent_support", "Owners who say so and whose source is graded A to D.")
        schema.property("independent_contradiction", "Owners who say otherwise, likewise.")
    }
}

package struct SourceQualityOutput: Codable, Sendable, SchemaDescribing {
    package var sources: [GradedSource]
    package var statements: [GradedStatement]
    package var evidence: MethodNote

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("sources", "In the order given.")
        schema.property("statements", "In the order given.")
        schema.property("evidence", "What the grades rest on.")
    }
}
