/// The order of work, and both passes of the critical path method for any durations.
struct ActivityGraph {
    let predecessors: [[Int]]
    let successors: [[Int]]
    let order: [Int]

    /// The activities have passed the checks of ``ActivityNetwork``.
    init(_ activities: [Activity]) {
        let index = Dictionary(
            activities.indices.map { (activities[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
        predecessors = activities.map { Array(Set(($0.after ?? []).compactMap { index[$0] })).sorted() }
        var successors: [[Int]] = Array(repeating: [], count: activities.count)
        for (node, before) in predecessors.enumerated() { for other in before { successors[other].append(node) } }
        self.successors = successors
        var waiting = predecessors.map(\.count), order = waiting.indices.filter { waiting[$0] == 0 }, next = 0
        while next < order.count {
            for node in successors[order[next]] {
                waiting[node] -= 1
                if waiting[node] == 0 { order.append(node) }
            }
            next += 1
        }
        self.order = order
    }

    struct Pass {
        var start: [Double]
        /// The longest way from an activity's start to the end of the plan.
        var tail: [Double]
        var length: Double

        func isCritical(_ node: Int, _ durations: [Double]) -> Bool { start[node] + tail[node] >= length - 1e-9 }
    }

    func pass(_ durations: [Double]) -> Pass {
        var start = durations.map { _ in 0.0 }, tail = durations, length = 0.0
        for node in order {
            for before in predecessors[node] { start[node] = max(start[node], start[before] + durations[before]) }
            length = max(length, start[node] + durations[node])
        }
        for node in order.reversed() {
            for next in successors[node] { tail[node] = max(tail[node], durations[node] + tail[next]) }
        }
        return Pass(start: start, tail: tail, length: length)
    }
}
