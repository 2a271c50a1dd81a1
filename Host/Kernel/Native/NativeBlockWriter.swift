/// Writes the block of one call (`cnative/block.h`), little-endian.
struct NativeBlockWriter {
    static let callMagic: UInt32 = 0x3143_4E42
    static let resultMagic: UInt32 = 0x3152_4E42

    enum TypeCode {
        static let void: UInt8 = 0
        static let structure: UInt8 = 0x20
        static let string: UInt8 = 0x30
        static let ownedString: UInt8 = 0x31
    }

    enum ArgumentKind {
        static let value: UInt8 = 1
        static let buffer: UInt8 = 2
    }

    enum BufferFlag {
        static let output: UInt8 = 1
        /// What comes back ends at the first NUL.
        static let terminated: UInt8 = 2
    }

    private static let countOffset = 4
    private var bytes: [UInt8] = []
    private var argumentCount: UInt16 = 0
    /// What the worker must set aside, and may send back.
    private var bufferBytes = 0

    init(result: NativeResult) {
        append(Self.callMagic)
        append(UInt32(0))
        switch result {
        case .void: bytes.append(TypeCode.void)
        case .value(let type): append(type)
        case .string(let isOwned): bytes.append(isOwned ? TypeCode.ownedString : TypeCode.string)
        }
    }

    func finished() throws(Failure) -> [UInt8] {
        guard bytes.count <= NativeSignature.maximumCallBytes else { throw Self.tooLarge }
        var bytes = bytes
        withUnsafeBytes(of: argumentCount.littleEndian) { count in
            bytes.replaceSubrange(Self.countOffset..<Self.countOffset + count.count, with: count)
        }
        return bytes
    }

    static let tooLarge = Failure(
        .tooLarge, "a native call has at most \(NativeSignature.maximumCallBytes) bytes of data each way")

    // MARK: Parameters

    /// - Returns: for an output, how many elements it has room for.
    mutating func write(_ parameter: NativeParameter, _ values: NativeArguments) throws(Failure) -> Int? {
        let place = JSONPointer(tokens: [parameter.name])
        switch parameter.form {
        case .value(let type): try write(type, parameter, values, at: place)
        case .array(let element, let length):
            let elements = parameter.direction == .output ? nil : try Self.array(values.value(parameter), at: place)
            return try write(length, parameter, values, element: element, given: elements?.count) {
                writer throws(Failure) in
                for (index, value) in (elements ?? []).enumerated() {
                    try writer.append(value, as: element, at: place.appending(index))
                }
            }
        case .bytes(let length):
            let content = parameter.direction == .output ? nil : try Self.bytes(values.value(parameter), at: place)
            return try write(length, parameter, values, element: .scalar(.u8), given: content?.count) {
                writer throws(Failure) in writer.bytes += content ?? []
            }
        case .text(let length):
            let content = Array(try Self.text(values.value(parameter), at: place).utf8)
            return try write(length, parameter, values, element: .scalar(.u8), given: content.count) {
                writer throws(Failure) in writer.bytes += content
            }
        case .string(let room): return try write(room, parameter, values, at: place)
        }
        return parameter.isOutput ? 1 : nil
    }

    private mutating func write(
        _ type: NativeType, _ parameter: NativeParameter, _ values: NativeArguments, at place: JSONPointer
    ) throws(Failure) {
        if parameter.isOutput {
            try appendBuffer(
                type, flags: BufferFlag.output, capacity: 1, given: parameter.direction == .both ? 1 : 0)
            guard parameter.direction == .both else { return }
        } else {
            appendKind(ArgumentKind.value)
            append(type)
        }
        if case .scalar(let scalar) = type, let computed = values.computed[parameter.name] {
            guard scalar.range.contains(Int128(computed)) else {
                throw Failure(.invalid, "\(place): the computed \(computed) does not fit \(scalar.name)")
            }
            append(UInt64(truncatingIfNeeded: computed), bytes: scalar.byteCount)
        } else {
            try append(values.value(parameter), as: type, at: place)
        }
    }

    /// The pointer with its elements, and the length after it.
    private mutating func write(
        _ length: NativeLength, _ parameter: NativeParameter, _ values: NativeArguments, element: NativeType,
        given: Int?, content: (inout NativeBlockWriter) throws(Failure) -> Void
    ) throws(Failure) -> Int? {
        var capacity = given ?? 0
        if case .count(let expression) = length {
            capacity = try values.count(expression, for: parameter)
            guard given ?? capacity == capacity else {
                throw Failure(.invalid, "/\(parameter.name): must have \(capacity) elements, not \(given ?? 0)")
            }
        }
        let flags = parameter.isOutput ? BufferFlag.output : 0
        try appendBuffer(element, flags: flags, capacity: capacity, given: given ?? 0)
        try content(&self)
        if case .argument(let scalar) = length {
            guard scalar.range.contains(Int128(capacity)) else {
                throw Failure(.invalid, "/\(parameter.name): its length \(capacity) does not fit \(scalar.name)")
            }
            appendKind(ArgumentKind.value)
            append(.scalar(scalar))
            append(UInt64(capacity), bytes: scalar.byteCount)
        }
        return parameter.isOutput ? capacity : nil
    }

