import Kernel
import TestSupport
import Testing

@Suite("Shares of claims")
struct ClaimShareTests {
    private func group(_ tenant: String, _ department: String = "finance") -> ClaimGroup {
        ClaimGroup(tenant: tenant, department: department)
    }

    @Test("the shares of Waldspurger and Weihl's example: tickets 3, 2 and 1")
    func publishedExample() {
        // The ratio 3 : 2 : 1 of the paper's example: in each six turns A has 3, B 2, C 1.
        var world = ClaimWorld()
        for (tenant, tickets) in [("A", 3), ("B", 2), ("C", 1)] {
            world.order.setWeight(tickets, tenant: tenant)
            world.add(100, group(tenant))
        }
        let turns = world.turns(60).map(\.tenant)
        for start in stride(from: 0, to: 60, by: 6) {
            #expect(turns[start..<start + 6].sorted() == ["A", "A", "A", "B", "B", "C"])
        }
    }

    @Test("between any two that have work, neither is ever a whole claim away from its share")
    func pairwiseBound() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<20 {
            var world = ClaimWorld()
            let weights = (0..<Int.random(in: 2...8, using: &random)).map { _ in Int.random(in: 1...50, using: &random)
            }
            for (index, weight) in weights.enumerated() {
                world.order.setWeight(weight, tenant: "t\(index)")
                world.add(600, group("t\(index)"))
            }
            var counts = weights.map { _ in 0 }
            for turn in world.turns(600) {
                guard let index = Int(turn.tenant.dropFirst()) else { continue }
                counts[index] += 1
                for (a, b) in weights.indices.flatMap({ a in weights.indices.map { (a, $0) } }) where a < b {
                    let both = Double(counts[a] + counts[b])
                    let share = both * Double(weights[a]) / Double(weights[a] + weights[b])
                    #expect(abs(Double(counts[a]) - share) <= 1, "\(weights) \(counts) seed \(seed)")
                }
            }
        }
    }

    @Test("departments share their tenant's claims, and nobody else's")
    func departments() {
        var world = ClaimWorld()
        world.order.setWeight(2, tenant: "acme", department: "finance")
        for department in ["finance", "research"] { world.add(400, group("acme", department)) }
        world.add(400, group("globex"))
        let turns = world.turns(600)
        #expect(turns.count { $0.tenant == "globex" } == 300)
        #expect(turns.count { $0 == group("acme", "finance") } == 200)
        #expect(turns.count { $0 == group("acme", "research") } == 100)
    }

    @Test("a newcomer, and one that returns, neither calls in the past nor pays for it")
    func newcomer() {
        var world = ClaimWorld()
        world.add(2_000, group("old"))
        _ = world.turns(1_000)
        world.add(500, group("new"))
        #expect((world.turns(100).count { $0.tenant == "new" } - 50).magnitude <= 1)
        // "old" runs alone again, then "new" returns.
        _ = world.turns(800)
        for run in world.waiting.values where run.group.tenant == "new" {
            world.order.withdraw(run.number, at: Tick(nanoseconds: 0))
            world.waiting[run.number] = nil
        }
        _ = world.turns(100)
        world.add(500, group("new"))
        #expect((world.turns(100).count { $0.tenant == "new" } - 50).magnitude <= 1)
    }

    @Test("leaving after each claim and returning at once gains nothing")
    func noGainByLeaving() {
        var world = ClaimWorld()
        world.add(1_000, group("steady"))
        world.order.setWeight(1, tenant: "sly")
        var sly = 0
        for _ in 0..<200 {
            if !world.waiting.values.contains(where: { $0.group.tenant == "sly" }) { world.add(group("sly")) }
            sly += world.turns(1).count { $0.tenant == "sly" }
        }
        #expect((99...101).contains(sly), "\(sly)")
    }

    @Test("a new weight counts from now on")
    func changedWeight() {
        var world = ClaimWorld()
        for tenant in ["a", "b"] { world.add(1_000, group(tenant)) }
        _ = world.turns(300)
        world.order.setWeight(4, tenant: "b")
        #expect((79...81).contains(world.turns(100).count { $0.tenant == "b" }))
    }

    @Test("those who share a scarce department get their shares of it, whatever else goes on")
    func scarceDepartment() {
        var world = ClaimWorld()
        world.limit(.department("finance"), ClaimLimit(concurrency: 1))
        world.order.setWeight(3, tenant: "a")
        for tenant in ["a", "b"] { world.add(500, group(tenant)) }
        world.add(5_000, group("other", "research"))
        var finance: [String] = []
        for _ in 0..<400 {
            for _ in 0..<5 { _ = world.claim() }
            for (number, running) in world.running {
                if running.department == "finance" { finance.append(running.tenant) }
                world.end(number)
            }
        }
        #expect(finance.count == 400, "the department never idles")
        #expect((298...302).contains(finance.count { $0 == "a" }), "\(finance.count { $0 == "a" })")
    }
}

