package import Kernel

/// The JSON Schema of `bureau.yaml`, for editors: what they complete and underline.
package enum ConfigurationSchema {
    package static var document: JSONValue {
        var sections: [String: [String: JSONValue]] = [:]
        for setting in Settings.all where !setting.isSecret {
            let parts = setting.key.split(separator: ".", maxSplits: 1).map(String.init)
            sections[parts[0], default: [:]][parts[1]] = member(setting)
        }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "bureau.yaml", "type": "object",
            "additionalProperties": false,
            "properties": .object(
                Dictionary(
                    uniqueKeysWithValues: sections.map { name, members in
                        let section: JSONValue = [
                            "type": "object", "additionalProperties": false,
                            "description": .string(Settings.sections[name] ?? ""), "properties": .object(members),
                        ]
                        return (name, section)
                    })),
        ]
    }

    private static func member(_ setting: Setting) -> JSONValue {
        var members = shape(setting.kind)
        members["description"] = .string(setting.summary)
        members["default"] = setting.fallback
        return .object(members)
    }

    private static func shape(_ kind: SettingKind) -> [String: JSONValue] {
        switch kind {
        case .number(let range, _):
            ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .decimal(let range):
            ["type": "number", "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)]
        case .flag: ["type": "boolean"]
        case .alwaysOn: ["const": true]
        case .text, .path: ["type": "string", "minLength": 1]
        case .choice(let choices): ["enum": .array(choices.map { .string($0) })]
        case .url(let schemes): ["type": "string", "pattern": .string("^(\(schemes.joined(separator: "|")))://.")]
        case .origins: list(["type": "string", "pattern": "^https?://[^/*]+$"])
        case .list, .hosts: list(["type": "string", "minLength": 1])
        case .places: list(["type": "string", "pattern": "^([^=]+=)?(worker|inline|group:[a-z0-9._-]{1,32})$"])
        case .choices(let choices): list(["enum": .array(choices.map { .string($0) })])
        }
    }

    private static func list(_ items: JSONValue) -> [String: JSONValue] {
        ["oneOf": [["type": "array", "items": items], items]]
    }
}
