/// Which ready run a host takes next.
///
/// Three questions, in this order: which **tenant** (by shares), which of its **departments** (by shares), which of
/// that department's runs (by **priority**, where waiting counts as priority). So a tenant that calls all its runs
/// urgent reorders its own work and nobody else's, and nothing waits for ever. What a **limit** holds back is passed
/// over and keeps its place; a place that becomes free goes to whoever has the most right to it.
///
/// The caller tells of every run that becomes ready, that is taken, that ends, and of nothing else; it may hold runs
/// back and feed them in portions. Equal calls give equal orders on every machine.
///
/// A claim costs O(log n), n being the runs that wait. Who waits for a limit costs nothing until a place is free.
package struct ClaimOrder: Sendable {
    package enum Decision: Hashable, Sendable {
        case run(Int64, ClaimGroup)
        /// Nothing may start now; look again when a run ends or becomes ready, or at this time.
        case none(lookAgainAt: Tick?)
    }

    struct RunEntry: Comparable, Sendable {
        let rank: Int64
        let number: Int64

        static func < (left: RunEntry, right: RunEntry) -> Bool {
            (left.rank, left.number) < (right.rank, right.number)
        }
    }

    struct Group: Sendable {
        let key: ClaimGroup
        var runs = MinHeap<RunEntry>()
        /// Without those that were withdrawn and are still in the heap.
        var count = 0
        /// The limit at which it waits. Nil: it stands in the tree.
        var parkedAt: ClaimScope?
        /// The limit that let it go because there is a place; the place is not given to another meanwhile.
        var offer: ClaimScope?
    }

    package let ageing: ClaimAgeing
    var shares = ShareTree()
    var limits = LimitTable()
    private var groups: [Int: Group] = [:]
    private var groupIDs: [ClaimGroup: Int] = [:]
    private var lastGroupID = 0
    /// The group of each run that waits.
    private var waiting: [Int64: Int] = [:]

    package init(ageing: ClaimAgeing = ClaimAgeing()) { self.ageing = ageing }

    /// Runs that wait, held back or not.
    package var count: Int { waiting.count }

    // MARK: Settings

    /// - Parameter department: nil sets the tenant's own weight. 1 is usual, 1 to 10,000 allowed.
    package mutating func setWeight(_ weight: Int, tenant: String, department: String? = nil) {
        shares.setWeight(weight, of: ShareTree.Path(tenant: tenant, department: department))
    }

    /// - Parameters:
    ///   - limit: nil lifts it.
    ///   - startsSpent: the rate begins as if its burst had just been used: right after a restart, when nobody knows
    ///     how many were started before.
    package mutating func setLimit(
        _ limit: ClaimLimit?, of scope: ClaimScope, startsSpent: Bool = false, at now: Tick
    ) {
        limits.set(limit, of: scope, startsSpent: startsSpent, at: now)
        release(scope, at: now)
    }

    // MARK: Runs

    /// A run became ready. Telling it twice changes nothing.
    package mutating func enqueue(_ run: ReadyRun) {
        guard waiting[run.number] == nil else { return }
        let id = groupID(run.group)
        waiting[run.number] = id
        let entry = RunEntry(rank: ageing.rank(run), number: run.number)
        groups[id]?.runs.insert(entry)
        groups[id]?.count += 1
        if groups[id]?.runs.first == entry { showNext(id) }
    }

    /// A waiting run was cancelled, or taken by another host. False: it does not wait here.
    @discardableResult
    package mutating func withdraw(_ number: Int64, at now: Tick) -> Bool {
        guard let id = waiting.removeValue(forKey: number), let group = groups[id] else { return false }
        groups[id]?.count -= 1
        if group.count == 1 {
            forget(id, at: now)
        } else if group.runs.first?.number == number {
            showNext(id)
        }
        return true
    }

    /// Takes the next run that may start, and counts it as running.
    package mutating func claim(at now: Tick) -> Decision {
        for scope in limits.timed { release(scope, at: now) }
        while let (entry, department) = nextGroup() {
            guard let group = groups[entry.group] else { continue }
            shares.dropNext(of: department)
            if let scope = limits.firstFull(of: group.key.scopes, offer: group.offer, at: now) {
                park(entry, at: scope, now)
                continue
            }
            waiting[entry.run] = nil
            limits.begin(group.key, weight: shares.weight(ofTenant: group.key.tenant), at: now)
            shares.charge(department)
            settleOffer(of: entry.group, at: now)
            groups[entry.group]?.count -= 1
            if group.count == 1 { forget(entry.group, at: now) } else { showNext(entry.group) }
            return .run(entry.run, group.key)
        }
        return .none(lookAgainAt: limits.nextStart(after: now))
    }

    /// A run is running that was not claimed here: at start, those that go on.
    package mutating func adopt(_ group: ClaimGroup) { limits.occupy(group.scopes) }

    /// A claimed or adopted run ended, waits for something outside, or was put back.
    package mutating func end(_ group: ClaimGroup, at now: Tick) {
        limits.vacate(group.scopes)
        for scope in group.scopes { release(scope, at: now) }
        limits.forgetUnused(group.scopes)
    }
}

// MARK: - Groups

extension ClaimOrder {
    private mutating func groupID(_ key: ClaimGroup) -> Int {
        if let id = groupIDs[key] { return id }
        lastGroupID += 1
        groupIDs[key] = lastGroupID
        groups[lastGroupID] = Group(key: key)
        return lastGroupID
    }

    private mutating func nextGroup() -> (entry: ShareTree.GroupEntry, department: Int)? {
        let groups = groups
        return shares.next { entry in
            guard let group = groups[entry.group] else { return false }
            return group.parkedAt == nil && group.runs.first?.number == entry.run
        }
    }

    /// Puts the group where its first run belongs.
    private mutating func showNext(_ id: Int) {
        while let first = groups[id]?.runs.first, waiting[first.number] != id { groups[id]?.runs.removeFirst() }
        guard let group = groups[id], let first = group.runs.first else { return }
        let entry = ShareTree.GroupEntry(rank: first.rank, run: first.number, group: id)
        if let scope = group.parkedAt {
            limits.park(entry, of: group.key.tenant, at: scope)
        } else {
            shares.insert(entry, of: group.key)
        }
    }

    private mutating func forget(_ id: Int, at now: Tick) {
        guard let group = groups[id] else { return }
        settleOffer(of: id, at: now)
        groups[id] = nil
        groupIDs[group.key] = nil
    }

    // MARK: Limits

    private mutating func park(_ entry: ShareTree.GroupEntry, at scope: ClaimScope, _ now: Tick) {
        guard let group = groups[entry.group] else { return }
        groups[entry.group]?.parkedAt = scope
        limits.park(entry, of: group.key.tenant, at: scope)
        settleOffer(of: entry.group, at: now)
    }

    /// The place that was kept for a group is taken by it, or is for the next.
    private mutating func settleOffer(of id: Int, at now: Tick) {
        guard let scope = groups[id]?.offer else { return }
        groups[id]?.offer = nil
        limits.endOffer(of: scope)
        release(scope, at: now)
    }

    /// Lets as many groups go as there are places, in the order of their tenants' shares of this scope.
    private mutating func release(_ scope: ClaimScope, at now: Tick) {
        while limits.hasFreePlace(scope, at: now), let entry = limits.takeParked(at: scope) {
            guard let group = groups[entry.group], group.parkedAt == scope, group.runs.first?.number == entry.run
            else { continue }
            groups[entry.group]?.parkedAt = nil
            groups[entry.group]?.offer = scope
            limits.beginOffer(of: scope)
            showNext(entry.group)
        }
    }
}
