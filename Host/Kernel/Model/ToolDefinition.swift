/// What a model may ask to have done.
package struct ToolDefinition: Hashable, Sendable {
    package static let maximumNameBytes = 64

    package var name: String
    package var description: String
    /// What its arguments must fit.
    package var parameters: JSONSchema

    package init(name: String, description: String, parameters: JSONSchema) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }

    /// The names that every provider takes.
    package static func isName(_ text: String) -> Bool {
        (1...maximumNameBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// Whether a model must use tools.
package enum ToolChoice: Hashable, Sendable {
    case auto
    case none
    /// Any of them, at least one.
    case required
    case tool(String)
}

/// What a model asked to have done.
package struct ToolCall: Hashable, Sendable {
    /// The provider's, or the host's where a provider gives none; names the call in the message with its result.
    package var id: String
    package var name: String
    /// JSON as the model wrote it, which may be wrong.
    package var arguments: String

    package init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    /// Nil when it is not a JSON object. Models write nothing at all for "no arguments".
    package var argumentObject: JSONValue? {
        let isBlank = arguments.utf8.allSatisfy { [0x09, 0x0A, 0x0D, 0x20].contains($0) }
        guard !isBlank else { return [:] }
        guard let value = try? JSONParser.parse(arguments), value.objectValue != nil else { return nil }
        return value
    }
}
