import Kernel

/// Header lines as libcurl hands them over, one at a time. Those of an interim answer are forgotten.
struct AnswerHeaders {
    private(set) var fields: [HTTPHeader] = []
    /// Of all lines, interim answers too.
    private(set) var byteCount = 0

    mutating func append(_ line: UnsafeRawBufferPointer) {
        byteCount += line.count
        let text = Self.text(line)
        if text.hasPrefix("HTTP/") {
            fields = []
        } else if let colon = text.firstIndex(of: ":"), colon > text.startIndex {
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append(HTTPHeader(name: text[..<colon].lowercased(), value: String(value)))
        }
    }

    /// Without its line end. Bytes above ASCII are opaque (RFC 9110 §5.5): UTF-8 where they are that, or else
    /// ISO 8859-1. Control characters do not pass.
    private static func text(_ line: UnsafeRawBufferPointer) -> String {
        var bytes = line[...]
        while let last = bytes.last, last == 10 || last == 13 || last == 32 || last == 9 { bytes = bytes.dropLast() }
        let clean = bytes.map { $0 < 32 && $0 != 9 || $0 == 127 ? 32 : $0 }
        return String(validating: clean, as: UTF8.self)
            ?? String(String.UnicodeScalarView(clean.map { Unicode.Scalar($0) }))
    }
}
