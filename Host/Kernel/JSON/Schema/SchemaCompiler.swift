/// Turns a schema document into nodes. Works from a list of what is still to do, so that a long chain of references
/// does not deepen the stack.
struct SchemaCompiler {
    private let document: JSONValue
    private var nodes = [SchemaNode]()
    private var indices = [JSONPointer: Int]()
    private var pending = [(schema: JSONValue, pointer: JSONPointer)]()

    private init(document: JSONValue) { self.document = document }

    static func compile(_ document: JSONValue) throws(SchemaError) -> [SchemaNode] {
        var compiler = SchemaCompiler(document: document)
        _ = try compiler.node(document, at: JSONPointer())
        while let (schema, pointer) = compiler.pending.popLast() {
            guard let index = compiler.indices[pointer] else { continue }
            compiler.nodes[index] = try compiler.read(schema, at: pointer)
        }
        try SchemaLoops.check(compiler.nodes)
        return compiler.nodes
    }

    /// The index of the schema at `pointer`, which is read later unless it was before.
    private mutating func node(_ schema: JSONValue, at pointer: JSONPointer) throws(SchemaError) -> Int {
        if let index = indices[pointer] { return index }
        guard nodes.count < JSONSchema.maximumNodes else {
            throw SchemaError(pointer, "is one schema too many; the limit is \(JSONSchema.maximumNodes)")
        }
        let index = nodes.count
        indices[pointer] = index
        nodes.append(SchemaNode())
        pending.append((schema, pointer))
        return index
    }

    private mutating func read(_ schema: JSONValue, at pointer: JSONPointer) throws(SchemaError) -> SchemaNode {
        var node = SchemaNode()
        if case .bool(let flag) = schema {
            node.constantResult = flag
            return node
        }
        guard case .object(let keywords) = schema else {
            throw SchemaError(pointer, "must be an object, true or false")
        }
        // Sorted, so that the same document always compiles to the same nodes and fails with the same message.
        for keyword in keywords.keys.sorted() {
            guard let value = keywords[keyword] else { continue }
            let place = pointer.appending(keyword)
            if try readGeneral(keyword, value, at: place, into: &node) { continue }
            if try readCombination(keyword, value, at: place, into: &node) { continue }
            if try readNumber(keyword, value, at: place, into: &node.number) { continue }
            if try readString(keyword, value, at: place, into: &node.string) { continue }
            if try readArray(keyword, value, at: place, into: &node.array) { continue }
            if try readObject(keyword, value, at: place, into: &node.object) { continue }
            guard !Self.refused.contains(keyword) else { throw SchemaError(place, "is not supported") }
        }
        return node
    }

    /// Standard keywords that would narrow the schema, but are not checked here.
    private static let refused: Set<String> = [
        "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef", "dependencies",
        "additionalItems",
    ]

    // MARK: Keywords. Each group tells whether the keyword is one of its own.

    private mutating func readGeneral(
        _ keyword: String, _ value: JSONValue, at place: JSONPointer, into node: inout SchemaNode
    ) throws(SchemaError) -> Bool {
        switch keyword {
        case "type": node.types = try types(value, at: place)
        case "enum": node.enumeration = try array(value, at: place)
        case "const": node.constant = value
        case "$ref": node.reference = try reference(value, at: place)
        default: return false
        }
        return true
    }

    private mutating func readCombination(
        _ keyword: String, _ value: JSONValue, at place: JSONPointer, into node: inout SchemaNode
    ) throws(SchemaError) -> Bool {
        switch keyword {
        case "allOf": node.allOf = try schemas(value, at: place)
        case "anyOf": node.anyOf = try schemas(value, at: place)
        case "oneOf": node.oneOf = try schemas(value, at: place)
        case "not": node.not = try self.node(value, at: place)
        case "if": node.condition = try self.node(value, at: place)
        case "then": node.then = try self.node(value, at: place)
        case "else": node.otherwise = try self.node(value, at: place)
        default: return false
        }
        return true
    }

    private func readNumber(
        _ keyword: String, _ value: JSONValue, at place: JSONPointer, into rules: inout SchemaNumberRules
    ) throws(SchemaError) -> Bool {
        switch keyword {
        case "minimum": rules.minimum = try number(value, at: place)
        case "maximum": rules.maximum = try number(value, at: place)
        case "exclusiveMinimum": rules.exclusiveMinimum = try number(value, at: place)
        case "exclusiveMaximum": rules.exclusiveMaximum = try number(value, at: place)
        case "multipleOf":
            rules.multipleOf = try number(value, at: place)
            guard let step = value.doubleValue, step > 0 else {
                throw SchemaError(place, "must be greater than 0")
            }
        default: return false
        }
        return true
    }

    private func readString(
        _ keyword: String, _ value: JSONValue, at place: JSONPointer, into rules: inout SchemaStringRules
    ) throws(SchemaError) -> Bool {
        switch keyword {
        case "minLength": rules.minimumLength = try count(value, at: place)
        case "maxLength": rules.maximumLength = try count(value, at: place)
        case "pattern":
            guard let source = value.stringValue else { throw SchemaError(place, "must be a string") }
            rules.pattern = try pattern(source, at: place)
        default: return false
        }
        return true
    }

