import Kernel
import Placement

/// What people see of a plugin beside results.
enum OutputRules {
    static let maximumLines = 200

    static let all: [Rule] = [
        Rule(
            "output-silent", .output, .warning, needs: .instance,
            "Nothing is printed to standard output or error: lines go through log.h, where they have a call and "
                + "a level.",
            source: "log.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            try subject.exercise(conversation, instance, trial)
            try conversation.destroy(instance)
            let printed = try conversation.probe.finish()
            return printed.isEmpty ? .kept : .broken("it printed \(quoted(printed))")
        },
        Rule(
            "output-log-bounded", .output, .warning, needs: .tasks,
            "A task writes at most 200 log lines: a host drops floods.", source: "log.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            return try subject.onTasks { task in
                let before = conversation.logCount
                _ = try conversation.run(task.name, task.input, on: instance, within: trial.graceMilliseconds)
                let lines = conversation.logCount - before
                return lines <= maximumLines ? .kept : .broken("\(task.name) wrote \(lines) lines")
            }
        },
        Rule(
            "output-progress-form", .output, needs: .tasks,
            "Progress is {\"fraction_milli\":0…1000,\"text\":\"…\"}: a host shows it as it is.", source: "host.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            try subject.exercise(conversation, instance, trial)
            let progress = conversation.emitted.filter { $0.kind == 1 }
            guard !progress.isEmpty else { return .skipped("it shows no progress") }
            for (_, data) in progress {
                let value = try? JSONParser.parse(data)
                let fraction = value?["fraction_milli"]?.integerValue
                guard let fraction, (0...1000).contains(fraction), value?["text"]?.stringValue != nil else {
                    return .broken("it emitted \(quoted(data))")
                }
            }
            return .kept
        },
        Rule(
            "output-emit-valid", .output, needs: .tasks,
            "emit gets valid UTF-8 of a known kind and at most 64 KiB.", source: "host.h"
        ) { subject, trial in
            let (conversation, instance) = try subject.talk(trial)
            try subject.exercise(conversation, instance, trial)
            try conversation.settle()
            return conversation.remarks.first.map { .broken($0) } ?? .kept
        },
    ]
}
