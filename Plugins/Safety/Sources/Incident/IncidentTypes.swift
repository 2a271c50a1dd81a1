package import PluginKit

package struct Asset: Codable, Hashable, Sendable, SchemaDescribing {
    package var name: String
    package var prefixes: [String]
    package var criticality: Int

    package init(name: String, prefixes: [String], criticality: Int) {
        self.name = name
        self.prefixes = prefixes
        self.criticality = criticality
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Such as payment gateway.", minLength: 1, maxLength: 200)
        schema.property("prefixes", "Starts of the places that belong to it.", maxLength: 4096, maxItems: 100)
        schema.property("criticality", "Impact of its loss: 1 very low to 5 very high.", minimum: 1, maximum: 5)
    }
}

package struct AssetAnomaly: Codable, Hashable, Sendable, SchemaDescribing {
    /// The asset whose log it is.
    package var asset: String
    package var anomaly: LogAnomaly

    package init(asset: String, anomaly: LogAnomaly) {
        self.asset = asset
        self.anomaly = anomaly
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("asset", "One of the assets, by name.", minLength: 1, maxLength: 200)
    }
}

package struct IncidentInput: Codable, Sendable, SchemaDescribing {
    package var title: String
    package var findings: [Finding]
    package var anomalies: [AssetAnomaly]?
    package var assets: [Asset]?

    package init(title: String, findings: [Finding], anomalies: [AssetAnomaly]? = nil, assets: [Asset]? = nil) {
        self.title = title
        self.findings = findings
        self.anomalies = anomalies
        self.assets = assets
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("title", "Of the report.", minLength: 1, maxLength: 200)
        schema.property("findings", "Of sweeps, configurations, dependencies.", maxItems: 50_000)
        schema.property("anomalies", "Of logs, each with the asset that wrote it.", maxItems: 10_000)
        schema.property("assets", "Default: one, of criticality 3, to which all belongs.", maxItems: 1_000)
    }
}

/// What one asset risks by one kind of weakness.
package struct Risk: Codable, Hashable, Sendable {
    package var asset: String
    package var rule: String
    package var title: String
    package var severity: Severity
    package var likelihood: RiskLevel
    package var impact: RiskLevel
    package var level: RiskLevel
    package var priority: IncidentPriority
    package var places: [String]
    package var placeCount: Int
    package var remedies: [String]
    package var why: [String]

    enum CodingKeys: String, CodingKey {
        case asset, rule, title, severity, likelihood, impact, level, priority, places, remedies, why
        case placeCount = "place_count"
    }
}

package struct IncidentOutput: Codable, Hashable, Sendable {
    package var title: String
    package var priority: IncidentPriority
    package var responseMinutes: Int
    package var resolutionMinutes: Int
    package var risks: [Risk]
    /// Secrets that stand in several places, by fingerprint.
    package var sharedSecrets: [String: Int]
    package var warnings: [String]
    package var method: String
    package var artifacts: [ArtifactReference]

    enum CodingKeys: String, CodingKey {
        case title, priority, risks, warnings, method, artifacts
        case responseMinutes = "response_minutes"
        case resolutionMinutes = "resolution_minutes"
        case sharedSecrets = "shared_secrets"
    }
}
