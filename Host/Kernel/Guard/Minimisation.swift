/// Which members of an input no model is told, by name, wherever they stand in it.
package struct MinimisationRule: Hashable, Sendable {
    /// All that stands below such a member is taken out of what a model is told.
    package var drop: Set<String>
    /// Each element of such a list goes by its number: `stakeholder_0`.
    package var pseudonymise: Set<String>

    package static let standard = MinimisationRule(drop: ["personal_data"], pseudonymise: ["stakeholders"])

    package init(drop: Set<String>, pseudonymise: Set<String>) {
        self.drop = drop
        self.pseudonymise = pseudonymise
    }
}

/// Takes out of texts what inputs said under the members of a ``MinimisationRule``. It goes by the values, not by where
/// they stand: what a plugin writes about a person in its own words is found too, as long as it uses what it was given.
///
/// Values are found as whole words, however they are spelt in case, and as JSON would write them. Numbers count from
/// four digits on: shorter ones stand for nobody, and are everywhere.
package struct Minimiser: Hashable, Sendable {
    package static let placeholder = "[personal data]"
    private static let minimumDigits = 4
    /// Values of one input that are looked for.
    private static let maximumValues = 10_000

    private var names: [[UInt8]: String] = [:]
    /// Longest first: a value may stand inside another.
    private var values: [[UInt8]] = []

    package init() {}

    package var isEmpty: Bool { values.isEmpty }

    package init(_ rule: MinimisationRule, inputs: [[UInt8]]) {
        for input in inputs {
            guard let document = try? JSONParser.parse(input) else { continue }
            gather(document, rule)
        }
        values = names.keys.sorted { $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count > $1.count }
    }

    private mutating func gather(_ value: JSONValue, _ rule: MinimisationRule) {
        switch value {
        case .array(let elements): for element in elements { gather(element, rule) }
        case .object(let members):
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                if rule.drop.contains(key) {
                    take(value, as: Self.placeholder)
                } else if rule.pseudonymise.contains(key) {
                    pseudonymise(value, key)
                } else {
                    gather(value, rule)
                }
            }
        default: break
        }
    }

    private mutating func pseudonymise(_ value: JSONValue, _ key: String) {
        let name = key.hasSuffix("s") ? String(key.dropLast()) : key
        guard let elements = value.arrayValue else { return take(value, as: "\(name)_0") }
        for (index, element) in elements.enumerated() { take(element, as: "\(name)_\(index)") }
    }

    private mutating func take(_ value: JSONValue, as name: String) {
        switch value {
        case .string(let text):
            note(text, name)
            // As it stands inside a document.
            let written = value.serialized().dropFirst().dropLast()
            if written != text[...] { note(String(written), name) }
        case .integer(let number):
            if String(number.magnitude).utf8.count >= Self.minimumDigits { note(String(number), name) }
        case .double: note(value.serialized(), name)
        case .array(let elements): for element in elements { take(element, as: name) }
        case .object(let members): for member in members.values { take(member, as: name) }
        case .bool, .null: break
        }
    }

    private mutating func note(_ text: String, _ name: String) {
        let value = Self.folded(text)
        guard value.contains(where: Self.isWord), names.count < Self.maximumValues, names[value] == nil else { return }
        names[value] = name
    }

    /// The text without the values. The time is that of the text's length for each value that begins with the same
    /// byte.
    package func minimised(_ text: String) -> String {
        guard !isEmpty else { return text }
        let source = Array(text.utf8), folded = Self.folded(text)
        var byFirst: [UInt8: [[UInt8]]] = [:]
        for value in values { byFirst[value[0], default: []].append(value) }
        var result: [UInt8] = []
        var position = 0
        var hasChanged = false
        while position < folded.count {
            let isStart = position == 0 || !Self.isWord(folded[position - 1]) || !Self.isWord(folded[position])
            let found = isStart ? byFirst[folded[position]]?.first { Self.stands($0, in: folded, at: position) } : nil
            if let found {
                result += (names[found] ?? Self.placeholder).utf8
                position += found.count
                hasChanged = true
            } else {
                result.append(source[position])
                position += 1
            }
        }
        return hasChanged ? String(decoding: result, as: UTF8.self) : text
    }

    private static func stands(_ value: [UInt8], in text: [UInt8], at start: Int) -> Bool {
        let end = start + value.count
        guard end <= text.count, text[start..<end].elementsEqual(value) else { return false }
        return end == text.count || !isWord(text[end]) || !isWord(value[value.count - 1])
    }

    /// In lower case, byte for byte beside the text: what is longer or shorter in lower case stays as it is.
    private static func folded(_ text: String) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            let lower = scalar.properties.lowercaseMapping.utf8
            if lower.count == UTF8.width(scalar) { folded += lower } else { folded += String(scalar).utf8 }
        }
        return folded
    }

    /// Bytes of other alphabets are all letters: a word never ends in the middle of a character.
    private static func isWord(_ byte: UInt8) -> Bool { PersonalData.isAlphanumeric(byte) || byte >= 0x80 }
}
