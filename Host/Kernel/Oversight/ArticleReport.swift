/// What a report is made from.
package struct ComplianceEvidence: Sendable {
    package var tally: OversightTally
    package var settings: OversightSettings
    package var retention: RetentionPolicy
    package var statements: [HostSetting: String]
    package var dates: AIActDates

    package init(
        tally: OversightTally, settings: OversightSettings, retention: RetentionPolicy,
        statements: [HostSetting: String], dates: AIActDates
    ) {
        self.tally = tally
        self.settings = settings
        self.retention = retention
        self.statements = statements
        self.dates = dates
    }

    package var assessment: OversightAssessment { OversightAssessment(tally, settings) }
    package var today: String { String(settings.now.timestamp.prefix(10)) }
}

/// What the log and the settings show about the requirements of one article of the AI Act. It says what is there and
/// what is not; whether that is enough is for people to judge.
package struct ArticleReport: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable { case met, notMet = "not_met", noEvidence = "no_evidence" }

    package struct Item: Hashable, Sendable {
        package var id: String
        package var requirement: String
        package var status: Status
        package var finding: String
        package var evidence: [OversightScore.Evidence]
    }

    package static let articles = [12, 14, 19, 26]

    package var article: Int
    package var title: String
    package var items: [Item]

    /// Nil for an article that no report is made of.
    package init?(_ article: Int, _ evidence: ComplianceEvidence) {
        self.article = article
        switch article {
        case 12: (title, items) = ("Record-keeping", Self.recordKeeping(evidence))
        case 14: (title, items) = ("Human oversight", Self.humanOversight(evidence))
        case 19: (title, items) = ("Automatically generated logs", Self.logs(evidence))
        case 26: (title, items) = ("Obligations of deployers", Self.deployers(evidence))
        default: return nil
        }
    }

    package func json(_ evidence: ComplianceEvidence) -> JSONValue {
        [
            "regulation": "Regulation (EU) 2024/1689", "article": .integer(Int64(article)), "title": .string(title),
            "made_at": .string(evidence.settings.now.timestamp), "log_size": .integer(evidence.tally.leaves),
            "high_risk": .bool(evidence.statements[.highRisk] == "on"),
            "dates": evidence.dates.json(today: evidence.today),
            "items": .array(
                items.map { item in
                    [
                        "id": .string(item.id), "requirement": .string(item.requirement),
                        "status": .string(item.status.rawValue), "finding": .string(item.finding),
                        "evidence": .array(item.evidence.map(\.json)),
                    ]
                }),
        ]
    }

    // MARK: Articles

    private static func leaves(_ counts: EvidenceCount...) -> [OversightScore.Evidence] {
        counts.flatMap(\.leaves).sorted().map { .leaf($0) }
    }

    private static func recordKeeping(_ evidence: ComplianceEvidence) -> [Item] {
        let tally = evidence.tally, log = evidence.settings.log
        let span = "\(tally.leaves) leaves from \(tally.first ?? "never") to \(tally.last ?? "never")"
        let incidents = tally.crashes.number + tally.denied.number + tally.quarantined.count
        return [
            Item(
                id: "12.1", requirement: "events are recorded automatically over the system's life",
                status: tally.leaves > 0 ? .met : .noEvidence, finding: span,
                evidence: tally.leaves > 0 ? [.leaf(0), .leaf(tally.leaves - 1)] : []),
            Item(
                id: "12.2.a", requirement: "situations that may be a risk can be found in the records",
                status: incidents > 0 ? .met : .noEvidence,
                finding: "\(tally.crashes.number) crashes, \(tally.denied.number) denied effects, "
                    + "\(tally.quarantined.count) open quarantines are on record",
                evidence: leaves(tally.crashes, tally.denied) + tally.quarantined.values.sorted().map { .leaf($0) }),
            item("12.2.b", "records allow monitoring after the start", evidence.assessment["explainability"]),
            Item(
                id: "12.integrity", requirement: "the records have not been altered",
                status: log.size == 0 ? .noEvidence : log.problems.isEmpty ? .met : .notMet,
                finding: log.problems.first
                    ?? (log.isAnchored
                        ? "the log verifies, also against a checkpoint outside the store" : "the log verifies"),
                evidence: log.size > 0 ? [.leaf(log.size - 1)] : []),
        ]
    }

    /// A score as an item: half of the points is the least.
    private static func item(_ id: String, _ requirement: String, _ score: OversightScore?) -> Item {
        let milli = score?.milli
        return Item(
            id: id, requirement: requirement, status: milli.map { $0 >= 500 ? .met : .notMet } ?? .noEvidence,
            finding: "score \(score?.name ?? "") " + (milli.map { "\($0) of 1000" } ?? "has no evidence"),
            evidence: score?.evidence ?? [])
    }

    private static func humanOversight(_ evidence: ComplianceEvidence) -> [Item] {
        let tally = evidence.tally
        let asked = tally.requests.number, decided = tally.byPeople.number
        return [
            Item(
                id: "14.1", requirement: "people can oversee the system while it is in use",
                status: asked == 0 ? .noEvidence : decided > 0 ? .met : .notMet,
                finding: "\(asked) requests to people, \(decided) decided by people, \(tally.byTime.number) by time, "
                    + "\(tally.reviewRules.number) changes of review rules",
                evidence: leaves(tally.requests, tally.byPeople, tally.byTime)),
            item("14.4.a", "people understand what the system can and cannot do", evidence.assessment["documentation"]),
            Item(
                id: "14.4.b", requirement: "people do not rely on the output by habit",
                status: decided == 0 ? .noEvidence : tally.overrides.number > 0 ? .met : .notMet,
                finding: decided > 0 && tally.overrides.number == 0
                    ? "nothing was ever rejected or changed in \(decided) decisions: look whether people decide"
                    : "\(tally.overrides.number) overrides in \(decided) decisions",
                evidence: leaves(tally.overrides)),
            Item(
                id: "14.4.d", requirement: "people can disregard, override or reverse the output",
                status: tally.overrides.number > 0 ? .met : .noEvidence,
                finding: "\(tally.overrides.number) rejections and changes", evidence: leaves(tally.overrides)),
            Item(
                id: "14.4.e", requirement: "people can stop the system",
                status: tally.stops.number > 0 ? .met : .noEvidence,
                finding: "\(tally.stops.number) runs or budgets were stopped", evidence: leaves(tally.stops)),
        ]
    }

    private static func logs(_ evidence: ComplianceEvidence) -> [Item] {
        let retention = evidence.retention, isOn = evidence.statements[.highRisk] == "on"
        let runs = retention.days(of: .runs), archives = retention.days(of: .archives)
        let kept = archives.map { "\($0 + (runs ?? 0)) days" } ?? "for ever"
        return [
            Item(
                id: "19.1.log", requirement: "logs that the system makes are kept",
                status: evidence.tally.leaves > 0 ? .met : .noEvidence,
                finding: "audit leaves are kept for ever; the oldest is of \(evidence.tally.first ?? "never")",
                evidence: evidence.tally.leaves > 0 ? [.leaf(0)] : []),
            Item(
                id: "19.1.period",
                requirement: "records are kept for six months (\(RetentionPolicy.auditFloorDays) days) at least",
                status: retention.highRiskProblem == nil ? .met : .notMet, finding: "records of runs are kept \(kept)",
                evidence: [.setting("retention \(retention.json.serialized())")]
                    + leaves(evidence.tally.retentionChanges)),
            Item(
                id: "19.floor", requirement: "a shorter period cannot be set by mistake", status: isOn ? .met : .notMet,
                finding: "\(HostSetting.highRisk.rawValue) is \(isOn ? "on: shorter periods are refused" : "off")",
                evidence: [.setting(HostSetting.highRisk.rawValue)]),
        ]
    }

    private static func deployers(_ evidence: ComplianceEvidence) -> [Item] {
        let tally = evidence.tally, named = evidence.statements[.overseers]
        let incidents = tally.crashes.number + tally.quarantined.count
        return [
            Item(
                id: "26.2", requirement: "oversight is given to competent people",
                status: named == nil ? .noEvidence : .met,
                finding: (named.map { "the operator states: \($0)" } ?? "\(HostSetting.overseers.rawValue) is not set")
                    + "; \(tally.people.count) people have decided",
                evidence: [.setting(HostSetting.overseers.rawValue)] + leaves(tally.byPeople)),
            item("26.4", "input data is fit for its purpose", evidence.assessment["bias_assessment"]),
            Item(
                id: "26.5", requirement: "the operation is monitored, and serious incidents are told",
                status: incidents + tally.failed.number + tally.done.number > 0 ? .met : .noEvidence,
                finding:
                    "\(tally.done.number) runs done, \(tally.failed.number) failed, \(tally.crashes.number) crashes, "
                    + "\(tally.quarantined.count) open quarantines",
                evidence: leaves(tally.failed, tally.crashes) + tally.quarantined.values.sorted().map { .leaf($0) }),
            Item(
                id: "26.6", requirement: "logs are kept for six months at least",
                status: evidence.retention.highRiskProblem == nil ? .met : .notMet,
                finding: "see Article 19", evidence: [.setting("retention")]),
            Item(
                id: "26.11", requirement: "people are told that a high-risk system decides about them",
                status: .noEvidence, finding: "the host does not see whom the operator tells", evidence: []),
        ]
    }
}

extension OversightScore.Evidence {
    package var json: JSONValue {
        switch self {
        case .leaf(let index): ["leaf": .integer(index)]
        case .setting(let name): ["setting": .string(name)]
        case .manifest(let name): ["manifest": .string(name)]
        }
    }

    package var words: String {
        switch self {
        case .leaf(let index): "leaf \(index)"
        case .setting(let name): name
        case .manifest(let name): "manifest of \(name)"
        }
    }
}
