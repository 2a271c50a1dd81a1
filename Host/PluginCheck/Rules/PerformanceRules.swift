import CProbe
import Kernel
import Placement

/// Speed as ratios to this machine's own, so that a slow machine makes no plugin slow. They warn only.
enum PerformanceRules {
    static let loadFactor: UInt64 = 20
    static let beginFactor: UInt64 = 100
    static let idleShare: UInt64 = 20
    static let idleMilliseconds: UInt64 = 200
    static let instanceBytes = 1 << 20

    static let all: [Rule] = [
        Rule(
            "speed-load", .performance, .warning, needs: .entry,
            "Loading and describing the file takes at most 20 times as long as starting a worker without one.",
            source: "PluginAPI/README.md"
        ) { subject, trial in
            var least = UInt64.max
            var start = UInt64.max
            for _ in 0..<3 {
                let before = Monotonic.nanoseconds()
                let probe = try Probe(subject.place, deadline: trial.deadline)
                try probe.measureOnly()
                start = min(start, Monotonic.nanoseconds() - before)
                let load = try probe.load(subject.file, flags: []).number(PROBE_TAG_NANOSECONDS)
                least = min(least, load + (try Subject.ask(probe).number(PROBE_TAG_NANOSECONDS)))
            }
            return least <= loadFactor * start
                ? .kept : .broken("it took \(least.milliseconds), a worker starts in \(start / 1000) µs")
        },
        Rule(
            "speed-begin", .performance, .warning, needs: .tasks,
            "begin takes at most 100 times as long as a frame's way to the plugin and back.",
            source: "plugin.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            var ping = UInt64.max
            for _ in 0..<20 {
                let before = Monotonic.nanoseconds()
                try conversation.settle()
                ping = min(ping, Monotonic.nanoseconds() - before)
            }
            return try subject.onTasks { task in
                _ = try conversation.measure()
                for _ in 0..<20 {
                    _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                }
                let begin = try conversation.measure().fastest(PROBE_CALLBACK_BEGIN)
                return begin <= beginFactor * ping
                    ? .kept : .broken("\(task.name) took \(begin / 1000) µs at best, a frame \(ping / 1000) µs")
            }
        },
        Rule(
            "speed-idle", .performance, .warning, needs: .instance,
            "An idle instance uses no processor: it waits for its lane.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, _) = try subject.talk(trial)
            let before = try conversation.measure().cpuNanoseconds
            _ = try conversation.serve(within: idleMilliseconds) { false }
            let used = try conversation.measure().cpuNanoseconds - before
            return used * idleShare < idleMilliseconds * 1_000_000
                ? .kept : .broken("it used \(used / 1000) µs in \(idleMilliseconds) ms of waiting")
        },
        Rule(
            "speed-instance-memory", .performance, .warning, needs: .instance,
            "An idle instance holds at most 1 MiB: a host has thousands of agents.", source: "plugin.h"
        ) { subject, trial in
            let (conversation, _) = try subject.talk(trial)
            let before = try conversation.measure().heapBytes
            for slot: UInt64 in 2...5 { _ = try conversation.instance(slot: slot) }
            let each = (try conversation.measure().heapBytes - before) / 4
            return each <= instanceBytes ? .kept : .broken("each holds \(each >> 10) KiB")
        },
    ]
}
