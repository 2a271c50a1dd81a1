/// What an operator says about the approvals of a department, or of one of its tasks.
///
///     {"approvers": ["ann", "bob", "cy"], "quorum": 2, "expires_after_seconds": 86400,
///      "escalations": [{"after_seconds": 3600, "approvers": ["boss"]}]}
///
/// For whom the run works is kept from deciding about it, unless `requester_may_approve`. Without `approvers`
/// everybody else may decide.
package struct ApprovalPolicy: Hashable, Sendable {
    package static let anybody = ApprovalPolicy(rules: ApprovalRules(approvers: [], isForAnybody: true))
    private static let maximumSeconds: Int64 = 3_660 * 86_400
    private static let maximumNameBytes = 254

    /// As they are for a request without an expiry, by nobody.
    package var rules: ApprovalRules
    package var requesterMayApprove: Bool

    package init(rules: ApprovalRules, requesterMayApprove: Bool = false) {
        self.rules = rules
        self.requesterMayApprove = requesterMayApprove
    }

    /// The rules of one request: who asks is excluded, and the sooner of two expiries holds.
    ///
    /// - Throws: `.denied` when nobody could ever decide.
    package func rules(requester: String?, expiresMilliseconds: Int64?) throws(Failure) -> ApprovalRules {
        var rules = rules
        if let requester, !requesterMayApprove { rules.excluded.insert(requester) }
        rules.expiresAfterMilliseconds = [rules.expiresAfterMilliseconds, expiresMilliseconds].compactMap { $0 }.min()
        if let expiry = rules.expiresAfterMilliseconds {
            rules.escalations.removeAll { $0.afterMilliseconds >= expiry }
        }
        let problems = rules.problems
        guard problems.isEmpty else { throw Failure(.denied, problems.joined(separator: "; ")) }
        return rules
    }
}

// MARK: - As people write it

extension ApprovalPolicy {
    /// - Throws: `.invalid` with the place and what fits there.
    package init(json: JSONValue) throws(Failure) {
        var reader = try MemberReader(json, "the approval rules")
        let approvers = try reader.names("approvers") ?? []
        let escalations = try reader.escalations(unit: "after_seconds", milliseconds: 1_000)
        let rules = ApprovalRules(
            approvers: approvers, isForAnybody: approvers.isEmpty,
            quorum: Int(try reader.number("quorum", 1...1_000) ?? 1),
            rejections: Int(try reader.number("rejections", 1...1_000) ?? 1),
            mayDelegate: try reader.flag("may_delegate") ?? true,
            editorMayApprove: try reader.flag("editor_may_approve") ?? true, escalations: escalations,
            expiresAfterMilliseconds: try reader.number("expires_after_seconds", 1...Self.maximumSeconds).map {
                $0 * 1_000
            })
        self.init(rules: rules, requesterMayApprove: try reader.flag("requester_may_approve") ?? false)
        try reader.end()
        if let problem = rules.problems.first { throw Failure(.invalid, "the approval rules: \(problem)") }
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "approvers": .names(rules.approvers), "quorum": .integer(Int64(rules.quorum)),
            "rejections": .integer(Int64(rules.rejections)), "may_delegate": .bool(rules.mayDelegate),
            "editor_may_approve": .bool(rules.editorMayApprove), "requester_may_approve": .bool(requesterMayApprove),
            "escalations": .array(
                rules.escalations.map {
                    ["after_seconds": .integer($0.afterMilliseconds / 1_000), "approvers": .names($0.approvers)]
                }),
        ]
        members["expires_after_seconds"] = rules.expiresAfterMilliseconds.map { .integer($0 / 1_000) }
        return .object(members)
    }

    /// Who acts: not empty, one line, not long.
    package static func isName(_ name: String) -> Bool {
        (1...maximumNameBytes).contains(name.utf8.count) && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}

// MARK: - As stored with a request