    private mutating func readArray(
        _ keyword: String, _ value: JSONValue, at place: JSONPointer, into rules: inout SchemaArrayRules
    ) throws(SchemaError) -> Bool {
        switch keyword {
        case "minItems": rules.minimumCount = try count(value, at: place)
        case "maxItems": rules.maximumCount = try count(value, at: place)
        case "uniqueItems":
            guard let flag = value.boolValue else { throw SchemaError(place, "must be true or false") }
            rules.isUnique = flag
        case "prefixItems": rules.prefix = try schemas(value, at: place)
        case "items": rules.items = try node(value, at: place)
        case "contains": rules.contains = try node(value, at: place)
        case "minContains": rules.minimumContained = try count(value, at: place)
        case "maxContains": rules.maximumContained = try count(value, at: place)
        default: return false
        }
        return true
    }

    private mutating func readObject(
        _ keyword: String, _ value: JSONValue, at place: JSONPointer, into rules: inout SchemaObjectRules
    ) throws(SchemaError) -> Bool {
        switch keyword {
        case "minProperties": rules.minimumCount = try count(value, at: place)
        case "maxProperties": rules.maximumCount = try count(value, at: place)
        case "required": rules.required = try strings(value, at: place)
        case "properties": rules.properties = try namedSchemas(value, at: place)
        case "additionalProperties": rules.additional = try node(value, at: place)
        case "propertyNames": rules.names = try node(value, at: place)
        case "dependentSchemas": rules.dependentSchemas = try namedSchemas(value, at: place)
        case "dependentRequired":
            for (name, names) in try object(value, at: place) {
                rules.dependentRequired[name] = try strings(names, at: place.appending(name))
            }
        case "patternProperties":
            for (source, index) in try namedSchemas(value, at: place).sorted(by: { $0.key < $1.key }) {
                let pattern = try pattern(source, at: place.appending(source))
                rules.patterns.append(SchemaObjectRules.PatternMember(pattern: pattern, node: index))
            }
        default: return false
        }
        return true
    }

    // MARK: Values of keywords

    private mutating func schemas(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> [Int] {
        let elements = try array(value, at: place)
        guard !elements.isEmpty else { throw SchemaError(place, "must not be empty") }
        var result = [Int]()
        for (index, element) in elements.enumerated() {
            result.append(try node(element, at: place.appending(index)))
        }
        return result
    }

    private mutating func namedSchemas(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> [String: Int] {
        var result = [String: Int]()
        for (name, schema) in try object(value, at: place).sorted(by: { $0.key < $1.key }) {
            result[name] = try node(schema, at: place.appending(name))
        }
        return result
    }

    /// `#` or `#/a/pointer`, percent-encoded as in a URI.
    private mutating func reference(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> Int {
        guard let text = value.stringValue else { throw SchemaError(place, "must be a string") }
        guard text.hasPrefix("#"), let decoded = Self.percentDecoded(text.dropFirst()),
            let pointer = JSONPointer(decoded)
        else { throw SchemaError(place, "must point into the same document, like #/$defs/name") }
        guard let target = pointer.value(in: document) else {
            throw SchemaError(place, "points to \(text), which does not exist")
        }
        return try node(target, at: pointer)
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes = [UInt8]()
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
            guard let decoded = Hex.decode(digits), let value = decoded.first else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private func types(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> Set<SchemaType> {
        let names = value.stringValue.map { [$0] } ?? value.arrayValue?.compactMap(\.stringValue) ?? []
        let types = Set(names.compactMap(SchemaType.init(rawValue:)))
        guard !types.isEmpty, types.count == value.arrayValue?.count ?? 1 else {
            let known = SchemaType.allCases.map(\.rawValue).joined(separator: ", ")
            throw SchemaError(place, "must be one of \(known), or an array of different ones")
        }
        return types
    }

    private func pattern(_ source: String, at place: JSONPointer) throws(SchemaError) -> Pattern {
        do {
            return try Pattern(source)
        } catch {
            throw SchemaError(place, "is not a supported pattern: \(error.message)")
        }
    }

    private func number(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> JSONValue {
        guard value.doubleValue != nil else { throw SchemaError(place, "must be a number") }
        return value
    }

    private func count(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> Int {
        guard let number = value.doubleValue, number >= 0, let count = Int(exactly: number) else {
            throw SchemaError(place, "must be a whole number of at least 0")
        }
        return count
    }

    private func strings(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> [String] {
        let elements = try array(value, at: place)
        let strings = elements.compactMap(\.stringValue)
        guard strings.count == elements.count, Set(strings).count == strings.count else {
            throw SchemaError(place, "must be an array of different strings")
        }
        return strings
    }

    private func array(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> [JSONValue] {
        guard let elements = value.arrayValue else { throw SchemaError(place, "must be an array") }
        return elements
    }

    private func object(_ value: JSONValue, at place: JSONPointer) throws(SchemaError) -> [String: JSONValue] {
        guard let members = value.objectValue else { throw SchemaError(place, "must be an object") }
        return members
    }
}
