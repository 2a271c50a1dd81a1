import FoundationEssentials
import PluginKit
import PluginTesting
import Testing

@Suite("How a task fails and is cancelled")
struct FailureTests {
    private func failure(_ how: FailInput.How, _ harness: TaskHarness) async throws -> TaskFailure? {
        do {
            let _: Text = try await harness.run("fail", input: FailInput(how: how))
            return nil
        } catch let failure as TaskFailure {
            return failure
        }
    }

    @Test("what an author throws reaches the host as its status")
    func throwMapping() async throws {
        let harness = try TaskHarness(Sample.self)
        #expect(try await failure(.failure, harness) == TaskFailure(.denied, "told to"))
        let other = try await failure(.swiftError, harness)
        #expect(other?.status == .internal)
        #expect(other?.message.contains("SampleError") == true)
    }

    @Test("a result that JSON cannot hold is an internal failure")
    func notEncodable() async throws {
        let harness = try TaskHarness(Sample.self)
        let thrown = try await failure(.notEncodable, harness)
        #expect(thrown?.status == .internal)
        #expect(thrown?.message.contains("step nan") == true)
    }

    @Test("a failed step is recorded, and fails the same on replay without being computed")
    func failedStep() async throws {
        let harness = try TaskHarness(Sample.self)
        #expect(try await failure(.step, harness) == .conflict("told to"))
        await #expect(throws: TaskFailure.conflict("told to")) {
            let _: Text = try await harness.replay()
        }
        #expect(harness.performedEffects == 0)
    }

    @Test("input that does not fit is invalid and names the place")
    func invalidInput() async throws {
        let harness = try TaskHarness(Sample.self)
        await #expect {
            let _: Greeting = try await harness.run("greet", input: ["nome": "Ada"])
        } throws: {
            ($0 as? TaskFailure).map { $0.status == .invalid && $0.message.contains("\"name\"") } ?? false
        }
    }

    @Test("an unknown task is refused")
    func unknownTask() async throws {
        let harness = try TaskHarness(Sample.self)
        await #expect {
            let _: Text = try await harness.run("no-such-task", input: Empty())
        } throws: {
            ($0 as? TaskFailure)?.status == .notFound
        }
    }

    @Test(
        "cancelling a run ends its open operation and its task", arguments: [FailureStatus.cancelled, .deadline, .busy])
    func cancellation(reason: FailureStatus) async throws {
        let harness = try TaskHarness(Sample.self)
        harness.onModel { _ in "too late" }
        harness.hold("wait")
        let started = try harness.start("wait", input: Text(text: "x"))
        await harness.waitUntilStarted("wait")
        started.cancel(reason)
        await #expect {
            let _: Text = try await started.value()
        } throws: {
            ($0 as? TaskFailure)?.status == reason
        }
        #expect(harness.openCallCount == 0 && harness.openOperationCount == 0)
        #expect(harness.violations == [])
    }

    @Test("a host that cannot cancel operations does not keep a cancelled task waiting")
    func cancellationWithoutOperationService() async throws {
        let harness = try TaskHarness(Sample.self, withoutExtensions: ["bureau.host.operation/1"])
        harness.onModel { _ in "too late" }
        harness.hold("wait")
        let started = try harness.start("wait", input: Text(text: "x"))
        await harness.waitUntilStarted("wait")
        started.cancel()
        await #expect(throws: TaskFailure.self) { let _: Text = try await started.value() }
        #expect(harness.openCallCount == 0 && harness.openOperationCount == 0)
    }
}