extension ApprovalRules {
    /// - Throws: `.invalid` for rules that were not written by ``json``.
    package init(json: JSONValue) throws(Failure) {
        var reader = try MemberReader(json, "the stored rules")
        self.init(
            approvers: try reader.names("approvers") ?? [], isForAnybody: try reader.flag("anybody") ?? false,
            quorum: Int(try reader.number("quorum", 1...1_000) ?? 1),
            rejections: Int(try reader.number("rejections", 1...1_000) ?? 1),
            excluded: try reader.names("excluded") ?? [], mayDelegate: try reader.flag("may_delegate") ?? true,
            editorMayApprove: try reader.flag("editor_may_approve") ?? true,
            escalations: try reader.escalations(unit: "after_ms", milliseconds: 1),
            expiresAfterMilliseconds: try reader.number("expires_after_ms", 1...Int64.max))
        try reader.end()
        if let problem = problems.first { throw Failure(.invalid, problem) }
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "approvers": .names(approvers), "anybody": .bool(isForAnybody), "quorum": .integer(Int64(quorum)),
            "rejections": .integer(Int64(rejections)), "excluded": .names(excluded),
            "may_delegate": .bool(mayDelegate), "editor_may_approve": .bool(editorMayApprove),
            "escalations": .array(
                escalations.map {
                    ["after_ms": .integer($0.afterMilliseconds), "approvers": .names($0.approvers)]
                }),
        ]
        members["expires_after_ms"] = expiresAfterMilliseconds.map { .integer($0) }
        return .object(members)
    }
}

extension JSONValue {
    fileprivate static func names(_ names: Set<String>) -> JSONValue { .array(names.sorted().map { .string($0) }) }
}

/// Takes members out of an object one by one; what is left at the end is unknown.
private struct MemberReader {
    private var members: [String: JSONValue]
    private let what: String

    init(_ json: JSONValue, _ what: String) throws(Failure) {
        guard let members = json.objectValue else { throw Failure(.invalid, "\(what) must be an object") }
        self.members = members
        self.what = what
    }

    private func wrong(_ member: String, _ wanted: String) -> Failure {
        Failure(.invalid, "\(what): /\(member) must be \(wanted)")
    }

    mutating func number(_ member: String, _ range: ClosedRange<Int64>) throws(Failure) -> Int64? {
        guard let value = members.removeValue(forKey: member), value != .null else { return nil }
        guard let number = value.integerValue, range.contains(number) else {
            throw wrong(member, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func flag(_ member: String) throws(Failure) -> Bool? {
        guard let value = members.removeValue(forKey: member) else { return nil }
        guard let flag = value.boolValue else { throw wrong(member, "true or false") }
        return flag
    }

    mutating func names(_ member: String) throws(Failure) -> Set<String>? {
        guard let value = members.removeValue(forKey: member) else { return nil }
        let names = value.arrayValue?.compactMap(\.stringValue) ?? []
        guard names.count == value.arrayValue?.count, names.allSatisfy(ApprovalPolicy.isName) else {
            throw wrong(member, "a list of people's names")
        }
        return Set(names)
    }

    mutating func escalations(
        unit: String, milliseconds: Int64
    ) throws(Failure) -> [ApprovalRules.Escalation] {
        guard let value = members.removeValue(forKey: "escalations") else { return [] }
        guard let elements = value.arrayValue else { throw wrong("escalations", "a list") }
        var escalations: [ApprovalRules.Escalation] = []
        for element in elements {
            var reader = try MemberReader(element, "\(what): an escalation")
            let limit = Int64.max / milliseconds
            guard let after = try reader.number(unit, 1...limit), let names = try reader.names("approvers") else {
                throw wrong("escalations", "a list of {\"\(unit)\", \"approvers\"}")
            }
            try reader.end()
            escalations.append(ApprovalRules.Escalation(afterMilliseconds: after * milliseconds, approvers: names))
        }
        return escalations
    }

    func end() throws(Failure) {
        guard let other = members.keys.min() else { return }
        throw Failure(.invalid, "\(what) have an unknown member \(other)")
    }
}
