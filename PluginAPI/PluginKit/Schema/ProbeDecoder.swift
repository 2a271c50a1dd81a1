/// What one type asked its decoder for.
final class ProbeNode {
    enum Form {
        case nothing
        case value(Schema)
        case list(ProbeNode)
        case keyed([(name: String, node: ProbeNode, isRequired: Bool)])
    }

    let path: [any Decodable.Type]
    var form: Form = .nothing

    init(path: [any Decodable.Type]) { self.path = path }

    var schema: Schema {
        switch form {
        case .nothing: Schema(.object([]))
        case .value(let schema): schema
        case .list(let element): Schema(.array(element.schema))
        case .keyed(let members):
            Schema(
                .object(members.map { .init(name: $0.name, schema: $0.node.schema, isRequired: $0.isRequired) }))
        }
    }

    func member(_ name: String, isRequired: Bool) -> ProbeNode {
        var members: [(name: String, node: ProbeNode, isRequired: Bool)] = []
        if case .keyed(let known) = form { members = known }
        if let known = members.first(where: { $0.name == name }) { return known.node }
        let node = ProbeNode(path: path)
        members.append((name, node, isRequired))
        form = .keyed(members)
        return node
    }

    /// Notes that a `T` was asked for, and makes an empty one to go on with.
    func answer<T: Decodable>(_ type: T.Type) throws -> T {
        form = .value(try SchemaDeriver.derive(type, path: path))
        return try ProbeSample.make(type, path: path)
    }
}

/// Empty values to answer with.
enum ProbeSample {
    static func make<T: Decodable>(_ type: T.Type, path: [any Decodable.Type]) throws -> T {
        if type == JSONValue.self, let value = JSONValue.null as? T { return value }
        if let cases = type as? any CaseIterable.Type, let first = firstCase(cases) as? T { return first }
        if let empty = try emptyContainer(type) as? T { return empty }
        return try T(from: ProbeDecoder(node: ProbeNode(path: path)))
    }

    private static func firstCase<C: CaseIterable>(_: C.Type) -> Any? { C.allCases.first }

    private static func emptyContainer(_ type: any Decodable.Type) throws -> Any? {
        func empty<S: ExpressibleByArrayLiteral>(_: S.Type) -> Any { [] as S }
        func empty<M: ExpressibleByDictionaryLiteral>(_: M.Type) -> Any { [:] as M }
        if type is any SequenceShape.Type, let literal = type as? any ExpressibleByArrayLiteral.Type {
            return empty(literal)
        }
        if type is any MapShape.Type, let literal = type as? any ExpressibleByDictionaryLiteral.Type {
            return empty(literal)
        }
        return nil
    }
}

/// A decoder that holds no data: it notes what it is asked for in its node.
struct ProbeDecoder: Decoder {
    let node: ProbeNode
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        if case .nothing = node.form { node.form = .keyed([]) }
        return KeyedDecodingContainer(ProbeKeyed<Key>(node: node))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        let element = ProbeNode(path: node.path)
        node.form = .list(element)
        return ProbeUnkeyed(element: element)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { ProbeSingle(node: node) }
}

private struct ProbeSingle: SingleValueDecodingContainer {
    let node: ProbeNode
    var codingPath: [any CodingKey] { [] }
    func decodeNil() -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        if let value = Scalar.sample(type) {
            node.form = .value(try SchemaDeriver.derive(type, path: node.path))
            return value
        }
        return try node.answer(type)
    }
}

private struct ProbeUnkeyed: UnkeyedDecodingContainer {
    let element: ProbeNode
    var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var isAtEnd: Bool { currentIndex > 0 }

    init(element: ProbeNode) { self.element = element }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        return try ProbeSingle(node: element).decode(type)
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        currentIndex += 1
        return ProbeDecoder(node: element).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
        currentIndex += 1
        return ProbeDecoder(node: element).unkeyedContainer()
    }

    mutating func superDecoder() -> any Decoder {
        currentIndex += 1
        return ProbeDecoder(node: element)
    }
}

private struct ProbeKeyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: ProbeNode
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try ProbeSingle(node: node.member(key.stringValue, isRequired: true)).decode(type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try absent(type, key)
    }

    // The synthesised conformances call these overloads, whose defaults would ask `decode` and note "required".
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try absent(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try absent(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try absent(type, key) }
    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try absent(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try absent(type, key) }
    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try absent(type, key) }
    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try absent(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try absent(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try absent(type, key) }
    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try absent(type, key) }
    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try absent(type, key) }
    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try absent(type, key) }
    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try absent(type, key) }
    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try absent(type, key) }

    private func absent<T: Decodable>(_ type: T.Type, _ key: Key) throws -> T? {
        let member = node.member(key.stringValue, isRequired: false)
        member.form = .value(try SchemaDeriver.derive(type, path: node.path))
        return nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedDecodingContainer<Nested> {
        ProbeDecoder(node: node.member(key.stringValue, isRequired: true)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
        ProbeDecoder(node: node.member(key.stringValue, isRequired: true)).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { ProbeDecoder(node: node.member("super", isRequired: true)) }
    func superDecoder(forKey key: Key) -> any Decoder {
        ProbeDecoder(node: node.member(key.stringValue, isRequired: true))
    }
}
