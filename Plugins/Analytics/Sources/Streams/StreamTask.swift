import PluginKit

struct StreamInput: Codable, Sendable, SchemaDescribing {
    struct Event: Codable, Sendable, SchemaDescribing {
        var key: String
        var timeMilliseconds: Int
        var value: Double

        enum CodingKeys: String, CodingKey {
            case key, value
            case timeMilliseconds = "time_milliseconds"
        }

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("key", "Whose feature.", maxLength: 200)
            schema.property("time_milliseconds", "When it happened, not when it came.", minimum: -9e15, maximum: 9e15)
        }
    }

    /// In the order in which they came.
    var events: [Event]
    var windowMilliseconds: Int
    /// How long a window waits for late events after the latest one seen.
    var latenessMilliseconds: Int?
    /// Keeps what is open in the agent's state under this name, for the next batch.
    var stream: String?
    /// Closes every window at the end.
    var flush: Bool?

    enum CodingKeys: String, CodingKey {
        case events, stream, flush
        case windowMilliseconds = "window_milliseconds"
        case latenessMilliseconds = "lateness_milliseconds"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("events", "In the order in which they came.", maxItems: 1_000_000)
        schema.property("window_milliseconds", "Length of a window.", minimum: 1, maximum: 1e12)
        schema.property("lateness_milliseconds", "How late an event may be. Default 0.", minimum: 0, maximum: 1e12)
        schema.property("stream", "Keeps open windows under this name.", maxLength: 64, pattern: "^[a-z0-9._-]+$")
        schema.property("flush", "Closes every window at the end. Default: without a stream.")
    }
}

/// Sums over the events of one key in one window; [start, end).
struct StreamWindow: Codable, Sendable {
    var key: String
    var startMilliseconds: Int
    var endMilliseconds: Int
    var count: Int
    var mean: Double
    var minimum: Double
    var maximum: Double
    /// Σ (value − mean)², by Welford 1962: no digits are lost to a large mean.
    var squares: Double
    /// By time; the later to come of equals.
    var last: Double
    var lastMilliseconds: Int

    var sum: Double { mean * Double(count) }

    enum CodingKeys: String, CodingKey {
        case key, count, mean, minimum, maximum, squares, last
        case startMilliseconds = "start_milliseconds"
        case endMilliseconds = "end_milliseconds"
        case lastMilliseconds = "last_milliseconds"
    }

    init(_ event: StreamInput.Event, start: Int, length: Int) {
        key = event.key
        startMilliseconds = start
        endMilliseconds = start + length
        (count, mean, minimum, maximum, squares) = (0, 0, event.value, event.value, 0)
        (last, lastMilliseconds) = (event.value, event.timeMilliseconds)
    }

    mutating func add(_ event: StreamInput.Event) {
        count += 1
        let before = event.value - mean
        mean += before / Double(count)
        squares += before * (event.value - mean)
        minimum = min(minimum, event.value)
        maximum = max(maximum, event.value)
        if event.timeMilliseconds >= lastMilliseconds {
            (last, lastMilliseconds) = (event.value, event.timeMilliseconds)
        }
    }
}

struct StreamOutput: Codable, Sendable {
    /// Closed by this batch, by end and key. A closed window never changes.
    var windows: [StreamWindow]
    /// Came after their window was closed; counted nowhere.
    var late: [StreamInput.Event]
    var open: Int
    var watermarkMilliseconds: Int?
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case windows, late, open, evidence
        case watermarkMilliseconds = "watermark_milliseconds"
    }
}

/// Windows of event time with a watermark (Akidau et al. 2015). Each event moves the watermark by itself, so that
/// any cutting of a stream into batches gives the same windows.
struct StreamWindows: Codable, Sendable {
    static let maximumOpen = 200_000

    var windowMilliseconds: Int
    var latenessMilliseconds: Int
    var latest: Int?
    var open: [StreamWindow]

    enum CodingKeys: String, CodingKey {
        case latest, open
        case windowMilliseconds = "window_milliseconds"
        case latenessMilliseconds = "lateness_milliseconds"
    }

    var watermark: Int? { latest.map { $0 - latenessMilliseconds } }

