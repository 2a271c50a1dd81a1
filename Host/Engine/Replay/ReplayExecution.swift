import Kernel
import Placement

/// One replay of one run: what `RunExecution` is to a live run, with nothing behind it.
struct ReplayExecution {
    let recording: RunRecording
    let place: any PlacedPlugin
    let task: Manifest.Task
    let instance: InstanceID

    /// How long nothing may come from a plugin that waits for an answer which was never recorded.
    private static let heldIdleSeconds = 5
    /// How long nothing may come from one that computes, where its task names no limit.
    private static let computingIdleSeconds = 600
    /// How long a plugin gets to end after the verdict.
    private static let endSeconds = 10

    private enum Signal: Sendable {
        case event(CallEvent)
        case tick
    }

    /// The state of one run of the loop.
    private struct Progress {
        var verdict: RunReplay.Verdict?
        var isHeld = false
        var hasEnded = false
        var idleSeconds = 0
    }

    func run(_ replay: inout RunReplay) async -> RunReplay.Verdict {
        let (signals, inbox) = AsyncStream.makeStream(of: Signal.self)
        let start = TaskStart(
            task: recording.run.task.task, input: recording.run.input,
            attempt: UInt32(clamping: max(1, recording.run.attempt)),
            idempotencyKey: recording.run.idempotencyKey ?? recording.run.id.description,
            runID: recording.run.id.description, timeoutMilliseconds: nil)
        let call = place.begin(start, on: instance) { inbox.yield(.event($0)) }
        let clock = Task {
            while (try? await Task.sleep(for: .seconds(1))) != nil { inbox.yield(.tick) }
        }
        defer { clock.cancel() }
        var progress = Progress()
        for await signal in signals {
            let hadVerdict = progress.verdict != nil
            switch signal {
            case .event(let event): take(event, of: call, &replay, &progress)
            case .tick: tick(replay, &progress)
            }
            if progress.hasEnded { break }
            // The comparison is over: the plugin is told to end, and what it still does says nothing.
            if !hadVerdict, progress.verdict != nil { place.cancel(call, reason: .cancelled) }
        }
        return progress.verdict ?? replay.stalled()
    }

    private func tick(_ replay: RunReplay, _ progress: inout Progress) {
        progress.idleSeconds += 1
        if progress.verdict != nil {
            progress.hasEnded = progress.idleSeconds > Self.endSeconds
            return
        }
        let limit = progress.isHeld ? Self.heldIdleSeconds : task.timeoutSeconds ?? Self.computingIdleSeconds
        if progress.idleSeconds > limit { progress.verdict = replay.stalled() }
    }

    private func take(
        _ event: CallEvent, of call: CallID, _ replay: inout RunReplay, _ progress: inout Progress
    ) {
        progress.idleSeconds = 0
        switch event {
        case .completed(let result):
            if progress.verdict == nil { progress.verdict = replay.complete(checked(result)) }
            progress.hasEnded = true
        case .lost(let loss):
            if progress.verdict == nil { progress.verdict = replay.lost(loss.description) }
            progress.hasEnded = true
        case .effect(let operation, let start) where progress.verdict == nil:
            if let denial = denial(of: start.request) {
                place.deliver(.failed(denial, value: 0, replayed: false), to: operation, of: call)
            } else {
                settle(replay.begin(start), operation, call, replay, &progress)
            }
        case .record(let operation, let ticket, let result) where progress.verdict == nil:
            settle(replay.record(ticket, result), operation, call, replay, &progress)
        case .effect, .record, .cancelOperation, .grant, .emitted, .logged: break
        }
    }

    /// What the manifest does not ask for was denied, and took no step. What the operator had not granted is not
    /// known here any more: such an effect shows as an additional step.
    private func denial(of request: EffectRequest) -> Failure? {
        let used: (name: String, list: Permissions.List)
        switch request {
        case .model(let request): used = (request.model, .models)
        case .tool(let name, _, _): used = (name, .tools)
        case .child(let task, _): used = (task.department, .departments)
        case .message(let department, _, _): used = (department, .departments)
        default: return nil
        }
        let permissions = Permissions.all(of: place.descriptor.manifest.wants)
        guard permissions.refusal(of: used.name, in: used.list) != nil else { return nil }
        return Failure(.denied, "the manifest does not ask for \"\(used.name)\" in wants.\(used.list.rawValue)")
    }

    private func settle(
        _ decision: RunReplay.Decision, _ operation: OperationID, _ call: CallID, _ replay: RunReplay,
        _ progress: inout Progress
    ) {
        switch decision {
        case .answer(let result): place.deliver(.done(result, replayed: true), to: operation, of: call)
        case .fail(let failure, let value):
            place.deliver(.failed(failure, value: value, replayed: true), to: operation, of: call)
        case .compute(let ticket): place.deliver(.compute(ticket: ticket), to: operation, of: call)
        case .hold: progress.isHeld = true
        case .differs(let difference): progress.verdict = .differs(difference)
        }
        if progress.verdict == nil, progress.isHeld, replay.isExhausted { progress.verdict = replay.stalled() }
    }

    /// As the engine ends a run: an output that breaks the plugin's own schema is a failure.
    private func checked(_ result: Result<[UInt8], Failure>) -> Result<[UInt8], Failure> {
        guard case .success(let output) = result, let schema = try? JSONSchema(task.outputSchema) else { return result }
        let descriptor = place.descriptor
        let violations: [SchemaViolation]
        do {
            violations = schema.validate(try JSONParser.parse(output))
        } catch {
            violations = [SchemaViolation(pointer: "", message: error.description, keyword: "json")]
        }
        guard !violations.isEmpty else { return result }
        return .failure(RunExecution.brokenOutput(descriptor.id, descriptor.version, violations))
    }
}
