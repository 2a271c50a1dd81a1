import PluginKit

/// DBSCAN (Ester, Kriegel, Sander and Xu 1996). −1: noise.
enum DensityClusters {
    private static let maximumComparisons = 1_000_000_000

    static func labels(_ matrix: Matrix, radius: Double, minimumPoints: Int) throws(TaskFailure) -> [Int] {
        let count = matrix.rowCount, square = radius * radius
        // Sorted by one column, only rows within the radius in it are looked at.
        let order = (0..<count).sorted { matrix[$0, 0] < matrix[$1, 0] }
        var place = [Int](repeating: 0, count: count)
        for (position, row) in order.enumerated() { place[row] = position }
        var comparisons = 0
        func neighbours(_ row: Int) throws(TaskFailure) -> [Int] {
            var found = [row]
            guard !Task.isCancelled else { throw .cancelled("cancelled") }
            guard comparisons <= maximumComparisons else {
                throw .tooLarge(
                    "/radius reaches so many of \(count) rows that over \(maximumComparisons) pairs are compared: "
                        + "give a smaller one, or fewer rows")
            }
            for step in [-1, 1] {
                var position = place[row] + step
                while position >= 0, position < count,
                    (matrix[order[position], 0] - matrix[row, 0]).magnitude <= radius
                {
                    comparisons += 1
                    if matrix.squaredDistance(row, order[position]) <= square { found.append(order[position]) }
                    position += step
                }
            }
            return found
        }
        var labels = [Int?](repeating: nil, count: count), clusters = 0
        for row in 0..<count where labels[row] == nil {
            let near = try neighbours(row)
            guard near.count >= minimumPoints else {
                labels[row] = -1
                continue
            }
            labels[row] = clusters
            var waiting: [Int] = []
            func reach(_ rows: [Int]) {
                for other in rows {
                    if labels[other] == nil { waiting.append(other) }
                    // Noise at the border of a cluster belongs to it, but does not widen it.
                    if (labels[other] ?? -1) == -1 { labels[other] = clusters }
                }
            }
            reach(near)
            while let next = waiting.popLast() {
                let more = try neighbours(next)
                if more.count >= minimumPoints { reach(more) }
            }
            clusters += 1
        }
        return labels.map { $0 ?? -1 }
    }
}
