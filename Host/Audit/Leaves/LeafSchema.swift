package import Kernel

/// What a type of leaf says: its members, as one description from which its JSON Schema is written.
///
/// A schema grows only by optional members: leaves are never rewritten, so those of an older host must stay valid.
package struct LeafSchema: Hashable, Sendable {
    /// What a value is.
    enum Kind: String, Hashable, Sendable {
        /// A run, a call or an event, by its id.
        case uuid
        case digest
        /// Whole; text beyond 2^53 − 1.
        case number
        case flag
        /// At most 200 bytes, or the digest of what is longer.
        case text
        /// Up to what a leaf holds.
        case content
        case texts
        /// A salted commitment.
        case commitment
        /// All that can change of a run.
        case state
        /// What a model call went to.
        case call
        case failure
        /// Text, or null.
        case actor
        case instant
    }

    struct Member: Hashable, Sendable {
        var name: String
        var kind: Kind
        var isOptional: Bool
    }

    package let type: String
    package let summary: String
    let members: [Member]

    /// - Parameter members: `name:kind`, a question mark after the name of one that may be missing.
    /// - Precondition: they are of that form; a test reads every schema.
    init(_ type: String, _ summary: String, _ members: String) {
        self.type = type
        self.summary = summary
        self.members = Self.parse(members)
    }

    static func parse(_ members: String) -> [Member] {
        members.split(whereSeparator: \.isWhitespace).map { word in
            let parts = word.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let kind = Kind(rawValue: String(parts[1])) else {
                preconditionFailure("\(word) is no member of a leaf")
            }
            let isOptional = parts[0].hasSuffix("?")
            return Member(
                name: String(isOptional ? parts[0].dropLast() : parts[0]), kind: kind, isOptional: isOptional)
        }
    }

    /// JSON Schema, draft 2020-12.
    package var document: JSONValue {
        let place: JSONValue = [
            "seq": ["type": "integer", "minimum": 0, "description": "The leaf's place in the log, from 0."],
            "ts": Self.described(Kind.instant.schema, "When it was committed, by the host's clock."),
            "type": ["const": .string(type)],
        ]
        guard case .object(var document) = Self.object(members, adding: place, required: ["seq", "ts", "type"]) else {
            return .null
        }
        document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        document["$id"] = .string("urn:bureau:audit:\(type)")
        document["title"] = .string(type)
        document["description"] = .string(summary)
        return .object(document)
    }

    static func object(
        _ members: [Member], adding others: JSONValue = [:], required: [String] = []
    ) -> JSONValue {
        var properties = others.objectValue ?? [:]
        for member in members {
            properties[member.name] = described(member.kind.schema, LeafGlossary.text[member.name])
        }
        let needed = required + members.filter { !$0.isOptional }.map(\.name)
        return [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
            "required": .array(needed.sorted().map { .string($0) }),
        ]
    }

    private static func described(_ schema: JSONValue, _ text: String?) -> JSONValue {
        guard case .object(var members) = schema, let text else { return schema }
        members["description"] = .string(text)
        return .object(members)
    }
}

extension LeafSchema.Kind {
    var schema: JSONValue {
        switch self {
        case .uuid:
            ["type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"]
        case .digest: ["type": "string", "pattern": "^[0-9a-f]{64}$"]
        case .number:
            [
                "type": ["integer", "string"], "minimum": .integer(-CanonicalJSON.maximumInteger),
                "maximum": .integer(CanonicalJSON.maximumInteger), "pattern": "^-?[0-9]{16,19}$",
            ]
        case .flag: ["type": "boolean"]
        case .text: ["type": "string", "maxLength": 200]
        case .content: ["type": "string", "maxLength": 16_384]
        case .texts: ["type": "array", "items": LeafSchema.Kind.text.schema]
        case .commitment: ["type": "string", "pattern": "^hmac-sha256:[0-9a-f]{64}$"]
        case .state: LeafSchema.object(LeafSchemas.runState)
        case .call: LeafSchema.object(LeafSchemas.call)
        case .failure: LeafSchema.object(LeafSchemas.failure)
        case .actor: ["type": ["string", "null"], "maxLength": 200]
        case .instant:
            ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"]
        }
    }
}