@Suite("Priorities of claims")
struct ClaimPriorityTests {
    private let group = ClaimGroup(tenant: "acme", department: "finance")

    private func run(_ number: Int64, priority: Int, readyAt: Int64, startBefore: Int64? = nil) -> ReadyRun {
        ReadyRun(
            number: number, group: group, priority: priority, readyAt: Instant(unixMilliseconds: readyAt),
            startBefore: startBefore.map { Instant(unixMilliseconds: $0) })
    }

    private func order(of runs: [ReadyRun]) -> [Int64] {
        var order = ClaimOrder(ageing: ClaimAgeing(millisecondsPerLevel: 1_000))
        for run in runs { order.enqueue(run) }
        var numbers: [Int64] = []
        while case .run(let number, let group) = order.claim(at: Tick(nanoseconds: 0)) {
            numbers.append(number)
            order.end(group, at: Tick(nanoseconds: 0))
        }
        return numbers
    }

    @Test("the more urgent first, then the older, and equals by number")
    func urgency() {
        let runs = [
            run(1, priority: 0, readyAt: 0), run(2, priority: 4, readyAt: 500), run(3, priority: 2, readyAt: 100),
            run(4, priority: 2, readyAt: 50), run(5, priority: 2, readyAt: 50),
        ]
        #expect(order(of: runs) == [2, 4, 5, 3, 1])
        #expect(order(of: runs.reversed()) == [2, 4, 5, 3, 1])
    }

    @Test("waiting for one level's time counts as one level")
    func ageing() {
        #expect(order(of: [run(1, priority: 1, readyAt: 0), run(2, priority: 2, readyAt: 999)]) == [2, 1])
        #expect(order(of: [run(1, priority: 1, readyAt: 0), run(2, priority: 2, readyAt: 1_001)]) == [1, 2])
        // Values out of range count as the nearest level.
        #expect(order(of: [run(1, priority: 0, readyAt: 0), run(2, priority: 99, readyAt: 4_001)]) == [1, 2])
    }

    @Test("the lowest level is not starved by an endless stream of the highest")
    func noStarvation() {
        var order = ClaimOrder(ageing: ClaimAgeing(millisecondsPerLevel: 1_000))
        order.enqueue(run(1, priority: 0, readyAt: 0))
        // Two urgent runs become ready every 10 ms, and one is taken.
        for step in Int64(0)..<1_000 {
            for half in Int64(0)..<2 { order.enqueue(run(2 + 2 * step + half, priority: 4, readyAt: step * 10)) }
            guard case .run(let number, let group) = order.claim(at: Tick(nanoseconds: 0)) else { break }
            order.end(group, at: Tick(nanoseconds: 0))
            if number == 1 { return }
        }
        Issue.record("the old run was never taken")
    }

