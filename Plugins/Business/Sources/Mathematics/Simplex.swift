/// The smallest value of a function of a few variables by Nelder and Mead's simplex, *The Computer Journal* 7 (1965),
/// restarted until a restart gains nothing.
struct Simplex {
    var maximumEvaluations = 20_000
    var tolerance = 1e-12

    func minimise(_ start: [Double], _ function: ([Double]) -> Double) -> (point: [Double], value: Double) {
        var best = (point: start, value: function(start))
        for _ in 0..<10 {
            let next = descend(from: best.point, function)
            let gain = best.value - next.value
            if next.value < best.value { best = next }
            if gain <= tolerance * (1 + best.value.magnitude) { break }
        }
        return best
    }

    private func descend(
        from start: [Double], _ function: ([Double]) -> Double
    ) -> (point: [Double], value: Double) {
        typealias Corner = (point: [Double], value: Double)
        var corners: [Corner] = [(start, function(start))]
        for axis in start.indices {
            var point = start
            point[axis] += point[axis] == 0 ? 0.25 : 0.25 * max(0.1, point[axis].magnitude)
            corners.append((point, function(point)))
        }
        let count = Double(start.count)
        var evaluations = 0
        while evaluations < maximumEvaluations {
            corners.sort { $0.value < $1.value }
            let worst = corners[corners.count - 1], first = corners[0]
            if worst.value - first.value <= tolerance * (1e-3 + first.value.magnitude) { break }
            let centre = start.indices.map { axis in
                corners.dropLast().reduce(0) { $0 + $1.point[axis] } / count
            }
            func moved(_ factor: Double) -> Corner {
                let point = start.indices.map { centre[$0] + factor * (worst.point[$0] - centre[$0]) }
                evaluations += 1
                return (point, function(point))
            }
            let reflected = moved(-1)
            var replacement: Corner? = reflected
            if reflected.value < first.value {
                let expanded = moved(-2)
                if expanded.value < reflected.value { replacement = expanded }
            } else if reflected.value >= corners[corners.count - 2].value {
                let contracted = moved(reflected.value < worst.value ? -0.5 : 0.5)
                replacement = contracted.value < min(reflected.value, worst.value) ? contracted : nil
            }
            if let replacement {
                corners[corners.count - 1] = replacement
            } else {
                for index in corners.indices.dropFirst() {
                    let point = start.indices.map { (corners[index].point[$0] + first.point[$0]) / 2 }
                    corners[index] = (point, function(point))
                    evaluations += 1
                }
            }
        }
        return corners.min { $0.value < $1.value } ?? (start, function(start))
    }
}
