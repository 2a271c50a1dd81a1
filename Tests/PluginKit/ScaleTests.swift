import FoundationEssentials
import PluginKit
import PluginTesting
import Synchronization
import Testing

/// Counts the objects that are alive.
private final class Tracked: Sendable {
    static let alive = Mutex(0)
    init() { Self.alive.withLock { $0 += 1 } }
    deinit { Self.alive.withLock { $0 -= 1 } }
}

private final class Tracking: Department {
    static let manifest = DepartmentManifest(
        id: "org.example.tracking", department: "tracking", version: "1.0.0", title: "", summary: "")
    static let tasks: [TaskDefinition<Tracking>] = [
        .task("work", summary: "Holds an object over an effect.") {
            (_: Tracking, input: Counted, context: TaskContext) in
            let tracked = Tracked()
            let result = try await context.step("double") { input.count * 2 }
            withExtendedLifetime(tracked) {}
            return Counted(count: result)
        }
    ]
    private let tracked = Tracked()
    init(configuration: Configuration) {}
}

@Suite("Many tasks, many instances", .serialized)
struct ScaleTests {
    /// Waits until everything tracked is gone: the last references die on other threads.
    private func nothingIsAlive() async -> Bool {
        for _ in 0..<1_000_000 {
            if Tracked.alive.withLock({ $0 == 0 }) { return true }
            await Task.yield()
        }
        return false
    }

    @Test("10,000 tasks leave no call, operation, or object behind")
    func tasks() async throws {
        do {
            let harness = try TaskHarness(Tracking.self)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for batch in 0..<100 {
                    for index in 0..<100 {
                        let number = batch * 100 + index
                        let started = try harness.start("work", input: Counted(count: number))
                        group.addTask { try await started.value(as: Counted.self).count == number * 2 }
                    }
                    for _ in 0..<100 { #expect(try await group.next() == true) }
                }
            }
            #expect(harness.openCallCount == 0)
            #expect(harness.openOperationCount == 0)
            #expect(harness.violations == [])
        }
        #expect(await nothingIsAlive())
    }

    @Test("1,000 instances live side by side and are freed")
    func instances() async throws {
        do {
            let harnesses = try (0..<1_000).map { _ in try TaskHarness(Tracking.self) }
            #expect(Tracked.alive.withLock { $0 } == 1_000)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for (index, harness) in harnesses.enumerated() {
                    let started = try harness.start("work", input: Counted(count: index))
                    group.addTask { try await started.value(as: Counted.self).count == index * 2 }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
        #expect(await nothingIsAlive())
    }
}
