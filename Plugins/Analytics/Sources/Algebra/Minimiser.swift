import Glibc

/// Nelder and Mead 1965 inside a box, started again from where it ended until that gains nothing: no derivatives, no
/// randomness, bounded.
enum Minimiser {
    static func minimum(
        from start: [Double], in box: [ClosedRange<Double>], step: Double = 0.1, maximumCalls: Int = 6_000,
        _ function: ([Double]) -> Double
    ) -> (point: [Double], value: Double) {
        var calls = 0
        func clamped(_ point: [Double]) -> [Double] {
            point.indices.map { min(box[$0].upperBound, max(box[$0].lowerBound, point[$0])) }
        }
        func value(_ point: [Double]) -> Double {
            calls += 1
            let value = function(point)
            return value.isNaN ? .infinity : value
        }
        var best = (point: clamped(start), value: value(clamped(start))), width = step
        for _ in 0..<12 where calls < maximumCalls && !Task.isCancelled {
            let before = best.value
            let found = simplex(best, width, clamped, value) { calls >= maximumCalls || Task.isCancelled }
            if found.value < best.value { best = found }
            if before - best.value <= 1e-13 * before.magnitude, width < step { break }
            width *= 0.3
        }
        return best
    }

    private typealias Vertex = (point: [Double], value: Double)

    private static func simplex(
        _ start: Vertex, _ width: Double, _ clamped: ([Double]) -> [Double], _ value: ([Double]) -> Double,
        _ isOver: () -> Bool
    ) -> Vertex {
        let size = start.point.count
        var vertices: [Vertex] = [start]
        for index in 0..<size {
            var point = start.point
            point[index] += width
            if clamped(point) == start.point { point[index] -= 2 * width }
            point = clamped(point)
            vertices.append((point, value(point)))
        }
        while !isOver() {
            vertices.sort { $0.value < $1.value }
            let spread = (0..<size).reduce(0) { widest, column in
                max(widest, vertices.reduce(0) { max($0, ($1.point[column] - vertices[0].point[column]).magnitude) })
            }
            if spread < 1e-11 { break }
            let worst = vertices[size]
            var centre = [Double](repeating: 0, count: size)
            for vertex in vertices.dropLast() {
                for column in 0..<size { centre[column] += vertex.point[column] / Double(size) }
            }
            func along(_ factor: Double) -> Vertex {
                let point = clamped((0..<size).map { centre[$0] + factor * (worst.point[$0] - centre[$0]) })
                return (point, value(point))
            }
            let reflected = along(-1)
            if reflected.value < vertices[0].value {
                let expanded = along(-2)
                vertices[size] = expanded.value < reflected.value ? expanded : reflected
            } else if reflected.value < vertices[max(size - 1, 0)].value {
                vertices[size] = reflected
            } else {
                let contracted = reflected.value < worst.value ? along(-0.5) : along(0.5)
                if contracted.value < min(worst.value, reflected.value) {
                    vertices[size] = contracted
                } else {
                    for index in 1...size {
                        let point = clamped(
                            (0..<size).map { (vertices[index].point[$0] + vertices[0].point[$0]) / 2 })
                        vertices[index] = (point, value(point))
                    }
                }
            }
        }
        return vertices.min { $0.value < $1.value } ?? start
    }
}
