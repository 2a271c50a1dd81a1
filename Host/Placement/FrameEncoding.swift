import CLane
import Kernel

/// Host to lane: how each thing that happens becomes a frame.
enum FrameEncoding {
    static func hello(settings: PlacementSettings, load: SealedFile.Load, limits: WorkerLimits) -> [UInt8]? {
        var frame = FrameWriter(kind: LANE_HELLO)
        frame.number(LANE_PROTOCOL, UInt64(LANE_PROTOCOL_VERSION))
        frame.text(LANE_VERSION, settings.hostVersion)
        frame.number(LANE_LEVEL, UInt64(UInt32(bitPattern: settings.logLevel.rawValue)))
        frame.number(LANE_MEMORY, limits.memoryBytes ?? settings.memoryBytes)
        frame.number(LANE_CPU, limits.cpuSeconds ?? settings.cpuSeconds ?? 0)
        frame.number(LANE_KIND, load.rawValue)
        return frame.finished()
    }

    static func create(_ instance: InstanceID, configuration: [UInt8]) -> [UInt8]? {
        var frame = FrameWriter(kind: LANE_CREATE, op: UInt64(instance.value), capacity: configuration.count)
        frame.data(LANE_DATA, configuration)
        return frame.finished()
    }

    static func destroy(_ instance: InstanceID) -> [UInt8]? {
        FrameWriter(kind: LANE_DESTROY, op: UInt64(instance.value)).finished()
    }

    static func begin(_ start: TaskStart, call: CallID, instance: InstanceID) -> [UInt8]? {
        var frame = FrameWriter(
            kind: LANE_BEGIN, call: call.value, op: UInt64(instance.value), capacity: start.input.count + 256)
        frame.text(LANE_TASK, start.task)
        frame.data(LANE_DATA, start.input)
        frame.number(LANE_ATTEMPT, UInt64(start.attempt))
        frame.text(LANE_IDEMPOTENCY, start.idempotencyKey)
        frame.text(LANE_RUN, start.runID)
        frame.number(LANE_TIMEOUT, start.timeoutMilliseconds ?? 0)
        return frame.finished()
    }

    static func cancel(_ call: CallID, reason: Status) -> [UInt8]? {
        var frame = FrameWriter(kind: LANE_CANCEL, call: call.value)
        frame.number(LANE_STATUS, UInt64(bitPattern: Int64(reason.rawValue)))
        return frame.finished()
    }

    static func ping(_ number: UInt64) -> [UInt8]? { FrameWriter(kind: LANE_PING, op: number).finished() }

    static func event(_ event: OperationEvent, operation: OperationID, call: CallID) -> [UInt8]? {
        var frame = FrameWriter(kind: LANE_EVENT, call: call.value, op: operation.value)
        switch event {
        case .chunk(let bytes):
            frame.number(LANE_KIND, EventKind.chunk)
            frame.data(LANE_DATA, bytes)
        case .done(let result, let replayed):
            frame.number(LANE_KIND, EventKind.done)
            frame.number(LANE_VALUE, result.value)
            frame.data(LANE_DATA, result.data)
            frame.text(LANE_TEXT, result.text)
            if replayed { frame.number(LANE_FLAGS, 1) }
            if let usage = result.usage { add(usage, to: &frame) }
        case .failed(let failure, let value, let replayed):
            frame.number(LANE_KIND, EventKind.failed)
            frame.number(LANE_STATUS, UInt64(bitPattern: Int64(failure.status.rawValue)))
            frame.number(LANE_VALUE, value)
            frame.text(LANE_TEXT, failure.message)
            if replayed { frame.number(LANE_FLAGS, 1) }
        case .cancelled:
            frame.number(LANE_KIND, EventKind.cancelled)
            frame.number(LANE_STATUS, UInt64(bitPattern: Int64(Status.cancelled.rawValue)))
        case .compute(let ticket):
            frame.number(LANE_KIND, EventKind.compute)
            frame.number(LANE_VALUE, ticket)
        }
        return frame.finished()
    }

    /// The values of `BUREAU_EVENT_…`.
    private enum EventKind {
        static let chunk: UInt64 = 1
        static let done: UInt64 = 2
        static let failed: UInt64 = 3
        static let cancelled: UInt64 = 4
        static let compute: UInt64 = 5
    }

    private static func add(_ usage: TokenUsage, to frame: inout FrameWriter) {
        // The boundary has one class of cache writes; both lifetimes count there.
        let written: Int64? =
            usage.cacheWrite == nil && usage.cacheWriteOneHour == nil
            ? nil : (usage.cacheWrite ?? 0) + (usage.cacheWriteOneHour ?? 0)
        let counts: [(tag: Int, count: Int64?)] = [
            (LANE_USAGE_INPUT, usage.input), (LANE_USAGE_CACHED_READ, usage.cachedRead),
            (LANE_USAGE_CACHE_WRITE, written), (LANE_USAGE_OUTPUT, usage.output),
            (LANE_USAGE_REASONING, usage.reasoning),
        ]
        var present: UInt64 = 0
        for (bit, entry) in counts.enumerated() {
            guard let count = entry.count else { continue }
            present |= 1 << bit
            frame.number(entry.tag, UInt64(clamping: count))
        }
        frame.number(LANE_USAGE_PRESENT, present)
        frame.number(LANE_USAGE_COST, UInt64(bitPattern: usage.cost.value))
    }
}
