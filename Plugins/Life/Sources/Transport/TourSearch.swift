/// The cheapest round through all places of a matrix, from place 0 back to it.
struct TourSearch {
    /// Stands for "no way": so large that no real tour reaches it, so small that sums do not overflow.
    static let noWay = 1 << 52
    static let exactLimit = 17

    let cost: [[Int]]
    private var count: Int { cost.count }

    init(_ cost: [[Int]]) { self.cost = cost }

    func length(_ tour: [Int]) -> Int {
        tour.indices.reduce(0) { $0 + cost[tour[$1]][tour[($1 + 1) % tour.count]] }
    }

    /// Held & Karp 1962 (and Bellman): the least cost of a path through each subset.
    func exact() -> [Int] {
        guard count > 2 else { return Array(0..<count) }
        let others = count - 1
        let subsets = 1 << others
        var best = [Int](repeating: Int.max, count: subsets * others)
        var before = [Int8](repeating: -1, count: subsets * others)
        for node in 0..<others { best[(1 << node) * others + node] = cost[0][node + 1] }
        for subset in 1..<subsets {
            for last in 0..<others where subset & (1 << last) != 0 {
                let length = best[subset * others + last]
                guard length != Int.max else { continue }
                for next in 0..<others where subset & (1 << next) == 0 {
                    let cell = (subset | 1 << next) * others + next
                    let total = length + cost[last + 1][next + 1]
                    if total < best[cell] {
                        best[cell] = total
                        before[cell] = Int8(last)
                    }
                }
            }
        }
        var subset = subsets - 1
        var last = (0..<others).min { closed(best, subset, $0) < closed(best, subset, $1) } ?? 0
        var tour: [Int] = []
        while last >= 0 {
            tour.append(last + 1)
            let previous = Int(before[subset * others + last])
            subset &= ~(1 << last)
            last = previous
        }
        return [0] + tour.reversed()
    }

    private func closed(_ best: [Int], _ subset: Int, _ last: Int) -> Int {
        best[subset * (count - 1) + last] + cost[last + 1][0]
    }

    /// Nearest neighbour from each place, then 2-opt (Croes 1958) and Or-opt (Or 1976) until neither helps.
    func heuristic() -> [Int] {
        var best: [Int] = []
        var bestLength = Int.max
        let starts = min(count, max(4, min(24, 2000 / count)))
        for start in 0..<starts {
            let tour = improve(nearestNeighbour(from: start * count / starts))
            let length = length(tour)
            if length < bestLength { (best, bestLength) = (tour, length) }
        }
        let zero = best.firstIndex(of: 0) ?? 0
        return Array(best[zero...] + best[..<zero])
    }

    private func nearestNeighbour(from start: Int) -> [Int] {
        var tour = [start]
        var left = Set(0..<count)
        left.remove(start)
        while let last = tour.last, let next = left.min(by: { (cost[last][$0], $0) < (cost[last][$1], $1) }) {
            tour.append(next)
            left.remove(next)
        }
        return tour
    }

    private func improve(_ start: [Int]) -> [Int] {
        var tour = start
        // Each round shortens the tour by at least 1; the bound is for the time.
        for _ in 0..<(40 * count) {
            if !reverseOne(&tour) && !moveOne(&tour) { break }
        }
        return tour
    }

    /// Reverses the segment that shortens the tour most. Ways back may cost something else.
    private func reverseOne(_ tour: inout [Int]) -> Bool {
        var forward = [0], backward = [0]
        for index in 1..<count {
            forward.append(forward[index - 1] + cost[tour[index - 1]][tour[index]])
            backward.append(backward[index - 1] + cost[tour[index]][tour[index - 1]])
        }
        var best = (gain: 0, first: 0, last: 0)
        for first in 1..<count {
            for last in (first + 1)..<max(first + 1, count) {
                let (before, after) = (tour[first - 1], tour[(last + 1) % count])
                let old = cost[before][tour[first]] + forward[last] - forward[first] + cost[tour[last]][after]
                let new = cost[before][tour[last]] + backward[last] - backward[first] + cost[tour[first]][after]
                if old - new > best.gain { best = (old - new, first, last) }
            }
        }
        guard best.gain > 0 else { return false }
        // An array of its own: Swift 6.3.1 with -O writes wrong elements when the view it reads lies in `tour`.
        let turned = Array(tour[best.first...best.last].reversed())
        tour.replaceSubrange(best.first...best.last, with: turned)
        return true
    }

