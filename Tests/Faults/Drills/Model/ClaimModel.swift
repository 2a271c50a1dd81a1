import Kernel
import TestSupport

/// The order of claims against a list of all that waits. Whose turn it is between tenants is a matter of shares, which
/// have tests of their own; which runs may be taken at all, and which of a department's, is said here by looking.
struct ClaimModel: ComparedModel {
    private static let tenants = ["a", "b", "c"]
    private static let departments = ["x", "y"]
    private static let maximumWaiting = 40

    private let agents: [String]
    private let hasLimits: Bool
    private var order = ClaimOrder(ageing: ClaimAgeing(millisecondsPerLevel: 1_000))
    private var waiting: [ReadyRun] = []
    private var running: [ClaimGroup] = []
    private var limits: [ClaimScope: Int] = [:]
    private var milliseconds: Int64 = 0
    private var lastNumber: Int64 = 0

    init(seed: UInt64) {
        agents = seed % 3 == 0 ? ["m"] : ["m", "n"]
        hasLimits = seed % 3 != 1
    }

    mutating func step(using random: inout SplitMix64) -> String? {
        milliseconds += Int64.random(in: 0...300, using: &random)
        let now = Tick(milliseconds: milliseconds)
        switch Int.random(in: 0..<20, using: &random) {
        case ..<8 where waiting.count < Self.maximumWaiting: enqueue(using: &random)
        case ..<14: return claim(at: now)
        case ..<17:
            guard let index = running.indices.randomElement(using: &random) else { return nil }
            order.end(running.remove(at: index), at: now)
        case ..<18: return withdraw(at: now, using: &random)
        default: setLimit(at: now, using: &random)
        }
        return order.count == waiting.count ? nil : "\(order.count) wait, not \(waiting.count)"
    }

    private mutating func enqueue(using random: inout SplitMix64) {
        lastNumber += 1
        let group = ClaimGroup(
            tenant: Self.tenants.randomElement(using: &random) ?? "",
            department: Self.departments.randomElement(using: &random) ?? "",
            agent: agents.randomElement(using: &random) ?? "")
        let run = ReadyRun(
            number: lastNumber, group: group, priority: Int.random(in: 0...4, using: &random),
            readyAt: Instant(unixMilliseconds: milliseconds))
        waiting.append(run)
        order.enqueue(run)
        // Told twice, it is there once.
        if lastNumber % 7 == 0 { order.enqueue(run) }
    }

    private mutating func withdraw(at now: Tick, using random: inout SplitMix64) -> String? {
        let number = Int64.random(in: 1...max(1, lastNumber), using: &random)
        let isWaiting = waiting.contains { $0.number == number }
        waiting.removeAll { $0.number == number }
        return order.withdraw(number, at: now) == isWaiting ? nil : "run \(number) was withdrawn: not \(isWaiting)"
    }

    private mutating func setLimit(at now: Tick, using random: inout SplitMix64) {
        guard hasLimits else { return }
        let scope: ClaimScope =
            Bool.random(using: &random)
            ? .tenant(Self.tenants.randomElement(using: &random) ?? "")
            : .department(Self.departments.randomElement(using: &random) ?? "")
        let most = Int.random(in: 0...5, using: &random)
        limits[scope] = most == 5 ? nil : most
        order.setLimit(most == 5 ? nil : ClaimLimit(concurrency: most), of: scope, at: now)
    }

    /// By looking at every limit and everything that runs.
    private func isFree(_ group: ClaimGroup) -> Bool {
        let ofTenant = running.count { $0.tenant == group.tenant }
        let ofDepartment = running.count { $0.department == group.department }
        return ofTenant < limits[.tenant(group.tenant)] ?? .max
            && ofDepartment < limits[.department(group.department)] ?? .max
    }

    private mutating func claim(at now: Tick) -> String? {
        switch order.claim(at: now) {
        case .none:
            guard let free = waiting.first(where: { isFree($0.group) }) else { return nil }
            return "nothing was claimed, but run \(free.number) could start"
        case .run(let number, let group):
            guard let index = waiting.firstIndex(where: { $0.number == number && $0.group == group }) else {
                return "run \(number) was claimed and does not wait"
            }
            guard isFree(group) else { return "run \(number) was claimed past a limit" }
            guard let first = firstOf(group), first.number == number || hasLimits && agents.count > 1 else {
                return "run \(number) was claimed before \(firstOf(group)?.number ?? 0)"
            }
            waiting.remove(at: index)
            running.append(group)
            return nil
        }
    }

    /// A place that became free is kept for the agent to whom it was offered, though a better run of another agent of
    /// the department comes before it is taken: with limits and several agents, order is not compared.
    private func firstOf(_ group: ClaimGroup) -> ReadyRun? {
        waiting.filter { $0.group.tenant == group.tenant && $0.group.department == group.department }
            .min { Self.isBefore($0, $1) }
    }

    /// A level of priority is worth a second of waiting.
    private static func isBefore(_ left: ReadyRun, _ right: ReadyRun) -> Bool {
        let leftWorth = left.readyAt.unixMilliseconds - Int64(left.priority) * 1_000
        let rightWorth = right.readyAt.unixMilliseconds - Int64(right.priority) * 1_000
        return leftWorth == rightWorth ? left.number < right.number : leftWorth < rightWorth
    }
}