    private struct Place: Hashable {
        var key: String
        var start: Int
    }

    mutating func take(
        _ events: [StreamInput.Event], flush: Bool
    ) throws(TaskFailure) -> (closed: [StreamWindow], late: [StreamInput.Event]) {
        var windows: [Place: StreamWindow] = [:], closed: [StreamWindow] = [], late: [StreamInput.Event] = []
        for window in open { windows[Place(key: window.key, start: window.startMilliseconds)] = window }
        for (index, event) in events.enumerated() {
            let time = event.timeMilliseconds
            guard time.magnitude <= 9_000_000_000_000_000 else {
                throw .invalid("/events/\(index)/time_milliseconds is \(time): no time in milliseconds is so large")
            }
            guard event.value.magnitude <= Check.largestMagnitude else {
                throw .invalid("/events/\(index)/value is not finite or too large")
            }
            let start = time - ((time % windowMilliseconds) + windowMilliseconds) % windowMilliseconds
            if let watermark, start + windowMilliseconds <= watermark {
                late.append(event)
                continue
            }
            let place = Place(key: event.key, start: start)
            windows[place, default: StreamWindow(event, start: start, length: windowMilliseconds)].add(event)
            latest = max(latest ?? time, time)
            guard windows.count > 2 * Self.maximumOpen, let watermark else { continue }
            // Half of them at least go, so that this costs little for each event.
            closed += windows.values.filter { $0.endMilliseconds <= watermark }
            windows = windows.filter { $0.value.endMilliseconds > watermark }
            guard windows.count <= Self.maximumOpen else {
                throw .tooLarge("/events/\(index): \(windows.count) windows are open; at most \(Self.maximumOpen)")
            }
        }
        let last = watermark ?? .min
        open = flush ? [] : Self.sorted(windows.values.filter { $0.endMilliseconds > last })
        closed += flush ? Array(windows.values) : windows.values.filter { $0.endMilliseconds <= last }
        return (Self.sorted(closed), late)
    }

    private static func sorted(_ windows: [StreamWindow]) -> [StreamWindow] {
        windows.sorted { ($0.endMilliseconds, $0.key) < ($1.endMilliseconds, $1.key) }
    }
}

enum StreamTask {
    static func run(_ input: StreamInput, _ context: TaskContext) async throws -> StreamOutput {
        let lateness = input.latenessMilliseconds ?? 0
        try Check.range(input.windowMilliseconds, 1...1_000_000_000_000, at: "/window_milliseconds")
        try Check.range(lateness, 0...1_000_000_000_000, at: "/lateness_milliseconds")
        try Check.range(input.events.count, 0...1_000_000, at: "/events (count)")
        var windows = StreamWindows(
            windowMilliseconds: input.windowMilliseconds, latenessMilliseconds: lateness, latest: nil, open: [])
        var revision: UInt64 = 0
        if let stream = input.stream,
            let found = try await context.state.get("stream/" + stream, as: StreamWindows.self, step: "read")
        {
            guard found.value.windowMilliseconds == input.windowMilliseconds,
                found.value.latenessMilliseconds == lateness
            else {
                throw TaskFailure.invalid(
                    "/stream \"\(stream)\" has windows of \(found.value.windowMilliseconds) ms and waits "
                        + "\(found.value.latenessMilliseconds) ms: give the same, or another name")
            }
            (windows, revision) = (found.value, found.revision)
        }
        let (closed, late) = try windows.take(input.events, flush: input.flush ?? (input.stream == nil))
        if let stream = input.stream {
            try await context.state.set("stream/" + stream, windows, ifRevision: revision, step: "write")
        }
        return StreamOutput(
            windows: closed, late: late, open: windows.open.count, watermarkMilliseconds: windows.watermark,
            evidence: Evidence(
                method: "tumbling windows of event time, closed by a watermark",
                source: "Akidau et al. 2015, The Dataflow Model; Welford 1962",
                inputs: "\(input.events.count) events", assumptions: ["late by at most \(lateness) ms"],
                uncertainty: "\(late.count) events came too late and are counted nowhere"))
    }
}
