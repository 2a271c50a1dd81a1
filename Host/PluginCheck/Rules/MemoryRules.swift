import CProbe
import Kernel
import Placement

/// Who owns which bytes, and until when.
enum MemoryRules {
    static let leakCalls = 200
    /// Caches of a language runtime may fill for long: libdispatch keeps 1,024 used blocks for each of its threads.
    static let leakRounds = 30

    static let all: [Rule] = [
        Rule(
            "memory-borrowed-read-only", .memory, needs: .tasks,
            "What the host lends is only read: inputs, configurations and events are the host's.", source: "base.h"
        ) { subject, trial in
            try strict(subject, trial, .strictInput) {
                $0.touch == PROBE_TOUCH_WROTE && $0.memory != PROBE_MEMORY_ARENA
            }
        },
        Rule(
            "memory-lengths", .memory, needs: .tasks,
            "Texts and bytes end at their length; no 0 byte follows them.", source: "base.h"
        ) { subject, trial in
            try strict(subject, trial, .strictInput) {
                $0.touch == PROBE_TOUCH_BEYOND && $0.memory != PROBE_MEMORY_ARENA
            }
        },
        Rule(
            "memory-task-copied", .memory, needs: .tasks,
            "What the plugin wants of a task after begin it copies: input, names and ids are gone when begin returns.",
            source: "base.h"
        ) { subject, trial in
            try strict(subject, trial, .strictInput) { $0 == .init(memory: PROBE_MEMORY_TASK, touch: PROBE_TOUCH_LATE) }
        },
        Rule(
            "memory-event-copied", .memory, needs: .tasks,
            "What the plugin wants of an event after on_event it copies.", source: "operation.h"
        ) { subject, trial in
            try strict(subject, trial, .strictInput) {
                $0 == .init(memory: PROBE_MEMORY_EVENT, touch: PROBE_TOUCH_LATE)
            }
        },
        Rule(
            "memory-configuration-copied", .memory, needs: .tasks,
            "What the plugin wants of its configuration after setup it copies.", source: "base.h"
        ) { subject, trial in
            try strict(subject, trial, .strictInput) {
                $0 == .init(memory: PROBE_MEMORY_CONFIGURATION, touch: PROBE_TOUCH_LATE)
            }
        },
        Rule(
            "memory-arena-bounds", .memory, needs: .tasks,
            "Nothing is written before or after a block of the arena.", source: "host.h"
        ) { subject, trial in
            try strict(subject, trial, .strictArena) {
                $0 == .init(memory: PROBE_MEMORY_ARENA, touch: PROBE_TOUCH_BEYOND)
            }
        },
        Rule(
            "memory-arena-lifetime", .memory, needs: .tasks,
            "A block of the arena is not touched after its call has completed.", source: "host.h"
        ) { subject, trial in
            try strict(subject, trial, .strictArena) {
                $0 == .init(memory: PROBE_MEMORY_ARENA, touch: PROBE_TOUCH_LATE)
            }
        },
        Rule(
            "memory-arena-full", .memory, needs: .tasks,
            "A null from arena_alloc is an answer: the task fails or does without, it does not crash or hang.",
            source: "host.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial, flags: .noArena)
            return try subject.onTasks { task in
                let call = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                return call != nil ? .kept : .broken("\(task.name) does not end")
            }
        },
        Rule(
            "memory-calls-freed", .memory, needs: .tasks,
            "A call leaves no memory behind: a department handles millions.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            let threads = conversation.probe.threadCount
            func heap(after count: Int, _ task: Subject.SampleTask) throws -> Int {
                for _ in 0..<count {
                    conversation.answers = Answers()
                    _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                }
                _ = try conversation.threadsLeft(over: threads, within: 200)
                return try conversation.measure().heapBytes
            }
            return try subject.onTasks { task in
                var before = try heap(after: leakCalls, task)
                var growth = 0
                let enough = (Monotonic.milliseconds() + trial.deadline) / 2
                for _ in 0..<leakRounds where Monotonic.milliseconds() < enough {
                    let now = try heap(after: leakCalls, task)
                    growth = now - before
                    before = now
                    if growth < LifeRules.leakBytes * leakCalls { return .kept }
                }
                guard growth > 0 else { return .skipped("there was no time to count") }
                return .broken("the last \(leakCalls) of many calls of \(task.name) left \(growth) bytes behind")
            }
        },
    ]

    /// Runs each task twice with memory that bites, and tells this rule's bite from others.
    private static func strict(
        _ subject: Subject, _ trial: Trial, _ flags: Probe.Flags, _ isMine: (Probe.Fault) -> Bool
    ) throws -> Verdict {
        let conversation = try subject.opened(trial, flags: flags)
        func found() -> Verdict? { conversation.probe.faults.first(where: isMine).map { .broken("it \($0.words)") } }
        do {
            let instance = try conversation.instance()
            return try subject.onTasks { task in
                for _ in 0..<2 {
                    _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                }
                try conversation.settle()
                return found() ?? .kept
            }
        } catch ProbeFailure.died(let how) {
            if let verdict = found() { return verdict }
            guard conversation.probe.faults.isEmpty else { return .skipped("not reached: \(how)") }
            throw ProbeFailure.died(how)
        }
    }
}
