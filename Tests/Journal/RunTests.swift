import Journal
import Kernel
import TestSupport
import Testing

@Suite("Runs")
struct RunTests {
    @Test("an admitted run reads back with every fact, ready at once")
    func admitted() async throws {
        let store = try await TestStore()
        let new = NewRun.sample(priority: 3, key: "k1", budget: Nanodollars(500))
        let inserted = try await store.insert(new)
        let read = try await store.run(new.id)
        #expect(inserted == read)
        #expect(read.state == .ready)
        #expect(read.fence == Fence(0))
        #expect(read.input == new.input)
        #expect(read.idempotencyKey == "k1")
        #expect(read.root == new.id)
        #expect(read.createdAt == store.clock.now)
        let budget = try await store.journal.read { journal throws(JournalError) in
            try journal.budget(.run(new.id))
        }
        #expect(budget?.limit == Nanodollars(500), "a run's own cap is there from its first moment")
    }

    @Test("a second admission with the same key names the first run; another task may use the key")
    func idempotency() async throws {
        let store = try await TestStore()
        let first = try await store.insert(.sample(key: "order-7"))
        let again = try await refusal { try await store.insert(.sample(key: "order-7")) }
        #expect(again == .duplicate(first.id))
        let other = TaskReference(department: "finance", task: "rank")
        #expect(try await refusal { try await store.insert(.sample(other, key: "order-7")) } == nil)
        let found = try await store.journal.read { journal throws(JournalError) in
            try journal.runByIdempotencyKey(tenant: "acme", task: first.task, key: "order-7")
        }
        #expect(found?.id == first.id)
    }

    @Test("claims go by priority, then by age, and only to the departments asked for")
    func claimOrder() async throws {
        let store = try await TestStore()
        let old = try await store.insert(.sample(priority: 1))
        let urgent = try await store.insert(.sample(priority: 4))
        let younger = try await store.insert(.sample(priority: 1))
        _ = try await store.insert(.sample(TaskReference(department: "finance", task: "cost"), priority: 4))
        let claimed = try await store.journal.write { journal throws(JournalError) in
            try journal.runClaim(departments: ["research", "engineering"], limit: 2)
        }
        #expect(claimed.map(\.id) == [urgent.id, old.id])
        #expect(claimed.allSatisfy { $0.state == .running && $0.fence == Fence(1) && $0.attempt == 1 })
        let rest = try await store.journal.write { journal throws(JournalError) in
            try journal.runClaim(departments: ["research"], limit: 10)
        }
        #expect(rest.map(\.id) == [younger.id])
    }

