extension JSONValue {
    /// The document with keys in the order of their UTF-8 bytes, so that equal values have equal text. Doubles are
    /// written in the shortest form that reads back as the same number, always with a point or exponent. A double
    /// that is not finite cannot come from a document; it is written as `null`.
    ///
    /// - Parameter pretty: two spaces of indentation and one member a line, for people.
    package func serialized(pretty: Bool = false) -> String {
        String(decoding: encoded(pretty: pretty), as: UTF8.self)
    }

    /// The compact document as UTF-8.
    package var bytes: [UInt8] { encoded(pretty: false) }

    private func encoded(pretty: Bool) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.write(self, level: 0)
        return writer.output
    }
}

private struct JSONWriter {
    let pretty: Bool
    var output = [UInt8]()

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .integer(let number): append(String(number))
        case .double(let number): append(number.isFinite ? number.description : "null")
        case .string(let text): write(text)
        case .array(let elements):
            writeContainer("[", "]", elements, level: level) { writer, element in
                writer.write(element, level: level + 1)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            writeContainer("{", "}", sorted, level: level) { writer, member in
                writer.write(member.key)
                writer.append(writer.pretty ? ": " : ":")
                writer.write(member.value, level: level + 1)
            }
        }
    }

    private mutating func writeContainer<Element>(
        _ open: String, _ close: String, _ elements: [Element], level: Int,
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            newline(level + 1)
            body(&self, element)
        }
        if !elements.isEmpty { newline(level) }
        append(close)
    }

    private mutating func newline(_ level: Int) {
        guard pretty else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    /// Escapes what RFC 8259 demands and nothing else, in the spelling of RFC 8785.
    private mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x08: append("\\b")
            case 0x09: append("\\t")
            case 0x0A: append("\\n")
            case 0x0C: append("\\f")
            case 0x0D: append("\\r")
            case 0..<0x20: append("\\u00" + Hex.encode([byte]))
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }
}
