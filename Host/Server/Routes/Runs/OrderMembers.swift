import HTTPTypes
import Hummingbird
import Kernel

/// The members of a submission that say when a run begins, beside what, and how often it is tried.
enum OrderMembers {
    private static let time: JSONValue = ["type": "string", "minLength": 2, "maxLength": 64]

    static let properties: [String: JSONValue] = [
        "queue": ["type": "string", "minLength": 1, "maxLength": 64],
        "concurrency_key": ["type": "string", "minLength": 1, "maxLength": 200],
        "when_active": ["type": "string", "maxLength": 64],
        "start_at": time, "start_by": time, "deadline": time,
        "retry": ["type": "object"],
        "correlation_id": ["type": "string", "minLength": 1, "maxLength": 200],
        "classification": ["enum": .array(Sensitivity.allCases.map { .string($0.rawValue) })],
    ]

    /// What the submitter says of its data; rules and the department may say more.
    static func sensitivity(_ body: JSONValue) -> Sensitivity? {
        body["classification"]?.stringValue.flatMap(Sensitivity.init(rawValue:))
    }

    static func startAt(_ body: JSONValue, from now: Instant) throws -> Instant? { try time("start_at", body, now) }

    static func scheduling(_ body: JSONValue, from now: Instant) throws -> RunScheduling {
        let word = body["when_active"]?.stringValue ?? "allow"
        guard let strategy = ActiveRunStrategy(text: word) else {
            throw invalid("when_active", "it is \(ActiveRunStrategy.forms), not \"\(word)\"")
        }
        var retry: RunRetryRule?
        if let rule = body["retry"] {
            do throws(Failure) { retry = try RunRetryRule(json: rule) } catch { throw invalid("retry", error.message) }
        }
        return RunScheduling(
            queue: body["queue"]?.stringValue ?? RunScheduling.defaultQueue,
            key: body["concurrency_key"]?.stringValue, whenActive: strategy,
            startBy: try time("start_by", body, now), deadline: try time("deadline", body, now), retry: retry)
    }

    /// The body's word before the header's.
    static func correlation(_ call: APICall) -> String? {
        call.body["correlation_id"]?.stringValue ?? call.request.headers[.correlationID]
    }

    private static func time(_ name: String, _ body: JSONValue, _ now: Instant) throws -> Instant? {
        guard let text = body[name]?.stringValue else { return nil }
        guard let time = Instant(when: text, from: now) else {
            throw invalid(name, "write 2026-11-22T09:00:00Z, or how long from now on: 90s, 15m, 2h30m, 7d")
        }
        return time
    }

    private static func invalid(_ name: String, _ message: String) -> Problem {
        Problem(
            .unprocessableContent, "invalid_body", "\(name): \(message)",
            errors: [["pointer": .string("/\(name)"), "message": .string(message)]])
    }
}

extension HTTPField.Name {
    static let correlationID = known("X-Correlation-ID")
}
