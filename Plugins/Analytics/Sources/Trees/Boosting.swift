import Glibc

/// Gradient boosting (Friedman 2001): each small tree fits what the sum so far leaves, leaves set by a Newton step.
enum Boosting {
    struct Settings {
        var rounds: Int
        var rate: Double
        var limits: TreeGrower.Limits
        var seed: Int
        /// The share of the rows that a tree sees (Friedman 2002).
        var subsample: Double
    }

    static func regression(_ matrix: Matrix, _ target: [Double], _ settings: Settings) -> TreeModel {
        let base = Descriptive.mean(target)
        var model = TreeModel(join: .sum, leafWidth: 1, base: [base], trees: [])
        var sums = [Double](repeating: base, count: target.count), generator = Generator(seed: settings.seed)
        for _ in 0..<settings.rounds where !Task.isCancelled {
            let residuals = zip(target, sums).map { $0 - $1 }
            let tree = tree(matrix, residuals, nil, settings, &generator)
            for row in sums.indices { sums[row] += tree.values[tree.leaf(matrix.row(row))] }
            model.trees.append(tree)
        }
        return model
    }

    static func classification(_ matrix: Matrix, _ truth: [Int], classes: Int, _ settings: Settings) -> TreeModel {
        let count = Double(truth.count)
        var base = [Double](repeating: 0, count: classes)
        for index in truth { base[index] += 1 }
        base = base.map { log(max($0, 0.5) / count) }
        if classes == 2 { base = [base[1] - base[0]] }
        var model = TreeModel(join: .softmax, leafWidth: 1, base: base, trees: [])
        var sums = [[Double]](repeating: base, count: truth.count), generator = Generator(seed: settings.seed)
        for _ in 0..<settings.rounds where !Task.isCancelled {
            let shares = sums.map { $0.count == 1 ? [LinearModel.logistic($0[0])] : Softmax.shares($0) }
            for output in base.indices {
                let wanted = base.count == 1 ? 1 : output
                let residuals = truth.indices.map { (truth[$0] == wanted ? 1 : 0) - shares[$0][output] }
                let weights = truth.indices.map { shares[$0][output] * (1 - shares[$0][output]) }
                var tree = tree(matrix, residuals, weights, settings, &generator)
                if base.count > 1 {
                    let factor = Double(classes - 1) / Double(classes)
                    tree.values = tree.values.map { $0 * factor }
                }
                for row in sums.indices { sums[row][output] += tree.values[tree.leaf(matrix.row(row))] }
                model.trees.append(tree)
            }
        }
        return model
    }

    /// - Parameter weights: second derivatives for the Newton step Σ residuals / Σ weights; nil: the mean.
    private static func tree(
        _ matrix: Matrix, _ residuals: [Double], _ weights: [Double]?, _ settings: Settings,
        _ generator: inout Generator
    ) -> Tree {
        let rows = residuals.count
        var sample = Array(0..<rows)
        if settings.subsample < 1 {
            sample = generator.sample(max(1, Int(settings.subsample * Double(rows))), below: rows).sorted()
        }
        var grower = TreeGrower(
            matrix: matrix, goal: .numbers(residuals), limits: settings.limits,
            generator: Generator(seed: Int(truncatingIfNeeded: generator.next())))
        var tree = grower.grow(sample)
        if let weights {
            var sums = [Double](repeating: 0, count: tree.feature.count), curvature = sums
            for row in sample {
                let leaf = tree.leaf(matrix.row(row))
                sums[leaf] += residuals[row]
                curvature[leaf] += weights[row]
            }
            for leaf in tree.values.indices where tree.feature[leaf] < 0 {
                // A pure leaf has no curvature left; a step of 4 is e⁴ in the odds.
                tree.values[leaf] = curvature[leaf] > 1e-12 ? min(4, max(-4, sums[leaf] / curvature[leaf])) : 0
            }
        }
        tree.values = tree.values.map { $0 * settings.rate }
        return tree
    }
}
