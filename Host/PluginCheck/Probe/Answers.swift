import CLane
import Kernel
import Placement

/// How a conversation answers what a plugin asks.
enum AnswerPolicy: Hashable {
    /// As a host would that has everything.
    case normal
    /// Every operation ends as EVENT_FAILED with this status.
    case failing(Int32)
    /// Every operation ends as EVENT_CANCELLED.
    case cancelling
    /// No operation ends, unless the plugin cancels it.
    case silent
}

/// A host in memory: plausible answers to every service, the same ones for the same requests in the same order.
struct Answers {
    private var state: [[UInt8]: (value: [UInt8], revision: UInt64)] = [:]
    private var artifacts: [[UInt8]: (bytes: [UInt8], media: [UInt8])] = [:]
    private var tickets: UInt64 = 0
    private var clock: UInt64 = 1_750_000_000_000
    private var leaves: UInt64 = 0
    /// What the plugin's own steps recorded, in order.
    private(set) var recorded: [(data: [UInt8], status: Int32)] = []
    /// What steps are answered with before any of them is computed.
    private var journal: ArraySlice<(data: [UInt8], status: Int32)> = []

    init() {}

    /// Answers as `earlier` did, but its steps from the journal.
    init(replaying earlier: Answers) { journal = earlier.recorded[...] }

    /// The EVENT frame for a START frame. Nil: no answer.
    mutating func event(for start: Frame, policy: AnswerPolicy) -> FrameWriter? {
        var event = FrameWriter(kind: LANE_EVENT, call: start.call, op: start.op)
        switch policy {
        case .silent: return nil
        case .failing(let status):
            event.number(LANE_KIND, 3)
            event.number(LANE_STATUS, UInt64(bitPattern: Int64(status)))
            event.text(LANE_TEXT, "refused by the check")
        case .cancelling:
            event.number(LANE_KIND, 4)
            event.number(LANE_STATUS, UInt64(bitPattern: Int64(Status.cancelled.rawValue)))
        case .normal:
            if Int(start.number(LANE_SERVICE)) == LANE_SERVICE_STEP { return step(start, event) }
            if let failure = perform(start, &event) {
                event.number(LANE_KIND, 3)
                event.number(LANE_STATUS, UInt64(bitPattern: Int64(failure.rawValue)))
            } else {
                event.number(LANE_KIND, 2)
            }
        }
        return event
    }

    /// The EVENT frame for a RECORD frame.
    mutating func event(forRecord record: Frame) -> FrameWriter {
        var event = FrameWriter(kind: LANE_EVENT, call: record.call, op: record.op)
        let status = record.status()
        recorded.append((record.data(LANE_DATA), status))
        event.number(LANE_KIND, status == 0 ? 2 : 3)
        event.number(LANE_STATUS, UInt64(bitPattern: Int64(status)))
        event.data(LANE_TEXT, record.data(LANE_TEXT))
        event.data(LANE_DATA, record.data(LANE_DATA))
        return event
    }

    private mutating func step(_ start: Frame, _ event: FrameWriter) -> FrameWriter {
        var event = event
        if let known = journal.popFirst() {
            event.number(LANE_KIND, known.status == 0 ? 2 : 3)
            event.number(LANE_STATUS, UInt64(bitPattern: Int64(known.status)))
            event.number(LANE_FLAGS, 1)
            event.data(LANE_DATA, known.data)
            return event
        }
        tickets += 1
        event.number(LANE_KIND, 5)
        event.number(LANE_VALUE, tickets)
        return event
    }

