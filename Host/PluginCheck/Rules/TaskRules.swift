import CLane
import Kernel
import Placement

/// From begin to exactly one end.
enum TaskRules {
    static let concurrent = 8

    static let all: [Rule] = [
        Rule(
            "task-completes", .tasks, needs: .instance,
            "Every task ends by host->complete, or refuses in begin: a run must not wait for ever.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            return try subject.onTasks { task in
                let call = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                guard call == nil else { return .kept }
                return .broken("\(task.name) had not ended after \(trial.graceMilliseconds) ms, all its asks answered")
            }
        },
        Rule(
            "task-succeeds", .tasks, .warning, needs: .tasks,
            "With a valid input and a host that answers, a task succeeds; give `examples` that do where few "
                + "inputs make sense.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            try subject.onTasks { task in
                guard let outcome = task.call.outcome, outcome.status != 0 else { return .kept }
                // Answers that only real tools and departments can give are no reason.
                let asked = Set(task.call.effects.map { Int($0.number(LANE_SERVICE)) })
                guard
                    asked.isDisjoint(with: [
                        LANE_SERVICE_TOOL, LANE_SERVICE_CHILD, LANE_SERVICE_PLAN, LANE_SERVICE_HTTP,
                    ])
                else { return .kept }
                let status = Status(rawValue: outcome.status).name
                return .broken("\(task.name) ended as \(status): \(quoted(Array(outcome.message.utf8)))")
            }
        },
        Rule(
            "task-completes-once", .tasks, needs: .instance,
            "A call is completed once: the first answer is the run's.", source: "host.h"
        ) { subject, trial in
            try afterwards(subject, trial) { $0.contains("completed twice") }
        },
        Rule(
            "task-refusal-is-final", .tasks, needs: .instance,
            "A begin that returns a failure has not completed the call: then there is none.", source: "plugin.h"
        ) { subject, trial in
            try afterwards(subject, trial) { $0.contains("begin completed a call") }
        },
        Rule(
            "task-result-json", .tasks, needs: .tasks,
            "A result is one strict JSON document.", source: "host.h"
        ) { subject, _ in
            try onResults(subject) { task, data in
                do throws(JSONError) {
                    _ = try JSONParser.parse(data)
                    return .kept
                } catch {
                    return .broken("\(task.name) returned \(quoted(data)): \(error)")
                }
            }
        },
        Rule(
            "task-result-schema", .tasks, needs: .tasks,
            "A result conforms to the task's output schema: other departments build on it.",
            source: "PluginAPI/README.md"
        ) { subject, _ in
            try onResults(subject) { task, data in
                guard let value = try? JSONParser.parse(data), let schema = try? JSONSchema(task.outputSchema) else {
                    return .kept
                }
                return schema.validate(value).first.map {
                    .broken("\(task.name): \($0.pointer.isEmpty ? "the result" : $0.pointer) \($0.message)")
                } ?? .kept
            }
        },
        Rule(
            "task-unknown-refused", .tasks, needs: .tasks,
            "A task that the manifest does not name is refused with a failure.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            let call = try conversation.run(
                "no-such-task", Array("{}".utf8), on: instance, within: trial.graceMilliseconds)
            guard let outcome = call?.outcome else { return .broken("it accepted no-such-task and never ended it") }
            return outcome.status < 0 ? .kept : .broken("it completed no-such-task with a result")
        },
        Rule(
            "task-concurrent", .tasks, needs: .tasks,
            "Eight calls can be open at once in one instance and each ends by itself; or begin answers BUREAU_E_BUSY.",
            source: "plugin.h"
        ) { subject, trial in
            try subject.onTasks { task in
                let (conversation, instance) = try subject.talk(trial)
                let calls = try (0..<concurrent).map { _ in
                    try conversation.begin(task.name, task.input, on: instance)
                }
                func open() -> Int { calls.count { conversation.calls[$0]?.outcome == nil } }
                _ = try conversation.serve(within: trial.graceMilliseconds) { open() == 0 }
                return open() == 0 ? .kept : .broken("\(open()) of \(concurrent) calls of \(task.name) did not end")
            }
        },
        Rule(
            "task-failure-explained", .tasks, .warning, needs: .tasks,
            "A failure comes with a message: someone must know what to do.", source: "host.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            conversation.policy = .failing(Status.io.rawValue)
            return try subject.onAskingTasks { task in
                let call = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                guard let outcome = call?.outcome, outcome.status < 0, outcome.message.isEmpty else { return .kept }
                return .broken("\(task.name) failed as \(Status(rawValue: outcome.status).name) without a word")
            }
        },
    ]

    private static func onResults(
        _ subject: Subject, _ check: (Subject.SampleTask, [UInt8]) throws -> Verdict
    ) throws -> Verdict {
        try subject.onTasks({ $0.isDone }, else: "no task gave a result") { task in
            try check(task, task.call.outcome?.data ?? [])
        }
    }

    /// Runs each task, waits for what comes too late, and looks for a report of the host.
    private static func afterwards(
        _ subject: Subject, _ trial: Trial, _ isMine: (String) -> Bool
    ) throws -> Verdict {
        let (conversation, instance) = try subject.talk(trial)
        return try subject.onTasks { task in
            _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
            _ = try conversation.serve(within: 50) { conversation.misbehaviour.contains(where: isMine) }
            try conversation.settle()
            return conversation.misbehaviour.first(where: isMine).map { .broken($0) } ?? .kept
        }
    }
}
