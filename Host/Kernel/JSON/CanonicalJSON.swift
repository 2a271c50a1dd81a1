/// The bytes of an audit leaf: RFC 8785 (JSON Canonicalization Scheme) narrowed until nothing in it is hard.
///
/// An object on top; keys match `[a-z0-9_]{1,40}`, so UTF-16 and byte order agree; whole numbers only, within
/// ±(2^53 − 1), so every reader holds them exactly; no U+0000; at most 8 levels and 16 KiB. Money is an integer of
/// a named unit, larger content stands elsewhere and is named by its digest.
package enum CanonicalJSON {
    package static let maximumBytes = 16 << 10
    package static let maximumDepth = 8
    package static let maximumInteger: Int64 = 1 << 53 - 1
    package static let maximumKeyBytes = 40

    package static func encode(_ value: JSONValue) throws(CanonicalError) -> [UInt8] {
        guard case .object = value else { throw CanonicalError(pointer: "", "must be an object") }
        try check(value, pointer: "", depth: 1)
        let bytes = value.bytes
        guard bytes.count <= maximumBytes else {
            throw CanonicalError(pointer: "", "has \(bytes.count) bytes; the limit is \(maximumBytes)")
        }
        return bytes
    }

    /// Reads bytes that must already be canonical: what they say when written again must be the same bytes.
    package static func decode(_ bytes: [UInt8]) throws(CanonicalError) -> JSONValue {
        let limits = JSONLimits(maximumBytes: maximumBytes, maximumDepth: maximumDepth)
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes, limits: limits)
        } catch {
            throw CanonicalError(pointer: "", error.description)
        }
        guard try encode(value) == bytes else { throw CanonicalError(pointer: "", "is not in canonical form") }
        return value
    }

    private static func check(_ value: JSONValue, pointer: String, depth: Int) throws(CanonicalError) {
        switch value {
        case .null, .bool: break
        case .integer(let number):
            guard number.magnitude <= UInt64(maximumInteger) else {
                throw CanonicalError(pointer: pointer, "is an integer beyond 2^53 - 1; write it as a string")
            }
        case .double: throw CanonicalError(pointer: pointer, "is not a whole number; write it as a string")
        case .string(let text):
            guard !text.utf8.contains(0) else { throw CanonicalError(pointer: pointer, "holds U+0000") }
        case .array(let elements):
            try checkDepth(depth, pointer)
            for (index, element) in elements.enumerated() {
                try check(element, pointer: "\(pointer)/\(index)", depth: depth + 1)
            }
        case .object(let members):
            try checkDepth(depth, pointer)
            for (key, member) in members {
                guard isKey(key) else {
                    throw CanonicalError(pointer: pointer, "has a key that is not [a-z0-9_]{1,40}")
                }
                try check(member, pointer: "\(pointer)/\(key)", depth: depth + 1)
            }
        }
    }

    private static func checkDepth(_ depth: Int, _ pointer: String) throws(CanonicalError) {
        guard depth <= maximumDepth else {
            throw CanonicalError(pointer: pointer, "is nested deeper than \(maximumDepth) levels")
        }
    }

    private static func isKey(_ key: String) -> Bool {
        (1...maximumKeyBytes).contains(key.utf8.count)
            && key.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    }
}

package struct CanonicalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// JSON pointer (RFC 6901) to the offending value.
    package var pointer: String
    package var message: String

    init(pointer: String, _ message: String) {
        self.pointer = pointer
        self.message = message
    }

    package var description: String { pointer.isEmpty ? "the document \(message)" : "\(pointer) \(message)" }
}
