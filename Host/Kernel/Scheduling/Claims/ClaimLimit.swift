/// How much of a scope may go on.
package struct ClaimLimit: Hashable, Sendable {
    /// Runs at the same time; 0 stops the scope, as for maintenance.
    package var concurrency: Int?
    /// Starts in any minute.
    package var starts: TrafficLimits.PerMinute?

    package init(concurrency: Int? = nil, starts: TrafficLimits.PerMinute? = nil) {
        self.concurrency = concurrency.map { max(0, $0) }
        self.starts = starts.map {
            let limit = min(max($0.limit, 1), RateLimit.largestLimit)
            return TrafficLimits.PerMinute(
                limit: limit, burst: min(max($0.burst, 1), RateLimit.largestBurst(of: limit)))
        }
    }
}

/// Runs that are alike for every limit and every share. Without concurrency keys there are few.
package struct ClaimGroup: Hashable, Sendable {
    package var tenant: String
    package var department: String
    package var agent: String
    package var queue: String
    package var key: String?

    package init(
        tenant: String, department: String, agent: String = "default", queue: String = "default", key: String? = nil
    ) {
        self.tenant = tenant
        self.department = department
        self.agent = agent
        self.queue = queue
        self.key = key
    }

    var scopes: [ClaimScope] {
        [.tenant(tenant), .queue(queue), .department(department), .agent(department: department, agent)]
            + (key.map { [.key(tenant: tenant, $0)] } ?? [])
    }
}

/// A run that waits for a place.
package struct ReadyRun: Hashable, Sendable {
    package var number: Int64
    package var group: ClaimGroup
    /// Larger is more urgent.
    package var priority: Int
    package var readyAt: Instant
    /// It is of no use later. Enforcing that is the matter of time limits; here it only moves the run forward.
    package var startBefore: Instant?

    package init(number: Int64, group: ClaimGroup, priority: Int = 2, readyAt: Instant, startBefore: Instant? = nil) {
        self.number = number
        self.group = group
        self.priority = priority
        self.readyAt = readyAt
        self.startBefore = startBefore
    }
}

/// The order of runs within one department of one tenant.
package struct ClaimAgeing: Hashable, Sendable {
    package static let priorities = 0...4

    /// Waiting that long is worth one level of priority: a run of the lowest level waits at most four times that
    /// behind newer runs of the highest.
    package var millisecondsPerLevel: Int64

    package init(millisecondsPerLevel: Int64 = 300_000) {
        self.millisecondsPerLevel = min(max(0, millisecondsPerLevel), 366 * 86_400_000)
    }

    /// The smallest goes first. It does not change while the run waits, since all that wait age alike.
    func rank(_ run: ReadyRun) -> Int64 {
        let level = Int64(min(max(run.priority, Self.priorities.lowerBound), Self.priorities.upperBound))
        let rank = run.readyAt.advanced(byMilliseconds: -level * millisecondsPerLevel).unixMilliseconds
        // One level's time before its deadline it goes before new runs of the highest priority.
        let top = Int64(Self.priorities.upperBound)
        let urgent = run.startBefore?.advanced(byMilliseconds: -(top + 1) * millisecondsPerLevel).unixMilliseconds
        return min(rank, urgent ?? .max)
    }
}
