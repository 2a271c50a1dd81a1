/// How much one provider is asked of at most.
package struct TrafficLimits: Hashable, Sendable {
    package struct PerMinute: Hashable, Sendable {
        package var limit: Int64
        /// At once.
        package var burst: Int64

        package init(limit: Int64, burst: Int64) {
            self.limit = limit
            self.burst = burst
        }
    }

    package var requests: PerMinute?
    package var tokens: PerMinute?
    package var concurrentCalls: Int?
    /// How many may wait, and how long each.
    package var queueLength: Int
    package var queueMilliseconds: Int64

    package init(
        requests: PerMinute? = nil, tokens: PerMinute? = nil, concurrentCalls: Int? = nil, queueLength: Int = 1000,
        queueMilliseconds: Int64 = 30_000
    ) {
        self.requests = requests
        self.tokens = tokens
        self.concurrentCalls = concurrentCalls
        self.queueLength = queueLength
        self.queueMilliseconds = queueMilliseconds
    }
}
