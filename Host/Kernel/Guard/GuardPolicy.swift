/// What an operator lets pass between departments, models, tools and the web, beside the grants: rules over what is
/// in a text, where it comes from and where it goes. Read from a file, evaluated without I/O, and explained rule by
/// rule.
///
/// What no rule speaks of is allowed, for grants have allowed it already. Of the rules that match, the strictest
/// counts: forbid before ask before mask before flag (as in Cedar, a forbid always wins). A rule in mode `log` is
/// evaluated and told, and changes nothing: that is how a rule is tried.
package struct GuardPolicy: Hashable, Sendable {
    /// Where a rule looks.
    package enum Place: String, Hashable, Sendable, CaseIterable {
        case modelRequest = "model.request"
        case modelAnswer = "model.answer"
        /// A tool's arguments, before it is called.
        case tool
        /// A fetch, before it is sent.
        case http
    }

    /// From mild to strict.
    package enum Verdict: String, Hashable, Sendable, CaseIterable, Comparable {
        case allow
        /// Goes on, and is told.
        case flag
        /// Goes on without the personal data that the rule names.
        case mask
        /// Waits for a person, who sees the exact arguments. For tools.
        case ask
        case forbid

        package static func < (left: Verdict, right: Verdict) -> Bool { left.strictness < right.strictness }
        private var strictness: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package struct Rule: Hashable, Sendable {
        package var id: String
        package var places: Set<Place>
        package var conditions: Conditions
        package var verdict: Verdict
        /// Evaluated and told, without effect.
        package var isDry = false
        /// What was masked is put back into the model's answer.
        package var restores = true
        /// For people, in the refusal.
        package var because: String?
    }

    /// All of them must hold; one that is not given holds. Patterns are names, or beginnings with `*` at the end.
    package struct Conditions: Hashable, Sendable {
        package var tenants: [String]?
        package var departments: [String]?
        package var models: [String]?
        package var tools: [String]?
        package var hosts: [String]?
        /// The run has read something from outside; see ``TaintRule``.
        package var isTainted: Bool?
        package var personalData: Set<PersonalData>?
        /// The name of a list.
        package var words: String?
        /// ``InjectionSignals/score``.
        package var injectionAtLeast: Int?
    }

    package var rules: [Rule]
    package var lists: [String: WordList]
    package var taint: TaintRule
    /// How data gets its class, and how far each class may go.
    package var classification = ClassificationPolicy.standard
    /// What of an input no model is told.
    package var minimisation = MinimisationRule.standard

    package static let none = GuardPolicy(rules: [], lists: [:], taint: TaintRule())

    package init(rules: [Rule], lists: [String: WordList], taint: TaintRule) {
        self.rules = rules
        self.lists = lists
        self.taint = taint
    }

    package func rules(at place: Place) -> [Rule] { rules.filter { $0.places.contains(place) } }

    package func decide(_ subject: GuardSubject) -> GuardDecision {
        var decision = GuardDecision()
        var seen = Reading(subject)
        for rule in rules where rule.places.contains(subject.place) {
            guard let reasons = reasons(rule.conditions, subject, &seen) else { continue }
            decision.matches.append(
                GuardDecision.Match(
                    rule: rule.id, verdict: rule.verdict, isDry: rule.isDry, reasons: reasons, because: rule.because))
            guard !rule.isDry else { continue }
            decision.verdict = max(decision.verdict, rule.verdict)
            if rule.verdict == .mask {
                decision.masks.formUnion(rule.conditions.personalData ?? Set(PersonalData.allCases))
                decision.restores = decision.restores && rule.restores
            }
        }
        return decision
    }

    /// What is read once for all rules, when the first of them asks.
    private struct Reading {
        private let texts: [String]
        private var data: Set<PersonalData>?
        private var injection: Int?

        init(_ subject: GuardSubject) { texts = subject.texts }

        mutating func personalData() -> Set<PersonalData> {
            if let data { return data }
            let found = Set(texts.flatMap { PersonalData.findings(in: $0) }.map(\.kind))
            data = found
            return found
        }

        mutating func injectionScore() -> Int {
            if let injection { return injection }
            let score = texts.map { InjectionSignals(in: $0).score }.max() ?? 0
            injection = score
            return score
        }
    }

    /// Why all conditions hold; nil when one does not. The cheap ones are looked at first.
    private func reasons(_ conditions: Conditions, _ subject: GuardSubject, _ seen: inout Reading) -> [String]? {
        var reasons: [String] = []
        let names = [
            ("tenant", conditions.tenants, subject.tenant), ("department", conditions.departments, subject.department),
            ("model", conditions.models, subject.model), ("tool", conditions.tools, subject.tool),
            ("host", conditions.hosts, subject.host),
        ]
        for (what, patterns, name) in names {
            guard let patterns else { continue }
            guard let name, patterns.contains(where: { Self.matches(name, $0) }) else { return nil }
            reasons.append("\(what) \(name)")
        }
        if let isTainted = conditions.isTainted {
            guard isTainted == subject.isTainted else { return nil }
            reasons.append(isTainted ? "the run has read from outside" : "the run has read nothing from outside")
        }
        if let kinds = conditions.personalData {
            let found = seen.personalData().intersection(kinds).map(\.rawValue).sorted()
            guard !found.isEmpty else { return nil }
            reasons.append("it has \(found.joined(separator: ", "))")
        }
        if let name = conditions.words {
            guard subject.texts.contains(where: { lists[name]?.first(in: $0) != nil }) else { return nil }
            reasons.append("it has a word of list \(name)")
        }
        if let least = conditions.injectionAtLeast {
            let score = seen.injectionScore()
            guard score >= least else { return nil }
            reasons.append("its injection score is \(score), from \(least) on it counts")
        }
        return reasons
    }

    static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
    }
}

