public import FoundationEssentials
public import PluginKit
import Synchronization

extension TaskHarness {
    /// Executes a recorded run again, in a fresh instance, and compares: every effect must be asked for as it was
    /// recorded, every local step must give what it gave, and the end must be the same.
    ///
    /// ```swift
    /// @Test func march() async throws {
    ///     try await TaskHarness(Greeter.self).replay(fixture: URL(filePath: "Fixtures/march.json"))
    /// }
    /// ```
    ///
    /// Nothing is performed: scripts are not asked, and the harness's own world stays as it is. The agent has the
    /// fixture's configuration, or this harness's when a secret was taken out of that one.
    ///
    /// - Parameter keepingLocalSteps: takes local steps from the fixture instead of comparing them, for steps that
    ///   wrap something that differs each time.
    /// - Returns: the output; nil when the recorded run failed, and this one in the same way.
    /// - Throws: ``ReplayDifference``, the first; ``TaskFailure`` for a file that is no fixture.
    @discardableResult
    public func replay(fixture url: URL, keepingLocalSteps: Bool = false) async throws -> JSONValue? {
        try await replay(try ReplayFixture(contentsOf: url), keepingLocalSteps: keepingLocalSteps)
    }

    /// The same with a fixture that was read before.
    @discardableResult
    public func replay(_ fixture: ReplayFixture, keepingLocalSteps: Bool = false) async throws -> JSONValue? {
        guard let entry = host.entry else { throw TaskFailure.internal("the harness has no plugin") }
        let fresh = FakeHost(offered: host.offered)
        defer { fresh.stop() }
        try fresh.start(entry, configuration: fixture.configuration ?? host.configuration)
        let replay = FixtureReplay(fixture, comparesLocalSteps: !keepingLocalSteps)
        let run = FakeRun(
            task: fixture.taskName, input: Data(fixture.input.utf8), runID: fixture.run.id,
            attempt: fixture.run.attempt, earlier: RunJournal(), replay: replay)
        let started = StartedTask(run: run, host: fresh, result: Task { await fresh.begin(run) })
        let result: Result<JSONValue, TaskFailure>
        do {
            result = .success(try await started.value(as: JSONValue.self))
        } catch {
            result = .failure(TaskFailure(catching: error))
        }
        let violations = fresh.state.withLock { $0.violations }
        guard violations.isEmpty else {
            throw TaskFailure.internal("the plugin broke the boundary's rules: \(violations.joined(separator: "; "))")
        }
        if let difference = replay.end(result) { throw difference }
        return try? result.get()
    }
}
