import Kernel

/// Documents that conform to a JSON Schema, drawn by a seed. A guess that is checked: what the schema refuses is drawn
/// again, and a schema that stays too clever gives nil.
struct SchemaSampler {
    private static let attempts = 40
    private static let maximumDepth = 12

    private let root: JSONValue
    private let schema: JSONSchema?
    private var random: SeededRandom

    init(_ root: JSONValue, seed: UInt64) {
        self.root = root
        schema = try? JSONSchema(root)
        random = SeededRandom(seed: seed)
    }

    /// The schema's own `examples` and `default`, then drawn ones.
    mutating func sample() -> JSONValue? {
        let given = (root["examples"]?.arrayValue ?? []) + (root["default"].map { [$0] } ?? [])
        if let known = given.first(where: { schema?.validate($0).isEmpty == true }) { return known }
        return draw()
    }

    /// A new one at each call.
    mutating func draw() -> JSONValue? {
        guard let schema else { return .none }
        for _ in 0..<Self.attempts {
            let value = value(for: root, depth: 0)
            if schema.validate(value).isEmpty { return value }
        }
        let examples = (root["examples"]?.arrayValue ?? []).filter { schema.validate($0).isEmpty }
        // Not `nil`, which is also a JSON value.
        guard !examples.isEmpty else { return .none }
        return examples[random.below(examples.count)]
    }

    private mutating func value(for schema: JSONValue, depth: Int) -> JSONValue {
        guard let members = schema.objectValue, depth < Self.maximumDepth else { return .null }
        if let target = resolved(members) { return value(for: target, depth: depth + 1) }
        if let constant = members["const"] { return constant }
        if let choices = members["enum"]?.arrayValue, !choices.isEmpty { return choices[random.below(choices.count)] }
        for keyword in ["oneOf", "anyOf"] {
            guard let choices = members[keyword]?.arrayValue, !choices.isEmpty else { continue }
            let chosen = choices[random.below(choices.count)]
            return value(for: merged(members.filter { $0.key != keyword }, chosen), depth: depth + 1)
        }
        if let all = members["allOf"]?.arrayValue {
            let whole = all.reduce(.object(members.filter { $0.key != "allOf" })) {
                merged($0.objectValue ?? [:], $1)
            }
            return value(for: whole, depth: depth + 1)
        }
        return typed(members, depth: depth)
    }

    private mutating func typed(_ members: [String: JSONValue], depth: Int) -> JSONValue {
        switch type(of: members) {
        case "object": return object(members, depth: depth)
        case "array": return array(members, depth: depth)
        case "string": return .string(string(members))
        case "integer": return .integer(integer(members))
        case "number": return number(members)
        case "boolean": return .bool(random.below(2) == 0)
        case "null": return .null
        default: return [.null, .bool(true), .integer(7), .string("any"), .object([:])][random.below(5)]
        }
    }

    private mutating func type(of members: [String: JSONValue]) -> String {
        if let name = members["type"]?.stringValue { return name }
        if let names = members["type"]?.arrayValue, !names.isEmpty {
            return names[random.below(names.count)].stringValue ?? ""
        }
        if members["properties"] != nil || members["required"] != nil { return "object" }
        if members["items"] != nil || members["prefixItems"] != nil { return "array" }
        if members["pattern"] != nil || members["minLength"] != nil || members["maxLength"] != nil { return "string" }
        return members["minimum"] != nil || members["maximum"] != nil ? "number" : ""
    }

    private mutating func object(_ members: [String: JSONValue], depth: Int) -> JSONValue {
        let properties = members["properties"]?.objectValue ?? [:]
        let required = Set((members["required"]?.arrayValue ?? []).compactMap(\.stringValue))
        var result: [String: JSONValue] = [:]
        for (name, schema) in properties.sorted(by: { $0.key < $1.key }) {
            // Optional members come less often the deeper they are, so that recursive schemas end.
            guard required.contains(name) || random.below(depth + 2) == 0 else { continue }
            result[name] = value(for: schema, depth: depth + 1)
        }
        let extra = members["additionalProperties"] ?? .bool(true)
        for name in required.subtracting(properties.keys).sorted() {
            result[name] = value(for: extra, depth: depth + 1)
        }
        for index in 0..<max(0, bound(members["minProperties"], 0, upTo: 64) - result.count) {
            result["member\(index)"] = value(for: extra, depth: depth + 1)
        }
        return .object(result)
    }

