package import Kernel

/// What `limits` of a provider says about traffic: `requests_per_minute`, `request_burst`, `tokens_per_minute`,
/// `token_burst`, `concurrent_calls`, `queue_length`, `queue_seconds`.
package enum TrafficEntry {
    /// Nil when it says nothing about it.
    static func limits(_ reader: inout MemberReader) throws(Failure) -> TrafficLimits? {
        var limits = TrafficLimits()
        limits.requests = try perMinute(&reader, "requests_per_minute", "request_burst") { max(1, $0 / 6) }
        limits.tokens = try perMinute(&reader, "tokens_per_minute", "token_burst", RateLimit.largestBurst)
        limits.concurrentCalls = try reader.integer("concurrent_calls", in: 1...100_000).map { Int($0) }
        let length = try reader.integer("queue_length", in: 0...100_000)
        let seconds = try reader.integer("queue_seconds", in: 1...3600)
        guard limits.requests != nil || limits.tokens != nil || limits.concurrentCalls != nil else {
            if length != nil || seconds != nil {
                throw MemberReader.wrong(
                    reader.place,
                    "has a queue and no limit: give requests_per_minute, tokens_per_minute or concurrent_calls")
            }
            return nil
        }
        if let length { limits.queueLength = Int(length) }
        if let seconds { limits.queueMilliseconds = seconds * 1000 }
        return limits
    }

    /// The same of an object that says nothing else.
    package static func limits(_ value: JSONValue, at place: JSONPointer) throws(Failure) -> TrafficLimits? {
        var reader = try MemberReader(value, at: place)
        let limits = try limits(&reader)
        try reader.finish()
        return limits
    }

    private static func perMinute(
        _ reader: inout MemberReader, _ name: String, _ burstName: String, _ usual: (Int64) -> Int64
    ) throws(Failure) -> TrafficLimits.PerMinute? {
        guard let limit = try reader.integer(name, in: 1...RateLimit.largestLimit) else {
            if reader.value(burstName) != nil {
                throw MemberReader.wrong(reader.place.appending(burstName), "needs \(name)")
            }
            return nil
        }
        let burst = try reader.integer(burstName, in: 1...RateLimit.largestBurst(of: limit))
        return TrafficLimits.PerMinute(limit: limit, burst: burst ?? usual(limit))
    }
}
