/// What scores need beside the log: settings and what plugins say about themselves.
package struct OversightSettings: Hashable, Sendable {
    /// One task of an enabled department, as its manifest describes it.
    package struct Task: Hashable, Sendable {
        package var name: String
        package var hasSummary: Bool
        package var hasInputSchema: Bool
        package var hasOutputSchema: Bool

        package init(_ department: String, _ task: Manifest.Task) {
            name = "\(department)/\(task.name)"
            hasSummary = !task.summary.isEmpty
            hasInputSchema = Self.says(task.inputSchema)
            hasOutputSchema = Self.says(task.outputSchema)
        }

        private static func says(_ schema: JSONValue) -> Bool { schema != true && schema != .object([:]) }

        var points: Int { (hasSummary ? 1 : 0) + (hasInputSchema ? 1 : 0) + (hasOutputSchema ? 1 : 0) }
    }

    /// What a verification of the log said.
    package struct Log: Hashable, Sendable {
        package var size: Int64
        package var problems: [String]
        /// It was compared with a checkpoint outside the store.
        package var isAnchored: Bool

        package init(size: Int64, problems: [String], isAnchored: Bool) {
            self.size = size
            self.problems = problems
            self.isAnchored = isAnchored
        }
    }

    package var tasks: [Task]
    package var log: Log
    /// Rules of the policy that are in force.
    package var policyRules: [String]
    package var now: Instant

    package init(tasks: [Task], log: Log, policyRules: [String], now: Instant) {
        self.tasks = tasks
        self.log = log
        self.policyRules = policyRules
        self.now = now
    }
}

/// One of the eight measures, from 0 to 1000, with all that it was computed from. Nil where there is no evidence:
/// nothing is not good.
package struct OversightScore: Hashable, Sendable {
    package enum Evidence: Hashable, Sendable {
        case leaf(Int64)
        case setting(String)
        case manifest(String)
    }

    package var group: String
    package var name: String
    package var milli: Int64?
    package var formula: String
    /// What moves it up, and what down.
    package var rises: String
    package var falls: String
    package var counts: [String: Int64]
    package var evidence: [Evidence]

    package var json: JSONValue {
        let evidence = evidence.map { evidence -> JSONValue in
            switch evidence {
            case .leaf(let index): ["leaf": .integer(index)]
            case .setting(let name): ["setting": .string(name)]
            case .manifest(let name): ["manifest": .string(name)]
            }
        }
        return [
            "group": .string(group), "name": .string(name), "status": milli == nil ? "no_evidence" : "scored",
            "score_milli": milli.map { .integer($0) } ?? .null, "formula": .string(formula),
            "rises_with": .string(rises), "falls_with": .string(falls),
            "counts": .object(counts.mapValues { .integer($0) }), "evidence": .array(evidence),
        ]
    }
}

