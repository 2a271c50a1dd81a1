import CLane
import Kernel
import Placement

/// A run can be told again from its journal.
enum ReplayRules {
    static let all: [Rule] = [
        Rule(
            "replay-same-effects", .replay, needs: .tasks,
            "The same input and the same answers lead to the same requests: a replay is matched step by step.",
            source: "operation.h"
        ) { subject, trial in
            try subject.onAskingTasks { task in
                let first = try retold(subject, trial, task, Answers()).call.effects.map(\.fingerprint).sorted()
                let second = try retold(subject, trial, task, Answers(), warm: true).call.effects.map(\.fingerprint)
                    .sorted()
                guard first != second else { return .kept }
                let pair = zip(first, second).first { $0 != $1 }
                let what = pair.map { "\(quoted(Array($0.0.utf8))), then \(quoted(Array($0.1.utf8)))" }
                return .broken("\(task.name) asked \(what ?? "\(first.count) times, then \(second.count) times")")
            }
        },
        Rule(
            "replay-same-result", .replay, needs: .tasks,
            "The same input and the same answers lead to the same result: time and randomness come from the "
                + "host's clock and random services.",
            source: "operation.h"
        ) { subject, trial in
            try subject.onTasks({ $0.isDone }, else: "no task gave a result") { task in
                let first = try retold(subject, trial, task, Answers()).call.outcome
                let second = try retold(subject, trial, task, Answers(), warm: true).call.outcome
                guard first != second else { return .kept }
                return .broken(
                    "\(task.name) returned \(quoted(first?.data ?? [])), then \(quoted(second?.data ?? []))")
            }
        },
        Rule(
            "replay-recorded-steps", .replay, needs: .tasks,
            "A step that is answered from the journal (EVENT_DONE without EVENT_COMPUTE) is used as it is and "
                + "not computed again.",
            source: "step.h"
        ) { subject, trial in
            let hasSteps: (Subject.SampleTask) -> Bool = { task in
                task.isDone && task.call.effects.contains { Int($0.number(LANE_SERVICE)) == LANE_SERVICE_STEP }
            }
            return try subject.onTasks(hasSteps, else: "no task has steps of its own") { task in
                let first = try retold(subject, trial, task, Answers())
                let again = try retold(subject, trial, task, Answers(replaying: first.answers))
                guard again.call.outcome == first.call.outcome else {
                    return .broken("\(task.name) ends otherwise: \(quoted(again.call.outcome?.data ?? []))")
                }
                let count = again.answers.recorded.count
                return count == 0 ? .kept : .broken("\(task.name) computed \(count) recorded steps again")
            }
        },
        Rule(
            "replay-later-attempt", .replay, needs: .tasks,
            "A second attempt with the same idempotency key goes as the first did: delivery is at least once.",
            source: "plugin.h"
        ) { subject, trial in
            try subject.onTasks { task in
                let (conversation, instance) = try subject.talk(trial)
                let call = try conversation.run(
                    task.name, task.input, on: instance, within: trial.graceMilliseconds, attempt: 2)
                guard let outcome = call?.outcome else { return .broken("\(task.name) does not end") }
                return (outcome.status == 0) == task.isDone
                    ? .kept : .broken("\(task.name) ends otherwise: \(quoted(Array(outcome.message.utf8)))")
            }
        },
    ]

    /// One run in a fresh process; `warm`: after another one, so that what is left in memory shows.
    private static func retold(
        _ subject: Subject, _ trial: Trial, _ task: Subject.SampleTask, _ answers: Answers, warm: Bool = false
    ) throws -> (call: Conversation.Call, answers: Answers) {
        let (conversation, instance) = try subject.talk(trial)
        for round in warm ? [0, 1] : [1] {
            conversation.answers = round == 0 ? Answers() : answers
            let call = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
            guard let call else { throw ProbeFailure.late("the task \(task.name) to complete") }
            if round == 1 { return (call, conversation.answers) }
        }
        throw ProbeFailure.late("the task \(task.name) to complete")
    }
}
