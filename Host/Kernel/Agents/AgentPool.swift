/// A department's named set of agents with one configuration, between a smallest and a largest number.
package struct AgentPool: Hashable, Sendable {
    package static let maximumMembers = 1_000

    /// Who gets the next run.
    package enum Strategy: String, Hashable, Sendable, CaseIterable {
        /// The one with the fewest open runs; of equals the one that was used longest ago.
        case leastBusy = "least_busy"
        /// The one that was used longest ago.
        case roundRobin = "round_robin"
    }

    package var minimum: Int
    package var maximum: Int
    package var strategy: Strategy
    /// Queued runs for each active agent, above which the pool grows.
    package var growAbove: Int
    /// For how long they must have waited so.
    package var growAfterSeconds: Int
    /// An agent that had nothing to do for so long may go.
    package var shrinkAfterSeconds: Int

    package init(
        minimum: Int = 1, maximum: Int = 4, strategy: Strategy = .leastBusy, growAbove: Int = 4,
        growAfterSeconds: Int = 5, shrinkAfterSeconds: Int = 300
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.strategy = strategy
        self.growAbove = growAbove
        self.growAfterSeconds = growAfterSeconds
        self.shrinkAfterSeconds = shrinkAfterSeconds
    }

    /// One active agent, as the choice sees it.
    package struct Load: Hashable, Sendable {
        package var name: String
        package var openRuns: Int
        /// The number of its newest run; 0 for none.
        package var lastUsed: Int64

        package init(name: String, openRuns: Int, lastUsed: Int64) {
            self.name = name
            self.openRuns = openRuns
            self.lastUsed = lastUsed
        }
    }

    /// Nil for no members.
    package func choose(among members: [Load]) -> String? {
        members.min { left, right in
            switch strategy {
            case .leastBusy: (left.openRuns, left.lastUsed, left.name) < (right.openRuns, right.lastUsed, right.name)
            case .roundRobin: (left.lastUsed, left.name) < (right.lastUsed, right.name)
            }
        }?.name
    }
}

/// When a pool grows and shrinks. Growth follows what waits; an agent leaves only after it had nothing to do.
package struct PoolScaling: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var name: String
        package var state: AgentState
        package var queued: Int
        package var open: Int
        /// When its last run ended or began, or when it was made.
        package var lastActive: Instant

        package init(name: String, state: AgentState, queued: Int, open: Int, lastActive: Instant) {
            self.name = name
            self.state = state
            self.queued = queued
            self.open = open
            self.lastActive = lastActive
        }
    }

    package enum Action: Hashable, Sendable {
        case grow(by: Int)
        case drain(String)
        case retire(String)
    }

    /// Since when too much waits.
    private var pressedSince: Instant?

    package init() {}

    /// What is to be done now. Told of every look, as growth needs pressure that lasts.
    package mutating func decide(_ pool: AgentPool, _ members: [Member], now: Instant) -> [Action] {
        var actions = members.filter { $0.state == .draining && $0.open == 0 }.map { Action.retire($0.name) }
        let active = members.filter { $0.state == .active }
        // Those that an operator paused keep their places.
        let places = members.count { $0.state == .active || $0.state == .paused || $0.state == .created }
        let growth = growth(pool, active, places, now)
        if growth > 0 { return actions + [.grow(by: growth)] }
        let surplus = places - pool.minimum
        let limit = Int64(pool.shrinkAfterSeconds) * 1000
        let idle = active.filter { $0.open == 0 && now.unixMilliseconds - $0.lastActive.unixMilliseconds >= limit }
            .sorted { ($0.lastActive, $0.name) < ($1.lastActive, $1.name) }
        actions += idle.prefix(max(0, surplus)).map { .drain($0.name) }
        // More than its size allows, since that was changed: those with the least to do go first.
        let excess = places - idle.prefix(max(0, surplus)).count - pool.maximum
        guard excess > 0 else { return actions }
        let gone = Set(idle.prefix(max(0, surplus)).map(\.name))
        let others = active.filter { !gone.contains($0.name) }.sorted { ($0.open, $0.name) < ($1.open, $1.name) }
        return actions + others.prefix(excess).map { .drain($0.name) }
    }

    /// Up to the smallest size at once; above it by as many as what waits needs, at most twice as many as there are.
    private mutating func growth(
        _ pool: AgentPool, _ active: [Member], _ places: Int, _ now: Instant
    ) -> Int {
        if places < pool.minimum { return pool.minimum - places }
        let queued = active.reduce(0) { $0 + $1.queued }
        guard queued > pool.growAbove * max(active.count, 1), places < pool.maximum else {
            pressedSince = nil
            return 0
        }
        let since = pressedSince ?? now
        // A clock that went back starts anew.
        pressedSince = min(since, now)
        guard now.unixMilliseconds - since.unixMilliseconds >= Int64(pool.growAfterSeconds) * 1000 else { return 0 }
        pressedSince = nil
        let needed = (queued + pool.growAbove - 1) / pool.growAbove
        return max(1, min(needed - active.count, max(active.count, 1), pool.maximum - places))
    }
}

// MARK: - JSON

extension AgentPool {
    /// - Throws: `.invalid` with the place and what fits there.
    package init(json: JSONValue) throws(Failure) {
        guard let members = json.objectValue else { throw Failure(.invalid, "a pool's policy must be an object") }
        let known = ["min", "max", "strategy", "grow_above", "grow_after_seconds", "shrink_after_seconds"]
        if let other = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw Failure(
                .invalid, "the pool has an unknown member \(other): there are \(known.joined(separator: ", "))")
        }
        func number(_ key: String, _ range: ClosedRange<Int>, _ standard: Int) throws(Failure) -> Int {
            guard let value = members[key] else { return standard }
            guard let number = value.integerValue, range.contains(Int(clamping: number)) else {
                throw Failure(.invalid, "the pool's /\(key) must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return Int(number)
        }
        let standard = AgentPool()
        let minimum = try number("min", 1...Self.maximumMembers, standard.minimum)
        let maximum = try number("max", 1...Self.maximumMembers, max(minimum, standard.maximum))
        guard minimum <= maximum else { throw Failure(.invalid, "the pool's /min is more than its /max") }
        let word = members["strategy"] ?? .string(standard.strategy.rawValue)
        guard let strategy = word.stringValue.flatMap({ Strategy(rawValue: $0) }) else {
            let names = Strategy.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.invalid, "the pool's /strategy must be one of \(names)")
        }
        self.init(
            minimum: minimum, maximum: maximum, strategy: strategy,
            growAbove: try number("grow_above", 1...1_000_000, standard.growAbove),
            growAfterSeconds: try number("grow_after_seconds", 0...86_400, standard.growAfterSeconds),
            shrinkAfterSeconds: try number("shrink_after_seconds", 1...(30 * 86_400), standard.shrinkAfterSeconds))
    }

    package var json: JSONValue {
        [
            "min": .integer(Int64(minimum)), "max": .integer(Int64(maximum)), "strategy": .string(strategy.rawValue),
            "grow_above": .integer(Int64(growAbove)), "grow_after_seconds": .integer(Int64(growAfterSeconds)),
            "shrink_after_seconds": .integer(Int64(shrinkAfterSeconds)),
        ]
    }
}
