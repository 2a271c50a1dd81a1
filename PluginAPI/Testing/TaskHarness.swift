public import CBureau
public import FoundationEssentials
public import PluginKit
import Synchronization

/// Runs a plugin's tasks in a unit test: a host in memory that follows every rule of the boundary, answers effects
/// from scripts, keeps a journal, and whose clock moves only by sleeping.
///
/// ```swift
/// let harness = try TaskHarness(Greeter.self)
/// harness.onModel { request in "Hello, \(request.prompt)" }
/// let greeting: Greeting = try await harness.run("greet", input: GreetInput(name: "Ada"))
/// #expect(harness.steps.map(\.name) == ["compose"])
/// let again: Greeting = try await harness.replay()
/// #expect(again == greeting && harness.performedEffects == 0)
/// ```
///
/// A plugin that breaks a rule (ends a call twice, uses a stale handle, …) fails the run with what it did.
public final class TaskHarness: Sendable {
    let host: FakeHost
    private let runs = Mutex(Runs())

    private struct Runs {
        var count = 0
        var last: FakeRun?
    }

    /// - Parameters:
    ///   - configuration: the agent's settings.
    ///   - withoutExtensions: ids (`bureau.host.model/1`) that this host does not offer, to test degrading.
    public convenience init<D: Department>(
        _ department: D.Type, configuration: some Encodable = Empty(), withoutExtensions: Set<String> = []
    ) throws {
        _ = try ManifestBuilder.json(for: department)
        guard let entry = department.entry(nil) else { throw TaskFailure.internal("the department has no entry") }
        try self.init(
            entry: entry, configuration: try JSONCoding.encode(configuration, "the configuration"),
            withoutExtensions: withoutExtensions)
    }

    /// Any plugin, in any language, by the descriptor that its entry function returns.
    public init(
        entry: UnsafePointer<bureau_entry>, configuration: Data = Data("{}".utf8),
        withoutExtensions: Set<String> = []
    ) throws {
        host = FakeHost { !withoutExtensions.contains($0) }
        do {
            try host.start(entry, configuration: configuration)
        } catch {
            host.stop()
            throw error
        }
    }

    deinit { host.stop() }

    // MARK: Scripts

    /// What models answer; usage is 0.
    public func onModel(_ script: @escaping @Sendable (ScriptedModelRequest) throws -> String) {
        onModelReply { ModelReply(text: try script($0), model: $0.model, provider: "script") }
    }

    /// What models answer, with usage and cost.
    public func onModelReply(_ script: @escaping @Sendable (ScriptedModelRequest) throws -> ModelReply) {
        host.world.withLock { $0.scripts.model = script }
    }

    /// What a tool answers: JSON in, JSON out.
    public func onTool(_ name: String, _ script: @escaping @Sendable (Data) throws -> Data) {
        host.world.withLock { $0.scripts.tools[name] = script }
    }

    public func onTool(_ name: String, _ script: @escaping @Sendable ([UInt8]) throws -> [UInt8]) {
        onTool(name) { (json: Data) throws -> Data in Data(try script([UInt8](json))) }
    }

    public func onTool<Arguments: Decodable & Sendable, Result: Encodable & Sendable>(
        _ name: String, taking type: Arguments.Type, _ script: @escaping @Sendable (Arguments) throws -> Result
    ) {
        onTool(name) { (json: Data) throws -> Data in
            let arguments = try JSONCoding.decode(type, from: json, "the arguments of \(name)", failing: .invalid)
            return try JSONCoding.encode(try script(arguments), "the result of \(name)")
        }
    }

    /// What another department answers: JSON in, JSON out. Serves plans too.
    public func onCall(department: String, task: String, _ script: @escaping @Sendable (Data) throws -> Data) {
        host.world.withLock { $0.scripts.calls[Scripts.callKey(department, task)] = script }
    }

    public func onCall(department: String, task: String, _ script: @escaping @Sendable ([UInt8]) throws -> [UInt8]) {
        onCall(department: department, task: task) { (json: Data) throws -> Data in
            Data(try script([UInt8](json)))
        }
    }

    public func onCall<Input: Decodable & Sendable, Output: Encodable & Sendable>(
        department: String, task: String, taking type: Input.Type,
        _ script: @escaping @Sendable (Input) throws -> Output
    ) {
        onCall(department: department, task: task) { (json: Data) throws -> Data in
            let input = try JSONCoding.decode(type, from: json, "the input of \(task)", failing: .invalid)
            return try JSONCoding.encode(try script(input), "the output of \(task)")
        }
    }

    public func onHTTP(_ script: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse) {
        host.world.withLock { $0.scripts.http = script }
    }

    public func onApproval(_ script: @escaping @Sendable (ScriptedApprovalRequest) throws -> Approval) {
        host.world.withLock { $0.scripts.approval = script }
    }

    /// Approves everything, unchanged.
    public func approve(by person: String = "tester") {
        onApproval { Approval(approved: true, by: person, content: $0.content) }
    }

    /// Refuses everything.
    public func refuse(by person: String = "tester", reason: String) {
        onApproval { Approval(approved: false, by: person, reason: reason, content: $0.content) }
    }

    /// What a run may still spend; nil, the start, is no limit. Scripted replies pay from it.
    public var budgetNanodollars: Int64? {
        get { host.world.withLock { $0.scripts.budgetNanodollars } }
        set { host.world.withLock { $0.scripts.budgetNanodollars = newValue } }
    }

    // MARK: Running

