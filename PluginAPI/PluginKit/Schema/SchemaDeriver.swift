import FoundationEssentials

/// Derives a JSON Schema from a Decodable type by decoding it once from a decoder that notes what is asked for and
/// answers with empty values.
package enum SchemaDeriver {
    /// Throws ``FailureStatus/invalid`` with the type and the reason when no schema can be derived.
    package static func schema(of type: any Decodable.Type) throws(TaskFailure) -> JSONValue {
        try derive(type, path: []).json
    }

    /// - Parameter path: the types above, outermost first, to notice a type that contains itself.
    static func derive(_ type: any Decodable.Type, path: [any Decodable.Type]) throws(TaskFailure) -> Schema {
        if let simple = simpleSchema(type) { return simple }
        if let values = enumerationValues(type) { return enumeration(values) }
        if let optional = type as? any OptionalShape.Type { return try derive(optional.wrapped, path: path) }
        if let sequence = type as? any SequenceShape.Type {
            return Schema(.array(try derive(sequence.element, path: path)))
        }
        if let map = type as? any MapShape.Type { return Schema(.map(try derive(map.value, path: path))) }
        guard !path.contains(where: { $0 == type }) else {
            let chain = (path + [type]).map { "\($0)" }.joined(separator: " > ")
            throw .invalid(
                "\(type) contains itself (\(chain)); such a schema has no end: use JSONValue for the inner part")
        }
        return try refine(type, try probe(type, path: path + [type]))
    }

    private static func probe(_ type: any Decodable.Type, path: [any Decodable.Type]) throws(TaskFailure) -> Schema {
        let node = ProbeNode(path: path)
        do {
            _ = try type.init(from: ProbeDecoder(node: node))
        } catch let failure as TaskFailure {
            throw failure
        } catch {
            let hint =
                type is any RawRepresentable.Type
                ? "make the enum CaseIterable"
                : "init(from:) must accept empty values (check meaning in the task); enums with payloads need a struct"
            throw .invalid("no schema for \(type): \(hint). \(error)")
        }
        return node.schema
    }

    private static func refine(_ type: any Decodable.Type, _ schema: Schema) throws(TaskFailure) -> Schema {
        guard let describing = type as? any SchemaDescribing.Type else { return schema }
        var editor = SchemaEditor(schema)
        describing.describe(&editor)
        guard editor.unknownProperties.isEmpty else {
            throw .invalid("\(type).describe names properties it does not have: \(editor.unknownProperties)")
        }
        return editor.schema
    }

    private static func simpleSchema(_ type: any Decodable.Type) -> Schema? {
        switch type {
        case is JSONValue.Type: return Schema(.any)
        case is String.Type, is Data.Type, is UUID.Type, is URL.Type: return Schema(.string)
        case is Bool.Type: return Schema(.boolean)
        case is Double.Type, is Float.Type: return Schema(.number)
        case is any UnsignedInteger.Type:
            var schema = Schema(.integer)
            schema.minimum = 0
            return schema
        case is any BinaryInteger.Type: return Schema(.integer)
        default: return nil
        }
    }

    private static func enumeration(_ values: [JSONValue]) -> Schema {
        var schema = Schema(values.first?.integerValue == nil ? .string : .integer)
        schema.enumeration = values
        return schema
    }

    private static func enumerationValues(_ type: any Decodable.Type) -> [JSONValue]? {
        func rawValues<C: CaseIterable>(_: C.Type) -> [JSONValue]? {
            var values: [JSONValue] = []
            for value in C.allCases {
                switch (value as? any RawRepresentable)?.rawValue {
                case let text as String: values.append(.string(text))
                case let number as Int: values.append(.integer(Int64(number)))
                default: return nil
                }
            }
            return values
        }
        guard let cases = type as? any CaseIterable.Type else { return nil }
        return rawValues(cases)
    }
}

// The standard library's containers, by shape: their elements are derived without decoding an element.
protocol OptionalShape { static var wrapped: any Decodable.Type { get } }
protocol SequenceShape { static var element: any Decodable.Type { get } }
protocol MapShape { static var value: any Decodable.Type { get } }

extension Optional: OptionalShape where Wrapped: Decodable {
    static var wrapped: any Decodable.Type { Wrapped.self }
}
extension Array: SequenceShape where Element: Decodable {
    static var element: any Decodable.Type { Element.self }
}
extension Set: SequenceShape where Element: Decodable {
    static var element: any Decodable.Type { Element.self }
}
extension Dictionary: MapShape where Key == String, Value: Decodable {
    static var value: any Decodable.Type { Value.self }
}
