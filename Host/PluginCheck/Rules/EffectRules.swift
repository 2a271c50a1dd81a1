import CLane
import Kernel
import Placement

/// A host that says no, a host that has less, a host that has more.
enum EffectRules {
    static let all: [Rule] = failures + hosts + grants

    private static let failures: [Rule] = [
        refused(
            "effect-denied", .denied,
            "A refusal by grant or policy (BUREAU_E_DENIED) ends the task or is worked around.", "base.h"),
        refused(
            "effect-budget", .budget,
            "A spent budget (BUREAU_E_BUDGET) ends the task or is worked around with less.", "model.h"),
        refused(
            "effect-busy", .busy,
            "BUREAU_E_BUSY is met with an end or a bounded number of tries, not with a loop.", "base.h"),
        refused(
            "effect-deadline", .deadline, "An operation that was too late ends the task or is done without.", "base.h"),
        refused(
            "effect-io", .io, "A failure of the world outside (BUREAU_E_IO) ends the task or is retried, bounded.",
            "base.h"),
        refused("effect-internal", .internal, "A defect of the host (BUREAU_E_INTERNAL) ends the task.", "base.h"),
        refused(
            "effect-unsupported", .unsupported,
            "A service that this host cannot give (BUREAU_E_UNSUPPORTED) is done without, or ends the task.", "base.h"),
        refused(
            "effect-replay", .replay, "A request that differs from the recorded one (BUREAU_E_REPLAY) ends the task.",
            "operation.h"),
        refused(
            "effect-unknown-status", Status(rawValue: -99),
            "A status of a later version is treated as BUREAU_E_INTERNAL.",
            "base.h"),
        Rule(
            "effect-cancelled", .effects, needs: .tasks,
            "An operation that ends as EVENT_CANCELLED ends the task or is done without.", source: "operation.h"
        ) { subject, trial in try ends(subject, trial, .cancelling, "every operation was cancelled") },
    ]

    private static func refused(_ id: String, _ status: Status, _ requirement: String, _ source: String) -> Rule {
        Rule(id, .effects, needs: .tasks, requirement, source: source) { subject, trial in
            try ends(subject, trial, .failing(status.rawValue), "every operation failed with \(status.rawValue)")
        }
    }

    private static func ends(
        _ subject: Subject, _ trial: Trial, _ policy: AnswerPolicy, _ what: String
    ) throws -> Verdict {
        let (conversation, instance) = try subject.talk(trial)
        conversation.policy = policy
        return try subject.onAskingTasks { task in
            let call = try conversation.begin(task.name, task.input, on: instance)
            func asked() -> Int { conversation.calls[call]?.effects.count ?? 0 }
            let ended = try conversation.serve(within: trial.graceMilliseconds) {
                conversation.calls[call]?.outcome != nil || asked() > Conversation.maximumEffects
            }
            if asked() > Conversation.maximumEffects {
                return .broken("\(task.name) asked \(asked()) times and went on, when \(what)")
            }
            return ended ? .kept : .broken("\(task.name) had not ended \(trial.graceMilliseconds) ms after \(what)")
        }
    }

    private static let hosts: [Rule] = [
        Rule(
            "host-no-extensions", .effects, needs: .tasks,
            "With a host that has no extension at all, setup refuses or tasks end; nothing crashes: every id may "
                + "be null.",
            source: "host.h"
        ) { subject, trial in
            let conversation = try subject.opened(trial, flags: .noExtensions)
            guard let instance = try conversation.create(subject.configuration).instance else { return .kept }
            return try subject.onTasks { task in
                let call = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                return call != nil ? .kept : .broken("\(task.name) does not end")
            }
        },
        Rule(
            "host-newer", .effects, needs: .tasks,
            "With a host of a later minor, whose structs have more fields, everything works as before.",
            source: "base.h"
        ) { subject, trial in
            let conversation: Conversation
            do {
                conversation = try subject.opened(trial, flags: .newerHost)
            } catch ProbeFailure.refused(let why) {
                return .broken(why)
            }
            let (instance, _, reason) = try conversation.create(subject.configuration)
            guard let instance else { return .broken(reason) }
            return try subject.onTasks { task in
                let call = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                guard let outcome = call?.outcome else { return .broken("\(task.name) does not end") }
                return (outcome.status == 0) == task.isDone
                    ? .kept : .broken("\(task.name) ends otherwise: \(quoted(Array(outcome.message.utf8)))")
            }
        },
    ]

    private static let grants: [Rule] = [
        wanted(
            "grant-models", "models", LANE_SERVICE_MODEL, "model calls",
            names: { frame in
                let name = frame.text(LANE_NAME)
                return [name.isEmpty ? nil : name]
            }, granted: \.models),
        wanted("grant-tools", "tools", LANE_SERVICE_TOOL, "tools", names: { [$0.text(LANE_NAME)] }, granted: \.tools),
        wanted(
            "grant-hosts", "hosts", LANE_SERVICE_HTTP, "hosts of the web",
            names: { [host(of: $0.text(LANE_URL))] }, granted: \.hosts),
        wanted(
            "grant-departments", "departments", LANE_SERVICE_CHILD, "departments",
            names: { [$0.text(LANE_DEPARTMENT)] }, granted: \.departments),
    ]

    /// - Parameter names: what one request names; nil stands for the host's choice, which any wish covers.
    private static func wanted(
        _ id: String, _ member: String, _ service: Int, _ what: String,
        names: @escaping @Sendable (Frame) -> [String?], granted: @escaping @Sendable (Manifest.Wants) -> [String]
    ) -> Rule {
        Rule(
            id, .effects, needs: .tasks,
            "The manifest's wants.\(member) covers the \(what) that tasks ask for: the operator grants what is "
                + "written there.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            let frames = subject.tasks.flatMap(\.call.effects).filter { Int($0.number(LANE_SERVICE)) == service }
            guard !frames.isEmpty else { return .skipped("no task asked for \(what)") }
            let wishes = granted(subject.manifest?.wants ?? Manifest.Wants())
            for name in frames.flatMap(names) where !covers(wishes, name) {
                return .broken("it asked for \(name.map { "\"\($0)\"" } ?? "the default"), the wishes are \(wishes)")
            }
            return .kept
        }
    }

    private static func covers(_ wishes: [String], _ name: String?) -> Bool {
        guard let name else { return !wishes.isEmpty }
        return wishes.contains { wish in
            wish == "*" || wish == name || (wish.hasSuffix("*") && name.hasPrefix(wish.dropLast()))
                || (wish.hasPrefix("*.") && name.hasSuffix(wish.dropFirst()))
        }
    }

    private static func host(of url: String) -> String {
        let afterScheme = url.split(separator: "/", maxSplits: 2).dropFirst().first ?? ""
        return String(afterScheme.prefix { $0 != ":" && $0 != "?" && $0 != "#" })
    }
}
