import PluginKit

/// Buys days, cheapest first: on the network of critical activities a cheapest cut is a set that lies on every longest
/// path, by the theorem of Ford and Fulkerson.
struct Crashing {
    private(set) var steps: [CrashStep] = []
    private(set) var length: Double
    private var durations: [Double]
    private var left: [Double]
    private var costs: [Double]
    private static let most = 10_000

    init(_ input: ScheduleRiskInput, _ options: [CrashOption], _ graph: ActivityGraph) throws(TaskFailure) {
        durations = input.activities.map { ($0.optimisticDays + 4 * $0.likelyDays + $0.pessimisticDays) / 6 }
        left = durations.map { _ in 0 }
        costs = durations.map { _ in .infinity }
        for (index, option) in options.enumerated() {
            guard let node = input.activities.firstIndex(where: { $0.id == option.activity }) else {
                throw .invalid("/crashing/\(index)/activity: \(option.activity) is no activity")
            }
            guard (0...1_000_000_000_000).contains(option.costPerDayMinor), option.maximumDays >= 0,
                option.maximumDays <= durations[node] + 1e-9, !costs[node].isFinite
            else {
                throw .invalid(
                    "/crashing/\(index): each activity once, a cost from 0, no more days than it is expected to take"
                )
            }
            (costs[node], left[node]) = (Double(option.costPerDayMinor), option.maximumDays)
        }
        length = graph.pass(durations).length
        for _ in 0..<Self.most {
            if let target = input.targetDays, length <= target + 1e-9 { break }
            guard try buy(input, graph) else { break }
        }
    }

    /// One step; false where nothing can be bought, or it costs more than a day is worth.
    private mutating func buy(_ input: ScheduleRiskInput, _ graph: ActivityGraph) throws(TaskFailure) -> Bool {
        let pass = graph.pass(durations)
        let critical = durations.indices.filter { pass.isCritical($0, durations) }
        guard let cut = cheapestCut(critical, pass, graph) else { return false }
        let price = cut.reduce(0) { $0 + costs[$1] }
        if let worth = input.delayCostPerDayMinor, price > Double(worth) { return false }
        var days = cut.map { left[$0] }.min() ?? 0
        if let target = input.targetDays { days = min(days, length - target) }
        days = min(days, slack(after: cut, days, graph))
        guard days > 1e-9 else { return false }
        for node in cut {
            durations[node] -= days
            left[node] -= days
        }
        length = graph.pass(durations).length
        guard price * days <= 9e15 else { throw .invalid("/crashing: the cost passes 9·10^15 minor units") }
        steps.append(
            CrashStep(
                activities: cut.map { input.activities[$0].id }, days: Rounding.fourDecimals(days),
                costMinor: Int((price * Rounding.fourDecimals(days)).rounded(.up)),
                lengthDays: Rounding.fourDecimals(length)))
        return true
    }

    /// So many days of the step shorten the plan before another path becomes the longest: by halving, for the length
    /// falls day for day until then.
    private func slack(after cut: [Int], _ most: Double, _ graph: ActivityGraph) -> Double {
        func shortened(_ days: Double) -> Double {
            var trial = durations
            for node in cut { trial[node] -= days }
            return length - graph.pass(trial).length
        }
        guard shortened(most) < most - 1e-9 else { return most }
        var low = 0.0, high = most
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if shortened(middle) >= middle - 1e-9 { low = middle } else { high = middle }
        }
        return low
    }

    /// Each critical activity is an edge in → out with its price, precedence on a longest path an edge without limit.
    private func cheapestCut(_ critical: [Int], _ pass: ActivityGraph.Pass, _ graph: ActivityGraph) -> [Int]? {
        let place = Dictionary(zip(critical, critical.indices), uniquingKeysWith: { first, _ in first })
        var flow = FlowNetwork(nodes: 2 * critical.count + 2)
        let source = 2 * critical.count, sink = source + 1
        for (index, node) in critical.enumerated() {
            flow.connect(2 * index, 2 * index + 1, left[node] > 1e-9 ? costs[node] : .infinity)
            if pass.start[node] <= 1e-9 { flow.connect(source, 2 * index, .infinity) }
            if pass.start[node] + durations[node] >= length - 1e-9 { flow.connect(2 * index + 1, sink, .infinity) }
            for next in graph.successors[node] {
                guard let other = place[next], abs(pass.start[next] - pass.start[node] - durations[node]) <= 1e-9 else {
                    continue
                }
                flow.connect(2 * index + 1, 2 * other, .infinity)
            }
        }
        guard let reached = flow.minimumCut(from: source, to: sink) else { return nil }
        return critical.indices.filter { reached[2 * $0] && !reached[2 * $0 + 1] }.map { critical[$0] }
    }
}

/// Maximum flow by shortest augmenting paths (Edmonds and Karp 1972).
struct FlowNetwork {
    private var edges: [(to: Int, room: Double)] = []
    private var outgoing: [[Int]]

    init(nodes: Int) { outgoing = Array(repeating: [], count: nodes) }

    mutating func connect(_ from: Int, _ to: Int, _ capacity: Double) {
        outgoing[from].append(edges.count)
        edges.append((to, capacity))
        outgoing[to].append(edges.count)
        edges.append((from, 0))
    }

    /// The nodes on the source's side of a cheapest cut; nil where no finite cut exists.
    mutating func minimumCut(from source: Int, to sink: Int) -> [Bool]? {
        for _ in 0..<100_000 {
            var by: [Int?] = outgoing.map { _ in nil }, queue = [source], next = 0
            var reached = outgoing.map { _ in false }
            reached[source] = true
            while next < queue.count, !reached[sink] {
                for edge in outgoing[queue[next]] where edges[edge].room > 1e-9 && !reached[edges[edge].to] {
                    reached[edges[edge].to] = true
                    by[edges[edge].to] = edge
                    queue.append(edges[edge].to)
                }
                next += 1
            }
            guard reached[sink] else { return reached }
            var room = Double.infinity, node = sink, path: [Int] = []
            while let edge = by[node] {
                path.append(edge)
                room = min(room, edges[edge].room)
                node = edges[edge ^ 1].to
            }
            guard room.isFinite else { return nil }
            for edge in path {
                edges[edge].room -= room
                edges[edge ^ 1].room += room
            }
        }
        return nil
    }
}
