import ArgumentParser
import Engine
import Kernel

/// A run's place in the order and in time.
struct OrderOptions: ParsableArguments {
    @Option(help: "The queue that it waits in; bureau limits bounds queues.")
    var queue = RunScheduling.defaultQueue

    @Option(help: "What it is about, such as a customer or a document: see --when-active, and bureau limits.")
    var key: String?

    @Option(
        help: ArgumentHelp(
            "While another run of the same key is open: \(ActiveRunStrategy.forms).", valueName: "strategy"))
    var whenActive = "allow"

    @Option(help: ArgumentHelp("Not before: a time (RFC 3339), or from now on (90s, 2h).", valueName: "when"))
    var startAt: String?

    @Option(help: ArgumentHelp("Given up if it has not begun by then.", valueName: "when"))
    var startBy: String?

    @Option(help: ArgumentHelp("Given up if it is not done by then.", valueName: "when"))
    var deadline: String?

    @Option(
        help: ArgumentHelp(
            "Attempts in all, or a rule such as {\"attempts\": 5, \"on\": [\"transient\", \"timeout\"]}.",
            valueName: "rule"))
    var retry: String?

    @Option(help: ArgumentHelp("An id that joins what belongs together, in events too.", valueName: "id"))
    var correlation: String?

    func start(from now: Instant) throws(CommandFailure) -> Instant? { try time(startAt, "--start-at", now) }

    func scheduling(from now: Instant) throws(CommandFailure) -> RunScheduling {
        guard let strategy = ActiveRunStrategy(text: whenActive) else {
            throw CommandFailure(.usage, "--when-active \(whenActive): it is \(ActiveRunStrategy.forms)")
        }
        return RunScheduling(
            queue: queue, key: key, whenActive: strategy, startBy: try time(startBy, "--start-by", now),
            deadline: try time(deadline, "--deadline", now), retry: try rule())
    }

    /// As a host is asked over HTTP.
    func members(from now: Instant) throws(CommandFailure) -> [String: JSONValue] {
        let order = try scheduling(from: now)
        var members: [String: JSONValue] = ["queue": .string(order.queue), "when_active": .string(whenActive)]
        members["concurrency_key"] = order.key.map { .string($0) }
        members["start_at"] = try start(from: now).map { .string($0.timestamp) }
        members["start_by"] = order.startBy.map { .string($0.timestamp) }
        members["deadline"] = order.deadline.map { .string($0.timestamp) }
        members["retry"] = order.retry?.json
        members["correlation_id"] = correlation.map { .string($0) }
        return members
    }

    private func time(_ text: String?, _ option: String, _ now: Instant) throws(CommandFailure) -> Instant? {
        guard let text else { return nil }
        guard let time = Instant(when: text, from: now) else {
            throw CommandFailure(.usage, "\(option) \(text): write 2026-11-22T09:00:00Z, or 90s, 15m, 2h30m, 7d")
        }
        return time
    }

    private func rule() throws(CommandFailure) -> RunRetryRule? {
        guard let retry else { return nil }
        do {
            if let attempts = Int64(retry) { return try RunRetryRule(json: ["attempts": .integer(attempts)]) }
            return try RunRetryRule(json: try JSONParser.parse(retry))
        } catch {
            throw CommandFailure(.usage, "--retry: \(error)")
        }
    }
}
