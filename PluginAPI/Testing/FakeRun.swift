import CBureau
import FoundationEssentials
import PluginKit
import Synchronization

/// One run of a task: its input, what it recorded, and what it recorded before when it is a replay.
final class FakeRun: Sendable {
    let task: String
    let input: Data
    let runID: String
    let attempt: Int
    let earlier: RunJournal
    /// Answers every effect of a replay from a fixture.
    let replay: FixtureReplay?
    private let idempotencyKey: String
    private let recording: Mutex<Recording>

    private struct Recording {
        var handle: bureau_call?
        var journal: RunJournal
        var steps: [RecordedStep] = []
        var occurrences: [String: Int] = [:]
        var performed = 0
        var cancelReason: bureau_status?
    }

    init(task: String, input: Data, runID: String, attempt: Int, earlier: RunJournal, replay: FixtureReplay? = nil) {
        self.task = task
        self.input = input
        self.runID = runID
        self.attempt = attempt
        self.earlier = earlier
        self.replay = replay
        idempotencyKey = replay?.fixture.run.idempotencyKey ?? "key-\(runID)"
        recording = Mutex(Recording(journal: earlier))
    }

    var journal: RunJournal { recording.withLock { $0.journal } }
    var steps: [RecordedStep] { recording.withLock { $0.steps } }
    var performedEffects: Int { recording.withLock { $0.performed } }

    /// Notes the call. A reason is returned when the run was cancelled before it began.
    func started(_ handle: bureau_call) -> bureau_status? {
        recording.withLock { recording in
            recording.handle = handle
            return recording.cancelReason
        }
    }

    /// The call to cancel; nil when it has not begun yet.
    func cancel(_ reason: bureau_status) -> bureau_call? {
        recording.withLock { recording in
            recording.cancelReason = reason
            return recording.handle
        }
    }

    /// Notes an effect and gives its key, and what an earlier attempt recorded.
    func note(_ name: String, _ effect: FakeEffect) -> (key: RunJournal.Key, recorded: RunJournal.Entry?) {
        recording.withLock { recording in
            let key = RunJournal.Key(name: name, occurrence: recording.occurrences[name, default: 0])
            recording.occurrences[name, default: 0] += 1
            let recorded = earlier.entries[key]
            recording.steps.append(
                RecordedStep(
                    name: name, kind: effect.kind, occurrence: key.occurrence, isReplayed: recorded != nil,
                    request: effect.shape, requestJSON: effect.json))
            if recorded == nil { recording.performed += 1 }
            return (key, recorded)
        }
    }

    func record(_ key: RunJournal.Key, kind: String, shape: Data, _ outcome: EffectOutcome) {
        recording.withLock { $0.journal.record(key, kind: kind, shape: shape, outcome) }
    }

    func withTask(_ handle: bureau_call, _ body: (UnsafePointer<bureau_task>) -> bureau_status) -> bureau_status {
        withBorrowed(task) { type in
            withBorrowed(input) { input in
                withBorrowed(idempotencyKey) { key in
                    withBorrowed(runID) { runID in
                        var task = bureau_task(
                            struct_size: UInt32(MemoryLayout<bureau_task>.size), attempt: UInt32(attempt),
                            call: handle, type: type, input_json: input, idempotency_key: key, run_id: runID,
                            timeout_ms: 0)
                        return body(&task)
                    }
                }
            }
        }
    }
}
