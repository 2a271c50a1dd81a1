import Kernel
import Testing

@Suite("Replay of a recorded run")
struct RunReplayTests {
    private static let ask = EffectRequest.model(
        ModelRequest(model: "m", messages: Array(#"[{"role":"user","content":"Say yes."}]"#.utf8)))
    private static let put = EffectRequest.statePut(key: "k", value: [49], expectedRevision: nil)

    private static func step(
        _ sequence: Int, _ name: String, _ request: EffectRequest, data: String = "", state: StepState = .done
    ) -> StepRecord {
        var step = StepRecord(
            intending: request, sequence: sequence, name: name, occurrence: 0,
            startedAt: Instant(unixMilliseconds: 0))
        step.state = state
        step.result = EffectResult(data: Array(data.utf8))
        return step
    }

    private static func recording(
        _ steps: [StepRecord], state: RunState = .done, failure: Failure? = nil
    ) -> RunRecording {
        let id = RunID(unixMilliseconds: 1, random: Array(repeating: 1, count: 10))
        let run = RunRecord(
            number: 1, id: id, tenant: "default", task: TaskReference(department: "desk", task: "job"),
            agent: "default", state: state, fence: Fence(1), priority: 2, attempt: 1, crashCount: 0,
            input: Array("{}".utf8), output: state == .done ? Array(#"{"a":1}"#.utf8) : nil, failure: failure,
            build: nil, idempotencyKey: nil, root: id, parent: nil, parentSequence: nil, caps: .none, user: nil,
            cost: .zero,
            cancelRequested: false, wakeAt: nil, createdAt: Instant(unixMilliseconds: 0), startedAt: nil,
            finishedAt: nil)
        return RunRecording(run: run, steps: steps, configuration: Array("{}".utf8))
    }

    private static func difference(_ decision: RunReplay.Decision) -> ReplayDifference? {
        if case .differs(let difference) = decision { difference } else { nil }
    }

    private static func difference(_ verdict: RunReplay.Verdict) -> ReplayDifference? {
        if case .differs(let difference) = verdict { difference } else { nil }
    }

    @Test("what was recorded is answered, local steps are computed again, and the same end is equal")
    func equal() {
        let recording = Self.recording([
            Self.step(0, "ask", Self.ask, data: "yes"), Self.step(1, "count", .step(shape: []), data: "3"),
        ])
        var replay = RunReplay(recording)
        let answer = EffectResult(data: Array("yes".utf8))
        #expect(replay.begin(EffectStart(name: "ask", request: Self.ask)) == .answer(answer))
        #expect(replay.begin(EffectStart(name: "count", request: .step(shape: []))) == .compute(ticket: 2))
        #expect(replay.record(2, .success([51])) == .answer(EffectResult(data: [51])))
        #expect(replay.complete(.success(Array(#"{ "a" : 1 }"#.utf8))) == .equal)
        #expect(replay.comparedSteps == 2)
    }

    @Test("another request names the field, with what was recorded and what is asked now")
    func request() throws {
        var replay = RunReplay(Self.recording([Self.step(0, "ask", Self.ask)]))
        let now = EffectRequest.model(
            ModelRequest(model: "m", messages: Array(#"[{"role":"user","content":"Say no."}]"#.utf8)))
        let difference = try #require(Self.difference(replay.begin(EffectStart(name: "ask", request: now))))
        #expect(difference.kind == .request && difference.sequence == 0)
        #expect(difference.changes.map(\.description) == [#"/messages/0/content: "Say yes." → "Say no.""#])
        #expect(difference.recordedShape == Self.ask.shape && difference.newShape == now.shape)
    }

    @Test("a request too large to be kept is compared by its digest, and the size is told")
    func largeRequest() throws {
        let large = EffectRequest.artifactPut(
            name: "a", mediaType: "b", bytes: Array(repeating: 7, count: RecordedRequest.maximumKeptBytes))
        let step = Self.step(0, "put", large)
        #expect(step.request?.encoded == nil && step.request?.byteCount == large.encoded.count)
        var replay = RunReplay(Self.recording([step]))
        #expect(Self.difference(replay.begin(EffectStart(name: "put", request: large))) == nil)
        var other = RunReplay(Self.recording([step]))
        let now = EffectRequest.artifactPut(name: "a", mediaType: "b", bytes: [])
        let difference = try #require(Self.difference(other.begin(EffectStart(name: "put", request: now))))
        #expect(difference.message.contains("\(large.encoded.count) bytes") && difference.changes.isEmpty)
    }

    @Test("an extra step, a missing one, another kind, another result, another end: each is told apart")
    func otherDifferences() {
        let recording = Self.recording([
            Self.step(0, "ask", Self.ask), Self.step(1, "count", .step(shape: []), data: "3"),
        ])
        var replay = RunReplay(recording)
        #expect(Self.difference(replay.begin(EffectStart(name: "more", request: .now)))?.kind == .extraStep)
        replay = RunReplay(recording)
        #expect(Self.difference(replay.begin(EffectStart(name: "ask", request: .now)))?.kind == .effect)
        replay = RunReplay(recording)
        _ = replay.begin(EffectStart(name: "ask", request: Self.ask))
        let missing = Self.difference(replay.complete(.success(Array(#"{"a":1}"#.utf8))))
        #expect(missing?.kind == .missingStep && missing?.sequence == 1)
        _ = replay.begin(EffectStart(name: "count", request: .step(shape: [])))
        #expect(Self.difference(replay.record(2, .success([52])))?.changes.first?.description == "/: 3 → 4")
        #expect(Self.difference(replay.complete(.success(Array(#"{"a":2}"#.utf8))))?.kind == .output)
        #expect(Self.difference(replay.complete(.failure(Failure(.io, "x"))))?.kind == .outcome)
        #expect(Self.difference(replay.lost("gone"))?.kind == .lost)
    }

    @Test("local steps are taken from the journal when they are not to be compared")
    func keep() {
        var replay = RunReplay(
            Self.recording([Self.step(0, "roll", .step(shape: []), data: "6")]), localSteps: .keep)
        #expect(
            replay.begin(EffectStart(name: "roll", request: .step(shape: []))) == .answer(EffectResult(data: [54])))
    }

    @Test("a cancelled run is compared as far as it goes; a failure is compared with its message")
    func ends() {
        var cut = RunReplay(
            Self.recording(
                [Self.step(0, "ask", Self.ask), Self.step(1, "put", Self.put, state: .intended)], state: .cancelled,
                failure: Failure(.cancelled, "cancelled")))
        #expect(!cut.isExhausted)
        _ = cut.begin(EffectStart(name: "ask", request: Self.ask))
        #expect(cut.isExhausted)
        #expect(cut.begin(EffectStart(name: "put", request: Self.put)) == .hold)
        #expect(cut.begin(EffectStart(name: "later", request: .now)) == .hold)
        #expect(cut.stalled() == .equalUntilCut("it was cancelled"))
        let failed = RunReplay(Self.recording([], state: .failed, failure: Failure(.io, "no paper")))
        #expect(failed.complete(.failure(Failure(.io, "no paper"))) == .equal)
        #expect(Self.difference(failed.complete(.failure(Failure(.io, "fire"))))?.kind == .failure)
    }

    @Test("every kind of request is read back from its encoding; damaged bytes are refused")
    func encodings() {
        for request in EffectShapeTests.different {
            let read = EffectRequest(encoded: request.encoded)
            #expect(read?.encoded == request.encoded)
            #expect(read?.kind == request.kind)
            #expect(EffectRequest(encoded: request.encoded + [0]) == nil)
            #expect(EffectRequest(encoded: request.encoded.dropLast()) == nil)
        }
        #expect(EffectRequest(encoded: Array("bureau/shape/1/99\n".utf8)) == nil)
    }

    @Test("a fork takes the answered steps over for nothing, and is refused at one that has no answer")
    func fork() throws {
        var reserve = Self.step(1, "hold", .budgetReserve(Nanodollars(5)))
        reserve.result = EffectResult(value: 2)
        var ask = Self.step(0, "ask", Self.ask, data: "yes")
        ask.cost = Nanodollars(9)
        let open = Self.step(2, "put", Self.put, state: .intended)
        let recording = Self.recording([ask, reserve, open], state: .cancelled)
        let fork = try RunFork(recording, at: 2)
        #expect(fork.steps.map(\.attempt) == [0, 0] && fork.steps.allSatisfy { $0.cost == .zero })
        #expect(fork.steps[0].result == ask.result && fork.steps[0].request == ask.request)
        #expect(fork.savedCost == Nanodollars(9))
        #expect(fork.holds.map(\.ticket) == [2] && fork.holds.map(\.amount) == [Nanodollars(5)])
        #expect(try RunFork(recording, at: 0).steps.isEmpty)
        #expect(throws: Failure.self) { try RunFork(recording, at: 3) }
        #expect(throws: Failure.self) { try RunFork(recording, at: 4) }
    }

    @Test("a fixture is the same bytes each time, and values under names of secrets are not in it")
    func fixture() throws {
        let http = EffectRequest.http(
            HTTPRequest(
                method: "GET", url: "https://example.org", headers: Array(#"{"Authorization":"Bearer hunter2"}"#.utf8),
                body: [], timeoutMilliseconds: nil, maximumResponseBytes: nil))
        var recording = Self.recording([Self.step(0, "get", http, data: "page")])
        recording.configuration = Array(#"{"api_key":"hunter2","word":"Hi"}"#.utf8)
        let text = try ReplayFixture.document(of: recording).serialized(pretty: true)
        #expect(try ReplayFixture.document(of: recording).serialized(pretty: true) == text)
        #expect(!text.contains("hunter2") && text.contains("[redacted]") && text.contains("Hi"))
        #expect(throws: Failure.self) { try ReplayFixture.document(of: Self.recording([], state: .cancelled)) }
    }
}
