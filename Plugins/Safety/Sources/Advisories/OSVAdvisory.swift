import PluginKit

/// One record of the Open Source Vulnerability format (ossf.github.io/osv-schema), the members that matching needs.
struct OSVAdvisory: Sendable {
    struct Event: Sendable {
        enum Kind: Int, Sendable { case introduced, fixed, lastAffected, limit }
        var kind: Kind
        /// "0" is before every version; "*" as a limit is after.
        var version: String
    }

    struct Affected: Sendable {
        var ecosystem: String
        var name: String
        var versions: Set<String>
        /// SEMVER and ECOSYSTEM ranges; GIT ranges name commits, which no inventory holds.
        var ranges: [[Event]]
    }

    var id: String
    var aliases: [String]
    var summary: String
    var isWithdrawn: Bool
    var affected: [Affected]
    var vectors: [String]
    /// A word that some databases give instead of a vector.
    var severityWord: String?

    init(_ json: JSONValue, place: String) throws(TaskFailure) {
        guard let id = json["id"]?.stringValue, !id.isEmpty else {
            throw .invalid("\(place)/id: an OSV record has an id")
        }
        self.id = id
        aliases = json["aliases"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let text = json["summary"]?.stringValue ?? json["details"]?.stringValue ?? ""
        summary = String(text.prefix { !$0.isNewline }.prefix(200))
        isWithdrawn = json["withdrawn"]?.stringValue != nil
        var vectors = Self.vectors(json)
        var affected: [Affected] = []
        for (index, entry) in (json["affected"]?.arrayValue ?? []).enumerated() {
            vectors += Self.vectors(entry)
            guard let ecosystem = entry["package"]?["ecosystem"]?.stringValue,
                let name = entry["package"]?["name"]?.stringValue
            else { continue }
            var ranges: [[Event]] = []
            for (number, range) in (entry["ranges"]?.arrayValue ?? []).enumerated()
            where range["type"]?.stringValue != "GIT" {
                ranges.append(
                    try Self.events(range, place: "\(place)/affected/\(index)/ranges/\(number)/events"))
            }
            affected.append(
                Affected(
                    ecosystem: ecosystem, name: Self.normalized(name, ecosystem),
                    versions: Set(entry["versions"]?.arrayValue?.compactMap(\.stringValue) ?? []), ranges: ranges))
        }
        self.affected = affected
        self.vectors = vectors
        severityWord = json["database_specific"]?["severity"]?.stringValue?.lowercased()
    }

    static func normalized(_ name: String, _ ecosystem: String) -> String {
        switch ecosystem {
        case "PyPI": PythonVersion.normalizedName(name)
        case "SwiftURL": Inventory.swiftName(name)
        default: name
        }
    }

    private static func vectors(_ json: JSONValue) -> [String] {
        json["severity"]?.arrayValue?.compactMap { $0["score"]?.stringValue } ?? []
    }

    private static func events(_ range: JSONValue, place: String) throws(TaskFailure) -> [Event] {
        let names: [(String, Event.Kind)] = [
            ("introduced", .introduced), ("fixed", .fixed), ("last_affected", .lastAffected), ("limit", .limit),
        ]
        var events: [Event] = []
        for (index, event) in (range["events"]?.arrayValue ?? []).enumerated() {
            let found = names.compactMap { name, kind in event[name]?.stringValue.map { Event(kind: kind, version: $0) }
            }
            guard found.count == 1 else {
                throw .invalid("\(place)/\(index): one of introduced, fixed, last_affected or limit, with a version")
            }
            events += found
        }
        return events
    }

    /// The highest score of its vectors, 4.0 before 3.x; else the database's word.
    var severity: (score: Double?, severity: Severity, vector: String?) {
        let rated = vectors.compactMap { try? CVSSVector($0, place: id) }
        let newest = rated.filter { $0.version == .v40 }.isEmpty ? rated : rated.filter { $0.version == .v40 }
        let scores = newest.map { CVSSScore($0) }
        if let worst = scores.max(by: { $0.score < $1.score }) {
            return (worst.score, Severity(rawValue: worst.rating) ?? .medium, worst.vector)
        }
        let word = ["moderate": "medium", "important": "high"][severityWord ?? ""] ?? severityWord ?? ""
        // Unknown is not harmless.
        return (nil, Severity(rawValue: word) ?? .medium, nil)
    }
}
