import Journal
import Kernel
import Testing

@Suite("Steps, events, state and artifacts")
struct EffectTests {
    @Test("an intent becomes a result with every fact kept")
    func steps() async throws {
        let store = try await TestStore()
        let run = try await store.running()
        let usage = TokenUsage(input: 12, cachedRead: nil, output: 3, cost: Nanodollars(77))
        let intent = StepRecord.sample(0)
        var done = intent
        done.state = .done
        done.result = EffectResult(value: .max, data: [0, 255], text: "text/plain", usage: usage)
        done.cost = Nanodollars(77)
        done.finishedAt = store.clock.now
        try await store.journal.write { [done] journal throws(JournalError) in
            try journal.stepInsert(intent, run: run.id, fence: run.fence)
            try journal.stepUpdate(done, run: run.id, fence: run.fence)
        }
        let steps = try await store.journal.read { journal throws(JournalError) in try journal.steps(of: run.id) }
        #expect(steps == [done])
        let taken = try await refusal {
            try await store.journal.write { journal throws(JournalError) in
                try journal.stepInsert(intent, run: run.id, fence: run.fence)
            }
        }
        #expect(taken == .duplicate(run.id))
        let rewritten = try await refusal {
            try await store.journal.write { journal throws(JournalError) in
                try journal.stepUpdate(intent, run: run.id, fence: run.fence)
            }
        }
        #expect(rewritten == .conflict(current: 1), "a paid result is never overwritten")
        let missing = try await refusal {
            try await store.journal.write { journal throws(JournalError) in
                try journal.stepUpdate(.sample(9), run: run.id, fence: run.fence)
            }
        }
        #expect(missing == .notFound)
    }

    @Test("a failed step keeps its failure and may be tried again")
    func failedStep() async throws {
        let store = try await TestStore()
        let run = try await store.running()
        var step = StepRecord.sample(0, kind: .tool)
        step.state = .failed
        step.failure = Failure(.io, "no route")
        step.reference = "call-1"
        try await store.journal.write { [step] journal throws(JournalError) in
            try journal.stepInsert(step, run: run.id, fence: run.fence)
        }
        #expect(try await store.journal.read { tx throws(JournalError) in try tx.steps(of: run.id) } == [step])
        step.state = .intended
        step.attempt = 2
        step.failure = nil
        try await store.journal.write { [step] journal throws(JournalError) in
            try journal.stepUpdate(step, run: run.id, fence: run.fence)
        }
        #expect(try await store.journal.read { tx throws(JournalError) in try tx.steps(of: run.id) } == [step])
    }

    @Test("events come in order, by tree or all, after a position")
    func events() async throws {
        let store = try await TestStore()
        let first = try await store.insert(.sample()), second = try await store.insert(.sample())
        for number in 0..<3 {
            for run in [first, second] {
                _ = try await store.journal.write { journal throws(JournalError) in
                    try journal.eventAppend(
                        NewEvent(topic: "t\(number)", run: run.id, root: run.root, body: ["n": .double(0.5)]))
                }
            }
        }
        let all = try await store.journal.read { tx throws(JournalError) in
            try tx.events(root: nil, after: 0, limit: 100)
        }
        #expect(all.map(\.position) == [1, 2, 3, 4, 5, 6, 7, 8], "two tell of the runs")
        let mine = try await store.journal.read { tx throws(JournalError) in
            try tx.events(root: first.root, after: 3, limit: 1)
        }
        #expect(mine.map(\.event.topic) == ["t1"])
        #expect(mine.first?.event.body == ["n": .double(0.5)])
    }

    @Test("state is compared and set by revision, and a removed key's revision never comes back")
    func state() async throws {
        let store = try await TestStore()
        let scope = StateScope(tenant: "acme", department: "research", agent: "default")
        let put: @Sendable (UInt64?) async throws -> UInt64 = { expected in
            try await store.journal.write { tx throws(JournalError) in
                try tx.statePut(scope, key: "k", value: [1], expected: expected)
            }
        }
        #expect(try await refusal { try await put(3) } == .conflict(current: 0))
        #expect(try await put(0) == 1)
        #expect(try await refusal { try await put(0) } == .conflict(current: 1))
        #expect(try await put(1) == 2)
        #expect(try await put(nil) == 3)
        let entry = try await store.journal.read { tx throws(JournalError) in try tx.state(scope, key: "k") }
        #expect(entry == StateEntry(value: [1], revision: 3))
        let remove: @Sendable (UInt64?) async throws -> Void = { expected in
            try await store.journal.write { tx throws(JournalError) in
                try tx.stateRemove(scope, key: "k", expected: expected)
            }
        }
        #expect(try await refusal { try await remove(2) } == .conflict(current: 3))
        try await remove(3)
        try await remove(nil)
        #expect(try await store.journal.read { tx throws(JournalError) in try tx.state(scope, key: "k") } == nil)
        #expect(try await put(0) == 5, "a stale expectation of revision 1 to 4 can never hold again")
    }