/// The eight measures of a risk assessment under the AI Act: each a formula over counts, each count with its evidence.
package struct OversightAssessment: Hashable, Sendable {
    /// An assessment of fairness counts for a year.
    package static let fairnessDays: Int64 = 365
    /// From one override in twenty decisions on, people are seen to decide and not to wave through.
    package static let fullOverrideShare: Int64 = 20

    package var scores: [OversightScore]

    package init(_ tally: OversightTally, _ settings: OversightSettings) {
        scores = [
            Self.explainability(tally), Self.documentation(settings), Self.biasAssessment(tally, settings),
            Self.equalityImpact(tally, settings), Self.humanOversight(tally), Self.auditTrail(settings),
            Self.technicalRobustness(tally), Self.security(tally, settings),
        ]
    }

    package subscript(_ name: String) -> OversightScore? { scores.first { $0.name == name } }

    /// `{"transparency": {"explainability": …}, …}`
    package var json: JSONValue {
        var groups: [String: JSONValue] = [:]
        for group in Set(scores.map(\.group)) {
            let members = scores.filter { $0.group == group }.map { ($0.name, $0.json) }
            groups[group] = .object(Dictionary(members, uniquingKeysWith: { $1 }))
        }
        return .object(groups)
    }

    private static func share(_ part: Int, _ whole: Int) -> Int64? {
        whole > 0 ? 1000 * Int64(part) / Int64(whole) : nil
    }

    private static func leaves(_ counts: EvidenceCount...) -> [OversightScore.Evidence] {
        counts.flatMap(\.leaves).sorted().map { .leaf($0) }
    }

    // MARK: Transparency

    private static func explainability(_ tally: OversightTally) -> OversightScore {
        let (good, bad) = (tally.explained, tally.unexplained)
        return OversightScore(
            group: "transparency", name: "explainability", milli: share(good.number, good.number + bad.number),
            formula: "1000 × explained / (explained + unexplained) over runs that ended by themselves; a run is "
                + "explained when every step has its request and its result or failure in the log, and it has an end",
            rises: "runs whose steps are all recorded", falls: "runs with steps without request or answer",
            counts: ["explained": Int64(good.number), "unexplained": Int64(bad.number)],
            evidence: leaves(bad, good))
    }

    private static func documentation(_ settings: OversightSettings) -> OversightScore {
        let points = settings.tasks.reduce(0) { $0 + $1.points }
        let weak = settings.tasks.filter { $0.points < 3 }.map(\.name)
        let named = (weak + settings.tasks.map(\.name).filter { !weak.contains($0) }).prefix(20)
        return OversightScore(
            group: "transparency", name: "documentation", milli: share(points, 3 * settings.tasks.count),
            formula: "1000 × (summaries + input schemas + output schemas) / (3 × tasks) over tasks of enabled "
                + "departments; a schema that allows everything is none",
            rises: "described tasks", falls: "tasks without summary or schema",
            counts: ["points": Int64(points), "tasks": Int64(settings.tasks.count), "weak": Int64(weak.count)],
            evidence: named.map { .manifest($0) })
    }

    // MARK: Fairness

    private static func fresh(
        _ tally: OversightTally, _ settings: OversightSettings
    ) -> [String: OversightTally.FairnessEvidence] {
        let since = settings.now.advanced(byMilliseconds: -fairnessDays * 86_400_000).timestamp
        return tally.fairness.filter { $0.value.at >= since }
    }

    private static func biasAssessment(_ tally: OversightTally, _ settings: OversightSettings) -> OversightScore {
        let fresh = fresh(tally, settings)
        let assessed = tally.activeDepartments.filter { fresh[$0] != nil }
        return OversightScore(
            group: "fairness", name: "bias_assessment",
            milli: tally.fairness.isEmpty ? nil : share(assessed.count, tally.activeDepartments.count),
            formula: "1000 × assessed / active departments; active: it had runs; assessed: a disparate-impact "
                + "assessment was recorded in the last \(fairnessDays) days",
            rises: "departments with an assessment", falls: "departments that work without one",
            counts: [
                "assessed": Int64(assessed.count), "active": Int64(tally.activeDepartments.count),
                "outdated": Int64(tally.fairness.count - fresh.count),
            ],
            evidence: tally.fairness.values.map(\.leaf).sorted().map { .leaf($0) })
    }

    private static func equalityImpact(_ tally: OversightTally, _ settings: OversightSettings) -> OversightScore {
        let fresh = fresh(tally, settings)
        let points = fresh.values.map { min(1000, 1000 * $0.ratioMilli / DisparateImpact.thresholdMilli) }
        return OversightScore(
            group: "fairness", name: "equality_impact",
            milli: points.isEmpty ? nil : points.reduce(0, +) / Int64(points.count),
            formula: "the mean over assessed departments of 1000 × min(1, ratio / 0.8), with the newest "
                + "disparate-impact ratio of each",
            rises: "ratios up to four fifths", falls: "ratios below four fifths",
            counts: [
                "assessments": Int64(points.count),
                "below_four_fifths": Int64(
                    fresh.values.count { $0.ratioMilli < DisparateImpact.thresholdMilli }),
            ],
            evidence: fresh.values.map(\.leaf).sorted().map { .leaf($0) })
    }

    // MARK: Accountability

    private static func humanOversight(_ tally: OversightTally) -> OversightScore {
        let people = Int64(tally.byPeople.number), time = Int64(tally.byTime.number)
        let overrides = Int64(tally.overrides.number)
        let exercised = people > 0 ? min(1000, 1000 * overrides * fullOverrideShare / people) : 0
        return OversightScore(
            group: "accountability", name: "human_oversight",
            milli: people + time > 0 ? 800 * people / (people + time) + exercised / 5 : nil,
            formula: "800 × decided by people / (by people + by time) + 200 × min(1, \(fullOverrideShare) × overrides "
                + "/ decided by people); an override is a rejection or a change of what was to be approved",
            rises: "decisions by people, and overrides up to one in \(fullOverrideShare)",
            falls: "requests that time decided",
            counts: [
                "requests": Int64(tally.requests.number), "by_people": people, "by_time": time,
                "overrides": overrides, "people": Int64(tally.people.count),
            ],
            evidence: leaves(tally.byTime, tally.overrides, tally.byPeople))
    }

    private static func auditTrail(_ settings: OversightSettings) -> OversightScore {
        let log = settings.log
        return OversightScore(
            group: "accountability", name: "audit_trail",
            milli: log.size == 0 ? nil : log.problems.isEmpty ? (log.isAnchored ? 1000 : 800) : 0,
            formula: "0 when the log does not verify; else 800, and 1000 when it also agrees with a checkpoint that is "
                + "kept outside the store",
            rises: "a checkpoint outside the store", falls: "any leaf, root or row that does not agree",
            counts: [
                "leaves": log.size, "problems": Int64(log.problems.count), "outside_checkpoint": log.isAnchored ? 1 : 0,
            ],
            evidence: log.problems.isEmpty
                ? (log.size > 0 ? [.leaf(log.size - 1)] : []) : log.problems.prefix(20).map { .setting($0) })
    }

    // MARK: Robustness

    private static func technicalRobustness(_ tally: OversightTally) -> OversightScore {
        let (done, failed, crashes) = (tally.done, tally.failed, tally.crashes)
        return OversightScore(
            group: "robustness", name: "technical_robustness",
            milli: share(done.number, done.number + failed.number + crashes.number),
            formula: "1000 × done / (done + failed + crashes of plugins), each time a run ended; cancelled runs do not "
                + "count",
            rises: "runs that were done", falls: "runs that failed, and crashes",
            counts: [
                "done": Int64(done.number), "failed": Int64(failed.number), "crashes": Int64(crashes.number),
                "cancelled": Int64(tally.cancelled.number),
            ],
            evidence: leaves(failed, crashes, done))
    }

    private static func security(_ tally: OversightTally, _ settings: OversightSettings) -> OversightScore {
        let workers = tally.confined.number + tally.lessConfined.number
        let installs = tally.signed.number + tally.unsigned.number
        let parts = [
            share(tally.confined.number, workers), share(tally.signed.number, installs),
            share(
                tally.activeDepartments.count - tally.activeDepartments.count { tally.quarantined[$0] != nil },
                tally.activeDepartments.count),
        ].compactMap { $0 }
        let policy: Int64 = settings.policyRules.isEmpty ? 0 : 1000
        return OversightScore(
            group: "robustness", name: "security",
            milli: parts.isEmpty ? nil : (parts.reduce(0, +) + policy) / Int64(parts.count + 1),
            formula: "the mean of: the share of worker starts in which every layer of the sandbox held; of installed "
                + "plugins with a signature; of active departments without a quarantine; and 1000 where a policy is in "
                + "force. What has no evidence is left out, and with nothing left there is no score",
            rises: "confined workers, signed plugins, a policy",
            falls: "missing layers, unsigned plugins, quarantines, no policy",
            counts: [
                "confined": Int64(tally.confined.number), "less_confined": Int64(tally.lessConfined.number),
                "signed": Int64(tally.signed.number), "unsigned": Int64(tally.unsigned.number),
                "quarantined": Int64(tally.quarantined.count), "denied_effects": Int64(tally.denied.number),
                "policy_rules": Int64(settings.policyRules.count),
            ],
            evidence: leaves(tally.lessConfined, tally.unsigned, tally.confined, tally.signed, tally.denied)
                + tally.quarantined.values.sorted().map { .leaf($0) }
                + settings.policyRules.prefix(20).map { .setting("policy rule \($0)") })
    }
}
