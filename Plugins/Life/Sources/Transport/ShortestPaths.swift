/// Dijkstra 1959 with a binary heap: the least weight from one place to all others. Among equal ways the one over
/// fewer roads wins.
struct ShortestPaths {
    private struct Entry {
        var weight: Int
        var hops: Int
        var node: Int

        static func < (left: Entry, right: Entry) -> Bool {
            (left.weight, left.hops, left.node) < (right.weight, right.hops, right.node)
        }
    }

    let weights: [Int?]
    private let previous: [(node: Int, leg: RoadNetwork.Leg)?]
    private let source: Int

    /// Every arc must have this weight.
    init(_ network: RoadNetwork, from source: Int, by weight: RouteWeight) {
        var weights = [Int?](repeating: nil, count: network.names.count)
        var hops = [Int](repeating: 0, count: network.names.count)
        var previous = [(node: Int, leg: RoadNetwork.Leg)?](repeating: nil, count: network.names.count)
        var heap = [Entry(weight: 0, hops: 0, node: source)]
        weights[source] = 0
        while let entry = Self.pop(&heap) {
            guard entry.weight == weights[entry.node], entry.hops == hops[entry.node] else { continue }
            for arc in network.arcs[entry.node] {
                guard let own = arc.leg.weight(weight) else { continue }
                let (total, count) = (entry.weight + own, entry.hops + 1)
                if let known = weights[arc.to], (known, hops[arc.to]) <= (total, count) { continue }
                weights[arc.to] = total
                hops[arc.to] = count
                previous[arc.to] = (entry.node, arc.leg)
                Self.push(&heap, Entry(weight: total, hops: count, node: arc.to))
            }
        }
        self.weights = weights
        self.previous = previous
        self.source = source
    }

    /// The legs to a place, in order; nil if no way leads there.
    func path(to target: Int) -> [(from: Int, to: Int, leg: RoadNetwork.Leg)]? {
        guard weights[target] != nil else { return nil }
        var legs: [(from: Int, to: Int, leg: RoadNetwork.Leg)] = []
        var node = target
        while node != source, let step = previous[node] {
            legs.append((step.node, node, step.leg))
            node = step.node
        }
        return legs.reversed()
    }

    private static func push(_ heap: inout [Entry], _ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private static func pop(_ heap: inout [Entry]) -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
