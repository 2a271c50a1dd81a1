import Kernel
import TestSupport
import Testing

@Suite("Run journal")
struct RunJournalTests {
    static func start(_ name: String, _ request: EffectRequest) -> EffectStart {
        EffectStart(name: name, request: request)
    }

    static func record(_ decision: RunJournal.Decision, _ start: EffectStart, _ state: StepState = .done) -> StepRecord?
    {
        guard case .perform(let sequence, let name, let occurrence) = decision else { return nil }
        return StepRecord(
            sequence: sequence, kind: start.request.kind, name: name, occurrence: occurrence,
            shape: start.request.shape, state: state, startedAt: Instant(unixMilliseconds: 0))
    }

    /// Performs all, and returns what a store would then hold.
    static func performed(_ starts: [EffectStart], states: [StepState] = []) throws -> [StepRecord] {
        var journal = try RunJournal(steps: [])
        return try starts.enumerated().map { index, start in
            try #require(record(journal.begin(start), start, index < states.count ? states[index] : .done))
        }
    }

    static func randomStart(_ random: inout SplitMix64) -> EffectStart {
        let names = ["", "", "rank", "rank", "model", "écrit"]
        let requests: [EffectRequest] = [
            .now, .sleep(milliseconds: random.next() % 3), .stateGet(key: "k\(random.next() % 3)"),
            .model(ModelRequest(model: "m", messages: [UInt8(random.next() % 3)])), .step(shape: []),
        ]
        return start(names.randomElement(using: &random) ?? "", requests.randomElement(using: &random) ?? .now)
    }

    @Test("replaying any recorded journal performs nothing and gives back every step in order")
    func replay() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let starts = (0..<Int.random(in: 0..<60, using: &random)).map { _ in Self.randomStart(&random) }
            let steps = try Self.performed(starts)
            #expect(steps.map(\.sequence) == Array(0..<starts.count), "seed \(seed)")
            var journal = try RunJournal(steps: steps)
            for (start, step) in zip(starts, steps) {
                #expect(journal.begin(start) == .replay(step), "seed \(seed)")
            }
        }
    }

    @Test("after any prefix was recorded, the rest is performed with the sequences that follow")
    func prefixes() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let starts = (0..<40).map { _ in Self.randomStart(&random) }
        let steps = try Self.performed(starts)
        for recorded in 0...starts.count {
            var journal = try RunJournal(steps: Array(steps.prefix(recorded)))
            for (index, start) in starts.enumerated() {
                let decision = journal.begin(start)
                if index < recorded {
                    #expect(decision == .replay(steps[index]), "seed \(seed)")
                } else {
                    #expect(Self.record(decision, start) == steps[index], "seed \(seed)")
                }
            }
        }
    }

    @Test("named steps may start in another order; unnamed ones are told apart by kind and order")
    func order() throws {
        let a = Self.start("a", .sleep(milliseconds: 1))
        let b = Self.start("b", .sleep(milliseconds: 2))
        let unnamed = Self.start("", .sleep(milliseconds: 3))
        let steps = try Self.performed([a, unnamed, b, unnamed])
        #expect(steps.map(\.name) == ["a", "sleep", "b", "sleep"])
        #expect(steps.map(\.occurrence) == [0, 0, 0, 1])
        var journal = try RunJournal(steps: steps)
        #expect(journal.begin(b) == .replay(steps[2]))
        #expect(journal.begin(unnamed) == .replay(steps[1]))
        #expect(journal.begin(a) == .replay(steps[0]))
        #expect(journal.begin(unnamed) == .replay(steps[3]))
        #expect(journal.begin(unnamed) == .perform(sequence: 4, name: "sleep", occurrence: 2))
    }

    @Test("another request or kind under the same name is a mismatch, said in words")
    func mismatch() throws {
        let steps = try Self.performed([Self.start("a", .stateGet(key: "x")), Self.start("a", .now)])
        var journal = try RunJournal(steps: steps)
        guard case .mismatch(let request) = journal.begin(Self.start("a", .stateGet(key: "y"))) else {
            Issue.record("not a mismatch")
            return
        }
        #expect(request.hasPrefix("step \"a\" (0 in the journal) was recorded for another state.get request"))
        guard case .mismatch(let kind) = journal.begin(Self.start("a", .budgetRemaining)) else {
            Issue.record("not a mismatch")
            return
        }
        #expect(
            kind == "step \"a#2\" (1 in the journal) was recorded as now, "
                + "but the plugin now asks for budget.remaining")
    }

    @Test(
        "open intents and ambiguous steps are taken up again under their own sequence",
        arguments: [
            StepState.intended, .ambiguous,
        ])
    func resume(state: StepState) throws {
        let starts = [Self.start("a", .now), Self.start("b", .plan([1]))]
        let steps = try Self.performed(starts, states: [.done, state])
        var journal = try RunJournal(steps: steps)
        #expect(journal.begin(starts[0]) == .replay(steps[0]))
        #expect(journal.begin(starts[1]) == .resume(steps[1]))
        #expect(journal.nextSequence == 2)
    }

    @Test("a recorded failure is replayed; when a person retries the run, those after the last success are repeated")
    func failures() throws {
        let starts = ["a", "b", "c", "d"].map { Self.start($0, .now) }
        let steps = try Self.performed(starts, states: [.failed, .done, .failed, .failed])
        var replayed = try RunJournal(steps: steps)
        #expect(starts.map { replayed.begin($0) } == steps.map { .replay($0) })
        var retried = try RunJournal(steps: steps, retriesFailures: true)
        #expect(
            starts.map { retried.begin($0) }
                == [.replay(steps[0]), .replay(steps[1]), .resume(steps[2]), .resume(steps[3])])
    }

    @Test("a journal with a gap or a repeated key is refused as damaged")
    func damaged() throws {
        let steps = try Self.performed(["a", "b", "c"].map { Self.start($0, .now) })
        #expect(throws: Failure.self) { try RunJournal(steps: [steps[0], steps[2]]) }
        #expect(throws: Failure.self) { try RunJournal(steps: [steps[1], steps[0]]) }
        var copy = steps[0]
        copy.sequence = 1
        #expect(throws: Failure.self) { try RunJournal(steps: [steps[0], copy]) }
    }

    @Test("a run takes 10,000 steps and no more, but goes on replaying")
    func bound() throws {
        let start = Self.start("", .now)
        let steps = try Self.performed(Array(repeating: start, count: RunJournal.maximumSteps))
        var journal = try RunJournal(steps: steps)
        for step in steps { #expect(journal.begin(start) == .replay(step)) }
        #expect(journal.begin(start) == .refused(message: "a run has at most 10000 steps"))
        #expect(journal.begin(start) == .refused(message: "a run has at most 10000 steps"))
    }
}
