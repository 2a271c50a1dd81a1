extension NativeCall {
    /// Reads a worker's answer, which may be anything.
    ///
    /// - Throws: `internal` for bytes that do not fit the signature; `invalid` for text that is not UTF-8.
    package func result(_ block: [UInt8]) throws(Failure) -> JSONValue {
        var reader = NativeBlockReader(bytes: block)
        guard try reader.integer(bytes: 4) == UInt64(NativeBlockWriter.resultMagic) else {
            throw NativeBlockReader.broken
        }
        let errno = Int32(truncatingIfNeeded: try reader.integer(bytes: 4))
        var members: [String: JSONValue] = [:]
        switch signature.result {
        case .void: break
        case .value(let type): members["result"] = try reader.value(type)
        case .string: members["result"] = try reader.string(of: signature.symbol)
        }
        let outputs = zip(signature.parameters.filter(\.isOutput), capacities)
        for (parameter, capacity) in outputs {
            members[parameter.name] = try reader.output(parameter, capacity: capacity)
        }
        guard reader.isAtEnd else { throw NativeBlockReader.broken }
        if signature.reportsErrno { members["errno"] = .integer(Int64(errno)) }
        for (parameter, _) in outputs { shorten(parameter, in: &members) }
        return .object(members)
    }

    /// C's habit `(out bytes[n] data, inout u64 n)`: the count after the call says how much of the room was used.
    private func shorten(_ parameter: NativeParameter, in members: inout [String: JSONValue]) {
        guard case .count(.parameter(let name))? = parameter.form.length,
            let counter = signature.parameters.first(where: { $0.name == name }), counter.direction == .both,
            let value = members[name], let used = NativeScalar.i64.wholeNumber(value), used >= 0
        else { return }
        switch members[parameter.name] {
        case .array(let elements) where used < elements.count:
            members[parameter.name] = .array(Array(elements.prefix(Int(used))))
        case .string(let text):
            guard let bytes = Base64.decode(text), used < bytes.count else { return }
            members[parameter.name] = .string(Base64.encode(Array(bytes.prefix(Int(used)))))
        default: return
        }
    }
}

extension NativeParameter.Form {
    fileprivate var length: NativeLength? {
        switch self {
        case .array(_, let length), .bytes(let length), .text(let length): length
        case .value, .string: nil
        }
    }
}

/// Bounded little-endian reads of a result block.
private struct NativeBlockReader {
    static let broken = Failure(.internal, "the native worker's answer does not fit the signature")

    let bytes: [UInt8]
    private var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    private mutating func take(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - offset else { throw Self.broken }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    mutating func integer(bytes count: Int) throws(Failure) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func value(_ type: NativeType) throws(Failure) -> JSONValue {
        switch type {
        case .scalar(let scalar): return scalar.json(bits: try integer(bytes: scalar.byteCount))
        case .structure(let fields):
            var members: [String: JSONValue] = [:]
            for field in fields { members[field.name] = try value(field.type) }
            return .object(members)
        }
    }

    /// A returned string: whether there is one, its length, its bytes.
    mutating func string(of symbol: String) throws(Failure) -> JSONValue {
        let isPresent = try integer(bytes: 1)
        let length = try integer(bytes: 8)
        guard isPresent <= 1, length <= UInt64(bytes.count) else { throw Self.broken }
        let content = try take(Int(length))
        return isPresent == 0 ? .null : try text(content, of: symbol)
    }

    mutating func output(_ parameter: NativeParameter, capacity: Int) throws(Failure) -> JSONValue {
        let count = try integer(bytes: 8)
        guard count <= UInt64(capacity) else { throw Self.broken }
        switch parameter.form {
        case .value(let type):
            guard count == 1 else { throw Self.broken }
            return try value(type)
        case .array(let element, _):
            var elements: [JSONValue] = []
            for _ in 0..<count { elements.append(try value(element)) }
            return .array(elements)
        case .bytes: return .string(Base64.encode(Array(try take(Int(count)))))
        case .text, .string: return try text(try take(Int(count)), of: parameter.name)
        }
    }

    private func text(_ bytes: ArraySlice<UInt8>, of name: String) throws(Failure) -> JSONValue {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.invalid, "\(name) is not UTF-8 text; write its type as bytes where its length is known")
        }
        return .string(text)
    }
}

extension NativeScalar {
    fileprivate func json(bits: UInt64) -> JSONValue {
        switch self {
        case .bool: return .bool(bits != 0)
        case .f64: return Self.json(Double(bitPattern: bits))
        case .f32:
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
            // The shortest decimal that reads back as the same f32, not the f64 nearest to it.
            return float.isFinite ? .double(Double(float.description) ?? Double(float)) : Self.json(Double(float))
        default:
            let shift = 64 - 8 * byteCount
            let number =
                isSigned ? Int128(Int64(bitPattern: bits << UInt64(shift)) >> Int64(shift)) : Int128(bits)
            guard number.magnitude <= Self.exactInDouble.magnitude, let exact = Int64(exactly: number) else {
                return .string("\(number)")
            }
            return .integer(exact)
        }
    }

    private static func json(_ number: Double) -> JSONValue {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "Infinity" : "-Infinity" }
        return .double(number)
    }
}