    /// Moves one to three places in a row to where they fit best.
    private func moveOne(_ tour: inout [Int]) -> Bool {
        for size in 1...min(3, count - 1) {
            for first in 1..<max(1, count - size + 1) {
                let segment = Array(tour[first..<(first + size)])
                let (head, tail) = (segment[0], segment[size - 1])
                let (before, after) = (tour[first - 1], tour[(first + size) % count])
                let freed = cost[before][head] + cost[tail][after] - cost[before][after]
                var rest = tour
                rest.removeSubrange(first..<(first + size))
                for place in rest.indices {
                    let (left, right) = (rest[place], rest[(place + 1) % rest.count])
                    let added = cost[left][head] + cost[tail][right] - cost[left][right]
                    if added < freed {
                        rest.insert(contentsOf: segment, at: place + 1)
                        tour = rest
                        return true
                    }
                }
            }
        }
        return false
    }

    /// No tour is shorter. For equal ways there and back the 1-tree bound with subgradient steps (Held & Karp 1971),
    /// else the sum of what leaving and entering each place costs at least.
    func lowerBound() -> Int {
        guard count > 2 else { return length(Array(0..<count)) }
        let nodes = 0..<count
        let isSymmetric = nodes.allSatisfy { left in nodes.allSatisfy { cost[left][$0] == cost[$0][left] } }
        func least(_ weight: (Int, Int) -> Int) -> Int {
            nodes.reduce(0) { sum, node in sum + (nodes.filter { $0 != node }.map { weight(node, $0) }.min() ?? 0) }
        }
        let simple = max(least { cost[$0][$1] }, least { cost[$1][$0] })
        return isSymmetric ? max(simple, oneTreeBound()) : simple
    }

    private func oneTreeBound() -> Int {
        var multipliers = [Double](repeating: 0, count: count)
        var best = 0.0
        var step = Double(length(nearestNeighbour(from: 0))) / Double(2 * count)
        for _ in 0..<200 {
            let (weight, degrees) = oneTree(multipliers)
            best = max(best, weight)
            if degrees.allSatisfy({ $0 == 2 }) { break }
            for node in 0..<count { multipliers[node] += step * Double(degrees[node] - 2) }
            step *= 0.97
        }
        // A whole number, and safe against the sums' rounding.
        return Int((best - 1e-6 * (1 + best)).rounded(.up))
    }

    /// A least spanning tree (Prim 1957) of all places but 0, and the two cheapest roads of 0.
    private func oneTree(_ multipliers: [Double]) -> (weight: Double, degrees: [Int]) {
        func weight(_ left: Int, _ right: Int) -> Double {
            Double(cost[left][right]) + multipliers[left] + multipliers[right]
        }
        var degrees = [Int](repeating: 0, count: count)
        var distance = (0..<count).map { weight(1, $0) }
        var parent = [Int](repeating: 1, count: count)
        var isDone = (0..<count).map { $0 < 2 }
        var total = 0.0
        for _ in 2..<count {
            var next = -1
            for node in 2..<count where !isDone[node] && (next < 0 || distance[node] < distance[next]) { next = node }
            total += distance[next]
            degrees[next] += 1
            degrees[parent[next]] += 1
            isDone[next] = true
            for node in 2..<count where !isDone[node] && weight(next, node) < distance[node] {
                distance[node] = weight(next, node)
                parent[node] = next
            }
        }
        let nearest = (1..<count).sorted { (weight(0, $0), $0) < (weight(0, $1), $1) }.prefix(2)
        for node in nearest {
            total += weight(0, node)
            degrees[0] += 1
            degrees[node] += 1
        }
        return (total - 2 * multipliers.reduce(0, +), degrees)
    }
}
