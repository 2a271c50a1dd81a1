/// One thing that a plugin must do, or must not. The catalogue of rules (``RuleCatalogue``) is the only list: reports,
/// `--list` and `PluginAPI/RULES.md` are made of it.
package struct Rule: Sendable {
    /// Stable, kebab-case: scripts name rules by it.
    package let id: String
    package let group: RuleGroup
    package let severity: Severity
    /// What is required, and why, in one sentence.
    package let requirement: String
    /// The header of `PluginAPI/CBureau/include/bureau` that states it, or another document of `PluginAPI`.
    package let source: String
    let needs: Need
    let check: @Sendable (Subject, Trial) throws -> Verdict

    package enum Severity: String, Sendable {
        /// A breach is FAILED.
        case error
        /// A breach is WARNING: it works here, and will trouble someone.
        case warning
    }

    /// What must have worked before the rule can be tried; otherwise it is SKIPPED.
    enum Need: Int, Comparable, Sendable {
        /// The bytes; a file that the host would load; an entry function that answers; a manifest that can be read; a
        /// descriptor that the host accepts; an instance that comes up; tasks that end.
        case bytes, file, entry, manifest, descriptor, instance, tasks
        static func < (left: Need, right: Need) -> Bool { left.rawValue < right.rawValue }
    }

    init(
        _ id: String, _ group: RuleGroup, _ severity: Severity = .error, needs: Need, _ requirement: String,
        source: String, check: @escaping @Sendable (Subject, Trial) throws -> Verdict
    ) {
        self.id = id
        self.group = group
        self.severity = severity
        self.needs = needs
        self.requirement = requirement
        self.source = source
        self.check = check
    }
}

/// In the order of reports.
package enum RuleGroup: String, CaseIterable, Sendable {
    case file, entry, manifest, life, lane, memory, tasks, cancel, effects, replay, input, state, reload, output
    case performance
}

/// What a rule found.
enum Verdict: Hashable, Sendable {
    case kept
    /// Nothing to try it on, and why.
    case skipped(String)
    /// What happened instead.
    case broken(String)

    var isKept: Bool { self == .kept }
}

/// What one rule gets beside the plugin: its own time and its own randomness.
struct Trial: Sendable {
    /// Monotonic milliseconds.
    var deadline: UInt64
    /// How long a plugin that was asked to finish may take.
    var graceMilliseconds: UInt64
    var seed: UInt64
}
