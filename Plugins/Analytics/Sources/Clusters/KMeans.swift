/// k-means by Lloyd's steps (Lloyd 1982) from starts by k-means++ (Arthur and Vassilvitskii 2007).
struct KMeans {
    var centres: Matrix
    var labels: [Int]
    /// The sum of squared distances to the centres.
    var inertia: Double
    var iterations: Int

    /// - Parameter restarts: how many starts; the best end is kept.
    static func best(_ matrix: Matrix, clusters: Int, restarts: Int, seed: Int) -> KMeans {
        var generator = Generator(seed: seed)
        var best = KMeans(matrix, clusters, &generator)
        for _ in 1..<max(restarts, 1) {
            let next = KMeans(matrix, clusters, &generator)
            if next.inertia < best.inertia { best = next }
        }
        return best
    }

    private init(_ matrix: Matrix, _ clusters: Int, _ generator: inout Generator) {
        centres = Self.start(matrix, clusters, &generator)
        labels = [Int](repeating: -1, count: matrix.rowCount)
        inertia = .infinity
        iterations = 0
        while iterations < 300, !Task.isCancelled {
            iterations += 1
            let (next, distances) = Self.assign(matrix, centres)
            inertia = distances.reduce(0, +)
            if next == labels { break }
            labels = next
            move(matrix, distances)
        }
    }

    private static func start(_ matrix: Matrix, _ clusters: Int, _ generator: inout Generator) -> Matrix {
        let count = matrix.rowCount
        var chosen = [generator.integer(below: count)]
        var distances = (0..<count).map { matrix.squaredDistance($0, chosen[0]) }
        while chosen.count < clusters {
            let total = distances.reduce(0, +)
            var next = generator.integer(below: count)
            if total > 0 {
                var rest = generator.uniform() * total
                next = distances.lastIndex { $0 > 0 } ?? next
                for index in 0..<count where distances[index] > 0 {
                    rest -= distances[index]
                    if rest < 0 {
                        next = index
                        break
                    }
                }
            }
            chosen.append(next)
            for index in 0..<count { distances[index] = min(distances[index], matrix.squaredDistance(index, next)) }
        }
        return matrix.rows(chosen)
    }

    private static func assign(_ matrix: Matrix, _ centres: Matrix) -> (labels: [Int], distances: [Double]) {
        var labels = [Int](repeating: 0, count: matrix.rowCount)
        var distances = [Double](repeating: 0, count: matrix.rowCount)
        let width = matrix.columnCount
        matrix.values.withUnsafeBufferPointer { values in
            centres.values.withUnsafeBufferPointer { centres in
                for row in labels.indices {
                    var best = Double.infinity
                    for centre in 0..<centres.count / width {
                        var sum = 0.0
                        for column in 0..<width {
                            let difference = values[row * width + column] - centres[centre * width + column]
                            sum += difference * difference
                        }
                        if sum < best { (best, labels[row]) = (sum, centre) }
                    }
                    distances[row] = best
                }
            }
        }
        return (labels, distances)
    }

    /// Centres go to the means; one that lost all its rows goes to the row farthest from its own centre.
    private mutating func move(_ matrix: Matrix, _ distances: [Double]) {
        let width = matrix.columnCount
        var sums = Matrix(rowCount: centres.rowCount, columnCount: width),
            sizes = [Double](repeating: 0, count: centres.rowCount)
        for row in labels.indices {
            sizes[labels[row]] += 1
            for column in 0..<width { sums[labels[row], column] += matrix[row, column] }
        }
        var far = distances
        for centre in sizes.indices {
            if sizes[centre] > 0 {
                for column in 0..<width { centres[centre, column] = sums[centre, column] / sizes[centre] }
            } else if let row = far.indices.max(by: { far[$0] < far[$1] }), far[row] > 0 {
                for column in 0..<width { centres[centre, column] = matrix[row, column] }
                far[row] = 0
            }
        }
    }
}