    @Test("a scheduled run is released when it is due, not before")
    func scheduled() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample(startAt: store.clock.now.advanced(byMilliseconds: 1_000)))
        #expect(run.state == .scheduled)
        let release: @Sendable (any JournalTransaction) throws(JournalError) -> Int = { journal throws(JournalError) in
            try journal.runReleaseDue()
        }
        store.clock.advance(byMilliseconds: 999)
        #expect(try await store.journal.write(release) == 0)
        store.clock.advance(byMilliseconds: 1)
        #expect(try await store.journal.write(release) == 1)
        #expect(try await store.run(run.id).state == .ready)
    }

    @Test("every change under an old fence is refused and changes nothing")
    func fencing() async throws {
        let store = try await TestStore()
        let stale = try await store.running()
        let fresh = try await store.journal.write { journal throws(JournalError) in
            _ = try journal.runRequeue(stale.id, fence: stale.fence, crashed: true, reason: "it crashed")
            return try journal.runClaim(departments: ["research"], limit: 1)
        }.first.orFail("not claimed again")
        #expect(fresh.fence > stale.fence)
        #expect(fresh.crashCount == 1)
        let id = stale.id, fence = stale.fence
        try await expectFenced(store) { tx throws(JournalError) in
            try tx.runSetBuild(id, fence: fence, build: Digest.sha256([1]))
        }
        try await expectFenced(store) { tx throws(JournalError) in
            try tx.runSetWaiting(id, fence: fence, waiting: true)
        }
        try await expectFenced(store) { tx throws(JournalError) in
            _ = try tx.runFinish(id, fence: fence, outcome: .done([]))
        }
        try await expectFenced(store) { tx throws(JournalError) in
            try tx.runPause(id, fence: fence, failure: Failure(.replay, "x"))
        }
        try await expectFenced(store) { tx throws(JournalError) in
            _ = try tx.runRequeue(id, fence: fence, crashed: false, reason: "handed back")
        }
        try await expectFenced(store) { tx throws(JournalError) in
            try tx.runAddCost(id, fence: fence, cost: Nanodollars(1))
        }
        try await expectFenced(store) { tx throws(JournalError) in
            try tx.stepInsert(.sample(0), run: id, fence: fence)
        }
        try await expectFenced(store) { tx throws(JournalError) in
            try tx.stepUpdate(.sample(0), run: id, fence: fence)
        }
        #expect(try await store.run(id) == fresh)
    }

    private func expectFenced(
        _ store: TestStore, _ change: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Void
    ) async throws {
        #expect(try await refusal { try await store.journal.write(change) } == .fenced)
    }

    @Test("terminal is final: the right fence does not help")
    func terminal() async throws {
        let store = try await TestStore()
        let run = try await store.running()
        let finished = try await store.journal.write { journal throws(JournalError) in
            try journal.runFinish(run.id, fence: run.fence, outcome: .done(Array("1".utf8)))
        }
        #expect(finished.state == .done)
        #expect(finished.output == Array("1".utf8))
        #expect(finished.finishedAt == store.clock.now)
        let code = try await refusal {
            try await store.journal.write { journal throws(JournalError) in
                _ = try journal.runFinish(run.id, fence: run.fence, outcome: .failed(Failure(.io, "late")))
            }
        }
        #expect(code == .fenced)
        let retry = try await refusal {
            try await store.journal.write { journal throws(JournalError) in _ = try journal.runRetry(run.id) }
        }
        #expect(retry == .invalid, "a run that succeeded is never done again")
    }

    @Test("waiting and back; a finished, paused or failed run can be asked for by state")
    func states() async throws {
        let store = try await TestStore()
        let run = try await store.running()
        try await store.journal.write { journal throws(JournalError) in
            try journal.runSetWaiting(run.id, fence: run.fence, waiting: true)
            try journal.runSetWaiting(run.id, fence: run.fence, waiting: true)
        }
        #expect(try await store.run(run.id).state == .waiting)
        try await store.journal.write { journal throws(JournalError) in
            try journal.runSetWaiting(run.id, fence: run.fence, waiting: false)
            try journal.runPause(run.id, fence: run.fence, failure: Failure(.replay, "shape differs"))
        }
        let paused = try await store.journal.read { journal throws(JournalError) in
            try journal.runs(RunFilter(states: [.paused], department: "research"), before: nil, limit: 10)
        }
        #expect(paused.map(\.id) == [run.id])
        #expect(paused.first?.failure == Failure(.replay, "shape differs"))
        let counts = try await store.journal.read { journal throws(JournalError) in try journal.runCounts() }
        #expect(counts == [.paused: 1])
        let retried = try await store.journal.write { journal throws(JournalError) in try journal.runRetry(run.id) }
        #expect(retried.state == .ready)
        #expect(retried.fence > run.fence)
        #expect(retried.failure != nil, "why it is tried again stays with it until it ends")
    }

    @Test("cancelling a tree ends what is idle and returns what is on a lane")
    func cancelTree() async throws {
        let store = try await TestStore()
        let root = try await store.running()
        let child = try await store.running(.sample(parent: root))
        let grandchild = try await store.insert(.sample(parent: child))
        let stranger = try await store.insert(.sample())
        let onLane = try await store.journal.write { journal throws(JournalError) in
            try journal.runRequestCancel(root.id, reason: "changed my mind")
        }
        #expect(onLane.map(\.id) == [root.id, child.id])
        #expect(onLane.map(\.cancelRequested) == [true, true])
        let idle = try await store.run(grandchild.id)
        #expect(idle.state == .cancelled)
        #expect(idle.fence > grandchild.fence)
        #expect(try await store.run(stranger.id) == stranger)
        let again = try await store.journal.write { journal throws(JournalError) in
            try journal.runRequestCancel(root.id, reason: "really")
        }
        #expect(again.map(\.id) == [root.id, child.id], "the owner is told again")
    }

    @Test("recovery frees what an earlier host owned, and counts a crash only for what was running")
    func recovery() async throws {
        let before = try await TestStore()
        let running = try await before.running()
        let waiting = try await before.running()
        try await before.journal.write { journal throws(JournalError) in
            try journal.runSetWaiting(waiting.id, fence: waiting.fence, waiting: true)
        }
        let ready = try await before.insert(.sample())
        let after = try await before.reopened()
        let recovered = try await after.journal.write { journal throws(JournalError) in
            try journal.runRecover(limit: 10_000)
        }
        #expect(recovered == 2)
        #expect(try await after.run(running.id).crashCount == 1)
        #expect(try await after.run(waiting.id).crashCount == 0)
        #expect(try await after.run(waiting.id).state == .ready)
        #expect(try await after.run(running.id).fence > running.fence)
        #expect(try await after.run(ready.id) == ready)
        let own = try await after.journal.write { journal throws(JournalError) in
            _ = try journal.runClaim(departments: ["research"], limit: 1)
            return try journal.runRecover(limit: 10_000)
        }
        #expect(own == 0, "this host's own runs stay")
    }

    @Test("runs are listed newest first and by pages")
    func paging() async throws {
        let store = try await TestStore()
        var ids: [RunID] = []
        for _ in 0..<5 { ids.append(try await store.insert(.sample()).id) }
        let parent = try await store.run(ids[0])
        let child = try await store.insert(.sample(parent: parent))
        let first = try await store.journal.read { journal throws(JournalError) in
            try journal.runs(RunFilter(rootsOnly: true), before: nil, limit: 2)
        }
        #expect(first.map(\.id) == [ids[4], ids[3]])
        let next = try await store.journal.read { journal throws(JournalError) in
            try journal.runs(RunFilter(rootsOnly: true), before: first.last?.number, limit: 10)
        }
        #expect(next.map(\.id) == [ids[2], ids[1], ids[0]])
        let children = try await store.journal.read { journal throws(JournalError) in
            try journal.children(of: parent.id)
        }
        #expect(children == [child])
        #expect(child.root == parent.id)
    }
}
