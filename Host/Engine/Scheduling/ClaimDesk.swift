import Journal
import Kernel
import Synchronization

/// Who begins next on this host: the order of claims, the places that are taken, and the limits in force.
///
/// A place is taken from the claim on, and free while the run waits for something outside. A run that comes back from a
/// wait takes its place again at once, even above a limit: it holds answers that are paid for.
final class ClaimDesk: Sendable {
    /// One claim of one run; another claim of the same run has another fence.
    struct Place: Hashable, Sendable {
        var number: Int64
        var fence: Fence

        init(_ run: RunRecord) { (number, fence) = (run.number, run.fence) }
    }

    /// Runs that were chosen and are to be claimed.
    struct Choice: Sendable {
        var groups: [Int64: ClaimGroup] = [:]
        /// In the order in which they were chosen.
        var numbers: [Int64] = []
        /// When a rate lets something begin that waits now.
        var lookAgainAt: Tick?
    }

    private struct State {
        var order = ClaimOrder()
        var taken: [Place: ClaimGroup] = [:]
        /// Their runs wait for something outside.
        var away: [Place: ClaimGroup] = [:]
        var limits: [ClaimScope: ClaimLimit] = [:]
        var weights: [ClaimWeight] = []
        /// Of all runs that were ever ready here; each may be one that nobody serves.
        var departments: Set<String> = []
    }

    private let state = Mutex(State())

    /// Runs that wait for a place.
    var waiting: Int { state.withLock { $0.order.count } }
    var taken: Int { state.withLock { $0.taken.count } }
    var departments: Set<String> { state.withLock { $0.departments } }

    // MARK: What waits

    func apply(_ changes: [ReadyChange], at now: Tick) {
        guard !changes.isEmpty else { return }
        state.withLock { state in
            for change in changes {
                switch change {
                case .waits(let run): Self.enqueue(run, &state)
                case .left(let number): state.order.withdraw(number, at: now)
                }
            }
        }
    }

    func add(_ runs: [ReadyRun]) { state.withLock { state in for run in runs { Self.enqueue(run, &state) } } }

    private static func enqueue(_ run: ReadyRun, _ state: inout State) {
        state.departments.insert(run.group.department)
        state.order.enqueue(run)
    }

    // MARK: What the operator decides

    /// Everything that is limited; the rest is not.
    func setLimits(_ limits: [ClaimScope: ClaimLimit], at now: Tick) {
        state.withLock { state in
            guard limits != state.limits else { return }
            for scope in state.limits.keys where limits[scope] == nil { state.order.setLimit(nil, of: scope, at: now) }
            for (scope, limit) in limits where limit != state.limits[scope] {
                // Nobody knows how many an earlier host started before.
                let isNew = state.limits[scope]?.starts == nil
                state.order.setLimit(limit, of: scope, startsSpent: isNew, at: now)
            }
            state.limits = limits
        }
    }

    func setWeights(_ weights: [ClaimWeight]) {
        state.withLock { state in
            for old in state.weights { state.order.setWeight(1, tenant: old.tenant, department: old.department) }
            for new in weights { state.order.setWeight(new.weight, tenant: new.tenant, department: new.department) }
            state.weights = weights
        }
    }

    // MARK: Claims

    func choose(atMost most: Int, at now: Tick) -> Choice {
        state.withLock { state in
            var choice = Choice()
            while choice.numbers.count < most {
                switch state.order.claim(at: now) {
                case .run(let number, let group):
                    choice.numbers.append(number)
                    choice.groups[number] = group
                case .none(let lookAgainAt):
                    choice.lookAgainAt = lookAgainAt
                    return choice
                }
            }
            return choice
        }
    }

    /// What was not claimed had ended, or could not be written.
    func settle(_ choice: Choice, claimed: [RunRecord], at now: Tick) {
        state.withLock { state in
            var left = choice.groups
            for run in claimed { state.taken[Place(run)] = left.removeValue(forKey: run.number) ?? run.claimGroup }
            for group in left.values { state.order.end(group, at: now) }
        }
    }

    /// The run waits for something outside.
    func leave(_ place: Place, at now: Tick) {
        state.withLock { state in
            guard let group = state.taken.removeValue(forKey: place) else { return }
            state.away[place] = group
            state.order.end(group, at: now)
        }
    }

    /// It goes on.
    func comeBack(_ place: Place) {
        state.withLock { state in
            guard let group = state.away.removeValue(forKey: place) else { return }
            state.taken[place] = group
            state.order.adopt(group)
        }
    }

    /// This claim is over, however it ended.
    func end(_ place: Place, at now: Tick) {
        state.withLock { state in
            state.away[place] = nil
            guard let group = state.taken.removeValue(forKey: place) else { return }
            state.order.end(group, at: now)
        }
    }
}
