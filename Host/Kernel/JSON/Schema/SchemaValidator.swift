/// One validation. Collects violations, and draws on an allowance so that it always ends soon.
struct SchemaValidator {
    /// Two million nodes, or as much of other work; the unit is about a nanosecond.
    private static let allowance = 1 << 28
    private static let costOfNode = 128
    private static let maximumDepth = 512

    private let nodes: [SchemaNode]
    private var path = [PathToken]()
    private var violations = [SchemaViolation]()
    private var remaining = Self.allowance
    private var depth = 0
    private var isExhausted = false

    private enum PathToken {
        case key(String)
        case index(Int)
    }

    init(nodes: [SchemaNode]) { self.nodes = nodes }

    mutating func violations(of value: JSONValue) -> [SchemaViolation] {
        check(value, 0)
        if isExhausted { report("", "is too large or too deep to be checked against this schema") }
        return violations
    }

    private mutating func check(_ value: JSONValue, _ index: Int) {
        spend(Self.costOfNode)
        guard depth < Self.maximumDepth, !isExhausted else {
            isExhausted = true
            return
        }
        depth += 1
        defer { depth -= 1 }
        let node = nodes[index]
        if let result = node.constantResult {
            if !result { report("false", "is not allowed here") }
            return
        }
        checkType(value, node)
        switch value {
        case .integer, .double: checkNumber(value, node.number)
        case .string(let text): checkString(text, node.string)
        case .array(let elements): checkArray(elements, node.array)
        case .object(let members): checkObject(members, node.object)
        case .null, .bool: break
        }
        checkCombinations(value, node)
    }

    /// Whether `value` is valid under a node, without reporting why not.
    private mutating func passes(_ value: JSONValue, _ index: Int) -> Bool {
        let outer = violations
        violations = []
        check(value, index)
        defer { violations = outer }
        return violations.isEmpty
    }

    private mutating func checkType(_ value: JSONValue, _ node: SchemaNode) {
        if let types = node.types {
            let type = SchemaType.of(value)
            if !types.contains(type), type != .integer || !types.contains(.number) {
                let nouns = SchemaType.allCases.filter(types.contains).map(\.noun)
                report("type", "must be \(Self.listed(nouns)), but is \(type.noun)")
            }
        }
        if let allowed = node.enumeration {
            spend(allowed.count)
            if !allowed.contains(where: { SchemaComparison.isSame($0, value) }) {
                let shown = allowed.prefix(20).map { $0.serialized() }
                report("enum", "must be \(Self.listed(shown + (allowed.count > 20 ? ["…"] : [])))")
            }
        }
        if let constant = node.constant, !SchemaComparison.isSame(constant, value) {
            report("const", "must be \(constant.serialized())")
        }
    }

    private mutating func checkNumber(_ value: JSONValue, _ rules: SchemaNumberRules) {
        if let bound = rules.minimum, let order = SchemaComparison.order(value, bound), order < 0 {
            report("minimum", "must be at least \(bound.serialized())")
        }
        if let bound = rules.maximum, let order = SchemaComparison.order(value, bound), order > 0 {
            report("maximum", "must be at most \(bound.serialized())")
        }
        if let bound = rules.exclusiveMinimum, let order = SchemaComparison.order(value, bound), order <= 0 {
            report("exclusiveMinimum", "must be greater than \(bound.serialized())")
        }
        if let bound = rules.exclusiveMaximum, let order = SchemaComparison.order(value, bound), order >= 0 {
            report("exclusiveMaximum", "must be less than \(bound.serialized())")
        }
        if let step = rules.multipleOf, !SchemaComparison.isMultiple(value, of: step) {
            report("multipleOf", "must be a multiple of \(step.serialized())")
        }
    }

    private mutating func checkString(_ text: String, _ rules: SchemaStringRules) {
        if rules.minimumLength != nil || rules.maximumLength != nil {
            spend(text.utf8.count)
            let length = text.unicodeScalars.count
            if let minimum = rules.minimumLength, length < minimum {
                report("minLength", "must have at least \(Self.counted(minimum, "character"))")
            }
            if let maximum = rules.maximumLength, length > maximum {
                report("maxLength", "must have at most \(Self.counted(maximum, "character"))")
            }
        }
        if let pattern = rules.pattern, !matches(text, pattern) {
            report("pattern", "must match the pattern \(pattern.source)")
        }
    }

    private mutating func matches(_ text: String, _ pattern: Pattern) -> Bool {
        spend(text.utf8.count * pattern.instructionCount)
        return !isExhausted && pattern.matches(text)
    }

