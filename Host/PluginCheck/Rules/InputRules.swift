import Kernel
import Placement

/// Inputs that a schema lets through and an author did not think of.
enum InputRules {
    static let drawn = 64
    static let padding = 4 << 20
    static let depth = 48

    static let all: [Rule] = [
        Rule(
            "input-drawn", .input, needs: .tasks,
            "64 inputs that the schema accepts, drawn by the seed, each end in a result or a failure.",
            source: "PluginAPI/README.md"
        ) { subject, trial in
            try tried(subject, trial, else: "no input can be drawn") { task in
                var sampler = SchemaSampler(task.inputSchema, seed: trial.seed)
                return (0..<drawn).compactMap { _ in sampler.draw() }.map { Array($0.serialized().utf8) }
            }
        },
        Rule(
            "input-large", .input, needs: .tasks,
            "An input of 4 MiB, most of it white space, ends in a result or a failure.", source: "base.h"
        ) { subject, trial in
            try tried(subject, trial, else: "no input can be drawn") { task in
                [Array(repeating: UInt8(ascii: " "), count: padding) + task.input]
            }
        },
        Rule(
            "input-text", .input, needs: .tasks,
            "Texts with every kind of character (U+0000, quotes, beyond the first plane, combining) end in a "
                + "result or a failure.",
            source: "base.h"
        ) { subject, trial in
            let awkward = "\0\u{1F}\"\\/\u{7F}\u{2028}\u{FFFD}\u{1F600}e\u{301}%s%n"
            return try tried(subject, trial, else: "no task takes free text") { task in
                variants(of: task) { $0.stringValue == nil ? nil : .string(awkward) }
            }
        },
        Rule(
            "input-empty-text", .input, needs: .tasks,
            "Texts without a character and members that are left out, where the schema allows them, end in a "
                + "result or a failure.",
            source: "base.h"
        ) { subject, trial in
            try tried(subject, trial, else: "no text may be empty") { task in
                variants(of: task) { $0.stringValue == nil ? nil : .string("") } + without(task)
            }
        },
        Rule(
            "input-deep", .input, needs: .tasks,
            "Where the schema lets anything through, 48 arrays in one another end in a result or a failure.",
            source: "PluginAPI/README.md"
        ) { subject, trial in
            let deep = (0..<depth).reduce(JSONValue.integer(1)) { inner, _ in .array([inner]) }
            return try tried(subject, trial, else: "no schema is open anywhere") { task in
                variants(of: task) { _ in deep } + extended(task, with: deep)
            }
        },
    ]

    /// The task's input with one member changed, as far as the schema accepts it.
    private static func variants(
        of task: Subject.SampleTask, _ change: (JSONValue) -> JSONValue?
    ) -> [[UInt8]] {
        guard let members = members(of: task) else { return [] }
        return accepted(
            task, members.compactMap { name, value in change(value).map { members.merging([name: $0]) { $1 } } })
    }

    private static func without(_ task: Subject.SampleTask) -> [[UInt8]] {
        guard let members = members(of: task) else { return [] }
        return accepted(task, members.keys.map { name in members.filter { $0.key != name } })
    }

    private static func extended(_ task: Subject.SampleTask, with value: JSONValue) -> [[UInt8]] {
        guard let members = members(of: task) else { return [] }
        let names = Set(task.inputSchema["properties"]?.objectValue?.keys.map { $0 } ?? []).union(["check"])
        return accepted(task, names.sorted().map { members.merging([$0: value]) { $1 } })
    }

    private static func members(of task: Subject.SampleTask) -> [String: JSONValue]? {
        (try? JSONParser.parse(task.input))?.objectValue
    }

    private static func accepted(_ task: Subject.SampleTask, _ inputs: [[String: JSONValue]]) -> [[UInt8]] {
        guard let schema = try? JSONSchema(task.inputSchema) else { return [] }
        return inputs.map { JSONValue.object($0) }.filter { schema.validate($0).isEmpty }
            .map { Array($0.serialized().utf8) }
    }

    private static func tried(
        _ subject: Subject, _ trial: Trial, else reason: String, _ inputs: (Subject.SampleTask) -> [[UInt8]]
    ) throws -> Verdict {
        let (conversation, instance) = try subject.talk(trial)
        var count = 0
        for task in subject.tasks {
            for input in inputs(task) {
                count += 1
                do {
                    let call = try conversation.run(task.name, input, on: instance, within: trial.graceMilliseconds)
                    if call == nil { return .broken("\(task.name) does not end with the input \(quoted(input))") }
                } catch ProbeFailure.died(let how) {
                    throw ProbeFailure.died("\(how), in \(task.name) with the input \(quoted(input))")
                }
            }
        }
        return count > 0 ? .kept : .skipped(reason)
    }
}