    /// - Returns: how it failed.
    private mutating func perform(_ start: Frame, _ event: inout FrameWriter) -> Status? {
        switch Int(start.number(LANE_SERVICE)) {
        case LANE_SERVICE_MODEL: model(start, &event)
        case LANE_SERVICE_TOOL, LANE_SERVICE_CHILD: event.text(LANE_DATA, "{}")
        case LANE_SERVICE_PLAN: event.text(LANE_DATA, "{\"outputs\":{}}")
        case LANE_SERVICE_HTTP:
            event.number(LANE_VALUE, 200)
            event.text(LANE_TEXT, "{\"content-type\":\"application/json\"}")
            event.text(LANE_DATA, "{}")
        case LANE_SERVICE_STATE_GET, LANE_SERVICE_STATE_PUT, LANE_SERVICE_STATE_REMOVE, LANE_SERVICE_STATE_LIST:
            return keep(start, &event)
        case LANE_SERVICE_ARTIFACT_PUT:
            let digest = Array(Digest.sha256(start.data(LANE_DATA)).hex.utf8)
            artifacts[digest] = (start.data(LANE_DATA), start.data(LANE_MEDIA_TYPE))
            event.data(LANE_DATA, digest)
        case LANE_SERVICE_ARTIFACT_GET:
            guard let found = artifacts[start.data(LANE_KEY)] else { return .notFound }
            event.data(LANE_TEXT, found.media)
            event.data(LANE_DATA, found.bytes)
        case LANE_SERVICE_APPROVAL:
            let content = start.data(LANE_DATA).isEmpty ? "null" : start.text(LANE_DATA)
            event.text(LANE_DATA, "{\"approved\":true,\"by\":\"check\",\"reason\":\"\",\"content\":\(content)}")
        case LANE_SERVICE_SLEEP, LANE_SERVICE_NOW:
            clock += 1 + start.number(LANE_TIMEOUT)
            event.number(LANE_VALUE, clock)
        case LANE_SERVICE_RANDOM:
            event.data(LANE_DATA, (0..<start.number(LANE_LIMIT)).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) })
        case LANE_SERVICE_BUDGET_REMAINING:
            event.text(LANE_DATA, "{\"remaining_nanodollars\":1000000000,\"limited_by\":\"check\"}")
        case LANE_SERVICE_BUDGET_RESERVE:
            tickets += 1
            event.number(LANE_VALUE, tickets)
        case LANE_SERVICE_AUDIT_NOTE:
            leaves += 1
            event.number(LANE_VALUE, leaves)
        default: break
        }
        return nil
    }

    private func model(_ start: Frame, _ event: inout FrameWriter) {
        var text = "The check answers."
        let options = try? JSONParser.parse(start.data(LANE_OPTIONS))
        if let schema = options?["response_schema"] {
            var sampler = SchemaSampler(schema, seed: 1)
            text = (sampler.sample() ?? .object([:])).serialized()
        }
        let answer: JSONValue = [
            "text": .string(text), "model": "check/model", "provider": "check", "finish_reason": "stop",
        ]
        event.number(LANE_USAGE_PRESENT, 9)
        event.number(LANE_USAGE_INPUT, 10)
        event.number(LANE_USAGE_OUTPUT, 5)
        event.number(LANE_USAGE_COST, 1000)
        event.text(LANE_DATA, answer.serialized())
    }

    private mutating func keep(_ start: Frame, _ event: inout FrameWriter) -> Status? {
        let key = start.data(LANE_KEY)
        let current = state[key]
        switch Int(start.number(LANE_SERVICE)) {
        case LANE_SERVICE_STATE_GET:
            guard let current else { return .notFound }
            event.number(LANE_VALUE, current.revision)
            event.data(LANE_DATA, current.value)
        case LANE_SERVICE_STATE_LIST:
            let keys = state.keys.filter { $0.starts(with: key) }.map { String(decoding: $0, as: UTF8.self) }.sorted()
            event.text(LANE_DATA, JSONValue.array(keys.map { .string($0) }).serialized())
        default:
            let expected = start.number(LANE_REVISION)
            guard expected == .max || expected == current?.revision ?? 0 else { return .conflict }
            let isPut = Int(start.number(LANE_SERVICE)) == LANE_SERVICE_STATE_PUT
            let revision = (current?.revision ?? 0) + 1
            state[key] = isPut ? (start.data(LANE_DATA), revision) : nil
            event.number(LANE_VALUE, isPut ? revision : 0)
        }
        return nil
    }
}
