/// Reads a policy file and gathers all that is wrong with it. Nothing of a wrong file is used.
struct GuardPolicyReader {
    private static let maximumRules = 1_000
    private static let maximumProblems = 100

    private(set) var problems: [GuardPolicyError.Problem] = []
    private var lists: [String: WordList] = [:]

    mutating func policy(_ json: JSONValue) -> GuardPolicy {
        let root = JSONPointer()
        let members = object(json, root, ["version", "lists", "rules", "taint", "classification", "minimise", "about"])
        if members["version"] != 1 { report(root.appending("version"), "must be 1") }
        let named = members["lists"].map { object($0, root.appending("lists"), nil) } ?? [:]
        for (name, value) in named.sorted(by: { $0.key < $1.key }) {
            let place = root.appending("lists").appending(name)
            guard let words = strings(value, place) else { continue }
            guard let list = WordList(words) else {
                report(place, "has a phrase without a word")
                continue
            }
            lists[name] = list
        }
        let taint = members["taint"].map { taintRule($0, root.appending("taint")) } ?? TaintRule()
        let place = root.appending("rules")
        guard let elements = members["rules"]?.arrayValue, elements.count <= Self.maximumRules else {
            report(place, "must be an array of at most \(Self.maximumRules) rules")
            return .none
        }
        var ids = Set<String>()
        let rules = elements.enumerated().compactMap { index, element -> GuardPolicy.Rule? in
            let rule = rule(element, place.appending(index))
            if let rule, !ids.insert(rule.id).inserted {
                report(place.appending(index).appending("id"), "repeats the id \"\(rule.id)\"")
            }
            return rule
        }
        var policy = GuardPolicy(rules: rules, lists: lists, taint: taint)
        if let json = members["classification"] {
            var reader = ClassificationReader()
            policy.classification = reader.policy(json, root.appending("classification"))
            for problem in reader.problems { report(problem.place, problem.message) }
        }
        if let json = members["minimise"] {
            let place = root.appending("minimise")
            let members = object(json, place, ["drop", "pseudonymise"])
            // An empty list is a choice here: nothing is taken out.
            policy.minimisation = MinimisationRule(
                drop: Set(names(members["drop"], place.appending("drop"))),
                pseudonymise: Set(names(members["pseudonymise"], place.appending("pseudonymise"))))
        }
        return policy
    }

    private mutating func rule(_ json: JSONValue, _ place: JSONPointer) -> GuardPolicy.Rule? {
        let members = object(json, place, ["id", "on", "when", "then", "mode", "restore", "because"])
        guard let id = members["id"]?.stringValue, Name.isValid(id) else {
            report(place.appending("id"), "must be 1 to \(Name.maximumBytes) of a-z, 0-9, '.', '_' and '-'")
            return nil
        }
        let on = members["on"].map { $0.stringValue.map { [JSONValue.string($0)] } ?? $0.arrayValue ?? [] } ?? []
        let places: [GuardPolicy.Place] = choices(.array(on), place.appending("on"))
        if places.isEmpty {
            report(place.appending("on"), "must name at least one of \(names(GuardPolicy.Place.self))")
        }
        let verdict: GuardPolicy.Verdict? = choice(members["then"], place.appending("then"))
        var rule = GuardPolicy.Rule(
            id: id, places: Set(places),
            conditions: conditions(members["when"] ?? .object([:]), place.appending("when")),
            verdict: verdict ?? .forbid)
        if rule.verdict == .ask, rule.places != [.tool] {
            report(place.appending("then"), "\"ask\" is for tools: a person sees and releases the exact arguments")
        }
        if rule.verdict == .mask,
            rule.conditions.personalData == nil || !rule.places.isSubset(of: [.modelRequest, .modelAnswer])
        {
            report(place.appending("then"), "\"mask\" needs when.personal_data, and is for models")
        }
        switch members["mode"]?.stringValue ?? "enforce" {
        case "enforce": rule.isDry = false
        case "log": rule.isDry = true
        default: report(place.appending("mode"), "must be \"enforce\" or \"log\"")
        }
        rule.restores = flag(members["restore"], place.appending("restore")) ?? true
        rule.because = members["because"]?.stringValue
        return rule
    }

