/// Agglomerative clustering by chains of nearest neighbours (Murtagh 1983) with the distances of Lance and Williams
/// 1967: n² steps, n²/2 distances in memory.
struct Hierarchy {
    enum Linkage: String, Codable, CaseIterable, Sendable {
        case single, complete, average, ward
    }

    struct Merge: Codable, Sendable {
        /// Rows are 0..<n, the merge at place i is n + i.
        var first: Int
        var second: Int
        var height: Double
        var size: Int
    }

    /// By ascending height.
    var merges: [Merge]
    private var count: Int

    init(_ matrix: Matrix, _ linkage: Linkage) {
        let count = matrix.rowCount
        self.count = count
        var distances = [Double](repeating: 0, count: count * (count - 1) / 2)
        func place(_ a: Int, _ b: Int) -> Int {
            let (low, high) = a < b ? (a, b) : (b, a)
            return low * (2 * count - low - 1) / 2 + high - low - 1
        }
        for first in 0..<count {
            for second in first + 1..<max(count, first + 1) {
                let square = matrix.squaredDistance(first, second)
                distances[place(first, second)] = linkage == .ward ? square : square.squareRoot()
            }
        }
        var sizes = [Double](repeating: 1, count: count), isOpen = [Bool](repeating: true, count: count)
        var chain: [Int] = [], raw: [(first: Int, second: Int, height: Double)] = []
        while raw.count < count - 1, !Task.isCancelled {
            if chain.isEmpty, let start = isOpen.firstIndex(of: true) { chain.append(start) }
            let top = chain[chain.count - 1]
            var nearest = chain.count > 1 ? chain[chain.count - 2] : -1
            var best = nearest >= 0 ? distances[place(top, nearest)] : .infinity
            for other in 0..<count where isOpen[other] && other != top {
                let distance = distances[place(top, other)]
                if distance < best || nearest < 0 { (best, nearest) = (distance, other) }
            }
            guard chain.count > 1, nearest == chain[chain.count - 2] else {
                chain.append(nearest)
                continue
            }
            chain.removeLast(2)
            raw.append((min(top, nearest), max(top, nearest), best))
            let (a, b) = (sizes[top], sizes[nearest])
            for other in 0..<count where isOpen[other] && other != top && other != nearest {
                let (x, y) = (distances[place(top, other)], distances[place(nearest, other)])
                let joined: Double
                switch linkage {
                case .single: joined = min(x, y)
                case .complete: joined = max(x, y)
                case .average: joined = (a * x + b * y) / (a + b)
                case .ward:
                    let c = sizes[other]
                    joined = ((a + c) * x + (b + c) * y - c * best) / (a + b + c)
                }
                distances[place(nearest, other)] = joined
            }
            isOpen[top] = false
            sizes[nearest] = a + b
        }
        merges = Self.ordered(raw, count, linkage)
    }

    /// Chains find merges out of order; sorted by height they get their names.
    private static func ordered(
        _ raw: [(first: Int, second: Int, height: Double)], _ count: Int, _ linkage: Linkage
    ) -> [Merge] {
        var parent = Array(0..<count), name = Array(0..<count), size = [Int](repeating: 1, count: count)
        func root(_ start: Int) -> Int {
            var node = start
            while parent[node] != node {
                parent[node] = parent[parent[node]]
                node = parent[node]
            }
            return node
        }
        let order = raw.indices.sorted { raw[$0].height == raw[$1].height ? $0 < $1 : raw[$0].height < raw[$1].height }
        return order.enumerated().map { position, index in
            let first = root(raw[index].first), second = root(raw[index].second)
            let names = (min(name[first], name[second]), max(name[first], name[second]))
            parent[second] = first
            size[first] += size[second]
            name[first] = count + position
            let height = raw[index].height
            return Merge(
                first: names.0, second: names.1,
                height: linkage == .ward ? max(0, height).squareRoot() : height, size: size[first])
        }
    }

    /// The clusters after all but `clusters` − 1 merges, numbered by their first row.
    func labels(clusters: Int) -> [Int] {
        var group = Array(0..<count + merges.count)
        for (index, merge) in merges.prefix(max(0, count - clusters)).enumerated() {
            group[merge.first] = count + index
            group[merge.second] = count + index
        }
        var numbers: [Int: Int] = [:]
        return (0..<count).map { row in
            var node = row
            while group[node] != node { node = group[node] }
            let number = numbers[node] ?? numbers.count
            numbers[node] = number
            return number
        }
    }
}