    @Test("close to its deadline a run goes before all that becomes ready then")
    func deadline() {
        #expect(
            order(of: [
                run(1, priority: 0, readyAt: 0, startBefore: 3_000), run(2, priority: 4, readyAt: 1_999),
                run(3, priority: 4, readyAt: 2_001),
            ]) == [2, 1, 3])
    }

    @Test("a withdrawn run is not taken, wherever it stood, and telling twice changes nothing")
    func withdrawal() {
        for gone in Int64(1)...3 {
            var order = ClaimOrder()
            for number in Int64(1)...3 {
                order.enqueue(run(number, priority: 2, readyAt: number))
                order.enqueue(run(number, priority: 2, readyAt: number))
            }
            let answers = [
                order.withdraw(gone, at: Tick(nanoseconds: 0)), order.withdraw(gone, at: Tick(nanoseconds: 0)),
            ]
            #expect(answers == [true, false] && order.count == 2)
            var numbers: [Int64] = []
            while case .run(let number, _) = order.claim(at: Tick(nanoseconds: 0)) { numbers.append(number) }
            #expect(numbers == [1, 2, 3].filter { $0 != gone })
        }
    }
}

@Suite("Limits of claims")
struct ClaimLimitTests {
    private static let tenants = ["a", "b", "c"], departments = ["finance", "research"]

    private func randomGroup(_ random: inout SplitMix64) -> ClaimGroup {
        ClaimGroup(
            tenant: Self.tenants.randomElement(using: &random) ?? "a",
            department: Self.departments.randomElement(using: &random) ?? "finance",
            agent: random.next() % 2 == 0 ? "default" : "second", queue: random.next() % 2 == 0 ? "fast" : "slow",
            key: random.next() % 3 == 0 ? "k\(random.next() % 3)" : nil)
    }

    private func randomScope(_ random: inout SplitMix64) -> ClaimScope {
        ClaimWorld.scopes(randomGroup(&random)).randomElement(using: &random) ?? .queue("fast")
    }

