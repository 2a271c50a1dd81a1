import Kernel
import TestSupport

/// A schedule of every ten minutes against a list of all its times. The clock goes on by anything, and back.
struct ScheduleModel: ComparedModel {
    private static let interval: Int64 = 600_000

    private let policy: SchedulePolicy
    private let recurrence = Recurrence.every(milliseconds: interval, anchor: Instant(unixMilliseconds: 0))
    private var state = ScheduleState(createdAt: Instant(unixMilliseconds: 0))
    private var clock: Int64 = 0
    private var openRuns = 0
    private var isPaused = false
    /// The last moment that was looked at, paused or not: nothing before it is due any more.
    private var seen: Int64 = 0
    private var held: Int64?
    private var fired: Set<Int64> = []
    private var given: Set<Int64> = []

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ 2)
        policy = SchedulePolicy(
            misfire: [.skip, .latest, .catchUp(atMost: 3)].randomElement(using: &random) ?? .skip,
            overlap: [.allow, .skip, .queueOne].randomElement(using: &random) ?? .allow,
            toleranceMilliseconds: [0, 60_000, 900_000].randomElement(using: &random) ?? 0,
            startDeadlineMilliseconds: [nil, 1_500_000].randomElement(using: &random) ?? nil)
    }

    mutating func step(using random: inout SplitMix64) -> String? {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: clock -= 3_600_000
        case 1: clock += 3 * 3_600_000
        case 2: openRuns = max(0, openRuns - 1)
        case 3: openRuns = 0
        case 4: return turn()
        default: clock += Int64.random(in: 0...900_000, using: &random)
        }
        return look()
    }

    private mutating func turn() -> String? {
        isPaused.toggle()
        if isPaused {
            state.pause()
            return nil
        }
        let miss = state.resume(recurrence, at: Instant(unixMilliseconds: clock))
        let passed = times(after: seen, through: clock)
        given.formUnion(passed)
        seen = max(seen, clock)
        let range = miss.map { [$0.first.unixMilliseconds, $0.last.unixMilliseconds] }
        return range == passed.first.map { [$0, passed.last ?? $0] } ? nil : "resumed: \(range as Any), not \(passed)"
    }

    private func times(after lower: Int64, through upper: Int64) -> [Int64] {
        guard upper > lower else { return [] }
        return Array(
            stride(from: (lower / Self.interval + 1) * Self.interval, through: upper, by: Int64.Stride(Self.interval)))
    }

    private mutating func look() -> String? {
        let before = state.highWater
        let decision = state.decide(
            recurrence, policy, openRuns: openRuns, at: Instant(unixMilliseconds: clock))
        let fires = decision.fires.map(\.nominal.unixMilliseconds)
        let expected = expectedFires()
        guard fires == expected else { return "at \(clock): \(fires) fire, not \(expected)" }
        guard state.highWater >= before else { return "the mark fell from \(before) to \(state.highWater)" }
        for nominal in fires {
            guard fired.insert(nominal).inserted else { return "\(nominal) fired twice" }
            guard !given.contains(nominal) else { return "\(nominal) was given up and fired" }
        }
        for miss in decision.misses {
            given.formUnion(
                times(after: miss.first.unixMilliseconds - 1, through: miss.last.unixMilliseconds))
        }
        let lost = times(after: 0, through: seen).first { !fired.contains($0) && !given.contains($0) && held != $0 }
        if let lost { return "\(lost) neither fired nor was given up" }
        guard state.held?.unixMilliseconds == held else { return "\(state.held as Any) is held, not \(held as Any)" }
        openRuns += fires.count
        return nil
    }

    /// By going through every time there is.
    private mutating func expectedFires() -> [Int64] {
        guard !isPaused else { return [] }
        var open = openRuns
        var fires: [Int64] = []
        if let waiting = held, let deadline = policy.startDeadlineMilliseconds, waiting + deadline < clock {
            held = nil
        }
        if openRuns == 0, let waiting = held {
            held = nil
            fires.append(waiting)
            open += 1
        }
        for nominal in dueWorthFiring() {
            if policy.overlap == .allow || open == 0 {
                fires.append(nominal)
            } else if policy.overlap == .queueOne, held == nil {
                held = nominal
            }
            open += 1
        }
        seen = max(seen, clock)
        return fires
    }

    private func dueWorthFiring() -> [Int64] {
        var due = times(after: seen, through: clock)
        if let deadline = policy.startDeadlineMilliseconds { due.removeAll { clock - $0 > deadline } }
        switch policy.misfire {
        case .skip: return due.filter { clock - $0 <= policy.toleranceMilliseconds }
        case .latest: return due.suffix(1)
        case .catchUp(let most): return due.suffix(most)
        }
    }
}
