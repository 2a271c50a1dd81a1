import Dispatch
import Journal
import Kernel
import Synchronization
import TestSupport
import Testing

@Suite("Group commit")
struct GroupCommitTests {
    /// Counts commits.
    private final class Commits: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        var faults: CommitFaults { CommitFaults(after: { number in self.count.withLock { $0 = number } }) }
    }

    @Test("writers that wait together share commits; one that throws is rolled back alone, its neighbours stay")
    func isolation() async throws {
        let commits = Commits()
        let store = try await TestStore(faults: commits.faults)
        let gate = DispatchSemaphore(value: 0)
        let started = AsyncStream.makeStream(of: Void.self)
        let blocker = Task {
            try await store.journal.write { _ throws(JournalError) in
                started.continuation.yield()
                gate.wait()
            }
        }
        for await _ in started.stream { break }
        let results = try await withThrowingTaskGroup(of: (RunID, JournalError.Code?).self) { group in
            for number in 0..<200 {
                let run = NewRun.sample()
                group.addTask {
                    let code = try await refusal {
                        try await store.journal.write { tx throws(JournalError) in
                            _ = try tx.runInsert(run)
                            _ = try tx.eventAppend(NewEvent(topic: "t", run: run.id, root: run.id, body: .null))
                            if number % 3 == 0 { throw JournalError(.invalid, "changed my mind") }
                        }
                    }
                    return (run.id, code)
                }
            }
            // All 200 are asleep in the queue, or nearly; a straggler only makes one more group.
            for _ in 0..<200 { await Task.yield() }
            gate.signal()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await blocker.value
        for (id, code) in results {
            let run = try await store.journal.read { tx throws(JournalError) in try tx.run(id) }
            #expect((run != nil) == (code == nil))
            #expect(code == nil || code == .invalid)
        }
        #expect(results.count { $0.1 == nil } == 133)
        #expect(commits.value < 100, "200 writes took \(commits.value) commits")
        #expect(try await store.mismatches() == [])
        let events = try await store.journal.read { tx throws(JournalError) in
            try tx.events(root: nil, after: 0, limit: 1_000)
        }
        #expect(events.map(\.position) == Array(1...266), "a rolled-back event leaves no gap")
    }

    @Test("a group ends once it has written a mebibyte, so that nobody waits for a huge commit")
    func boundedGroup() async throws {
        let commits = Commits()
        let store = try await TestStore(faults: commits.faults)
        let run = try await store.insert(.sample()).id
        let gate = DispatchSemaphore(value: 0)
        let started = AsyncStream.makeStream(of: Void.self)
        let before = commits.value
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await store.journal.write { _ throws(JournalError) in
                    started.continuation.yield()
                    gate.wait()
                }
            }
            for await _ in started.stream { break }
            for number in 0..<10 {
                group.addTask {
                    let bytes = [UInt8](repeating: UInt8(number), count: 400 << 10)
                    try await store.journal.write { tx throws(JournalError) in
                        _ = try tx.artifactPut(bytes, name: "a\(number)", mediaType: "text/plain", run: run)
                    }
                }
            }
            gate.signal()
            try await group.waitForAll()
        }
        // Three of these pass the bound; the first group may also hold the blocker.
        #expect(commits.value - before >= 4)
    }

    @Test("a commit that the medium refuses fails every writer of the group, and the log goes on without it")
    func failedCommit() async throws {
        let store = try await TestStore(
            faults: CommitFaults(before: { number throws(JournalError) in
                if number == 2 { throw JournalError(.storage, "no") }
            }))
        _ = try await store.insert(.sample())
        let lost = NewRun.sample()
        #expect(try await refusal { try await store.insert(lost) } == .storage)
        _ = try await store.insert(.sample())
        #expect(try await store.journal.read { tx throws(JournalError) in try tx.run(lost.id) } == nil)
        let size = try await store.journal.read { tx throws(JournalError) in try tx.auditSize() }
        #expect(size == 4, "a run and the event of it, twice")
        #expect(try await store.mismatches() == [])
        #expect(try await store.reopened().mismatches() == [], "and the store opens again")
    }

    @Test("a group's checkpoint covers exactly its leaves")
    func checkpoints() async throws {
        let store = try await TestStore()
        for _ in 0..<5 { _ = try await store.insert(.sample()) }
        _ = try await store.journal.write { tx throws(JournalError) in try tx.runCounts() }
        let (leaves, checkpoints, latest) = try await store.journal.read { tx throws(JournalError) in
            (
                try tx.auditLeaves(from: 0, limit: 100), try tx.auditCheckpoints(after: 0, limit: 100),
                try tx.latestAuditCheckpoint()
            )
        }
        #expect(checkpoints.map(\.size) == [2, 4, 6, 8, 10], "a group without leaves has none")
        #expect(latest == checkpoints.last)
        for checkpoint in checkpoints {
            let hashes = leaves.prefix(Int(checkpoint.size)).map { MerkleTree.leafHash($0.bytes) }
            #expect(checkpoint.root == MerkleTree.root(of: hashes))
        }
    }

    @Test("a read inside a write sees the write; a snapshot beside it does not see it before its commit")
    func snapshots() async throws {
        let store = try await TestStore()
        let run = NewRun.sample()
        let journal = store.journal
        let inside = try await journal.write { tx throws(JournalError) in
            _ = try tx.runInsert(run)
            return try tx.run(run.id)?.id
        }
        #expect(inside == run.id)
        let gate = DispatchSemaphore(value: 0)
        let started = AsyncStream.makeStream(of: Void.self)
        let second = NewRun.sample()
        let writing = Task {
            try await journal.write { tx throws(JournalError) in
                _ = try tx.runInsert(second)
                started.continuation.yield()
                gate.wait()
            }
        }
        for await _ in started.stream { break }
        #expect(try await journal.read { tx throws(JournalError) in try tx.run(second.id) } == nil)
        gate.signal()
        try await writing.value
        #expect(try await journal.read { tx throws(JournalError) in try tx.run(second.id) } != nil)
    }

    @Test("a journal that is let go without closing frees its store")
    func letGo() async throws {
        let folder = try Scratch()
        var store: TestStore? = try await TestStore(folder: folder)
        let id = try await store.orFail("no store").insert(.sample()).id
        store = nil
        var next: TestStore?
        while next == nil { next = try? await TestStore(folder: folder) }
        #expect(try await next.orFail("no store").run(id).id == id)
    }

    @Test("closing ends what was submitted and refuses what comes later")
    func closing() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample())
        await store.journal.close()
        await store.journal.close()
        #expect(try await refusal { try await store.insert(.sample()) } == .closed)
        #expect(try await refusal { try await store.run(run.id) } == .closed)
    }
}
