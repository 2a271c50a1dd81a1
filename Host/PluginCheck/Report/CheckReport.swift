package import Kernel

/// How one rule went.
package enum RuleStatus: String, CaseIterable, Sendable {
    case passed = "PASSED"
    case skipped = "SKIPPED"
    case warning = "WARNING"
    case failed = "FAILED"
    case crashed = "CRASHED"

    package var isBreach: Bool { self == .failed || self == .crashed }
}

package struct RuleResult: Sendable {
    package var rule: Rule
    package var status: RuleStatus
    /// What happened instead, or why it was skipped.
    package var text: String
    package var milliseconds: UInt64
}

/// All that a check found.
package struct CheckReport: Sendable {
    package var path: String
    package var digest: Digest
    /// What the descriptor says, if it came that far.
    package var plugin: String?
    package var version: String?
    package var seed: UInt64
    package var milliseconds: UInt64
    /// In the catalogue's order.
    package var results: [RuleResult]

    package func count(_ status: RuleStatus) -> Int { results.count { $0.status == status } }

    /// No rule FAILED or CRASHED.
    package var isSound: Bool { !results.contains { $0.status.isBreach } }

    /// How to see one result again.
    package func reproduction(of result: RuleResult) -> String {
        "bureau plugin check \(path) --rule \(result.rule.id) --seed \(seed)"
    }
}

extension CheckReport {
    /// The document of `--json`, format 1. Members may be added.
    package var json: JSONValue {
        [
            "format": 1, "path": .string(path), "digest": .string(digest.hex),
            "plugin": plugin.map { .string($0) } ?? .null, "version": version.map { .string($0) } ?? .null,
            // A string: a seed has 64 bits, a number in JSON often only 53.
            "seed": .string("\(seed)"), "milliseconds": .integer(Int64(clamping: milliseconds)),
            "sound": .bool(isSound),
            "counts": .object(
                Dictionary(
                    uniqueKeysWithValues: RuleStatus.allCases.map {
                        ($0.rawValue.lowercased(), .integer(Int64(count($0))))
                    })),
            "results": .array(results.map { $0.json(reproduction(of: $0)) }),
        ]
    }
}

extension RuleResult {
    fileprivate func json(_ reproduction: String) -> JSONValue {
        var members = rule.members
        members["status"] = .string(status.rawValue)
        members["text"] = .string(text)
        members["milliseconds"] = .integer(Int64(clamping: milliseconds))
        if status.isBreach || status == .warning { members["reproduce"] = .string(reproduction) }
        return .object(members)
    }
}

extension Rule {
    package var members: [String: JSONValue] {
        [
            "id": .string(id), "group": .string(group.rawValue), "severity": .string(severity.rawValue),
            "requirement": .string(requirement), "source": .string(source),
        ]
    }
}