    private mutating func conditions(_ json: JSONValue, _ place: JSONPointer) -> GuardPolicy.Conditions {
        let members = object(
            json, place,
            [
                "tenants", "departments", "models", "tools", "hosts", "tainted", "personal_data", "words",
                "injection_at_least",
            ])
        var conditions = GuardPolicy.Conditions()
        conditions.tenants = members["tenants"].flatMap { strings($0, place.appending("tenants")) }
        conditions.departments = members["departments"].flatMap { strings($0, place.appending("departments")) }
        conditions.models = members["models"].flatMap { strings($0, place.appending("models")) }
        conditions.tools = members["tools"].flatMap { strings($0, place.appending("tools")) }
        conditions.hosts = members["hosts"].flatMap { strings($0, place.appending("hosts")) }
        conditions.isTainted = flag(members["tainted"], place.appending("tainted"))
        conditions.personalData = members["personal_data"].map {
            Set(choices($0, place.appending("personal_data")) as [PersonalData])
        }
        if let name = members["words"]?.stringValue, lists[name] != nil {
            conditions.words = name
        } else if members["words"] != nil {
            let known = lists.keys.sorted().joined(separator: ", ")
            report(place.appending("words"), "must be the name of a list; there are: \(known)")
        }
        if let score = members["injection_at_least"] {
            conditions.injectionAtLeast = score.integerValue.map { Int(clamping: $0) }
            if !(1...100).contains(conditions.injectionAtLeast ?? 0) {
                report(place.appending("injection_at_least"), "must be a whole number from 1 to 100")
            }
        }
        return conditions
    }

    private mutating func taintRule(_ json: JSONValue, _ place: JSONPointer) -> TaintRule {
        let members = object(json, place, ["sources", "trusted_hosts", "trusted_tools"])
        var rule = TaintRule()
        if let sources = members["sources"] { rule.sources = Set(choices(sources, place.appending("sources"))) }
        rule.trustedHosts = members["trusted_hosts"].flatMap { strings($0, place.appending("trusted_hosts")) } ?? []
        rule.trustedTools = members["trusted_tools"].flatMap { strings($0, place.appending("trusted_tools")) } ?? []
        return rule
    }

    // MARK: Values

    /// - Parameter known: nil for any member.
    private mutating func object(
        _ json: JSONValue, _ place: JSONPointer, _ known: Set<String>?
    ) -> [String: JSONValue] {
        guard let members = json.objectValue else {
            report(place, "must be an object")
            return [:]
        }
        for name in members.keys.sorted() where known?.contains(name) == false {
            report(place.appending(name), "is not known; there are: \((known ?? []).sorted().joined(separator: ", "))")
        }
        return members
    }

    private mutating func strings(_ json: JSONValue, _ place: JSONPointer) -> [String]? {
        guard let texts = json.arrayValue?.map(\.stringValue), !texts.isEmpty, !texts.contains(nil) else {
            report(place, "must be an array of strings, at least one")
            return nil
        }
        return texts.compactMap(\.self)
    }

    /// Missing is empty.
    private mutating func names(_ json: JSONValue?, _ place: JSONPointer) -> [String] {
        guard let json, json != .array([]) else { return [] }
        return strings(json, place) ?? []
    }

    private mutating func flag(_ json: JSONValue?, _ place: JSONPointer) -> Bool? {
        guard let json else { return nil }
        if json.boolValue == nil { report(place, "must be true or false") }
        return json.boolValue
    }

    private mutating func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ json: JSONValue?, _ place: JSONPointer
    ) -> Value? {
        if let value = json?.stringValue.flatMap(Value.init(rawValue:)) { return value }
        report(place, "must be one of \(names(Value.self))")
        return nil
    }

    private mutating func choices<Value: RawRepresentable<String> & CaseIterable>(
        _ json: JSONValue, _ place: JSONPointer
    ) -> [Value] {
        guard let elements = json.arrayValue else {
            report(place, "must be an array")
            return []
        }
        return elements.enumerated().compactMap { choice($1, place.appending($0)) }
    }

    private func names<Value: RawRepresentable<String> & CaseIterable>(_ type: Value.Type) -> String {
        type.allCases.map(\.rawValue).joined(separator: ", ")
    }

    private mutating func report(_ place: JSONPointer, _ message: String) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(GuardPolicyError.Problem(pointer: place.description, message: message))
    }
}

/// All that is wrong with a policy file.
package struct GuardPolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    package struct Problem: Hashable, Sendable {
        package var pointer: String
        package var message: String
    }

    package var problems: [Problem]

    package var description: String {
        problems.map { "\($0.pointer.isEmpty ? "/" : $0.pointer): \($0.message)" }.joined(separator: "; ")
    }
}

extension GuardPolicy {
    /// - Parameter json: the text of a policy file.
    package init(json: [UInt8]) throws(GuardPolicyError) {
        let document: JSONValue
        do {
            document = try JSONParser.parse(json)
        } catch {
            throw GuardPolicyError(problems: [.init(pointer: "", message: error.description)])
        }
        var reader = GuardPolicyReader()
        self = reader.policy(document)
        guard reader.problems.isEmpty else { throw GuardPolicyError(problems: reader.problems) }
    }
}