    private mutating func array(_ members: [String: JSONValue], depth: Int) -> JSONValue {
        let first = members["prefixItems"]?.arrayValue ?? []
        let minimum = max(first.count, bound(members["minItems"], 0, upTo: 1000))
        let maximum = max(minimum, bound(members["maxItems"], minimum + 3, upTo: 1000))
        let count = minimum + random.below(min(maximum - minimum, 5) + 1)
        let rest = members["items"] ?? .bool(true)
        return .array((0..<count).map { value(for: $0 < first.count ? first[$0] : rest, depth: depth + 1) })
    }

    private static let letters: [Character] = Array("abcdefghij XYZ0189-_.,äß€漢😀\u{301}\"\\\n")

    private mutating func string(_ members: [String: JSONValue]) -> String {
        let minimum = bound(members["minLength"], 0, upTo: 100_000)
        let maximum = max(minimum, bound(members["maxLength"], minimum + 24, upTo: 100_000))
        if let format = members["format"]?.stringValue, let known = Self.formats[format] { return known }
        let count = minimum + random.below(min(maximum - minimum, 40) + 1)
        // Patterns are mostly about names and numbers: plain letters have a chance, random ones none.
        if members["pattern"] != nil {
            let alphabet = Array(["abcdefgh", "0123456789", "ABCDEFGH", "a-1.b_2"][random.below(4)])
            return String((0..<count).map { _ in alphabet[random.below(alphabet.count)] })
        }
        return String(
            String.UnicodeScalarView(
                (0..<count).map { _ in
                    Self.letters[random.below(Self.letters.count)].unicodeScalars.first ?? "a"
                }))
    }

    private func bound(_ keyword: JSONValue?, _ usual: Int, upTo limit: Int) -> Int {
        min(limit, max(0, keyword?.doubleValue.flatMap { Int(exactly: $0.rounded()) } ?? usual))
    }

    private static let formats = [
        "date": "2025-06-15", "date-time": "2025-06-15T12:00:00Z", "time": "12:00:00Z", "email": "a@example.org",
        "uri": "https://example.org/a", "uuid": "00000000-0000-7000-8000-000000000000", "hostname": "example.org",
    ]

    private mutating func integer(_ members: [String: JSONValue]) -> Int64 {
        let (low, high) = bounds(members, span: 1000)
        let step = max(1, Int64(members["multipleOf"]?.doubleValue ?? 1))
        let first = Int64(low.rounded(.up)), last = Int64(high.rounded(.down))
        let lowest = (first + (first > 0 ? step - 1 : 0)) / step * step
        guard last >= lowest else { return first }
        let choices = (last - lowest) / step + 1
        return lowest + step * Int64(random.below(Int(clamping: choices)))
    }

    private mutating func number(_ members: [String: JSONValue]) -> JSONValue {
        if random.below(3) == 0 || members["multipleOf"] != nil { return .integer(integer(members)) }
        let (low, high) = bounds(members, span: 1000)
        return .double(low + (high - low) * Double(random.below(1001)) / 1000)
    }

    /// Inside ±2^53, so that every number can be written both ways.
    private func bounds(_ members: [String: JSONValue], span: Double) -> (low: Double, high: Double) {
        let limit = 9_007_199_254_740_992.0
        var low = members["minimum"]?.doubleValue
        var high = members["maximum"]?.doubleValue
        if let above = members["exclusiveMinimum"]?.doubleValue {
            low = max(low ?? -limit, above + 1e-6 * max(1, abs(above)))
        }
        if let below = members["exclusiveMaximum"]?.doubleValue {
            high = min(high ?? limit, below - 1e-6 * max(1, abs(below)))
        }
        let from = max(-limit, low ?? min(0, (high ?? span) - span))
        return (from, max(from, min(limit, high ?? from + span)))
    }

    /// The target of a `$ref` inside the document.
    private func resolved(_ members: [String: JSONValue]) -> JSONValue? {
        guard let reference = members["$ref"]?.stringValue, reference.hasPrefix("#") else { return nil }
        return JSONPointer(String(reference.dropFirst()))?.value(in: root)
    }

    private func merged(_ base: [String: JSONValue], _ other: JSONValue) -> JSONValue {
        var target = other.objectValue ?? [:]
        if let known = resolved(target)?.objectValue { target = known }
        return .object(
            base.merging(target) { left, right in
                if let mine = left.objectValue, let theirs = right.objectValue {
                    return .object(mine.merging(theirs) { $1 })
                }
                if let mine = left.arrayValue, let theirs = right.arrayValue { return .array(mine + theirs) }
                return right
            })
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed on every machine.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { bound > 1 ? Int(next() % UInt64(bound)) : 0 }
}
