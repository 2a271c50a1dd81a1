package import FoundationEssentials

/// The agent's configuration: one JSON object, `{}` when it has none.
public struct Configuration: Sendable {
    private let json: Data

    package init(json: Data) {
        self.json = json.isEmpty ? Data("{}".utf8) : json
    }

    /// For tests: a Codable value as configuration.
    public init(_ settings: some Encodable) throws(TaskFailure) {
        self.init(json: try JSONCoding.encode(settings, "the configuration"))
    }

    /// The JSON as text.
    public var text: String { String(decoding: json, as: UTF8.self) }

    /// Throws ``TaskFailure`` with ``FailureStatus/invalid`` and the path of what is wrong.
    public func decode<Settings: Decodable>(_ type: Settings.Type = Settings.self) throws(TaskFailure) -> Settings {
        try JSONCoding.decode(type, from: json, "the configuration", failing: .invalid)
    }
}
