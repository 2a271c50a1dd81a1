import CLane
import CProbe
import Kernel
import Placement

/// Instances: entry, create, setup, destroy.
enum LifeRules {
    static let destroyLimit: UInt64 = 500_000_000
    static let manyInstances: UInt64 = 64
    /// Cycles until every cache of the host and the plugin is warm, and those that count.
    static let warmCycles = 1100
    static let countedCycles = 200
    /// Per cycle: half of the smallest block that an allocator gives.
    static let leakBytes = 16

    static let all: [Rule] = creation + setup + ending

    private static let creation: [Rule] = [
        Rule(
            "life-create-succeeds", .life, needs: .descriptor, "create returns BUREAU_OK and an instance.",
            source: "entry.h"
        ) { subject, trial in
            let (instance, code, reason) = try subject.opened(trial).create(subject.configuration)
            let isMine = instance == nil && code == LANE_PROBLEM_CREATE && !reason.hasPrefix("the instance's")
            return isMine ? .broken(reason) : .kept
        },
        Rule(
            "life-instance-complete", .life, needs: .descriptor,
            "The instance has a true struct_size and every function of plugin.h but get_extension, which may be null.",
            source: "plugin.h"
        ) { subject, trial in
            let (_, code, reason) = try subject.opened(trial).create(subject.configuration)
            return code == LANE_PROBLEM_CREATE && reason.hasPrefix("the instance's") ? .broken(reason) : .kept
        },
        Rule(
            "life-create-calls-no-host", .life, needs: .descriptor,
            "create does not call the host: the instance is not known to it before create returns.", source: "plugin.h"
        ) { subject, trial in
            let (_, code, reason) = try subject.opened(trial).create(subject.configuration)
            return code == LANE_PROBLEM_EARLY_CALL ? .broken(reason) : .kept
        },
        Rule(
            "life-instances-independent", .life, needs: .tasks,
            "Instances share nothing that one can spoil for another: each agent of a department has its own.",
            source: "plugin.h"
        ) { subject, trial in
            let (conversation, first) = try subject.talk(trial)
            let second = try conversation.instance(slot: 2)
            try conversation.destroy(first)
            return try subject.onTasks { task in
                let call = try conversation.run(task.name, task.input, on: second, within: trial.graceMilliseconds)
                guard let outcome = call?.outcome else { return .broken("\(task.name) no longer ends") }
                return (outcome.status == 0) == task.isDone
                    ? .kept : .broken("\(task.name) ends otherwise after another instance was destroyed")
            }
        },
        Rule(
            "life-many-instances", .life, needs: .instance,
            "64 instances can live at once: one department has many agents.", source: "plugin.h"
        ) { subject, trial in
            let conversation = try subject.opened(trial)
            for slot in 1...manyInstances {
                let (instance, _, reason) = try conversation.create(subject.configuration, slot: slot)
                if instance == nil { return .broken("instance \(slot) did not come up: \(reason)") }
            }
            return .kept
        },
    ]

    private static let oddConfigurations: [[UInt8]] = [
        [], Array("null".utf8), Array("[]".utf8), Array("\"text\"".utf8), Array("{\"\\u0000\":\"\u{1F600}\"}".utf8),
        Array("{\"unknown\":{\"deep\":[[[[[[[[1]]]]]]]]}}".utf8), [0xFF, 0xFE, 0x00], Array("{\"open\":".utf8),
        Array("{\"long\":\"\(String(repeating: "x", count: 1 << 20))\"}".utf8),
    ]

