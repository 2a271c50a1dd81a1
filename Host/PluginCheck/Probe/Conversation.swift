import CLane
import CProbe
import Kernel
import Placement

/// A host in conversation with one plugin: instances, calls, effects and what it let slip, over one probe.
final class Conversation {
    /// A plugin that asks more than this in one call will not stop asking.
    static let maximumEffects = 2000

    let probe: Probe
    private let configuration: [UInt8]
    var answers = Answers()
    var policy = AnswerPolicy.normal
    private(set) var calls: [UInt64: Call] = [:]
    /// Breaches that the lane reported, in its words.
    private(set) var misbehaviour: [String] = []
    /// Arguments that a host function refused.
    private(set) var remarks: [String] = []
    private(set) var logCount = 0
    private(set) var emitted: [(kind: UInt64, data: [UInt8])] = []
    private var lastNumber: UInt64 = 0
    private var generations: UInt64 = 0

    struct Call {
        var task: String
        var outcome: Outcome?
        var completions = 0
        /// START frames, in order.
        var effects: [Frame] = []
        /// Events that the plugin has been sent.
        var eventCount = 0
    }

    struct Outcome: Hashable {
        var status: Int32
        var data: [UInt8]
        var message: String
    }

    init(_ probe: Probe, configuration: [UInt8]) {
        self.probe = probe
        self.configuration = configuration
    }

    // MARK: Instances

    /// An instance's number on the wire: a generation above a slot.
    struct Instance: Hashable { let number: UInt64 }

    /// - Returns: the instance, or the reason that it gave for refusing. `code` is LANE_PROBLEM_….
    func create(_ configuration: [UInt8], slot: UInt64 = 1) throws -> (
        instance: Instance?, code: Int, reason: String
    ) {
        generations += 1
        let instance = Instance(number: generations % 65_536 << 16 | slot)
        var frame = FrameWriter(kind: LANE_CREATE, op: instance.number)
        frame.data(LANE_DATA, configuration)
        try probe.send(frame)
        let created = try wait("create and setup") { $0.kind == LANE_CREATED && $0.op == instance.number }
        let code = Int(truncatingIfNeeded: created.number(LANE_CODE))
        return (code == LANE_PROBLEM_NONE ? instance : nil, code, created.text(LANE_TEXT))
    }

    /// An instance with the usual configuration; the rules that use it are tried only where that works.
    func instance(slot: UInt64 = 1) throws -> Instance {
        let (instance, _, reason) = try create(configuration, slot: slot)
        guard let instance else { throw ProbeFailure.refused(reason) }
        return instance
    }

    func destroy(_ instance: Instance) throws {
        try probe.send(FrameWriter(kind: LANE_DESTROY, op: instance.number))
        _ = try wait("destroy") { $0.kind == LANE_DESTROYED && $0.op == instance.number }
    }

    // MARK: Calls

    @discardableResult
    func begin(_ task: String, _ input: [UInt8], on instance: Instance, attempt: UInt64 = 1) throws -> UInt64 {
        lastNumber += 1
        let call = lastNumber << UInt64(LANE_CALL_SLOT_BITS) | lastNumber % 64
        calls[call] = Call(task: task)
        var frame = FrameWriter(kind: LANE_BEGIN, call: call, op: instance.number, capacity: input.count + 256)
        frame.text(LANE_TASK, task)
        frame.number(LANE_ATTEMPT, attempt)
        frame.text(LANE_IDEMPOTENCY, "check")
        frame.text(LANE_RUN, "00000000-0000-7000-8000-000000000000")
        frame.number(LANE_TIMEOUT, 60_000)
        // Last, so that with strict memory the guard page follows it.
        frame.data(LANE_DATA, input)
        try probe.send(frame)
        return call
    }

    func cancel(_ call: UInt64, reason: Status = .cancelled) throws {
        var frame = FrameWriter(kind: LANE_CANCEL, call: call)
        frame.number(LANE_STATUS, UInt64(bitPattern: Int64(reason.rawValue)))
        try probe.send(frame)
    }

    /// Begins a task and answers it until it ends. Nil: it did not within `milliseconds`.
    func run(
        _ task: String, _ input: [UInt8], on instance: Instance, within milliseconds: UInt64, attempt: UInt64 = 1
    ) throws -> Call? {
        let call = try begin(task, input, on: instance, attempt: attempt)
        _ = try serve(within: milliseconds) { self.calls[call]?.outcome != nil }
        return calls[call].flatMap { $0.outcome == nil ? nil : $0 }
    }

