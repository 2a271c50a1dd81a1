import HTTPTypes
import Hummingbird
package import Kernel
import Synchronization

/// What stands between a known caller and the handler.
protocol RequestLimiting: Sendable {
    /// - Throws: ``Problem`` with 429 where the caller, or its tenant, asks too often, or too much runs at once.
    func serve(
        _ operation: Operation, _ caller: Principal, _ body: () async throws -> Response
    ) async throws -> Response
}

struct Unlimited: RequestLimiting {
    func serve(
        _ operation: Operation, _ caller: Principal, _ body: () async throws -> Response
    ) async throws -> Response { try await body() }
}

/// Counts requests by address, caller and tenant. An answer that was counted says how much is left: `RateLimit` and
/// `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), and the three fields of its earlier drafts, which
/// most clients know.
package final class RequestLimiter: RequestLimiting {
    private struct Count {
        var limit: String
        var rate: CellRate
        var remaining: Int64
        var resetSeconds: Int64
    }

    private let settings: LimitSettings
    private let table: LimitTable
    private let now: @Sendable () -> Tick
    private let running = Mutex<[String: Int]>([:])

    package init(_ settings: LimitSettings, now: @escaping @Sendable () -> Tick = { MonotonicClock.now }) {
        self.settings = settings
        self.now = now
        table = LimitTable(capacity: settings.maximumKeys)
    }

    /// - Parameter isLogin: whether it tries to prove who one is.
    /// - Throws: 429.
    func admit(address: ClientAddress, isLogin: Bool) throws {
        if !address.isLoopback, let rate = settings.address { try _ = take("address", address.limitKey, rate) }
        // Guessing is limited from everywhere, this machine too.
        if isLogin, let rate = settings.login { try _ = take("login", address.limitKey, rate) }
    }

    func serve(
        _ operation: Operation, _ caller: Principal, _ body: () async throws -> Response
    ) async throws -> Response {
        try enter(operation)
        defer { leave(operation) }
        var counts: [Count] = []
        if [.user, .service].contains(caller.kind) {
            let routeClass = operation.routeClass
            let limits = [(routeClass.rawValue, settings.rate(of: routeClass)), ("user", settings.user)]
            for case (let name, let rate?) in limits { counts.append(try take(name, caller.id, rate)) }
            if let tenant = caller.tenant, let rate = settings.tenants[tenant] ?? settings.tenant {
                counts.append(try take("tenant", tenant, rate))
            }
        }
        var response = try await body()
        if let tightest = counts.min(by: { $0.remaining < $1.remaining }) {
            response.headers.append(contentsOf: Self.fields(tightest))
        }
        return response
    }

    private func take(_ limit: String, _ name: String, _ rate: CellRate) throws -> Count {
        let now = now()
        switch table.take(.init(limit: limit, name: name), rate, at: now) {
        case .passed(let arrival, let remaining):
            return Count(
                limit: limit, rate: rate, remaining: remaining,
                resetSeconds: Self.seconds(rate.nanosecondsToRest(arrival, at: now)))
        case .refused(let wait):
            let seconds = Self.seconds(wait)
            var problem = Problem(
                .tooManyRequests, "rate_limited",
                "too many requests: the limit \"\(limit)\" is \(rate.perMinute) a minute, \(rate.burst) at once",
                retryAfterSeconds: Int(seconds))
            problem.headers = Self.fields(Count(limit: limit, rate: rate, remaining: 0, resetSeconds: seconds))
            throw problem
        }
    }

    private static func seconds(_ nanoseconds: Int64) -> Int64 { max(1, (nanoseconds + 999_999_999) / 1_000_000_000) }

    private static func fields(_ count: Count) -> HTTPFields {
        [
            .rateLimitPolicy: "\"\(count.limit)\";q=\(count.rate.perMinute);w=60",
            .rateLimit: "\"\(count.limit)\";r=\(count.remaining);t=\(count.resetSeconds)",
            .rateLimitLimit: String(count.rate.perMinute), .rateLimitRemaining: String(count.remaining),
            .rateLimitReset: String(count.resetSeconds),
        ]
    }

    private func enter(_ operation: Operation) throws {
        guard let limit = settings.atOnce[operation.id] else { return }
        let isFull = running.withLock { running in
            guard running[operation.id, default: 0] < limit else { return true }
            running[operation.id, default: 0] += 1
            return false
        }
        guard !isFull else {
            throw Problem(
                .tooManyRequests, "too_many_at_once", "\(limit) requests of \(operation.id) run already",
                retryAfterSeconds: 1)
        }
    }

    private func leave(_ operation: Operation) {
        guard settings.atOnce[operation.id] != nil else { return }
        running.withLock { $0[operation.id, default: 1] -= 1 }
    }
}

/// The machine's monotonic clock.
package enum MonotonicClock {
    private static let start = ContinuousClock.now

    package static var now: Tick {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Tick(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

extension HTTPField.Name {
    static let rateLimit = known("RateLimit")
    static let rateLimitPolicy = known("RateLimit-Policy")
    static let rateLimitLimit = known("RateLimit-Limit")
    static let rateLimitRemaining = known("RateLimit-Remaining")
    static let rateLimitReset = known("RateLimit-Reset")
}
