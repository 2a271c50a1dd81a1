/// Replaces personal data by names such as `[EMAIL_1]`, the same name for the same value in all texts of one call,
/// and puts it back into the answer: the model works with the names, and never sees the values.
package struct Masking: Hashable, Sendable {
    private var names: [String: String] = [:]
    private var values: [String: String] = [:]
    private var counts: [PersonalData: Int] = [:]

    package init() {}

    /// What was masked so far, by kind.
    package var found: [PersonalData: Int] { counts }
    package var isEmpty: Bool { values.isEmpty }

    /// The text without the values of these kinds.
    package mutating func mask(_ text: String, kinds: Set<PersonalData>) -> String {
        let findings = PersonalData.findings(in: text, kinds: kinds)
        guard !findings.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var masked: [UInt8] = []
        var position = 0
        for finding in findings {
            masked += bytes[position..<finding.range.lowerBound]
            let value = String(decoding: bytes[finding.range], as: UTF8.self)
            masked += name(of: value, finding.kind).utf8
            position = finding.range.upperBound
        }
        return String(decoding: masked + bytes[position...], as: UTF8.self)
    }

    private mutating func name(of value: String, _ kind: PersonalData) -> String {
        if let name = names[value] { return name }
        counts[kind, default: 0] += 1
        let name = "[\(kind.rawValue.uppercased())_\(counts[kind, default: 1])]"
        (names[value], values[name]) = (name, value)
        return name
    }

    /// The text with the values in the place of their names.
    package func restored(_ text: String) -> String {
        var restorer = Restorer(self)
        return restorer.push(text) + restorer.finish()
    }

    /// The same for text that comes in pieces, which may cut a name anywhere.
    package struct Restorer: Sendable {
        private let values: [String: String]
        private let longest: Int
        private var held = ""

        package init(_ masking: Masking) {
            values = masking.values
            longest = values.keys.map(\.count).max() ?? 0
        }

        /// What can be shown of the text so far.
        package mutating func push(_ piece: String) -> String {
            guard longest > 0 else { return piece }
            held += piece
            var shown = ""
            while let open = held.firstIndex(of: "[") {
                shown += held[..<open]
                held.removeSubrange(..<open)
                guard let close = held.firstIndex(of: "]") else {
                    // Perhaps a name that goes on in the next piece.
                    if held.count < longest { return shown }
                    shown.append(held.removeFirst())
                    continue
                }
                let name = String(held[...close])
                if let value = values[name] {
                    shown += value
                    held.removeSubrange(...close)
                } else {
                    shown.append(held.removeFirst())
                }
            }
            defer { held = "" }
            return shown + held
        }

        /// What was held back.
        package mutating func finish() -> String {
            defer { held = "" }
            return held
        }
    }
}
