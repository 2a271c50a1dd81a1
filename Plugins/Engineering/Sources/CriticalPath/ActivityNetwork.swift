import PluginKit

/// Activities on the nodes of a directed acyclic graph, with the times of the critical path method.
///
/// Sources: Kelley & Walker, "Critical-Path Planning and Scheduling", 1959; Malcolm, Roseboom, Clark & Fazar,
/// "Application of a Technique for Research and Development Program Evaluation" (PERT), 1959.
struct ActivityNetwork {
    private let activities: [Activity]
    private let predecessors: [[Int]]
    private let successors: [[Int]]
    private let expected: [Double]
    private let variances: [Double]
    private(set) var earlyStart: [Double]
    private(set) var lateFinish: [Double]
    /// Of the whole plan.
    let expectedDays: Double
    /// Indices of one longest path; of several, the one with the largest variance.
    let criticalPath: [Int]
    /// Sum along ``criticalPath``.
    let variance: Double

    /// Times that differ by less are equal: sums of sixths are not exact in binary.
    private static let tolerance = 1e-9

    init(_ activities: [Activity]) throws(TaskFailure) {
        self.activities = activities
        let index = try Self.index(activities)
        var predecessors: [[Int]] = []
        for activity in activities { predecessors.append(try Self.predecessors(of: activity, index: index)) }
        var successors: [[Int]] = Array(repeating: [], count: activities.count)
        for (node, before) in predecessors.enumerated() { for other in before { successors[other].append(node) } }
        let order = try Self.topologicalOrder(activities, predecessors: predecessors, successors: successors)
        self.predecessors = predecessors
        self.successors = successors
        let expected = activities.map { ($0.optimisticDays + 4 * $0.likelyDays + $0.pessimisticDays) / 6 }
        let variances = activities.map { activity in
            let spread = (activity.pessimisticDays - activity.optimisticDays) / 6
            return spread * spread
        }
        self.expected = expected
        self.variances = variances
        let longest = LongestPath(order: order, predecessors: predecessors, durations: expected, variances: variances)
        earlyStart = longest.start
        let last = longest.last
        expectedDays = longest.finish(last)
        criticalPath = longest.path(to: last)
        variance = criticalPath.reduce(0) { $0 + variances[$1] }
        lateFinish = Array(repeating: expectedDays, count: activities.count)
        for node in order.reversed() {
            for next in successors[node] { lateFinish[node] = min(lateFinish[node], lateFinish[next] - expected[next]) }
        }
    }

    func rows(calendar: WorkCalendar?) -> [ScheduleRow] {
        activities.indices.map { node in
            let finish = earlyStart[node] + expected[node]
            let slack = lateFinish[node] - finish
            return ScheduleRow(
                id: activities[node].id, name: activities[node].name,
                expectedDays: Rounding.fourDecimals(expected[node]), variance: Rounding.fourDecimals(variances[node]),
                earlyStart: Rounding.fourDecimals(earlyStart[node]), earlyFinish: Rounding.fourDecimals(finish),
                lateStart: Rounding.fourDecimals(lateFinish[node] - expected[node]),
                lateFinish: Rounding.fourDecimals(lateFinish[node]), slackDays: Rounding.fourDecimals(max(0, slack)),
                critical: slack < Self.tolerance, after: activities[node].after ?? [],
                startDate: calendar?.firstDay(start: earlyStart[node]),
                endDate: calendar?.lastDay(finish: finish))
        }
    }

    private static func index(_ activities: [Activity]) throws(TaskFailure) -> [String: Int] {
        var index: [String: Int] = [:]
        for (number, activity) in activities.enumerated() {
            guard index.updateValue(number, forKey: activity.id) == nil else {
                throw TaskFailure.invalid("/activities/\(number)/id: two activities have the id \"\(activity.id)\"")
            }
            let days = [activity.optimisticDays, activity.likelyDays, activity.pessimisticDays]
            guard days.allSatisfy(\.isFinite), days[0] >= 0, days[0] <= days[1], days[1] <= days[2] else {
                throw TaskFailure.invalid(
                    "/activities/\(number): \"\(activity.id)\" needs 0 ≤ optimistic ≤ likely ≤ pessimistic days")
            }
        }
        return index
    }

    private static func predecessors(of activity: Activity, index: [String: Int]) throws(TaskFailure) -> [Int] {
        var found: [Int] = []
        for id in activity.after ?? [] {
            guard let other = index[id] else {
                throw TaskFailure.invalid("\"\(activity.id)\" comes after \"\(id)\", which is no activity of the plan")
            }
            if !found.contains(other) { found.append(other) }
        }
        return found
    }

    private static func topologicalOrder(_ activities: [Activity], predecessors: [[Int]], successors: [[Int]])
        throws(TaskFailure) -> [Int]
    {
        var waiting = predecessors.map(\.count)
        var order = waiting.indices.filter { waiting[$0] == 0 }
        var next = 0
        while next < order.count {
            for node in successors[order[next]] {
                waiting[node] -= 1
                if waiting[node] == 0 { order.append(node) }
            }
            next += 1
        }
        guard order.count == activities.count else {
            let cycle = cycle(waiting: waiting, predecessors: predecessors).map { "\"\(activities[$0].id)\"" }
            throw TaskFailure.invalid("the plan has a cycle: \(cycle.joined(separator: " → ")); remove one dependency")
        }
        return order
    }

    /// Walks back from a node that never became free until a node repeats; written in the order of work.
    private static func cycle(waiting: [Int], predecessors: [[Int]]) -> [Int] {
        guard var node = waiting.indices.first(where: { waiting[$0] > 0 }) else { return [] }
        var walk: [Int] = []
        while !walk.contains(node) {
            walk.append(node)
            guard let before = predecessors[node].first(where: { waiting[$0] > 0 }) else { return walk }
            node = before
        }
        return Array((walk.drop { $0 != node } + [node]).reversed())
    }
}

/// Forward pass: earliest starts, and the chain that forces each.
private struct LongestPath {
    private(set) var start: [Double]
    private let durations: [Double]
    private var variance: [Double]
    private var forcedBy: [Int?]
    /// The activity that finishes last.
    private(set) var last = 0

    private static let tolerance = 1e-9

    init(order: [Int], predecessors: [[Int]], durations: [Double], variances: [Double]) {
        self.durations = durations
        start = Array(repeating: 0, count: order.count)
        variance = variances
        forcedBy = Array(repeating: nil, count: order.count)
        last = order.first ?? 0
        for node in order {
            for before in predecessors[node] {
                let isFirst = forcedBy[node] == nil
                if isFirst || isLonger(before, than: forcedBy[node] ?? before) {
                    forcedBy[node] = before
                    start[node] = finish(before)
                    variance[node] = variances[node] + variance[before]
                }
            }
            if isLonger(node, than: last) { last = node }
        }
    }

    func finish(_ node: Int) -> Double { start[node] + durations[node] }

    func path(to node: Int) -> [Int] {
        var path = [node]
        while let before = forcedBy[path[path.count - 1]] { path.append(before) }
        return path.reversed()
    }

    /// By finish, and where that is equal by variance.
    private func isLonger(_ node: Int, than other: Int) -> Bool {
        let difference = finish(node) - finish(other)
        return abs(difference) < Self.tolerance ? variance[node] > variance[other] : difference > 0
    }
}
