/// What runs in each scope, what may, and which groups wait for a place.
struct LimitTable: Sendable {
    /// A tenant, by how far ahead it was when it came here or was last looked at.
    private struct TenantEntry: Comparable, Sendable {
        let tag: Int64
        let tenant: String

        static func < (left: TenantEntry, right: TenantEntry) -> Bool {
            (left.tag, left.tenant) < (right.tag, right.tenant)
        }
    }

    private struct Place {
        var limit: ClaimLimit?
        var rate: RateLimit?
        var used = 0
        /// Groups that were let go and have not been looked at yet.
        var offered = 0
        /// By tenant. One that stands in ``tenants`` has a heap here, which may have become empty.
        var parked: [String: MinHeap<ShareTree.GroupEntry>] = [:]
        var tenants = MinHeap<TenantEntry>()

        /// Start-time fair queueing among the tenants of this scope: how far each that was served is ahead. The tree
        /// alone would not do, since what else a tenant does says nothing about its share here.
        var tags: [String: Int64] = [:]
        var virtualTime: Int64 = 0

        /// Places that are not kept for somebody.
        func room(at now: Tick) -> Int64 {
            let places = limit?.concurrency.map { Int64($0 - used) } ?? .max
            return min(places, rate?.available(at: now) ?? .max) - Int64(offered)
        }

        func tag(of tenant: String) -> Int64 { max(tags[tenant] ?? virtualTime, virtualTime) }

        mutating func charge(_ tenant: String, weight: Int) {
            virtualTime = tag(of: tenant)
            tags[tenant] = virtualTime + ShareTree.quantum / Int64(weight)
            guard tags.count > tagCountAtSweep * 2 + 16 else { return }
            let now = virtualTime
            tags = tags.filter { $0.value > now }
            tagCountAtSweep = tags.count
        }

        private var tagCountAtSweep = 0

        mutating func park(_ entry: ShareTree.GroupEntry, of tenant: String) {
            if parked[tenant] == nil { tenants.insert(TenantEntry(tag: tag(of: tenant), tenant: tenant)) }
            parked[tenant, default: MinHeap()].insert(entry)
        }

        mutating func takeParked() -> ShareTree.GroupEntry? {
            while let first = tenants.first {
                let tag = tag(of: first.tenant)
                if parked[first.tenant]?.isEmpty ?? true {
                    tenants.removeFirst()
                    parked[first.tenant] = nil
                } else if tag > first.tag {
                    // It was served here meanwhile.
                    tenants.removeFirst()
                    tenants.insert(TenantEntry(tag: tag, tenant: first.tenant))
                } else {
                    return parked[first.tenant]?.removeFirst()
                }
            }
            return nil
        }
    }

    private var places: [ClaimScope: Place] = [:]
    /// Those with a rate at which somebody waits: time alone makes places there.
    private(set) var timed: Set<ClaimScope> = []

    mutating func set(_ limit: ClaimLimit?, of scope: ClaimScope, startsSpent: Bool, at now: Tick) {
        var place = places[scope] ?? Place()
        if place.limit?.starts != limit?.starts {
            place.rate = limit?.starts.map { RateLimit(perMinute: $0.limit, burst: $0.burst) }
            if startsSpent, let burst = limit?.starts?.burst { place.rate?.spend(burst, at: now) }
        }
        place.limit = limit
        places[scope] = place
    }

    /// - Parameter offer: the scope that keeps a place for who asks.
    func firstFull(of scopes: [ClaimScope], offer: ClaimScope?, at now: Tick) -> ClaimScope? {
        scopes.first { scope in
            guard let place = places[scope], place.limit != nil else { return false }
            return place.room(at: now) + (scope == offer ? 1 : 0) < 1
        }
    }

    mutating func begin(_ group: ClaimGroup, weight: Int, at now: Tick) {
        occupy(group.scopes)
        for scope in group.scopes where places[scope]?.limit != nil {
            places[scope]?.rate?.spend(1, at: now)
            places[scope]?.charge(group.tenant, weight: weight)
        }
    }

    mutating func occupy(_ scopes: [ClaimScope]) {
        for scope in scopes { places[scope, default: Place()].used += 1 }
    }

    mutating func vacate(_ scopes: [ClaimScope]) {
        for scope in scopes where places[scope]?.used ?? 0 > 0 { places[scope]?.used -= 1 }
    }

    /// A scope that nothing is known about has no limit and no runs.
    mutating func forgetUnused(_ scopes: [ClaimScope]) {
        for scope in scopes {
            guard let place = places[scope], place.limit == nil, place.used == 0, place.offered == 0,
                place.tenants.isEmpty
            else { continue }
            places[scope] = nil
        }
    }

    /// When the first of the rates at which somebody waits lets another start.
    func nextStart(after now: Tick) -> Tick? {
        timed.compactMap { scope in
            guard var rate = places[scope]?.rate, case .wait(let nanoseconds) = rate.reserve(1, at: now) else {
                return nil
            }
            return now.advanced(byNanoseconds: nanoseconds)
        }.min()
    }

    // MARK: Waiting

    mutating func park(_ entry: ShareTree.GroupEntry, of tenant: String, at scope: ClaimScope) {
        places[scope]?.park(entry, of: tenant)
        if places[scope]?.rate != nil { timed.insert(scope) }
    }

    /// Takes out the first group of the tenant that has the most right to a place.
    mutating func takeParked(at scope: ClaimScope) -> ShareTree.GroupEntry? {
        let entry = places[scope]?.takeParked()
        if places[scope]?.tenants.isEmpty ?? true { timed.remove(scope) }
        return entry
    }

    func hasFreePlace(_ scope: ClaimScope, at now: Tick) -> Bool { places[scope].map { $0.room(at: now) > 0 } ?? false }

    mutating func beginOffer(of scope: ClaimScope) { places[scope]?.offered += 1 }
    mutating func endOffer(of scope: ClaimScope) { places[scope]?.offered -= 1 }
}

extension RateLimit {
    /// Counts units that are known at once.
    fileprivate mutating func spend(_ units: Int64, at now: Tick) {
        if case .passed(let ticket) = reserve(units, at: now) { settle(ticket, units: units) }
    }
}
