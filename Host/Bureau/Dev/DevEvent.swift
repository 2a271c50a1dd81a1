import Engine
import Kernel
import Placement
import Server

/// What happens in the author's loop: a line of JSON for an editor, or lines for a person.
enum DevEvent: Sendable {
    case started(project: PluginProject, store: String)
    case watching
    case buildStarted(changed: [String])
    case buildOutput(String)
    case buildFinished(BuildReport)
    /// A newer save, or the end of the loop.
    case buildCancelled
    /// The first generation of a host.
    case loaded(department: String, version: String, milliseconds: Int64)
    case reloaded(department: String, generation: Int, version: String, milliseconds: Int64)
    /// The build made the file that serves already.
    case unchanged(generation: Int)
    /// What was built cannot be loaded; `serving` goes on, if there is one.
    case loadFailed(reason: [String], serving: Int?)
    case runStarted(run: RunID, task: TaskReference)
    case notice(RunNotice)
    /// Written by the plugin outside of any run, such as its standard output.
    case pluginOutput(level: String, text: String)
    case approved(title: String)
    case crashed(PluginCrash)
    case runFinished(TrialResult, generation: Int, difference: TrialDifference?)
    /// As a build is.
    case runCancelled
    case runRefused([String])
    /// The project's description cannot be used.
    case problem([String])
    case stopped

    /// Nil for what only people want to see.
    var json: JSONValue? {
        switch self {
        case .started(let project, let store):
            Self.object(
                "started",
                [
                    "project": .string(project.name), "folder": .string(project.folder),
                    "library": .string(project.library), "store": .string(store),
                ])
        case .watching: Self.object("watching")
        case .buildStarted(let changed):
            Self.object("build.started", ["changed": .array(changed.map { .string($0) })])
        case .buildOutput(let line): Self.object("build.output", ["line": .string(line)])
        case .buildFinished(let report): Self.object("build.finished", report.json.objectValue ?? [:])
        case .buildCancelled: Self.object("build.cancelled")
        case .loaded(let department, let version, let milliseconds):
            Self.object("loaded", Self.generation(department, 1, version, milliseconds))
        case .reloaded(let department, let generation, let version, let milliseconds):
            Self.object("reloaded", Self.generation(department, generation, version, milliseconds))
        case .unchanged(let generation): Self.object("unchanged", ["generation": .integer(Int64(generation))])
        case .loadFailed(let reason, let serving):
            Self.object(
                "load.failed",
                ["messages": Self.texts(reason), "serving": serving.map { .integer(Int64($0)) } ?? .null])
        case .problem(let lines): Self.object("problem", ["messages": Self.texts(lines)])
        case .stopped: Self.object("stopped")
        default: runJSON
        }
    }

    private var runJSON: JSONValue? {
        switch self {
        case .runStarted(let run, let task):
            Self.object("run.started", ["run": .string(run.description), "task": .string(task.description)])
        case .notice(let notice): notice.devJSON.map { Self.object("run.\($0.name)", $0.members) }
        case .pluginOutput(let level, let text):
            Self.object("plugin.output", ["level": .string(level), "text": .string(text)])
        case .approved(let title): Self.object("run.approved", ["title": .string(title)])
        case .crashed(let crash):
            Self.object(
                "crashed",
                [
                    "reason": .string(crash.loss.description), "report": crash.loss.crash?.json ?? .null,
                ])
        case .runCancelled: Self.object("run.cancelled")
        case .runRefused(let lines): Self.object("run.refused", ["messages": Self.texts(lines)])
        case .runFinished(let result, let generation, let difference):
            Self.object("run.finished", Self.finished(result, generation, difference))
        default: nil
        }
    }

    private static func finished(
        _ result: TrialResult, _ generation: Int, _ difference: TrialDifference?
    ) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "run": .string(result.run.id.description), "state": .string(result.state),
            "generation": .integer(Int64(generation)), "milliseconds": .integer(result.milliseconds),
            "output": result.run.output.map { .readable($0) } ?? .null,
            "steps": .array(result.steps.map(\.json)), "cost": .string(result.run.cost.description),
        ]
        // Of a crash, the failure would only say that the loop cancelled what the crash had put back.
        if result.crash == nil, let failure = result.run.failure { members["failure"] = failure.json }
        if let difference {
            members["changes"] = .array(difference.changes.map(\.json))
            members["changed_steps"] = .array(difference.steps.map(\.json))
        }
        return members
    }

    private static func object(_ name: String, _ members: [String: JSONValue] = [:]) -> JSONValue {
        .object(members.merging(["event": .string(name)], uniquingKeysWith: { $1 }))
    }

    private static func generation(
        _ department: String, _ number: Int, _ version: String, _ milliseconds: Int64
    ) -> [String: JSONValue] {
        [
            "department": .string(department), "generation": .integer(Int64(number)), "version": .string(version),
            "milliseconds": .integer(milliseconds),
        ]
    }

    private static func texts(_ lines: [String]) -> JSONValue { .array(lines.map { .string($0) }) }
}

extension RunNotice {
    /// The live part of a run; its end comes with the result.
    fileprivate var devJSON: (name: String, members: [String: JSONValue])? {
        switch kind {
        case .log(let level, let text): ("log", ["level": .string(level), "text": .string(text)])
        case .progress(let fraction, let text):
            (
                "progress",
                ["permille": fraction.map { .integer(Int64($0)) } ?? .null, "text": .string(text)]
            )
        case .stepFinished(let name, let kind, let state, let replayed, let cost, let milliseconds):
            (
                "step",
                [
                    "step": .string(name), "kind": .string(kind.name), "status": .string(state.name),
                    "replayed": .bool(replayed), "cost": .string(cost.description),
                    "milliseconds": .integer(milliseconds),
                ]
            )
        case .partial(let text): ("partial", ["text": .string(text)])
        case .admitted, .started, .stepStarted, .waiting, .requeued, .finished: nil
        }
    }
}