/// Which reading from outside marks a run. Once marked it stays so: a plugin may have kept what it read.
///
/// The mark is on the run, not on the text, because what a plugin makes of a text cannot be followed through its code:
/// coarse, and sound (the idea of information-flow control as in FIDES, arXiv 2505.23643, with the run as the label's
/// bearer).
package struct TaintRule: Hashable, Sendable {
    package enum Source: String, Hashable, Sendable, CaseIterable {
        /// Fetches.
        case http
        case tool
        /// What other runs of the department left.
        case state
        /// The input of the run.
        case input
    }

    package var sources: Set<Source> = [.http, .tool]
    /// Hosts and tools whose answers do not mark.
    package var trustedHosts: [String] = []
    package var trustedTools: [String] = []

    package init() {}

    package func marks(host: String) -> Bool {
        sources.contains(.http) && !trustedHosts.contains { GuardPolicy.matches(host, $0) }
    }

    package func marks(tool: String) -> Bool {
        sources.contains(.tool) && !trustedTools.contains { GuardPolicy.matches(tool, $0) }
    }
}

/// What a policy is asked about.
package struct GuardSubject: Hashable, Sendable {
    package var place: GuardPolicy.Place
    package var tenant: String
    package var department: String
    /// `provider/model`.
    package var model: String?
    package var tool: String?
    package var host: String?
    package var isTainted: Bool
    /// All that would go out, or came in.
    package var texts: [String]

    package init(
        place: GuardPolicy.Place, tenant: String, department: String, model: String? = nil, tool: String? = nil,
        host: String? = nil, isTainted: Bool = false, texts: [String]
    ) {
        self.place = place
        self.tenant = tenant
        self.department = department
        self.model = model
        self.tool = tool
        self.host = host
        self.isTainted = isTainted
        self.texts = texts
    }
}

/// What a policy says, and by which rules.
package struct GuardDecision: Hashable, Sendable {
    package struct Match: Hashable, Sendable {
        package var rule: String
        package var verdict: GuardPolicy.Verdict
        package var isDry: Bool
        package var reasons: [String]
        package var because: String?
    }

    package var verdict = GuardPolicy.Verdict.allow
    /// What is taken out before it goes on.
    package var masks: Set<PersonalData> = []
    package var restores = true
    /// In the order of the file, dry ones too.
    package var matches: [Match] = []

    package init() {}

    /// What both say together: the stricter, and each match once.
    package func joined(_ other: GuardDecision) -> GuardDecision {
        var decision = self
        decision.verdict = max(verdict, other.verdict)
        decision.masks.formUnion(other.masks)
        decision.restores = restores && other.restores
        let known = Set(matches.map(\.rule))
        decision.matches += other.matches.filter { !known.contains($0.rule) }
        return decision
    }

    /// For who was refused: which rule, and why. Nothing of the text itself.
    package var refusal: String? {
        guard verdict == .forbid, let match = matches.first(where: { $0.verdict == .forbid && !$0.isDry }) else {
            return nil
        }
        let reasons = match.reasons.isEmpty ? "" : ": \(match.reasons.joined(separator: "; "))"
        return "the operator's policy, rule \(match.rule), forbids this\(reasons)"
            + (match.because.map { " (\($0))" } ?? "")
    }
}