    private mutating func checkArray(_ elements: [JSONValue], _ rules: SchemaArrayRules) {
        if let minimum = rules.minimumCount, elements.count < minimum {
            report("minItems", "must have at least \(Self.counted(minimum, "item"))")
        }
        if let maximum = rules.maximumCount, elements.count > maximum {
            report("maxItems", "must have at most \(Self.counted(maximum, "item"))")
        }
        if rules.isUnique, Set(elements.map(SchemaComparison.identity)).count < elements.count {
            report("uniqueItems", "must not hold the same item twice")
        }
        for (index, element) in elements.enumerated() {
            guard let node = index < rules.prefix.count ? rules.prefix[index] : rules.items else { break }
            descend(.index(index), element, node)
        }
        if let node = rules.contains {
            var matching = 0
            for element in elements where passes(element, node) { matching += 1 }
            if matching < rules.minimumContained {
                report("contains", "must hold at least \(Self.counted(rules.minimumContained, "matching item"))")
            }
            if let maximum = rules.maximumContained, matching > maximum {
                report("maxContains", "must hold at most \(Self.counted(maximum, "matching item"))")
            }
        }
    }

    private mutating func checkObject(_ members: [String: JSONValue], _ rules: SchemaObjectRules) {
        if let minimum = rules.minimumCount, members.count < minimum {
            report("minProperties", "must have at least \(Self.counted(minimum, "member"))")
        }
        if let maximum = rules.maximumCount, members.count > maximum {
            report("maxProperties", "must have at most \(Self.counted(maximum, "member"))")
        }
        for name in rules.required where members.exactValue(forKey: name) == nil {
            report("required", "needs the member \"\(name)\"")
        }
        for (name, needed) in rules.dependentRequired where members.exactValue(forKey: name) != nil {
            for other in needed where members.exactValue(forKey: other) == nil {
                report("dependentRequired", "needs the member \"\(other)\" because it has \"\(name)\"")
            }
        }
        for (name, node) in rules.dependentSchemas where members.exactValue(forKey: name) != nil {
            check(.object(members), node)
        }
        guard rules.names != nil || rules.additional != nil || !rules.properties.isEmpty || !rules.patterns.isEmpty
        else { return }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) { checkMember(name, member, rules) }
    }

    private mutating func checkMember(_ name: String, _ member: JSONValue, _ rules: SchemaObjectRules) {
        if let node = rules.names, !passes(.string(name), node) {
            report("propertyNames", "must not have a member named \"\(name)\"")
        }
        var isKnown = false
        if let node = rules.properties.exactValue(forKey: name) {
            isKnown = true
            descend(.key(name), member, node)
        }
        for rule in rules.patterns where matches(name, rule.pattern) {
            isKnown = true
            descend(.key(name), member, rule.node)
        }
        guard !isKnown, let node = rules.additional else { return }
        if nodes[node].constantResult == false {
            report("additionalProperties", "must not have a member \"\(name)\"")
        } else {
            descend(.key(name), member, node)
        }
    }

    private mutating func checkCombinations(_ value: JSONValue, _ node: SchemaNode) {
        if let reference = node.reference { check(value, reference) }
        for part in node.allOf { check(value, part) }
        if !node.anyOf.isEmpty, !node.anyOf.contains(where: { passes(value, $0) }) {
            report("anyOf", "must match at least one of \(Self.counted(node.anyOf.count, "alternative"))")
        }
        if !node.oneOf.isEmpty {
            let matching = node.oneOf.count(where: { passes(value, $0) })
            if matching != 1 {
                let alternatives = Self.counted(node.oneOf.count, "alternative")
                report("oneOf", "must match exactly one of \(alternatives), but matches \(matching)")
            }
        }
        if let excluded = node.not, passes(value, excluded) { report("not", "must not match the excluded schema") }
        if let condition = node.condition, node.then != nil || node.otherwise != nil {
            if let branch = passes(value, condition) ? node.then : node.otherwise { check(value, branch) }
        }
    }

    private mutating func descend(_ token: PathToken, _ value: JSONValue, _ node: Int) {
        path.append(token)
        check(value, node)
        path.removeLast()
    }

    private mutating func spend(_ cost: Int) {
        remaining -= cost
        if remaining < 0 { isExhausted = true }
    }

    private mutating func report(_ keyword: String, _ message: String) {
        guard violations.count < SchemaViolation.maximumCount else { return }
        let pointer = path.map { token in
            switch token {
            case .key(let name): "/" + JSONPointer.escaped(name)
            case .index(let index): "/\(index)"
            }
        }
        violations.append(SchemaViolation(pointer: pointer.joined(), message: message, keyword: keyword))
    }

    private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func listed(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