    // MARK: Frames

    /// Answers what comes until `condition` holds. False: it did not in time.
    func serve(within milliseconds: UInt64, until condition: () -> Bool) throws -> Bool {
        let limit = Monotonic.milliseconds() + milliseconds
        while !condition() {
            guard Monotonic.milliseconds() < limit else { return false }
            do {
                take(try probe.receive("a frame", by: limit))
            } catch ProbeFailure.late {
                return condition()
            }
            try flush()
        }
        return true
    }

    /// Everything that the lane had to say up to now has come: what its thread caused, if not what others will.
    func settle() throws {
        generations += 1
        let number = generations
        try probe.send(FrameWriter(kind: LANE_PING, op: number))
        _ = try wait("a sign of life") { $0.kind == LANE_PONG && $0.op == number }
    }

    func measure() throws -> Measure {
        try probe.send(FrameWriter(kind: PROBE_MEASURE))
        return Measure(try wait("a measure") { $0.kind == PROBE_MEASURED }, threads: probe.threadCount)
    }

    /// Asks one of the questions of `probe.h`.
    func ask(_ question: consuming FrameWriter) throws -> Frame {
        try probe.send(question)
        return try wait("an answer") { $0.kind == PROBE_ANSWER }
    }

    /// Answers what comes until the frame that `matches`.
    private func wait(_ what: String, _ matches: (Frame) -> Bool) throws -> Frame {
        while true {
            let frame = try probe.receive(what)
            if matches(frame) { return frame }
            take(frame)
            try flush()
        }
    }

    private var outgoing: [(call: UInt64, frame: FrameWriter)] = []

    private func flush() throws {
        let frames = outgoing
        outgoing = []
        for (call, frame) in frames {
            calls[call]?.eventCount += 1
            try probe.send(frame)
        }
    }

    private func take(_ frame: Frame) {
        switch frame.kind {
        case LANE_START:
            calls[frame.call]?.effects.append(frame)
            guard calls[frame.call]?.effects.count ?? 0 <= Self.maximumEffects else { return }
            if let event = answers.event(for: frame, policy: policy) { outgoing.append((frame.call, event)) }
        case LANE_CANCEL_OP where policy == .silent:
            // The host of operation.h: a terminal event still comes.
            var event = FrameWriter(kind: LANE_EVENT, call: frame.call, op: frame.op)
            event.number(LANE_KIND, 4)
            event.number(LANE_STATUS, UInt64(bitPattern: Int64(Status.cancelled.rawValue)))
            outgoing.append((frame.call, event))
        case LANE_RECORD: outgoing.append((frame.call, answers.event(forRecord: frame)))
        case LANE_COMPLETE:
            calls[frame.call]?.completions += 1
            calls[frame.call]?.outcome = Outcome(
                status: frame.status(), data: frame.data(LANE_DATA), message: frame.text(LANE_TEXT))
        case LANE_LOG: logCount += 1
        case LANE_EMIT: emitted.append((frame.number(LANE_KIND), frame.data(LANE_DATA)))
        case LANE_MISBEHAVED: misbehaviour.append(frame.text(LANE_TEXT))
        case PROBE_REMARK:
            let status = Status(rawValue: frame.status(PROBE_TAG_STATUS)).name
            remarks.append("\(frame.text(PROBE_TAG_TEXT)) answered \(status)")
        default: break
        }
    }
}

/// What a probe measured of itself.
struct Measure {
    var heapBytes: Int
    var files: Int
    var cpuNanoseconds: UInt64
    var threads: Int
    private var slowest: [UInt64]
    private var fastest: [UInt64]

    init(_ frame: Frame, threads: Int) {
        heapBytes = Int(truncatingIfNeeded: frame.number(PROBE_TAG_HEAP))
        files = Int(truncatingIfNeeded: frame.number(PROBE_TAG_FILES))
        cpuNanoseconds = frame.number(PROBE_TAG_CPU)
        self.threads = threads
        slowest = (0..<PROBE_CALLBACKS).map { frame.number(PROBE_TAG_SLOWEST + $0) }
        fastest = (0..<PROBE_CALLBACKS).map { frame.number(PROBE_TAG_FASTEST + $0) }
    }

    /// Nanoseconds since the measure before; 0 when the callback was not called. `callback` is PROBE_CALLBACK_….
    func slowest(_ callback: Int) -> UInt64 { slowest[callback] }
    func fastest(_ callback: Int) -> UInt64 { fastest[callback] }
}