    /// Runs a task from the start, with an empty journal.
    public func run<Output: Decodable>(
        _ task: String, input: some Encodable, as type: Output.Type = Output.self
    ) async throws -> Output {
        try await start(task, input: input).value(as: type)
    }

    /// Starts a task without waiting for its end, to cancel it or to hold its steps.
    public func start(_ task: String, input: some Encodable) throws -> StartedTask {
        start(task, json: try JSONCoding.encode(input, "the input"), earlier: RunJournal(), attempt: 1)
    }

    /// Runs the last task again from its journal, as after a crash: recorded effects are not performed again.
    ///
    /// - Parameter keepingSteps: how many of the recorded results survived the crash; nil: all.
    public func replay<Output: Decodable>(
        as type: Output.Type = Output.self, keepingSteps: Int? = nil
    ) async throws -> Output {
        let last = try lastRun()
        return try await replay(last, last.task, last.input, keepingSteps).value(as: type)
    }

    /// Runs a task from the last run's journal with an input of its own, as a changed plugin would.
    public func replay<Output: Decodable>(
        _ task: String, input: some Encodable, as type: Output.Type = Output.self, keepingSteps: Int? = nil
    ) async throws -> Output {
        let data = try JSONCoding.encode(input, "the input")
        return try await replay(try lastRun(), task, data, keepingSteps).value(as: type)
    }

    private func replay(_ last: FakeRun, _ task: String, _ input: Data, _ keepingSteps: Int?) -> StartedTask {
        let journal = keepingSteps.map { last.journal.keepingFirst($0) } ?? last.journal
        return start(task, json: input, earlier: journal, attempt: last.attempt + 1)
    }

    private func start(_ task: String, json: Data, earlier: RunJournal, attempt: Int) -> StartedTask {
        let run = runs.withLock { runs in
            if attempt == 1 { runs.count += 1 }
            let run = FakeRun(
                task: task, input: json, runID: "run-\(runs.count)", attempt: attempt, earlier: earlier)
            runs.last = run
            return run
        }
        let host = host
        return StartedTask(run: run, host: host, result: Task { await host.begin(run) })
    }

    private func lastRun() throws(TaskFailure) -> FakeRun {
        guard let last = runs.withLock({ $0.last }) else { throw .invalid("there is no run to replay yet") }
        return last
    }

    // MARK: Held steps

    /// Leaves effects of this step name unanswered until ``release(_:)`` or their cancellation.
    public func hold(_ step: String) { host.hold(step) }

    public func release(_ step: String) { host.release(step) }

    /// Returns once a held effect of this step name is open.
    public func waitUntilStarted(_ step: String) async { await host.waitUntilStarted(step) }

    // MARK: What happened

    private var last: FakeRun? { runs.withLock { $0.last } }

    /// The last run's effects, in start order.
    public var steps: [RecordedStep] { last?.steps ?? [] }
    /// How many effects of the last run were not answered from its journal.
    public var performedEffects: Int { last?.performedEffects ?? 0 }
    /// The latest bytes of each name, over all runs.
    public var artifacts: [String: [UInt8]] { host.world.withLock { $0.artifacts } }
    public var logs: [LoggedLine] { host.world.withLock { $0.logs } }
    public var progress: [ReportedProgress] { host.world.withLock { $0.progress } }
    /// All that tasks showed by ``TaskContext/partial(_:)``.
    public var partialText: String { host.world.withLock { $0.partialText } }
    public var messages: [SentDocument] { host.world.withLock { $0.messages } }
    public var auditNotes: [SentDocument] { host.world.withLock { $0.auditNotes } }
    /// Breaches of the boundary's rules. Any one fails the run in which it is noticed.
    public var violations: [String] { host.state.withLock { $0.violations } }
    /// The virtual clock, Unix time.
    public var nowMilliseconds: UInt64 { host.world.withLock { $0.nowMilliseconds } }
    public var openCallCount: Int { host.state.withLock { $0.calls.count } }
    public var openOperationCount: Int { host.state.withLock { $0.operations.count } }

    /// A value of the agent's durable state; nil when there is none.
    public func state<T: Decodable>(_ key: String, as type: T.Type = T.self) throws -> T? {
        guard let data = host.world.withLock({ $0.state[key]?.value }) else { return nil }
        return try JSONCoding.decode(type, from: data, "the state \"\(key)\"", failing: .invalid)
    }

    /// Puts a value into the agent's durable state, as an earlier run would have.
    public func setState(_ key: String, _ value: some Encodable) throws {
        let data = try JSONCoding.encode(value, "the state \"\(key)\"")
        host.world.withLock { world in
            let revision = (world.state[key]?.revision ?? 0) + 1
            world.state[key] = World.StoredValue(value: data, revision: revision)
        }
    }
}

/// A task that runs in a harness.
public struct StartedTask: Sendable {
    let run: FakeRun
    let host: FakeHost
    let result: Task<Result<Data, TaskFailure>, Never>

    /// Its output; throws its failure, or what rule the plugin broke.
    public func value<Output: Decodable>(as type: Output.Type = Output.self) async throws -> Output {
        let outcome = await result.value
        let violations = host.state.withLock { $0.violations }
        guard violations.isEmpty else {
            throw TaskFailure.internal("the plugin broke the boundary's rules: \(violations.joined(separator: "; "))")
        }
        return try JSONCoding.decode(type, from: try outcome.get(), "the output", failing: .internal)
    }

    /// Cancels the run as the host does: the plugin is told, and its open operations end as cancelled.
    public func cancel(_ reason: FailureStatus = .cancelled) {
        if let handle = run.cancel(reason.rawValue) { host.cancel(handle, reason: reason.rawValue) }
    }
}