    private mutating func write(
        _ room: NativeExpression?, _ parameter: NativeParameter, _ values: NativeArguments, at place: JSONPointer
    ) throws(Failure) -> Int? {
        var content: [UInt8] = []
        if parameter.direction != .output {
            content = Array(try Self.text(values.value(parameter), at: place).utf8)
            guard !content.contains(0) else { throw Failure(.invalid, "\(place): a C string cannot hold U+0000") }
            content.append(0)
        }
        guard let room else {
            try appendBuffer(.scalar(.u8), flags: 0, capacity: content.count, given: content.count)
            bytes += content
            return nil
        }
        let capacity = try values.count(room, for: parameter)
        guard content.count <= capacity else {
            throw Failure(.invalid, "\(place): needs \(content.count) bytes, there is room for \(capacity)")
        }
        try appendBuffer(
            .scalar(.u8), flags: BufferFlag.output | BufferFlag.terminated, capacity: capacity, given: content.count)
        bytes += content
        return capacity
    }

    // MARK: Pieces

    private mutating func appendKind(_ kind: UInt8) {
        bytes.append(kind)
        argumentCount += 1
    }

    private mutating func appendBuffer(
        _ element: NativeType, flags: UInt8, capacity: Int, given: Int
    ) throws(Failure) {
        // Without the padding of structs, which the worker counts.
        bufferBytes += capacity * element.packedBytes
        guard bufferBytes <= NativeSignature.maximumCallBytes else { throw Self.tooLarge }
        appendKind(ArgumentKind.buffer)
        append(element)
        bytes.append(flags)
        append(UInt64(capacity))
        append(UInt64(given))
    }

    private mutating func append(_ type: NativeType) {
        switch type {
        case .scalar(let scalar): bytes.append(scalar.rawValue)
        case .structure(let fields):
            bytes.append(TypeCode.structure)
            bytes.append(UInt8(fields.count))
            for field in fields { append(field.type) }
        }
    }

    private mutating func append(_ value: JSONValue, as type: NativeType, at place: JSONPointer) throws(Failure) {
        switch type {
        case .scalar(let scalar): append(try scalar.bits(value, at: place), bytes: scalar.byteCount)
        case .structure(let fields):
            guard let members = value.objectValue else { throw Failure(.invalid, "\(place): must be an object") }
            for field in fields {
                let inner = place.appending(field.name)
                guard let member = members.exactValue(forKey: field.name) else {
                    throw Failure(.invalid, "\(inner): is missing")
                }
                try append(member, as: field.type, at: inner)
            }
            guard members.count == fields.count else {
                throw Failure(.invalid, "\(place): has members that the struct does not have")
            }
        }
    }

    private mutating func append(_ bits: UInt64, bytes count: Int) {
        withUnsafeBytes(of: bits.littleEndian) { bytes += $0.prefix(count) }
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    private static func array(_ value: JSONValue, at place: JSONPointer) throws(Failure) -> [JSONValue] {
        guard let elements = value.arrayValue else { throw Failure(.invalid, "\(place): must be an array") }
        return elements
    }

    private static func text(_ value: JSONValue, at place: JSONPointer) throws(Failure) -> String {
        guard let text = value.stringValue else { throw Failure(.invalid, "\(place): must be a string") }
        return text
    }

    static func bytes(_ value: JSONValue, at place: JSONPointer) throws(Failure) -> [UInt8] {
        guard let bytes = Base64.decode(try text(value, at: place)) else {
            throw Failure(.invalid, "\(place): must be bytes in base64, with padding")
        }
        return bytes
    }
}

extension NativeScalar {
    /// The value's bits, in the low bytes.
    fileprivate func bits(_ value: JSONValue, at place: JSONPointer) throws(Failure) -> UInt64 {
        switch self {
        case .bool:
            guard let flag = value.boolValue else { throw Failure(.invalid, "\(place): must be true or false") }
            return flag ? 1 : 0
        case .f64: return try number(value, at: place).bitPattern
        case .f32:
            let number = try number(value, at: place)
            let float = Float(number)
            guard float.isFinite || !number.isFinite else {
                throw Failure(.invalid, "\(place): \(number) does not fit f32")
            }
            return UInt64(float.bitPattern)
        default: return UInt64(truncatingIfNeeded: try integer(value, at: place))
        }
    }

    private func number(_ value: JSONValue, at place: JSONPointer) throws(Failure) -> Double {
        if let number = value.doubleValue { return number }
        if let text = value.stringValue, let known = Self.nonFinite.first(where: { $0.name == text }) {
            return known.value
        }
        throw Failure(.invalid, "\(place): must be a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
    }

    /// A whole number in range; 64-bit types also take decimal digits in a string.
    func wholeNumber(_ value: JSONValue) -> Int128? {
        switch value {
        case .integer(let number): Int128(number)
        // Past this a double's last places are guesses.
        case .double(let number) where number.magnitude <= Double(Self.exactInDouble): Int128(exactly: number)
        case .string(let text) where byteCount == 8 && !text.hasPrefix("+"): Int128(text)
        default: nil
        }
    }

    func integer(_ value: JSONValue, at place: JSONPointer) throws(Failure) -> Int128 {
        guard let number = wholeNumber(value), range.contains(number) else {
            let digits = byteCount == 8 ? " (past 2^53 as a string of digits)" : ""
            throw Failure(
                .invalid, "\(place): must be a whole number from \(range.lowerBound) to \(range.upperBound)\(digits)")
        }
        return number
    }
}
