import CBureau
import FoundationEssentials

extension TaskContext {
    /// Waits, from milliseconds to months; a restart does not start the time anew.
    public func sleep(seconds: Double, step: String? = nil) async throws(TaskFailure) {
        guard let sleep = call.services.timer?.pointee.sleep else { throw .missing(BUREAU_HOST_TIMER) }
        let outcome = await call.perform(step) { sleep($0, $1, $2, milliseconds(seconds), $3) }
        _ = try outcome.result()
    }

    /// The time as the run sees it: recorded once, equal on every replay.
    public func now(step: String? = nil) async throws(TaskFailure) -> UnixMilliseconds {
        guard let now = call.services.clock?.pointee.now else { throw .missing(BUREAU_HOST_CLOCK) }
        let outcome = await call.perform(step) { now($0, $1, $2, $3) }
        return UnixMilliseconds(Int64(clamping: try outcome.result().value))
    }

    /// Randomness as the run sees it: recorded once, equal on every replay. Not for keys or secrets.
    ///
    /// - Parameter count: 1 to 4,096.
    public func random(bytes count: Int, step: String? = nil) async throws(TaskFailure) -> [UInt8] {
        guard let bytes = call.services.random?.pointee.bytes else { throw .missing(BUREAU_HOST_RANDOM) }
        let outcome = await call.perform(step) { bytes($0, $1, $2, UInt64(clamping: count), $3) }
        let data = try outcome.result().data
        guard data.count == count else { throw .internal("the host gave \(data.count) of \(count) random bytes") }
        return [UInt8](data)
    }

    /// A random number of all 64 bits.
    public func randomInt64(step: String? = nil) async throws(TaskFailure) -> Int64 {
        let bytes = try await random(bytes: 8, step: step)
        return Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// What the run may still spend; nil when nothing limits it.
    public func budgetRemaining(step: String? = nil) async throws(TaskFailure) -> Int64? {
        struct Remaining: Decodable {
            var nanodollars: Int64?
            enum CodingKeys: String, CodingKey { case nanodollars = "remaining_nanodollars" }
        }
        guard let remaining = call.services.budget?.pointee.remaining else { throw .missing(BUREAU_HOST_BUDGET) }
        let outcome = await call.perform(step) { remaining($0, $1, $2, $3) }
        return try JSONCoding.decode(
            Remaining.self, from: try outcome.result().data, "the budget", failing: .internal
        ).nanodollars
    }

    /// A fact for the audit log, beside what the host records by itself.
    ///
    /// - Parameter type: dotted lower case: `decision.vetoed`.
    public func audit(
        _ type: String, _ facts: some Encodable & Sendable, step: String? = nil
    ) async throws(TaskFailure) {
        guard let note = call.services.audit?.pointee.note else { throw .missing(BUREAU_HOST_AUDIT) }
        let json = try JSONCoding.encode(facts, "the audit note")
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(type) { type in
                withBorrowed(json) { note(host, call, step, type, $0, out) }
            }
        }
        _ = try outcome.result()
    }
}

/// Milliseconds since 1970-01-01 00:00 UTC.
public struct UnixMilliseconds: RawRepresentable, Codable, Hashable, Comparable, Sendable {
    public var rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(_ milliseconds: Int64) { self.rawValue = milliseconds }

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
