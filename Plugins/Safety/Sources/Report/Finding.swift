package enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
    case none, low, medium, high, critical

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// One thing that is wrong, with its place and where the rule comes from. It never holds a secret.
package struct Finding: Codable, Hashable, Sendable {
    /// Stable name of the rule, such as `ssh.permit-root-login`.
    package var rule: String
    package var severity: Severity
    package var title: String
    /// A path, with a line where there is one: `etc/ssh/sshd_config:12`.
    package var place: String
    /// What was seen.
    package var evidence: String
    package var remedy: String
    /// The standard, guideline or manual that the rule follows.
    package var source: String
    /// CVSS, where an advisory gives one.
    package var score: Double?
    /// Of a secret: salted, to follow it from place to place.
    package var fingerprint: String?

    package init(
        rule: String, severity: Severity, title: String, place: String, evidence: String, remedy: String,
        source: String, score: Double? = nil, fingerprint: String? = nil
    ) {
        self.rule = rule
        self.severity = severity
        self.title = title
        self.place = place
        self.evidence = evidence
        self.remedy = remedy
        self.source = source
        self.score = score
        self.fingerprint = fingerprint
    }

    /// Worst first, then by rule and place, so that equal input gives equal order.
    static func ordered(_ findings: [Finding]) -> [Finding] {
        findings.sorted {
            if $0.severity != $1.severity { return $0.severity > $1.severity }
            if ($0.score ?? 0) != ($1.score ?? 0) { return ($0.score ?? 0) > ($1.score ?? 0) }
            return ($0.rule, $0.place, $0.evidence) < ($1.rule, $1.place, $1.evidence)
        }
    }
}

package struct SeverityCounts: Codable, Hashable, Sendable {
    package var critical = 0
    package var high = 0
    package var medium = 0
    package var low = 0

    init(_ findings: [Finding]) {
        for finding in findings {
            switch finding.severity {
            case .critical: critical += 1
            case .high: high += 1
            case .medium: medium += 1
            case .low: low += 1
            case .none: break
            }
        }
    }
}
