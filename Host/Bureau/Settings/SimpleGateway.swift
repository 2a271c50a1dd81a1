import HostConfiguration
import Kernel

/// One provider without a gateway file: `LLM_PROVIDER=openai` and its key in the environment, as other programs have
/// it.
enum SimpleGateway {
    /// A `gateway.json`; nil where no provider is asked for.
    static func document(_ configuration: Configuration) -> JSONValue? {
        guard let name = configuration[Settings.provider], name != "offline",
            var provider = provider(name, configuration)
        else { return nil }
        provider["base_url"] = configuration[Settings.providerURL].map { .string($0) }
        if let model = configuration[Settings.model] { provider["default_model"] = .string(model) }
        var members: [String: JSONValue] = ["providers": [name: .object(provider)]]
        if configuration[Settings.model] != nil { members["default"] = .string(name + "/") }
        if configuration[Settings.cachesAnswers] {
            members["cache"] = [
                "mode": "deterministic", "seconds": .integer(Int64(configuration[Settings.cacheSeconds])),
                "bytes": .integer(Int64(configuration[Settings.cacheSize]) << 20),
            ]
        }
        return .object(members)
    }

    private static func provider(_ name: String, _ configuration: Configuration) -> [String: JSONValue]? {
        switch name {
        case "openai": ["api": "openai-responses", "keys": [["env": "OPENAI_API_KEY"]]]
        case "anthropic": ["api": "anthropic-messages", "keys": [["env": "ANTHROPIC_API_KEY"]]]
        case "bedrock":
            [
                "api": "bedrock-converse", "region": .string(configuration[Settings.region] ?? "us-east-1"),
                "aws": [
                    "access_key_id": ["env": "AWS_ACCESS_KEY_ID"],
                    "secret_access_key": ["env": "AWS_SECRET_ACCESS_KEY"],
                ],
            ]
        default: nil
        }
    }
}
