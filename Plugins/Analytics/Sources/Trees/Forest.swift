/// Random forests (Breiman 2001): each tree on a bootstrap sample, features drawn anew at each split.
struct Forest {
    var model: TreeModel
    /// Shares that sum to 1; absent where no split gained anything.
    var importance: [Double]?
    /// Predictions by the trees that did not see the row; nil where each saw it.
    var outOfBag: [[Double]?]

    init(
        _ matrix: Matrix, _ goal: TreeGrower.Goal, trees count: Int, limits: TreeGrower.Limits, seed: Int,
        isBootstrapped: Bool = true
    ) {
        var generator = Generator(seed: seed), importance = [Double](repeating: 0, count: matrix.columnCount)
        let rows = matrix.rowCount
        var width = 1
        if case .classes(_, let classes) = goal { width = classes }
        model = TreeModel(join: .mean, leafWidth: width, base: [], trees: [])
        var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: isBootstrapped ? rows : 0)
        var votes = [Int](repeating: 0, count: sums.count)
        for _ in 0..<count where !Task.isCancelled {
            let sample = isBootstrapped ? (0..<rows).map { _ in generator.integer(below: rows) } : Array(0..<rows)
            var grower = TreeGrower(
                matrix: matrix, goal: goal, limits: limits,
                generator: Generator(seed: Int(truncatingIfNeeded: generator.next())))
            let tree = grower.grow(sample)
            model.trees.append(tree)
            for column in importance.indices { importance[column] += grower.importance[column] }
            guard isBootstrapped else { continue }
            var isSeen = [Bool](repeating: false, count: rows)
            for row in sample { isSeen[row] = true }
            for row in 0..<rows where !isSeen[row] {
                let leaf = tree.leaf(matrix.row(row))
                for index in 0..<width { sums[row][index] += tree.values[leaf * width + index] }
                votes[row] += 1
            }
        }
        let total = importance.reduce(0, +)
        self.importance = total > 0 ? importance.map { $0 / total } : nil
        outOfBag = zip(sums, votes).map { sum, votes in votes > 0 ? sum.map { $0 / Double(votes) } : nil }
    }
}
