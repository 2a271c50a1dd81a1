/// When each node of a plan can start at the earliest and must at the latest, if each takes the time that is expected
/// of it and nothing waits for a place: the critical path method (Kelley and Walker, 1959). Every dependency counts,
/// whether or not its condition will hold.
package struct PlanTiming: Hashable, Sendable {
    package struct Node: Hashable, Sendable {
        package var earliestStart: Int64
        package var latestStart: Int64
        package var duration: Int64

        package var earliestFinish: Int64 { earliestStart + duration }
        package var latestFinish: Int64 { latestStart + duration }
        /// How much later it may start without delaying the end.
        package var slack: Int64 { latestStart - earliestStart }
    }

    /// Longer ones count as this long, so that no sum overflows.
    package static let longestMilliseconds: Int64 = 366 * 86_400_000

    package let nodes: [String: Node]
    package let totalMilliseconds: Int64
    /// The nodes of one longest chain, in order: shortening the whole means shortening one of them.
    package let criticalPath: [String]
}

extension Plan {
    /// - Parameter durations: in milliseconds; a node that is missing takes none.
    package func timing(_ durations: [String: Int64]) -> PlanTiming {
        let durations = durations.mapValues { min(max(0, $0), PlanTiming.longestMilliseconds) }
        var starts: [String: Int64] = [:]
        func finish(_ id: String) -> Int64 { (starts[id] ?? 0) + (durations[id] ?? 0) }
        for id in topologicalOrder { starts[id] = node(id)?.dependencies.map(finish).max() ?? 0 }
        let total = topologicalOrder.map(finish).max() ?? 0

        var latest = Dictionary(nodes.map { ($0.id, total) }, uniquingKeysWith: min)
        for id in topologicalOrder.reversed() {
            let start = (latest[id] ?? total) - (durations[id] ?? 0)
            for dependency in node(id)?.dependencies ?? [] {
                latest[dependency] = min(latest[dependency] ?? total, start)
            }
        }
        var timed: [String: PlanTiming.Node] = [:]
        for id in topologicalOrder {
            let duration = durations[id] ?? 0
            timed[id] = PlanTiming.Node(
                earliestStart: starts[id] ?? 0, latestStart: (latest[id] ?? total) - duration, duration: duration)
        }

        var path: [String] = []
        var next = topologicalOrder.first { finish($0) == total }
        while let id = next {
            path.append(id)
            let start = starts[id] ?? 0
            next = start == 0 ? nil : node(id)?.dependencies.first { finish($0) == start }
        }
        return PlanTiming(nodes: timed, totalMilliseconds: total, criticalPath: path.reversed())
    }
}
