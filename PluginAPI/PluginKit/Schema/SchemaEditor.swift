/// A type that refines the schema derived from its Codable conformance: descriptions and bounds.
///
/// ```swift
/// static func describe(_ schema: inout SchemaEditor) {
///     schema.description("Whom to greet, and how.")
///     schema.property("name", "Whom to greet.", minLength: 1, maxLength: 100)
/// }
/// ```
public protocol SchemaDescribing {
    static func describe(_ schema: inout SchemaEditor)
}

/// Edits the schema of one object type. A name that the type does not have is reported when the manifest is built.
public struct SchemaEditor {
    private(set) var schema: Schema
    private(set) var unknownProperties: [String] = []

    init(_ schema: Schema) { self.schema = schema }

    /// What the whole object is.
    public mutating func description(_ text: String) {
        schema.description = text
    }

    /// What the property `name` (the JSON key) is, and its bounds. Of an array property, `minItems` and `maxItems`
    /// bound the array, the other bounds its elements.
    public mutating func property(
        _ name: String, _ description: String, minimum: Double? = nil, maximum: Double? = nil,
        minLength: Int? = nil, maxLength: Int? = nil, minItems: Int? = nil, maxItems: Int? = nil,
        pattern: String? = nil, enumeration: [String]? = nil
    ) {
        guard case .object(var properties) = schema.kind,
            let index = properties.firstIndex(where: { $0.name == name })
        else {
            unknownProperties.append(name)
            return
        }
        func bound(_ schema: inout Schema) {
            schema.minimum = minimum ?? schema.minimum
            schema.maximum = maximum ?? schema.maximum
            schema.minLength = minLength ?? schema.minLength
            schema.maxLength = maxLength ?? schema.maxLength
            schema.pattern = pattern ?? schema.pattern
            schema.enumeration = enumeration.map { $0.map(JSONValue.string) } ?? schema.enumeration
        }
        var edited = properties[index].schema
        edited.description = description
        edited.minItems = minItems ?? edited.minItems
        edited.maxItems = maxItems ?? edited.maxItems
        if case .array(var element) = edited.kind {
            bound(&element)
            edited.kind = .array(element)
        } else {
            bound(&edited)
        }
        properties[index].schema = edited
        schema.kind = .object(properties)
    }
}
