public import CBureau
import Glibc
import PluginKit

/// A department whose task is a small program: a list of what to do, which the fault suites make up at random.
///
/// Each line is an object with the member `do`: `call` a model, `step` of its own, `bump` a counter in the state,
/// `sleep` for `ms`, run a `child` with the lines of `program`, ask for an `approval`, `throw`, or `crash` the process.
struct Program: Department {
    static let manifest = DepartmentManifest(
        id: "org.bureau.test.program",
        department: "program",
        version: "1.0.0",
        title: "Program",
        summary: "Does what its input says, for tests.",
        wants: Wants(models: ["*"], departments: ["program"], concurrency: 8))

    static let tasks: [TaskDefinition<Program>] = [
        .task("run", summary: "Does each line.", timeoutSeconds: 60) {
            (_: Program, input: ProgramInput, context: TaskContext) async throws -> ProgramOutput in
            try await Interpreter(name: input.name, context: context).run(input.lines)
        },
        .task("note", summary: "Takes an event, and is done.", timeoutSeconds: 60) {
            (_: Program, _: NoteInput, _: TaskContext) async throws -> NoteInput in NoteInput(run: "")
        },
        .task("spin", summary: "Computes past its time and does not listen.", timeoutSeconds: 1) {
            (_: Program, _: Empty, _: TaskContext) async throws -> Empty in
            let end = time(nil) + 3
            while time(nil) < end {}
            return Empty()
        },
    ]

    init(configuration: Configuration) throws {}
}

struct ProgramInput: Codable {
    var name: String
    var lines: [JSONValue]
}

struct ProgramOutput: Codable {
    /// Lines that came to their good end, those of children too.
    var done: Int
}

struct NoteInput: Codable {
    var run: String
}

private struct Interpreter {
    let name: String
    let context: TaskContext

    func run(_ lines: [JSONValue]) async throws -> ProgramOutput {
        var done = 0
        for (index, line) in lines.enumerated() { done += try await perform(line, "\(index)") }
        return ProgramOutput(done: done)
    }

    private func perform(_ line: JSONValue, _ step: String) async throws -> Int {
        switch line["do"]?.stringValue {
        case "call":
            _ = try await context.model("Line \(step) of \(name).", maximumOutputTokens: 20, step: "call-\(step)")
        case "step": _ = try await context.step("step-\(step)") { Int(step) }
        case "bump": try await bump(step)
        case "sleep":
            try await context.sleep(seconds: Double(line["ms"]?.integerValue ?? 0) / 1_000, step: "sleep-\(step)")
        case "child": return try await child(line, step)
        case "approval": return try await ask(step)
        case "crash": raise(SIGSEGV)
        default: throw TaskFailure.invalid("line \(step) of \(name) throws")
        }
        return 1
    }

    /// Once for each time that it stands in the program, whatever dies in between.
    private func bump(_ step: String) async throws {
        let now = try await context.state.get(name, as: Int.self, step: "get-\(step)")
        try await context.state.set(
            name, (now?.value ?? 0) + 1, ifRevision: now?.revision ?? 0, step: "set-\(step)")
    }

    /// A child that fails is no failure of its parent's.
    private func child(_ line: JSONValue, _ step: String) async throws -> Int {
        let input = ProgramInput(name: "\(name).\(step)", lines: line["program"]?.arrayValue ?? [])
        let step = "child-\(step)"
        let result: Result<ProgramOutput, TaskFailure>
        do throws(TaskFailure) {
            result = .success(try await context.call(department: "program", task: "run", input: input, step: step))
        } catch {
            result = .failure(error)
        }
        if case .failure(let failure) = result, failure.status == .invalid { return 0 }
        return try result.get().done
    }

    private func ask(_ step: String) async throws -> Int {
        let result: Result<Approval, TaskFailure>
        do throws(TaskFailure) {
            result = .success(
                try await context.approval(
                    title: "May \(name) go on?", body: "", content: [String](), expiresAfterSeconds: 4,
                    step: "approval-\(step)"))
        } catch {
            result = .failure(error)
        }
        if case .failure(let failure) = result, failure.status == .deadline { return 0 }
        return try result.get().approved ? 1 : 0
    }
}

// The name is the boundary's.
// swift-format-ignore: AlwaysUseLowerCamelCase
@c @implementation
public func bureau_plugin_entry_v1(_ host: UnsafePointer<bureau_host_info>?) -> UnsafePointer<bureau_entry>? {
    Program.entry(host)
}