    @Test("no limit is ever passed, and nothing that may start is left, whatever comes and goes")
    func exactLimits() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            var world = ClaimWorld()
            for _ in 0..<300 {
                switch random.next() % 8 {
                case 0, 1, 2: world.add(randomGroup(&random), priority: Int(random.next() % 5))
                case 3:
                    let limit = random.next() % 4 == 0 ? nil : ClaimLimit(concurrency: Int(random.next() % 4))
                    world.limit(randomScope(&random), limit)
                case 4:
                    if let number = world.waiting.keys.sorted().randomElement(using: &random) {
                        world.order.withdraw(number, at: Tick(nanoseconds: 0))
                        world.waiting[number] = nil
                    }
                case 5, 6:
                    if let number = world.running.keys.sorted().randomElement(using: &random) { world.end(number) }
                default:
                    let before = world.claims.count
                    // Some places are left free, so that offers stand open while other things happen.
                    for _ in 0..<random.next() % 4 { _ = world.claim() }
                    for number in world.claims[before...] { check(world, claimed: number, seed) }
                    if random.next() % 2 == 0 {
                        while world.claim() != nil {}
                        checkNothingLeft(world, seed)
                    }
                }
                #expect(world.order.count == world.waiting.count, "seed \(seed)")
            }
        }
    }

    private func check(_ world: ClaimWorld, claimed number: Int64, _ seed: UInt64) {
        guard let group = world.running[number] else { return }
        for scope in ClaimWorld.scopes(group) {
            guard let maximum = world.limits[scope]?.concurrency else { continue }
            #expect(world.used(scope) <= maximum, "\(scope) seed \(seed)")
        }
    }

    private func checkNothingLeft(_ world: ClaimWorld, _ seed: UInt64) {
        for run in world.waiting.values {
            let isHeld = ClaimWorld.scopes(run.group).contains { scope in
                world.limits[scope]?.concurrency.map { world.used(scope) >= $0 } ?? false
            }
            #expect(isHeld, "\(run) could start, seed \(seed)")
        }
    }

    @Test("a rate lets no more start in any minute, and says when the next may")
    func rates() throws {
        var world = ClaimWorld()
        let perMinute = TrafficLimits.PerMinute(limit: 60, burst: 10)
        world.limit(.queue("default"), ClaimLimit(starts: perMinute))
        for tenant in ["a", "b"] { world.add(200, ClaimGroup(tenant: tenant, department: "finance")) }
        var starts: [Int64] = []
        var now = Tick(nanoseconds: 0)
        while starts.count < 150 {
            switch world.order.claim(at: now) {
            case .run(_, let group):
                starts.append(now.nanoseconds)
                world.order.end(group, at: now)
            case .none(let next):
                let later = try #require(next)
                #expect(later > now)
                now = later
            }
        }
        #expect(starts.prefix(11).count { $0 == 0 } == 10, "a burst, then one by one")
        for (index, start) in starts.enumerated() {
            #expect(starts[index...].prefix { $0 < start + 60_000_000_000 }.count <= 60)
        }
        #expect(starts[149] < 180_000_000_000, "and no fewer than the rate allows")
    }

    @Test("after a restart a rate begins with its burst spent")
    func spentRate() {
        var order = ClaimOrder()
        let limit = ClaimLimit(starts: TrafficLimits.PerMinute(limit: 60, burst: 10))
        order.setLimit(limit, of: .queue("default"), startsSpent: true, at: Tick(nanoseconds: 0))
        let group = ClaimGroup(tenant: "a", department: "finance")
        order.enqueue(ReadyRun(number: 1, group: group, readyAt: Instant(unixMilliseconds: 0)))
        guard case .none(let next?) = order.claim(at: Tick(nanoseconds: 0)) else {
            Issue.record("a start before the rate allows one")
            return
        }
        #expect(order.claim(at: next) == .run(1, group))
    }

    @Test("adopted runs count, and a limit of none stops the scope until it is lifted")
    func adoption() {
        var world = ClaimWorld()
        let group = ClaimGroup(tenant: "a", department: "finance")
        world.order.adopt(group)
        world.limit(.department("finance"), ClaimLimit(concurrency: 1))
        world.add(group)
        #expect(world.claim() == nil)
        world.order.end(group, at: Tick(nanoseconds: 0))
        world.limit(.department("finance"), ClaimLimit(concurrency: 0))
        #expect(world.claim() == nil)
        world.limit(.department("finance"), nil)
        #expect(world.claim() == group)
    }

    @Test("equal calls give equal orders")
    func deterministic() {
        func play(_ seed: UInt64) -> [Int64] {
            var random = SplitMix64(seed: seed)
            var world = ClaimWorld()
            for scope in [ClaimScope.queue("fast"), .department("finance"), .tenant("b")] {
                world.limit(scope, ClaimLimit(concurrency: 2, starts: .init(limit: 1_000, burst: 5)))
            }
            for step in 0..<600 {
                let now = Tick(milliseconds: Int64(step) * 10)
                world.add(randomGroup(&random), priority: Int(random.next() % 5))
                _ = world.claim(at: now)
                if random.next() % 3 == 0, let number = world.running.keys.min() { world.end(number, at: now) }
            }
            return world.claims
        }
        let seed = TestSeed.next()
        #expect(play(seed) == play(seed))
        #expect(play(seed).count > 100)
    }

    @Test("100,000 runs of 1,000 tenants under a full limit are taken one by one, each tenant in turn")
    func manyRuns() {
        var order = ClaimOrder()
        let now = Tick(nanoseconds: 0)
        order.setLimit(ClaimLimit(concurrency: 8), of: .queue("default"), at: now)
        for number in Int64(0)..<100_000 {
            let group = ClaimGroup(tenant: "t\(number % 1_000)", department: "d\(number % 7)", key: "k\(number)")
            order.enqueue(ReadyRun(number: number, group: group, readyAt: Instant(unixMilliseconds: number)))
        }
        var running: [ClaimGroup] = []
        var counts: [String: Int] = [:]
        for _ in 0..<100_000 {
            while case .run(_, let group) = order.claim(at: now) { running.append(group) }
            guard let group = running.popLast() else { break }
            counts[group.tenant, default: 0] += 1
            order.end(group, at: now)
        }
        #expect(counts.count == 1_000 && counts.values.allSatisfy { $0 == 100 })
        #expect(order.count == 0)
    }
}