    private static let setup: [Rule] = [
        Rule(
            "life-setup-empty", .life, .warning, needs: .descriptor,
            "setup accepts the configuration `{}`: a department then works as soon as it is installed.",
            source: "plugin.h"
        ) { subject, trial in
            let (_, code, reason) = try subject.opened(trial).create(Array("{}".utf8))
            return code == LANE_PROBLEM_SETUP ? .broken(reason) : .kept
        },
        Rule(
            "life-setup-odd", .life, needs: .instance,
            "setup answers any configuration with a status: it is refused or it works, and nothing crashes.",
            source: "plugin.h"
        ) { subject, trial in
            let conversation = try subject.opened(trial)
            for configuration in oddConfigurations {
                do {
                    let (instance, _, _) = try conversation.create(configuration)
                    if let instance { try conversation.destroy(instance) }
                } catch ProbeFailure.died(let how) {
                    throw ProbeFailure.died("\(how), configured with \(quoted(configuration))")
                }
            }
            return .kept
        },
    ]

    private static let ending: [Rule] = [
        Rule(
            "life-destroy-fast", .life, needs: .instance,
            "destroy returns within half a second: a host shuts all departments down in order.", source: "plugin.h"
        ) { subject, trial in
            let conversation = try subject.opened(trial)
            let time = try LaneRules.leastOfThree(conversation, PROBE_CALLBACK_DESTROY) {
                try conversation.destroy(try conversation.instance())
            }
            return time <= destroyLimit ? .kept : .broken("it took \(time.milliseconds), three times")
        },
        Rule(
            "life-destroy-ends-threads", .life, needs: .instance,
            "After destroy no thread of the instance runs: its memory is gone.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, first) = try subject.talk(trial)
            // What a language runtime starts once and keeps is not the instance's.
            try subject.exercise(conversation, first, trial)
            try conversation.destroy(first)
            let usual = conversation.probe.threadCount
            let second = try conversation.instance()
            try subject.exercise(conversation, second, trial)
            try conversation.destroy(second)
            let left = try conversation.threadsLeft(over: usual, within: 1000)
            return left == 0 ? .kept : .broken("\(left) more threads run after an instance has come and gone")
        },
        Rule(
            "life-destroy-closes-files", .life, needs: .instance,
            "After destroy no descriptor of the instance is open.", source: "plugin.h"
        ) { subject, trial in
            let conversation = try subject.opened(trial)
            var counts: [Int] = []
            for _ in 0..<3 {
                let instance = try conversation.instance()
                try subject.exercise(conversation, instance, trial)
                try conversation.destroy(instance)
                counts.append(try conversation.measure().files)
            }
            let growth = (counts.last ?? 0) - (counts.first ?? 0)
            return growth < 2 ? .kept : .broken("two more instances left \(growth) descriptors open")
        },
        Rule(
            "life-destroy-frees-memory", .life, needs: .instance,
            "destroy frees what the instance allocated: agents come and go for months.", source: "plugin.h"
        ) { subject, trial in
            let conversation = try subject.opened(trial)
            func cycle(_ count: Int) throws -> Int {
                for _ in 0..<count { try conversation.destroy(try conversation.instance()) }
                return try conversation.measure().heapBytes
            }
            let before = try cycle(warmCycles)
            let growth = try cycle(countedCycles) - before
            return growth < leakBytes * countedCycles
                ? .kept : .broken("\(countedCycles) instances left \(growth) bytes behind")
        },
        Rule(
            "life-silent-after-destroy", .life, needs: .instance,
            "After destroy the plugin does not call the host: the table it holds is gone.", source: "base.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            try subject.exercise(conversation, instance, trial)
            try conversation.destroy(instance)
            // A thread that was forgotten needs a moment to show.
            _ = try conversation.serve(within: 150) { !conversation.misbehaviour.isEmpty }
            let late = conversation.misbehaviour.first { $0.contains("after destroy") }
            return late.map { .broken($0) } ?? .kept
        },
    ]
}

extension Subject {
    /// Runs each task once; how it ends is another rule's matter.
    func exercise(_ conversation: Conversation, _ instance: Conversation.Instance, _ trial: Trial) throws {
        guard reached == .tasks else { return }
        for task in tasks {
            _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
        }
    }
}
