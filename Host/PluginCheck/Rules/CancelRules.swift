import Kernel
import Placement

/// A call that nobody wants any more ends soon, whatever it waits for.
enum CancelRules {
    static let many = 16

    static let all: [Rule] = [
        Rule(
            "cancel-at-once", .cancel, needs: .tasks,
            "A call that is cancelled right after begin ends within the grace period.", source: "plugin.h"
        ) { subject, trial in
            try ends(subject, trial) { conversation, call in try conversation.cancel(call) }
        },
        Rule(
            "cancel-in-operation", .cancel, needs: .tasks,
            "A call that is cancelled while an operation is open ends within the grace period; it cancels the "
                + "operation or no longer waits for it.",
            source: "plugin.h"
        ) { subject, trial in
            try ends(subject, trial) { conversation, call in
                _ = try conversation.serve(within: trial.graceMilliseconds) {
                    !(conversation.calls[call]?.effects.isEmpty ?? true)
                }
                try conversation.cancel(call)
            }
        },
        Rule(
            "cancel-repeated", .cancel, needs: .tasks,
            "More cancels of the same call change nothing.", source: "plugin.h"
        ) { subject, trial in
            try ends(subject, trial) { conversation, call in
                for _ in 0..<5 { try conversation.cancel(call) }
            }
        },
        Rule(
            "cancel-reasons", .cancel, needs: .tasks,
            "A deadline (BUREAU_E_DEADLINE), a hand-over (BUREAU_E_BUSY) and a reason not known yet end a call as a "
                + "cancellation does.",
            source: "plugin.h"
        ) { subject, trial in
            for reason in [Status.deadline, .busy, Status(rawValue: -99)] {
                let verdict = try ends(subject, trial) { conversation, call in
                    try conversation.cancel(call, reason: reason)
                }
                guard verdict.isKept else { return verdict }
            }
            return .kept
        },
        Rule(
            "cancel-many", .cancel, needs: .tasks,
            "Sixteen open calls that are cancelled together all end.", source: "plugin.h"
        ) { subject, trial in
            try subject.onAskingTasks { task in
                let (conversation, instance) = try subject.talk(trial)
                conversation.policy = .silent
                let calls = try (0..<many).map { _ in try conversation.begin(task.name, task.input, on: instance) }
                for call in calls { try conversation.cancel(call) }
                func open() -> Int { calls.count { conversation.calls[$0]?.outcome == nil } }
                _ = try conversation.serve(within: trial.graceMilliseconds) { open() == 0 }
                return open() == 0 ? .kept : .broken("\(open()) of \(many) calls of \(task.name) did not end")
            }
        },
        Rule(
            "cancel-spares-others", .cancel, needs: .tasks,
            "Cancelling one call leaves the others alone.", source: "plugin.h"
        ) { subject, trial in
            try subject.onAskingTasks { task in
                let (conversation, instance) = try subject.talk(trial)
                conversation.policy = .silent
                let victim = try conversation.begin(task.name, task.input, on: instance)
                let other = try conversation.begin(task.name, task.input, on: instance)
                try conversation.cancel(victim)
                _ = try conversation.serve(within: trial.graceMilliseconds) {
                    conversation.calls[victim]?.outcome != nil
                }
                try conversation.settle()
                return conversation.calls[other]?.outcome == nil
                    ? .kept : .broken("another call of \(task.name) ended with the cancelled one")
            }
        },
        Rule(
            "cancel-starts-nothing", .cancel, .warning, needs: .tasks,
            "A cancelled call starts no new operation: it would be paid for nobody.", source: "plugin.h"
        ) { subject, trial in
            try subject.onAskingTasks { task in
                let (conversation, instance) = try subject.talk(trial)
                conversation.policy = .silent
                let call = try conversation.begin(task.name, task.input, on: instance)
                func asked() -> Int { conversation.calls[call]?.effects.count ?? 0 }
                _ = try conversation.serve(within: trial.graceMilliseconds) { asked() > 0 }
                try conversation.settle()
                let before = asked()
                try conversation.cancel(call)
                _ = try conversation.serve(within: trial.graceMilliseconds) {
                    conversation.calls[call]?.outcome != nil
                }
                return asked() == before ? .kept : .broken("\(task.name) started \(asked() - before) more")
            }
        },
    ]

    /// Each asking task ends within the grace after `cancel`, with a host that answers nothing.
    private static func ends(
        _ subject: Subject, _ trial: Trial, _ cancel: (Conversation, UInt64) throws -> Void
    ) throws -> Verdict {
        let (conversation, instance) = try subject.talk(trial)
        conversation.policy = .silent
        return try subject.onAskingTasks { task in
            let call = try conversation.begin(task.name, task.input, on: instance)
            try cancel(conversation, call)
            let ended = try conversation.serve(within: trial.graceMilliseconds) {
                conversation.calls[call]?.outcome != nil
            }
            guard ended else { return .broken("\(task.name) had not ended \(trial.graceMilliseconds) ms later") }
            // Events that were under way reach nobody, and the instance is still well.
            try conversation.settle()
            return .kept
        }
    }
}
