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

    /// The text with the names in the place of values that were masked before: for an answer that was restored and is
    /// quoted to the model again.
    package func hidden(_ text: String) -> String {
        // A value may stand inside another.
        names.sorted { ($0.key.utf8.count, $0.key) > ($1.key.utf8.count, $1.key) }
            .reduce(text) { Self.replacing($1.key, by: $1.value, in: $0) }
    }

    /// All texts of a message, and the arguments of its calls.
    package func hidden(_ message: ChatMessage) -> ChatMessage {
        guard !isEmpty else { return message }
        var message = message
        for index in message.parts.indices {
            if case .text(let text) = message.parts[index].content {
                message.parts[index].content = .text(hidden(text))
            }
        }
        for index in message.toolCalls.indices {
            message.toolCalls[index].arguments = hidden(message.toolCalls[index].arguments)
        }
        return message
    }

    private static func replacing(_ value: String, by name: String, in text: String) -> String {
        let (text, value) = (Array(text.utf8), Array(value.utf8))
        guard !value.isEmpty, text.count >= value.count else { return String(decoding: text, as: UTF8.self) }
        var bytes: [UInt8] = []
        var position = 0
        while position < text.count {
            if text[position...].starts(with: value) {
                bytes += name.utf8
                position += value.count
            } else {
                bytes.append(text[position])
                position += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
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
