/// The strict reader for everything that comes from outside: RFC 8259 and nothing more.
///
/// Refused besides plain syntax errors: invalid UTF-8, a byte order mark, duplicate keys (also keys that are
/// canonically equal in Unicode), lone surrogates, numbers that are not finite, nesting beyond the limit. Two
/// readers can therefore never disagree about what a document says.
package enum JSONParser {
    /// - Throws: ``JSONError`` with the line and column of the first offence.
    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .standard
    ) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes: bytes, limits: limits)
        return try reader.readDocument()
    }

    package static func parse(_ text: String, limits: JSONLimits = .standard) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }
}

/// Bounds on a document.
package struct JSONLimits: Hashable, Sendable {
    package var maximumBytes: Int
    /// Arrays and objects inside one another; a scalar has depth 0.
    package var maximumDepth: Int

    package init(maximumBytes: Int = 16 << 20, maximumDepth: Int = 64) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }

    package static let standard = JSONLimits()
}

package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    /// From 1.
    package var line: Int
    /// From 1, in Unicode scalars.
    package var column: Int

    package init(message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    package var description: String { "line \(line), column \(column): \(message)" }

    init(_ message: String, at offset: Int, in bytes: [UInt8]) {
        var line = 1
        var column = 1
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        self.init(message: message, line: line, column: column)
    }
}

/// One pass over the bytes, by recursive descent; the depth limit bounds the stack.
private struct JSONReader {
    let bytes: [UInt8]
    let limits: JSONLimits
    var offset = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func readDocument() throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.maximumBytes else {
            throw failure("the document has \(bytes.count) bytes; the limit is \(limits.maximumBytes)")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw failure("a byte order mark is not allowed") }
        skipWhitespace()
        let value = try readValue(depth: 0)
        skipWhitespace()
        guard offset == bytes.count else { throw failure("unexpected content after the document") }
        return value
    }

    private mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        guard let byte = peek() else { throw failure("unexpected end of the document") }
        switch byte {
        case UInt8(ascii: "{"): return try readObject(depth: depth + 1)
        case UInt8(ascii: "["): return try readArray(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default: throw failure("a value was expected, not \(Self.quoted(byte))")
        }
    }

    private mutating func readObject(depth: Int) throws(JSONError) -> JSONValue {
        try checkDepth(depth)
        offset += 1
        var members = [String: JSONValue]()
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw failure("a key in double quotes was expected") }
            let start = offset
            let key = try readString()
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw failure("':' was expected after the key") }
            skipWhitespace()
            let value = try readValue(depth: depth)
            guard members.updateValue(value, forKey: key) == nil else {
                throw JSONError("the key \"\(key)\" occurs twice", at: start, in: bytes)
            }
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or '}' was expected") }
            skipWhitespace()
        }
    }

    private mutating func readArray(depth: Int) throws(JSONError) -> JSONValue {
        try checkDepth(depth)
        offset += 1
        var elements = [JSONValue]()
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try readValue(depth: depth))
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or ']' was expected") }
            skipWhitespace()
        }
    }

    private mutating func readWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[offset...].starts(with: $0) }
        guard matches else { throw failure("a value was expected") }
        offset += word.utf8CodeUnitCount
        return value
    }

    private mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = offset
        var isInteger = true
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if let next = peek(), Self.isDigit(next) { throw failure("a number must not start with 0") }
        } else {
            try skipDigits()
        }
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try skipDigits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try skipDigits()
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isInteger, let number = Int64(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else {
            throw JSONError("the number is too large", at: start, in: bytes)
        }
        return .double(number)
    }

    private mutating func readString() throws(JSONError) -> String {
        let start = offset
        offset += 1
        var runStart = offset
        var unescaped = [UInt8]()
        var hasEscapes = false
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                let run = bytes[runStart..<offset]
                if hasEscapes { unescaped += run }
                let text =
                    hasEscapes
                    ? String(validating: unescaped, as: UTF8.self) : String(validating: run, as: UTF8.self)
                guard let text else { throw JSONError("the string is not valid UTF-8", at: start, in: bytes) }
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[runStart..<offset]
                hasEscapes = true
                try readEscape(into: &unescaped)
                runStart = offset
            case 0..<0x20: throw failure("a control character in a string must be escaped")
            default: offset += 1
            }
        }
        throw JSONError("the string is not closed", at: start, in: bytes)
    }

    private mutating func readEscape(into output: inout [UInt8]) throws(JSONError) {
        let start = offset
        offset += 1
        guard let letter = peek() else { throw failure("unexpected end of the document") }
        offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(letter)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"): output += String(try readEscapedScalar(from: start)).utf8
        default: throw JSONError("unknown escape \\\(Self.quoted(letter))", at: start, in: bytes)
        }
    }

    /// The scalar of `\uXXXX`, or of the pair `\uD8XX\uDCXX`.
    private mutating func readEscapedScalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try readFourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw JSONError("a surrogate must be one of a pair", at: start, in: bytes)
        }
        let second = try readFourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw JSONError("a surrogate must be one of a pair", at: start, in: bytes) }
        return scalar
    }

    private mutating func readFourHexDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Self.hexValue(byte) else {
                throw failure("four hexadecimal digits were expected after \\u")
            }
            value = value << 4 | digit
            offset += 1
        }
        return value
    }

    private mutating func skipDigits() throws(JSONError) {
        guard let byte = peek(), Self.isDigit(byte) else { throw failure("a digit was expected") }
        while let byte = peek(), Self.isDigit(byte) { offset += 1 }
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private func checkDepth(_ depth: Int) throws(JSONError) {
        guard depth <= limits.maximumDepth else {
            throw failure("nested deeper than \(limits.maximumDepth) levels")
        }
    }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        offset += 1
        return true
    }

    private func failure(_ message: String) -> JSONError { JSONError(message, at: offset, in: bytes) }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    private static func hexValue(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 48...57: UInt32(byte - 48)
        case 65...70: UInt32(byte - 55)
        case 97...102: UInt32(byte - 87)
        default: nil
        }
    }

    /// How a byte is shown in a message: itself when printable, else its number.
    private static func quoted(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte)
            ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(Hex.encode([byte]))"
    }
}
