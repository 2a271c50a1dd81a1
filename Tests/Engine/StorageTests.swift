import Audit
import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Synchronization
import Testing

@Suite("A medium without room, seen by the engine")
struct StorageTests {
    @Test("a run whose commit was refused is taken up again by the same host, and ends")
    func lostRun() async throws {
        let host = TestHost(), refusing = Mutex(0), began = Counter()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    if began.add("job") == 1 { refusing.withLock { $0 = 1 } }
                    return try await context.step("one") { ["n": 1] }
                }
            ])
        let runtime = try await host.open(
            [plugin],
            faults: CommitFaults(before: { _ throws(JournalError) in
                let refused = refusing.withLock { left in
                    defer { left = max(0, left - 1) }
                    return left > 0
                }
                if refused { throw JournalError(.full, "no room") }
            }))
        let run = try await runtime.run("dep/job")
        #expect(run.state == .done)
        #expect(began["job"] == 2, "once for the commit that was refused, once more")
        #expect(runtime.storage.refusedGroups == 1)
        #expect(try await runtime.verifyAudit().isSound)
        await runtime.shutdown()
    }
}
