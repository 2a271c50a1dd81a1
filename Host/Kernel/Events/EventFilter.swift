/// Which events someone wants: all of topics, tenants, departments and conditions must fit.
///
///     {"topics": ["run.completed", "budget.*"], "tenants": ["acme"], "departments": ["finance"],
///      "where": [{"pointer": "/status", "is": "deadline"}, {"pointer": "/cost", "at_least": 1000}]}
///
/// A name that ends with `*` stands for all that begin so. What is left out does not matter.
package struct EventFilter: Hashable, Sendable {
    package static let maximumTerms = 64

    /// On a place in the event's body; a place that is not there fits nothing but `absent`.
    package enum Test: Hashable, Sendable {
        case isOneOf([JSONValue])
        case isNot(JSONValue)
        case atLeast(Int64)
        case atMost(Int64)
        case startsWith(String)
        case present
        case absent
    }

    package struct Condition: Hashable, Sendable {
        package var pointer: JSONPointer
        package var test: Test
    }

    package var topics: [String]
    package var tenants: [String]
    package var departments: [String]
    package var conditions: [Condition]

    package init(
        topics: [String] = [], tenants: [String] = [], departments: [String] = [], conditions: [Condition] = []
    ) {
        self.topics = topics
        self.tenants = tenants
        self.departments = departments
        self.conditions = conditions
    }

    /// - Parameters:
    ///   - tenant: nil for an event that belongs to none; only a filter without tenants takes it.
    ///   - department: likewise.
    package func matches(topic: String, tenant: String?, department: String?, body: JSONValue) -> Bool {
        Self.matches(topic, topics) && Self.matches(tenant, tenants) && Self.matches(department, departments)
            && conditions.allSatisfy { $0.matches(body) }
    }

    private static func matches(_ name: String?, _ patterns: [String]) -> Bool {
        guard !patterns.isEmpty else { return true }
        guard let name else { return false }
        return patterns.contains { pattern in
            pattern.hasSuffix("*") ? name.utf8.starts(with: pattern.utf8.dropLast()) : name == pattern
        }
    }
}

extension EventFilter.Condition {
    fileprivate func matches(_ body: JSONValue) -> Bool {
        guard let value = pointer.value(in: body) else { return test == .absent }
        switch test {
        case .isOneOf(let values): return values.contains(value)
        case .isNot(let other): return value != other
        case .atLeast(let bound): return value.integerValue.map { $0 >= bound } ?? false
        case .atMost(let bound): return value.integerValue.map { $0 <= bound } ?? false
        case .startsWith(let prefix): return value.stringValue?.utf8.starts(with: prefix.utf8) ?? false
        case .present: return true
        case .absent: return false
        }
    }
}

// MARK: JSON

extension EventFilter {
    /// - Throws: `.invalid` with the place and what fits there.
    package init(json: JSONValue) throws(Failure) {
        guard let members = json.objectValue else { throw Self.problem("", "must be an object") }
        self.init()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "topics": topics = try Self.names(value, "/topics")
            case "tenants": tenants = try Self.names(value, "/tenants")
            case "departments": departments = try Self.names(value, "/departments")
            case "where":
                guard let terms = value.arrayValue, terms.count <= Self.maximumTerms else {
                    throw Self.problem("/where", "must be an array of at most \(Self.maximumTerms) conditions")
                }
                for (index, term) in terms.enumerated() {
                    conditions.append(try Self.condition(term, "/where/\(index)"))
                }
            default: throw Self.problem("/\(name)", "is unknown: there are topics, tenants, departments and where")
            }
        }
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [:]
        for (name, patterns) in [("topics", topics), ("tenants", tenants), ("departments", departments)]
        where !patterns.isEmpty {
            members[name] = .array(patterns.map { .string($0) })
        }
        if !conditions.isEmpty { members["where"] = .array(conditions.map(\.json)) }
        return .object(members)
    }

    private static func problem(_ pointer: String, _ text: String) -> Failure {
        Failure(.invalid, "the filter\(pointer.isEmpty ? "" : " at \(pointer)") \(text)")
    }

    private static func names(_ value: JSONValue, _ pointer: String) throws(Failure) -> [String] {
        let names = value.arrayValue?.compactMap(\.stringValue)
        guard let names, names.count == value.arrayValue?.count, names.count <= maximumTerms,
            names.allSatisfy({ (1...200).contains($0.utf8.count) && !$0.dropLast().contains("*") })
        else {
            throw problem(
                pointer, "must be an array of at most \(maximumTerms) names, with * only at the end of one")
        }
        return names
    }

    private static func condition(_ value: JSONValue, _ pointer: String) throws(Failure) -> Condition {
        guard let members = value.objectValue, members.count == 2,
            let place = members["pointer"]?.stringValue.flatMap({ JSONPointer($0) }),
            let (name, operand) = members.first(where: { $0.key != "pointer" })
        else { throw problem(pointer, "must have a pointer into the event's body, such as /status, and one test") }
        let test: Test? =
            switch name {
            case "is": .isOneOf([operand])
            case "one_of": operand.arrayValue.map { .isOneOf($0) }
            case "is_not": .isNot(operand)
            case "at_least": operand.integerValue.map { .atLeast($0) }
            case "at_most": operand.integerValue.map { .atMost($0) }
            case "starts_with": operand.stringValue.map { .startsWith($0) }
            case "exists": operand.boolValue.map { $0 ? .present : .absent }
            default: nil
            }
        guard let test else {
            throw problem(
                "\(pointer)/\(name)",
                "is no test: there are is, is_not, one_of (array), at_least, at_most (integers), starts_with (text) "
                    + "and exists (true or false)")
        }
        return Condition(pointer: place, test: test)
    }
}

extension EventFilter.Condition {
    fileprivate var json: JSONValue {
        let (name, operand): (String, JSONValue) =
            switch test {
            case .isOneOf(let values) where values.count == 1: ("is", values[0])
            case .isOneOf(let values): ("one_of", .array(values))
            case .isNot(let value): ("is_not", value)
            case .atLeast(let bound): ("at_least", .integer(bound))
            case .atMost(let bound): ("at_most", .integer(bound))
            case .startsWith(let prefix): ("starts_with", .string(prefix))
            case .present: ("exists", true)
            case .absent: ("exists", false)
            }
        return ["pointer": .string(pointer.description), name: operand]
    }
}
