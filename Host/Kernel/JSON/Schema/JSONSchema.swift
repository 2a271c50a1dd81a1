/// A JSON Schema, draft 2020-12, compiled once and safe to use on any input: neither the schema nor the document
/// can make validation run away, because every check draws on a fixed allowance.
///
/// Understood: boolean schemas; `type`, `enum`, `const`; `minimum`, `maximum`, `exclusiveMinimum`,
/// `exclusiveMaximum`, `multipleOf`; `minLength`, `maxLength` (in Unicode scalars), `pattern` (the dialect of
/// ``Pattern``); `properties`, `patternProperties`, `additionalProperties`, `propertyNames`, `required`,
/// `dependentRequired`, `dependentSchemas`, `minProperties`, `maxProperties`; `prefixItems`, `items`, `contains`,
/// `minContains`, `maxContains`, `minItems`, `maxItems`, `uniqueItems`; `allOf`, `anyOf`, `oneOf`, `not`,
/// `if`/`then`/`else`; `$ref` to a place in the same document. Annotations, `format` and unknown keywords are
/// ignored. Standard keywords that would narrow the schema and are not understood (`unevaluatedProperties`,
/// `$dynamicRef`, …) are refused, so a schema never promises more than is checked.
package struct JSONSchema: Hashable, Sendable {
    package static let maximumNodes = 10_000

    /// The schema's own document.
    package let document: JSONValue
    let nodes: [SchemaNode]

    package init(_ document: JSONValue) throws(SchemaError) {
        self.document = document
        nodes = try SchemaCompiler.compile(document)
    }

    /// Every way in which `value` breaks the schema, in document order of the schema's keywords; empty when it is
    /// valid. At most ``SchemaViolation/maximumCount``.
    package func validate(_ value: JSONValue) -> [SchemaViolation] {
        var validator = SchemaValidator(nodes: nodes)
        return validator.violations(of: value)
    }
}

/// Why a document is not a schema.
package struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// JSON pointer into the schema.
    package var pointer: String
    package var message: String

    init(_ pointer: JSONPointer, _ message: String) {
        self.pointer = pointer.description
        self.message = message
    }

    package var description: String { pointer.isEmpty ? "the schema \(message)" : "\(pointer) \(message)" }
}

/// One way in which a document breaks a schema.
package struct SchemaViolation: Hashable, Sendable, CustomStringConvertible {
    package static let maximumCount = 100

    /// JSON pointer into the document; empty for the document itself.
    package var pointer: String
    /// What should hold, in plain words: `must be at least 1`.
    package var message: String
    /// The keyword that was broken.
    package var keyword: String

    package init(pointer: String, message: String, keyword: String) {
        self.pointer = pointer
        self.message = message
        self.keyword = keyword
    }

    package var description: String { pointer.isEmpty ? "the document \(message)" : "\(pointer) \(message)" }
}

/// One schema, with references to its parts by index. Groups of keywords that apply to one type stand together.
struct SchemaNode: Hashable, Sendable {
    /// A boolean schema: everything or nothing.
    var constantResult: Bool?
    var types: Set<SchemaType>?
    var enumeration: [JSONValue]?
    var constant: JSONValue?
    var number = SchemaNumberRules()
    var string = SchemaStringRules()
    var array = SchemaArrayRules()
    var object = SchemaObjectRules()
    var reference: Int?
    var allOf = [Int]()
    var anyOf = [Int]()
    var oneOf = [Int]()
    var not: Int?
    var condition: Int?
    var then: Int?
    var otherwise: Int?
}

struct SchemaNumberRules: Hashable, Sendable {
    var minimum: JSONValue?
    var maximum: JSONValue?
    var exclusiveMinimum: JSONValue?
    var exclusiveMaximum: JSONValue?
    var multipleOf: JSONValue?
}

struct SchemaStringRules: Hashable, Sendable {
    var minimumLength: Int?
    var maximumLength: Int?
    var pattern: Pattern?
}

struct SchemaArrayRules: Hashable, Sendable {
    var minimumCount: Int?
    var maximumCount: Int?
    var isUnique = false
    var prefix = [Int]()
    var items: Int?
    var contains: Int?
    var minimumContained = 1
    var maximumContained: Int?
}

struct SchemaObjectRules: Hashable, Sendable {
    struct PatternMember: Hashable, Sendable {
        var pattern: Pattern
        var node: Int
    }

    var minimumCount: Int?
    var maximumCount: Int?
    var required = [String]()
    var properties = [String: Int]()
    var patterns = [PatternMember]()
    var additional: Int?
    var names: Int?
    var dependentRequired = [String: [String]]()
    var dependentSchemas = [String: Int]()
}

enum SchemaType: String, Hashable, Sendable, CaseIterable {
    case null, boolean, integer, number, string, array, object

    /// How the type is named in a sentence.
    var noun: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    static func of(_ value: JSONValue) -> SchemaType {
        switch value {
        case .null: .null
        case .bool: .boolean
        case .integer: .integer
        case .double: SchemaComparison.isWhole(value) ? .integer : .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }
}
