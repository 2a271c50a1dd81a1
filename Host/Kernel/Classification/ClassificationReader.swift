/// Reads the member `classification` of a policy file.
///
/// ```json
/// "classification": {
///   "seed_rules": true,
///   "departments": {"personnel": "restricted"},
///   "rules": [
///     {"id": "deals", "on": ["input", "result"], "words": ["project falcon"], "then": "restricted"},
///     {"id": "tax", "domains": ["tax"], "departments": ["finance*"], "then": "confidential"}
///   ],
///   "clearances": {
///     "providers": {"*": "confidential", "local": "restricted"},
///     "hosts": {"*": "internal"}, "webhooks": {"*": "public"}
///   }
/// }
/// ```
struct ClassificationReader {
    private(set) var problems: [(place: JSONPointer, message: String)] = []

    mutating func policy(_ json: JSONValue, _ root: JSONPointer) -> ClassificationPolicy {
        var policy = ClassificationPolicy.standard
        guard let members = object(json, root, ["seed_rules", "departments", "rules", "clearances"]) else {
            return policy
        }
        if let seeds = members["seed_rules"] {
            guard let isOn = seeds.boolValue else {
                problems.append((root.appending("seed_rules"), "must be true or false"))
                return policy
            }
            if !isOn { policy.rules = [] }
        }
        if let departments = members["departments"] {
            policy.departments = classes(departments, root.appending("departments"))
        }
        if let rules = members["rules"] { readRules(rules, root.appending("rules"), into: &policy) }
        if let clearances = members["clearances"] {
            readClearances(clearances, root.appending("clearances"), into: &policy)
        }
        return policy
    }

    private mutating func readRules(
        _ json: JSONValue, _ place: JSONPointer, into policy: inout ClassificationPolicy
    ) {
        guard let elements = json.arrayValue, elements.count <= 1_000 else {
            problems.append((place, "must be an array of at most 1000 rules"))
            return
        }
        var ids = Set(policy.rules.map(\.id))
        for (index, element) in elements.enumerated() {
            let place = place.appending(index)
            guard let rule = rule(element, place) else { continue }
            if !ids.insert(rule.id).inserted {
                problems.append((place.appending("id"), "repeats the id \"\(rule.id)\""))
            }
            policy.rules.append(rule)
        }
    }

    private mutating func rule(_ json: JSONValue, _ place: JSONPointer) -> ClassificationPolicy.Rule? {
        guard let members = object(json, place, ["id", "on", "words", "domains", "departments", "then", "about"])
        else { return nil }
        guard let id = members["id"]?.stringValue, Name.isValid(id) else {
            problems.append((place.appending("id"), "must be a name of a-z, 0-9, '.', '_' and '-'"))
            return nil
        }
        guard let sensitivity = members["then"]?.stringValue.flatMap(Sensitivity.init(rawValue:)) else {
            problems.append((place.appending("then"), "must be one of \(Self.names)"))
            return nil
        }
        let words = members["words"].flatMap { phrases($0, place.appending("words")) }
        let domains = members["domains"].flatMap { phrases($0, place.appending("domains")) }
        let departments = members["departments"].flatMap { strings($0, place.appending("departments")) }
        if members["words"] == nil, members["domains"] == nil, members["departments"] == nil {
            problems.append((place, "needs words, domains or departments"))
        }
        var places = Set(ClassificationPolicy.Place.allCases)
        if let on = members["on"] {
            let names = strings(on, place.appending("on")) ?? []
            places = Set(names.compactMap(ClassificationPolicy.Place.init(rawValue:)))
            if places.count != names.count {
                problems.append((place.appending("on"), "must name input, request or result, each once"))
            }
        }
        return ClassificationPolicy.Rule(
            id: id, places: places, words: words, domains: domains, departments: departments,
            sensitivity: sensitivity)
    }

    private mutating func readClearances(
        _ json: JSONValue, _ place: JSONPointer, into policy: inout ClassificationPolicy
    ) {
        guard let members = object(json, place, ["providers", "hosts", "webhooks"]) else { return }
        for (name, keyPath) in [
            ("providers", \ClassificationPolicy.providers), ("hosts", \.hosts), ("webhooks", \.webhooks),
        ] {
            guard let json = members[name] else { continue }
            policy[keyPath: keyPath].patterns.merge(classes(json, place.appending(name))) { $1 }
        }
    }

    // MARK: Values

    private static let names = Sensitivity.allCases.map(\.rawValue).joined(separator: ", ")

    private mutating func classes(_ json: JSONValue, _ place: JSONPointer) -> [String: Sensitivity] {
        guard let members = object(json, place, nil) else { return [:] }
        var classes: [String: Sensitivity] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let sensitivity = value.stringValue.flatMap(Sensitivity.init(rawValue:)) else {
                problems.append((place.appending(name), "must be one of \(Self.names)"))
                continue
            }
            classes[name] = sensitivity
        }
        return classes
    }

    private mutating func phrases(_ json: JSONValue, _ place: JSONPointer) -> WordScanner? {
        guard let texts = strings(json, place) else { return nil }
        let scanner = WordScanner(texts)
        if scanner == nil { problems.append((place, "has a phrase without a word")) }
        return scanner
    }

    private mutating func strings(_ json: JSONValue, _ place: JSONPointer) -> [String]? {
        let texts = json.arrayValue?.map(\.stringValue)
        guard let texts, !texts.isEmpty, !texts.contains(nil) else {
            problems.append((place, "must be an array of strings, at least one"))
            return nil
        }
        return texts.compactMap(\.self)
    }

    private mutating func object(
        _ json: JSONValue, _ place: JSONPointer, _ known: Set<String>?
    ) -> [String: JSONValue]? {
        guard let members = json.objectValue else {
            problems.append((place, "must be an object"))
            return nil
        }
        for name in members.keys.sorted() where known?.contains(name) == false {
            let names = (known ?? []).sorted().joined(separator: ", ")
            problems.append((place.appending(name), "is not known; there are: \(names)"))
        }
        return members
    }
}
