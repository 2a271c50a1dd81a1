import Kernel
import Placement

/// Leaving the stage for a newer generation (`bureau.plugin.reload/1`).
enum ReloadRules {
    static let quiesceMilliseconds: UInt64 = 200
    static let generations = 20

    static let all: [Rule] = [
        Rule(
            "reload-healthy", .reload, needs: .instance,
            "probe answers BUREAU_OK for an instance that has just come up.", source: "plugin_reload.h"
        ) { subject, trial in
            try reloadable(subject, trial) { conversation, instance in
                let status = try conversation.reload(.health, instance)
                return status == 0 ? .kept : .broken("it answered \(Status(rawValue: status).name)")
            }
        },
        Rule(
            "reload-quiesce-idle", .reload, needs: .instance,
            "quiesce of an idle instance succeeds at once.", source: "plugin_reload.h"
        ) { subject, trial in
            try reloadable(subject, trial) { conversation, instance in
                let status = try conversation.reload(.quiesce(milliseconds: quiesceMilliseconds), instance)
                return status == 0 ? .kept : .broken("it answered \(Status(rawValue: status).name)")
            }
        },
        Rule(
            "reload-quiesce-hands-over", .reload, needs: .tasks,
            "Within the time of quiesce open calls end, or are completed with BUREAU_E_BUSY to be replayed elsewhere.",
            source: "plugin_reload.h"
        ) { subject, trial in
            try reloadable(subject, trial) { conversation, instance in
                conversation.policy = .silent
                return try subject.onAskingTasks { task in
                    let call = try conversation.begin(task.name, task.input, on: instance)
                    _ = try conversation.reload(.quiesce(milliseconds: quiesceMilliseconds), instance)
                    let ended = try conversation.serve(within: quiesceMilliseconds + trial.graceMilliseconds) {
                        conversation.calls[call]?.outcome != nil
                    }
                    _ = try conversation.reload(.resume, instance)
                    return ended ? .kept : .broken("a call of \(task.name) stayed open")
                }
            }
        },
        Rule(
            "reload-quiesce-takes-nothing", .reload, needs: .tasks,
            "After quiesce begin refuses with BUREAU_E_BUSY: the next generation takes the work.",
            source: "plugin_reload.h"
        ) { subject, trial in
            try reloadable(subject, trial) { conversation, instance in
                _ = try conversation.reload(.quiesce(milliseconds: quiesceMilliseconds), instance)
                return try subject.onTasks { task in
                    let call = try conversation.run(
                        task.name, task.input, on: instance, within: trial.graceMilliseconds)
                    let status = call?.outcome?.status
                    guard status != Status.busy.rawValue else { return .kept }
                    return .broken(
                        "\(task.name) was \(status.map { "answered with \(Status(rawValue: $0).name)" } ?? "taken")")
                }
            }
        },
        Rule(
            "reload-resumes", .reload, needs: .tasks,
            "After resume the instance works as before: the swap was rolled back.", source: "plugin_reload.h"
        ) { subject, trial in
            try reloadable(subject, trial) { conversation, instance in
                _ = try conversation.reload(.quiesce(milliseconds: quiesceMilliseconds), instance)
                let status = try conversation.reload(.resume, instance)
                guard status == 0 else { return .broken("resume answered \(Status(rawValue: status).name)") }
                return try subject.onTasks { task in
                    let call = try conversation.run(
                        task.name, task.input, on: instance, within: trial.graceMilliseconds)
                    guard let outcome = call?.outcome else { return .broken("\(task.name) does not end") }
                    return (outcome.status == 0) == task.isDone
                        ? .kept : .broken("\(task.name) ends as \(Status(rawValue: outcome.status).name)")
                }
            }
        },
        Rule(
            "reload-generations", .reload, needs: .instance,
            "Twenty hand-overs in a row leave state and memory as they were.", source: "plugin_reload.h"
        ) { subject, trial in
            var (conversation, instance) = try subject.talk(trial)
            try subject.exercise(conversation, instance, trial)
            guard let first = try conversation.save(instance), first.status == 0 else {
                return .skipped("it has no state to hand over")
            }
            var heap: [Int] = []
            for generation in 0..<2 * generations {
                let next = try conversation.instance(slot: UInt64(2 + generation % 2))
                let status = try conversation.load(first.bytes, version: first.version, into: next)
                guard status == 0 else { return .broken("load answered \(Status(rawValue: status).name)") }
                try conversation.destroy(instance)
                instance = next
                heap.append(try conversation.measure().heapBytes)
            }
            guard try conversation.save(instance)?.bytes == first.bytes else { return .broken("the state changed") }
            let growth = heap[2 * generations - 1] - heap[generations - 1]
            // The host keeps a little of each instance for a while, so that late calls meet a refusal.
            let allowed = generations * hostBytes
            return growth <= allowed
                ? .kept : .broken("\(generations) hand-overs left \(growth - allowed) bytes behind")
        },
    ]

    private static let hostBytes = 512

    private static func reloadable(
        _ subject: Subject, _ trial: Trial,
        _ check: (Conversation, Conversation.Instance) throws -> Verdict
    ) throws -> Verdict {
        let (conversation, instance) = try subject.talk(trial)
        guard try conversation.hasExtension("bureau.plugin.reload/1", instance) != .absent else {
            return .skipped("it has no reload table")
        }
        return try check(conversation, instance)
    }
}
