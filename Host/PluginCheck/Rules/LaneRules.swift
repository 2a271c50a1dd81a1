import CProbe
import Kernel
import Placement

/// Threads: callbacks return fast, and what belongs to the lane stays on it.
enum LaneRules {
    static let callbackLimit: UInt64 = 250_000_000

    /// The least of three runs' slowest calls of one callback: what a busy machine added once does not count.
    static func leastOfThree(_ conversation: Conversation, _ callback: Int, run: () throws -> Void) throws -> UInt64 {
        var least = UInt64.max
        _ = try conversation.measure()
        for _ in 0..<3 {
            try run()
            least = min(least, try conversation.measure().slowest(callback))
            if least <= callbackLimit { return least }
        }
        return least
    }

    static let all: [Rule] = [
        Rule(
            "lane-begin-fast", .lane, needs: .tasks,
            "begin returns within 250 ms: while it runs, every other call of the instance waits.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            return try subject.onTasks { task in
                let time = try leastOfThree(conversation, PROBE_CALLBACK_BEGIN) {
                    _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                }
                return verdict(time, task)
            }
        },
        Rule(
            "lane-event-fast", .lane, needs: .tasks,
            "on_event returns within 250 ms: events of other calls wait behind it.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            return try subject.onAskingTasks { task in
                let time = try leastOfThree(conversation, PROBE_CALLBACK_EVENT) {
                    _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                }
                return verdict(time, task)
            }
        },
        Rule(
            "lane-cancel-fast", .lane, needs: .tasks,
            "cancel returns within 250 ms: it marks the call, and the call ends by itself.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            conversation.policy = .silent
            return try subject.onAskingTasks { task in
                let time = try leastOfThree(conversation, PROBE_CALLBACK_CANCEL) {
                    let call = try conversation.begin(task.name, task.input, on: instance)
                    try conversation.cancel(call)
                    _ = try conversation.serve(within: 500) { conversation.calls[call]?.outcome != nil }
                }
                return verdict(time, task)
            }
        },
        Rule(
            "lane-arena", .lane, needs: .instance,
            "arena_alloc is called on the lane only: it takes no lock.", source: "host.h"
        ) { subject, trial in
            try reported(subject, trial) { $0.contains("arena_alloc") }
        },
        Rule(
            "lane-arguments", .lane, needs: .instance,
            "Host functions are called with valid arguments: UTF-8 where text is due, sizes within the limits of "
                + "base.h.",
            source: "base.h"
        ) { subject, trial in
            try reported(subject, trial) { text in
                ["malformed arguments", "more bytes", "UTF-8", "answered"].contains { text.contains($0) }
            }
        },
        Rule(
            "lane-extension-ids", .lane, needs: .instance,
            "get_extension compares the whole id and its length: an unknown id, a prefix, and an id with more "
                + "after it are null.",
            source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            let known = ["bureau.plugin.state/1", "bureau.plugin.reload/1"]
            let unknown = ["", "bureau.plugin", "bureau.plugin.state/", "org.example.unknown/1", "\u{1F600}"]
            for id in unknown + known.flatMap({ ["\($0)0", "\($0)\0", "\($0) ", $0.uppercased()] }) {
                let answer = try conversation.hasExtension(id, instance)
                guard answer == .absent else { return .broken("it answered \(quoted(Array(id.utf8)))") }
            }
            return .kept
        },
        Rule(
            "lane-extension-stable", .lane, needs: .instance,
            "get_extension gives the same table each time: it is valid until destroy.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            var present = 0
            for id in ["bureau.plugin.state/1", "bureau.plugin.reload/1"] {
                switch try conversation.hasExtension(id, instance) {
                case .unstable: return .broken("two answers for \(id) differ")
                case .present: present += 1
                case .absent: break
                }
            }
            return present > 0 ? .kept : .skipped("it has no extensions")
        },
    ]

    private static func verdict(_ time: UInt64, _ task: Subject.SampleTask) -> Verdict {
        time <= callbackLimit ? .kept : .broken("it took \(time.milliseconds) for \(task.name), three times")
    }

    /// Runs the tasks, ended or not, and looks for a report of the host.
    private static func reported(
        _ subject: Subject, _ trial: Trial, _ isMine: (String) -> Bool
    ) throws -> Verdict {
        let (conversation, instance) = try subject.talk(trial)
        return try subject.onTasks { task in
            let call = try conversation.begin(task.name, task.input, on: instance)
            func found() -> String? { (conversation.misbehaviour + conversation.remarks).first(where: isMine) }
            _ = try conversation.serve(within: trial.graceMilliseconds) {
                conversation.calls[call]?.outcome != nil || found() != nil
            }
            try conversation.settle()
            return found().map { .broken($0) } ?? .kept
        }
    }
}
