import Kernel
import Testing

/// Runs, and what of them may go on, seen from outside: what the order must keep to.
struct ClaimWorld {
    var order: ClaimOrder
    var waiting: [Int64: ReadyRun] = [:]
    var running: [Int64: ClaimGroup] = [:]
    var limits: [ClaimScope: ClaimLimit] = [:]
    var claims: [Int64] = []
    private var lastNumber: Int64 = 0

    init(_ order: ClaimOrder = ClaimOrder()) { self.order = order }

    mutating func add(_ group: ClaimGroup, priority: Int = 2, readyAt: Int64 = 0) {
        lastNumber += 1
        let run = ReadyRun(
            number: lastNumber, group: group, priority: priority, readyAt: Instant(unixMilliseconds: readyAt))
        waiting[lastNumber] = run
        order.enqueue(run)
    }

    mutating func add(_ count: Int, _ group: ClaimGroup) { for _ in 0..<count { add(group) } }

    mutating func limit(_ scope: ClaimScope, _ limit: ClaimLimit?, at now: Tick = Tick(nanoseconds: 0)) {
        limits[scope] = limit
        order.setLimit(limit, of: scope, at: now)
    }

    mutating func claim(at now: Tick = Tick(nanoseconds: 0)) -> ClaimGroup? {
        guard case .run(let number, let group) = order.claim(at: now) else { return nil }
        #expect(waiting[number]?.group == group, "run \(number) does not wait")
        waiting[number] = nil
        running[number] = group
        claims.append(number)
        return group
    }

    mutating func end(_ number: Int64, at now: Tick = Tick(nanoseconds: 0)) {
        if let group = running.removeValue(forKey: number) { order.end(group, at: now) }
    }

    /// One claim after the other, each ended at once.
    mutating func turns(_ count: Int) -> [ClaimGroup] {
        (0..<count).compactMap { _ in
            let group = claim()
            for number in running.keys { end(number) }
            return group
        }
    }

    static func scopes(_ group: ClaimGroup) -> [ClaimScope] {
        [
            .tenant(group.tenant), .queue(group.queue), .department(group.department),
            .agent(department: group.department, group.agent),
        ] + (group.key.map { [.key(tenant: group.tenant, $0)] } ?? [])
    }

    func used(_ scope: ClaimScope) -> Int { running.values.count { Self.scopes($0).contains(scope) } }
}
