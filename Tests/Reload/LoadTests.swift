import Engine
import Foundation
import Glibc
import Kernel
import Placement
import Testing

@Suite("Reloads under load", .timeLimit(.minutes(2)))
struct LoadTests {
    private static let reloads = 100
    private static let atOnce = 8

    @Test("a hundred reloads under steady load lose no run, fail none, and lose no count")
    func steadyLoad() async throws {
        let stage = try await Stage()
        let runs = try await load(stage) {
            for generation in 2...Self.reloads + 1 { try await stage.reload("generation=\(generation)") }
        }
        // Each run counted once, in one line through all generations.
        let last = try await stage.run()
        #expect(last.generation == Int64(Self.reloads + 1))
        #expect(last.count == Int64(runs + 1))
        #expect(try await stage.leaves("department.reloaded").count == Self.reloads)
        await stage.host.shutdown()
    }

    @Test("killing the process, before, in and after a reload, loses no run")
    func kills() async throws {
        let stage = try await Stage("stateful=0")
        _ = try await load(stage) {
            for generation in 2...21 {
                let process = try await stage.department.statistics?.processID
                async let killed: Void = {
                    try? await Task.sleep(for: .microseconds(generation * 300))
                    if let process { kill(process, SIGKILL) }
                }()
                // A generation that dies while it is replaced may end the reload; the next one is the answer then.
                do { try await stage.reload("generation=\(generation):stateful=0") } catch is EngineError {}
                await killed
            }
        }
        try await stage.reload("generation=99:stateful=0")
        #expect(try await stage.run().generation == 99)
        await stage.host.shutdown()
    }

    /// Runs tasks one after the other in several lines while `body` runs; all must be done.
    /// - Returns: how many.
    private func load(_ stage: Stage, _ body: () async throws -> Void) async throws -> Int {
        let load = Task {
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<Self.atOnce {
                    group.addTask {
                        var count = 0
                        while !Task.isCancelled {
                            let id = try await stage.submit("count")
                            let record = try await Task { try await stage.host.outcome(of: id) }.value
                            #expect(record.state == .done, "\(record.failure?.description ?? "")")
                            count += 1
                        }
                        return count
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        try await body()
        load.cancel()
        return try await load.value
    }
}