    @Test("keys are found by prefix, byte by byte, within one scope")
    func stateKeys() async throws {
        let store = try await TestStore()
        let scope = StateScope(tenant: "acme", department: "research", agent: "a")
        let other = StateScope(tenant: "acme", department: "research", agent: "b")
        try await store.journal.write { tx throws(JournalError) in
            for key in ["p", "p/1", "p/é", "p/z", "q", "P/1"] {
                _ = try tx.statePut(scope, key: key, value: [], expected: nil)
            }
            _ = try tx.statePut(other, key: "p/other", value: [], expected: nil)
            try tx.stateRemove(scope, key: "p/z", expected: nil)
        }
        let keys: @Sendable (String, Int) async throws -> [String] = { prefix, limit in
            try await store.journal.read { tx throws(JournalError) in
                try tx.stateKeys(scope, prefix: prefix, limit: limit)
            }
        }
        #expect(try await keys("p/", 10) == ["p/1", "p/é"])
        #expect(try await keys("", 2) == ["P/1", "p"])
        #expect(try await keys("p", 0) == [])
    }

    @Test("artifacts are addressed by content; the newest of a name replaces, and a tree lists its descendants'")
    func artifacts() async throws {
        let store = try await TestStore()
        let root = try await store.running()
        let child = try await store.running(.sample(parent: root))
        let digests = try await store.journal.write { tx throws(JournalError) in
            [
                try tx.artifactPut([1], name: "a.txt", mediaType: "text/plain", run: root.id),
                try tx.artifactPut([2], name: "a.txt", mediaType: "text/plain", run: root.id),
                try tx.artifactPut([2], name: "b.txt", mediaType: "text/markdown", run: child.id),
            ]
        }
        #expect(digests[1] == Digest.sha256([2]))
        let listed = try await store.journal.read { tx throws(JournalError) in try tx.artifacts(of: root.id) }
        #expect(listed.map(\.name) == ["b.txt", "a.txt"])
        #expect(listed.map(\.digest) == [digests[2], digests[1]])
        let content = try await store.journal.read { tx throws(JournalError) in try tx.artifact(digests[1]) }
        #expect(content == ArtifactContent(bytes: [2], mediaType: "text/markdown"))
        #expect(try await store.mismatches() == [])
    }

    @Test("costs are summed by task, over a tree or over all")
    func costs() async throws {
        let store = try await TestStore()
        let run = try await store.running(), other = try await store.running()
        for record in [run, other] {
            try await store.journal.write { tx throws(JournalError) in
                for sequence in 0..<2 {
                    let usage = TokenUsage(input: 10, cachedRead: 5, output: 2, cost: Nanodollars(4))
                    try tx.stepInsert(
                        .sample(sequence, state: .done, result: EffectResult(usage: usage), cost: Nanodollars(4)),
                        run: record.id, fence: record.fence)
                    try tx.runAddCost(record.id, fence: record.fence, cost: Nanodollars(4))
                }
                try tx.stepInsert(.sample(2, kind: .now, state: .done), run: record.id, fence: record.fence)
            }
        }
        store.clock.advance(byMilliseconds: 250)
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.runFinish(run.id, fence: run.fence, outcome: .done([]))
        }
        let tree = try await store.journal.read { tx throws(JournalError) in try tx.costs(root: run.id) }
        let expected = CostRow(
            task: run.task, runs: 1, steps: 3, modelCalls: 2, inputTokens: 30, outputTokens: 4, cost: Nanodollars(8),
            milliseconds: 250)
        #expect(tree == [expected])
        let all = try await store.journal.read { tx throws(JournalError) in try tx.costs(root: nil) }
        #expect(all.map(\.runs) == [2])
        #expect(all.map(\.cost) == [Nanodollars(16)])
    }
}
