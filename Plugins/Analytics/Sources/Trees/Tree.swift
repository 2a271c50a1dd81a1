/// A binary tree in arrays: node 0 is the root, a node's children come after it, a leaf has feature −1.
struct Tree: Codable, Sendable {
    var feature: [Int]
    var threshold: [Double]
    var left: [Int]
    var right: [Int]
    /// `width` numbers for each node.
    var values: [Double]

    init() { (feature, threshold, left, right, values) = ([], [], [], [], []) }

    /// A row goes left where its feature is ≤ the threshold.
    func leaf(_ row: [Double]) -> Int {
        var node = 0
        while feature[node] >= 0 { node = row[feature[node]] <= threshold[node] ? left[node] : right[node] }
        return node
    }

    func isSound(features: Int, width: Int) -> Bool {
        let count = feature.count
        guard count > 0, threshold.count == count, left.count == count, right.count == count,
            values.count == count * width
        else { return false }
        // Children after their parent: every walk ends.
        return feature.indices.allSatisfy {
            feature[$0] == -1
                || (0..<features ~= feature[$0] && $0 + 1..<count ~= left[$0] && $0 + 1..<count ~= right[$0])
        }
    }
}

/// Trees whose leaves are averaged (a forest) or summed onto a start value (boosting).
struct TreeModel: Codable, Sendable, Predictor {
    enum Join: String, Codable, CaseIterable, Sendable {
        case mean, sum
        /// A sum for each class, made into shares by softmax; one sum is the log odds of the second class.
        case softmax
    }

    var join: Join
    /// Numbers in a leaf.
    var leafWidth: Int
    /// Start values, one for each sum.
    var base: [Double]
    /// Tree i adds to sum i mod `base.count`.
    var trees: [Tree]

    func output(_ row: [Double]) -> [Double] {
        if join == .mean {
            var sum = [Double](repeating: 0, count: leafWidth)
            for tree in trees {
                let leaf = tree.leaf(row)
                for index in 0..<leafWidth { sum[index] += tree.values[leaf * leafWidth + index] }
            }
            return sum.map { $0 / Double(trees.count) }
        }
        var sums = base
        for (index, tree) in trees.enumerated() { sums[index % base.count] += tree.values[tree.leaf(row)] }
        guard join == .softmax else { return sums }
        if sums.count == 1 {
            let share = LinearModel.logistic(sums[0])
            return [1 - share, share]
        }
        return Softmax.shares(sums)
    }

    func isSound(features: Int, width: Int) -> Bool {
        let fits =
            switch join {
            case .mean: leafWidth == width
            case .sum: leafWidth == 1 && base.count == 1 && width == 1
            case .softmax: leafWidth == 1 && (base.count == width || (base.count == 1 && width == 2))
            }
        return fits && (!trees.isEmpty || join != .mean)
            && trees.allSatisfy { $0.isSound(features: features, width: leafWidth) }
    }
}
