import Glibc

/// Isolation forest (Liu, Ting and Zhou 2008): what is rare is cut off by few random cuts.
struct IsolationForest: Codable, Sendable, Predictor {
    /// A leaf's value is the length of the path to it, with c(n) added for the n rows left in it.
    var trees: [Tree]
    var sampleSize: Int

    enum CodingKeys: String, CodingKey {
        case trees
        case sampleSize = "sample_size"
    }

    init(_ matrix: Matrix, trees count: Int, sampleSize: Int, seed: Int) {
        var generator = Generator(seed: seed)
        let size = min(sampleSize, matrix.rowCount)
        self.sampleSize = size
        let limit = Int(ceil(log2(Double(max(size, 2)))))
        trees = (0..<count).map { _ in
            Self.tree(matrix, generator.sample(size, below: matrix.rowCount), limit, &generator)
        }
    }

    private static func tree(_ matrix: Matrix, _ rows: [Int], _ limit: Int, _ generator: inout Generator) -> Tree {
        var tree = Tree()
        func add(_ rows: [Int], _ depth: Int) -> Int {
            tree.feature.append(-1)
            tree.threshold.append(0)
            tree.left.append(0)
            tree.right.append(0)
            tree.values.append(Double(depth) + averagePath(rows.count))
            return tree.feature.count - 1
        }
        var waiting = [(node: add(rows, 0), rows: rows, depth: 0)]
        while let (node, rows, depth) = waiting.popLast() {
            guard depth < limit, rows.count > 1 else { continue }
            var open: [(feature: Int, low: Double, high: Double)] = []
            for feature in 0..<matrix.columnCount {
                var low = Double.infinity, high = -Double.infinity
                for row in rows {
                    low = min(low, matrix[row, feature])
                    high = max(high, matrix[row, feature])
                }
                if low < high { open.append((feature, low, high)) }
            }
            guard !open.isEmpty else { continue }
            let (feature, low, high) = open[generator.integer(below: open.count)]
            let cut = min(low + generator.uniform() * (high - low), high.nextDown)
            tree.feature[node] = feature
            tree.threshold[node] = cut
            let below = rows.filter { matrix[$0, feature] <= cut }, above = rows.filter { matrix[$0, feature] > cut }
            tree.left[node] = add(below, depth + 1)
            tree.right[node] = add(above, depth + 1)
            waiting.append((tree.left[node], below, depth + 1))
            waiting.append((tree.right[node], above, depth + 1))
        }
        return tree
    }

    /// c(n): the mean path of an unsuccessful search in a binary tree of n; c(2) = 1 and c(1) = 0 as in the paper's
    /// second edition (2012), where H(i) ≈ ln i + γ is used from 3 on.
    static func averagePath(_ count: Int) -> Double {
        guard count > 2 else { return count == 2 ? 1 : 0 }
        let n = Double(count)
        return 2 * (log(n - 1) + 0.577_215_664_901_532_9) - 2 * (n - 1) / n
    }

    /// 2^(−E(h)/c(n)): near 1 an anomaly, well below 0.5 normal.
    func output(_ row: [Double]) -> [Double] {
        let mean = trees.reduce(0) { $0 + $1.values[$1.leaf(row)] } / Double(trees.count)
        return [exp2(-mean / max(Self.averagePath(sampleSize), 1))]
    }

    func isSound(features: Int, width: Int) -> Bool {
        sampleSize > 0 && width == 1 && !trees.isEmpty && trees.allSatisfy { $0.isSound(features: features, width: 1) }
    }
}

/// c(n) of the isolation forest, for those who check it.
package enum IsolationPath {
    package static func average(_ count: Int) -> Double { IsolationForest.averagePath(count) }
}
