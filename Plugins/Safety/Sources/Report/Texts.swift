/// Small text work without Foundation.
enum Texts {
    static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }

    /// With `digits` decimal places, rounded half away from zero. Not for numbers beyond 10¹².
    static func decimal(_ value: Double, _ digits: Int = 1) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "–" }
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let whole = Int((abs(value) * Double(scale)).rounded())
        let fraction = String(whole % scale)
        let sign = value < 0 && whole != 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        return sign + "\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    static func rounded(_ value: Double, _ digits: Int = 4) -> Double {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        return value.isFinite && abs(value) < 1e12 ? (value * scale).rounded() / scale : value
    }

    /// For a cell of a Markdown table.
    static func markdown(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\", "`", "*", "_", "[", "]", "<", ">", "|", "#": escaped += "\\\(character)"
            case "\n", "\r", "\t", "\r\n": escaped += " "
            default: escaped.append(character)
            }
        }
        return escaped
    }
}

extension StringProtocol {
    func lastRange(of needle: String) -> Range<Index>? {
        var found: Range<Index>?
        var start = startIndex
        while let range = self[start...].firstRange(of: needle) {
            found = range
            start = range.upperBound
        }
        return found
    }
}
