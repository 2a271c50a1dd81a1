/// Words, numbers and punctuation of a signature, each with its column.
struct NativeToken: Hashable {
    enum Kind: Hashable {
        case word(String)
        case number(Int64)
        case mark(Character)
        case end
    }

    var kind: Kind
    var column: Int

    /// As a message shows it.
    var shown: String {
        switch kind {
        case .word(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .mark(let mark): "'\(mark)'"
        case .end: "the end"
        }
    }
}

enum NativeLexer {
    static let maximumWordBytes = 64
    private static let marks = Set<UInt8>("()[]{},;:=+-*/".utf8)

    static func tokens(_ text: String) throws(NativeSignatureError) -> [NativeToken] {
        let bytes = Array(text.utf8)
        guard bytes.count <= NativeSignature.maximumBytes else {
            throw NativeSignatureError(column: 1, message: "has more than \(NativeSignature.maximumBytes) bytes")
        }
        var tokens: [NativeToken] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            let column = index + 1
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                index += 1
            } else if isLetter(byte) {
                let word = bytes[index...].prefix { isLetter($0) || isDigit($0) }
                guard word.count <= maximumWordBytes else {
                    throw NativeSignatureError(column: column, message: "a name has at most \(maximumWordBytes) bytes")
                }
                tokens.append(NativeToken(kind: .word(String(decoding: word, as: UTF8.self)), column: column))
                index += word.count
            } else if isDigit(byte) {
                let digits = bytes[index...].prefix { isDigit($0) || isLetter($0) }
                guard let number = Int64(String(decoding: digits, as: UTF8.self)) else {
                    throw NativeSignatureError(column: column, message: "not a whole number of 64 bits")
                }
                tokens.append(NativeToken(kind: .number(number), column: column))
                index += digits.count
            } else if marks.contains(byte) {
                tokens.append(NativeToken(kind: .mark(Character(Unicode.Scalar(byte))), column: column))
                index += 1
            } else {
                let shown = (0x21...0x7E).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(Hex.encode([byte]))"
                throw NativeSignatureError(column: column, message: "\(shown) has no meaning in a signature")
            }
        }
        tokens.append(NativeToken(kind: .end, column: bytes.count + 1))
        return tokens
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
