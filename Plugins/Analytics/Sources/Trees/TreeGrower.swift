/// Grows one tree by CART (Breiman, Friedman, Olshen and Stone 1984): the split that lowers the impurity most, over
/// all thresholds half way between neighbouring values.
struct TreeGrower {
    enum Goal {
        /// Gini impurity; leaves hold the share of each class.
        case classes([Int], count: Int)
        /// Squared error; leaves hold the mean.
        case numbers([Double])
    }

    struct Limits {
        var depth: Int
        var minimumLeaf: Int
        /// How many features are tried at each split, drawn anew; nil: all.
        var features: Int?
    }

    let matrix: Matrix
    let goal: Goal
    let limits: Limits
    /// The total decrease of impurity by feature.
    private(set) var importance: [Double]
    private var generator: Generator

    init(matrix: Matrix, goal: Goal, limits: Limits, generator: Generator) {
        self.matrix = matrix
        self.goal = goal
        self.limits = limits
        self.generator = generator
        importance = [Double](repeating: 0, count: matrix.columnCount)
    }

    var leafWidth: Int { if case .classes(_, let count) = goal { count } else { 1 } }

    private struct Split {
        var feature: Int
        var threshold: Double
        var gain: Double
    }

    /// - Parameter rows: may hold a row more than once, as a bootstrap sample does.
    mutating func grow(_ rows: [Int]) -> Tree {
        var tree = Tree()
        var waiting: [(node: Int, rows: [Int], depth: Int)] = [(addNode(&tree, rows), rows, 0)]
        while let (node, rows, depth) = waiting.popLast() {
            guard depth < limits.depth, rows.count >= 2 * limits.minimumLeaf, let split = bestSplit(rows) else {
                continue
            }
            importance[split.feature] += split.gain
            var low: [Int] = [], high: [Int] = []
            for row in rows {
                if matrix[row, split.feature] <= split.threshold { low.append(row) } else { high.append(row) }
            }
            tree.feature[node] = split.feature
            tree.threshold[node] = split.threshold
            tree.left[node] = addNode(&tree, low)
            tree.right[node] = addNode(&tree, high)
            waiting.append((tree.right[node], high, depth + 1))
            waiting.append((tree.left[node], low, depth + 1))
        }
        return tree
    }

    private func addNode(_ tree: inout Tree, _ rows: [Int]) -> Int {
        tree.feature.append(-1)
        tree.threshold.append(0)
        tree.left.append(0)
        tree.right.append(0)
        switch goal {
        case .classes(let classes, let count):
            var counts = [Double](repeating: 0, count: count)
            for row in rows { counts[classes[row]] += 1 }
            tree.values += counts.map { $0 / Double(rows.count) }
        case .numbers(let numbers):
            tree.values.append(Descriptive.mean(rows.map { numbers[$0] }))
        }
        return tree.feature.count - 1
    }

    private mutating func bestSplit(_ rows: [Int]) -> Split? {
        let all = matrix.columnCount
        // Features without a usable split do not count, as in Breiman's forests.
        var order = Array(0..<all), wanted = limits.features ?? all
        if wanted < all { generator.shuffle(&order) }
        var best: Split?
        for feature in order {
            guard wanted > 0 else { break }
            var pairs = rows.map { (value: matrix[$0, feature], row: $0) }
            pairs.sort { $0.value == $1.value ? $0.row < $1.row : $0.value < $1.value }
            guard pairs[0].value < pairs[pairs.count - 1].value else { continue }
            wanted -= 1
            guard let (position, gain) = scan(pairs), gain > (best?.gain ?? 0) else { continue }
            let low = pairs[position].value, high = pairs[position + 1].value
            let middle = low + (high - low) / 2
            best = Split(feature: feature, threshold: middle < high ? middle : low, gain: gain)
        }
        return best
    }

    /// Where to cut the sorted rows: behind `position`, and what it gains over the whole.
    private func scan(_ pairs: [(value: Double, row: Int)]) -> (position: Int, gain: Double)? {
        switch goal {
        case .classes(let classes, let count): scanClasses(pairs, classes, count)
        case .numbers(let numbers): scanNumbers(pairs, numbers)
        }
    }

    private func scanClasses(
        _ pairs: [(value: Double, row: Int)], _ classes: [Int], _ count: Int
    ) -> (position: Int, gain: Double)? {
        var low = [Double](repeating: 0, count: count), high = low
        for pair in pairs { high[classes[pair.row]] += 1 }
        let total = Double(pairs.count)
        // Σ counts² / n on each side: the larger, the purer.
        var lowSquares = 0.0, highSquares = high.reduce(0) { $0 + $1 * $1 }
        let start = highSquares / total
        var best: (position: Int, gain: Double)?
        for position in 0..<pairs.count - 1 {
            let label = classes[pairs[position].row]
            lowSquares += 2 * low[label] + 1
            highSquares -= 2 * high[label] - 1
            low[label] += 1
            high[label] -= 1
            guard pairs[position].value < pairs[position + 1].value, position + 1 >= limits.minimumLeaf,
                pairs.count - position - 1 >= limits.minimumLeaf
            else { continue }
            let lowCount = Double(position + 1)
            let gain = lowSquares / lowCount + highSquares / (total - lowCount) - start
            if gain > 1e-12 * total, gain > best?.gain ?? 0 { best = (position, gain) }
        }
        return best
    }

    private func scanNumbers(
        _ pairs: [(value: Double, row: Int)], _ numbers: [Double]
    ) -> (position: Int, gain: Double)? {
        // Around the mean, so that a large offset costs no digits.
        let total = Double(pairs.count), mean = pairs.reduce(0) { $0 + numbers[$1.row] / total }
        let spread = pairs.reduce(0) { $0 + (numbers[$1.row] - mean) * (numbers[$1.row] - mean) }
        var low = 0.0
        let sum = pairs.reduce(0) { $0 + (numbers[$1.row] - mean) }
        var best: (position: Int, gain: Double)?
        for position in 0..<pairs.count - 1 {
            low += numbers[pairs[position].row] - mean
            guard pairs[position].value < pairs[position + 1].value, position + 1 >= limits.minimumLeaf,
                pairs.count - position - 1 >= limits.minimumLeaf
            else { continue }
            let lowCount = Double(position + 1), high = sum - low
            let gain = low * low / lowCount + high * high / (total - lowCount) - sum * sum / total
            if gain > 1e-12 * spread, gain > best?.gain ?? 0 { best = (position, gain) }
        }
        return best
    }
}
