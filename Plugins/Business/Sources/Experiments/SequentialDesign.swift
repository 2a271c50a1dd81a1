import Glibc
import PluginKit

/// Boundaries of a test that is looked at several times, by error spending (Lan and DeMets, "Discrete sequential
/// boundaries for clinical trials", 1983) with the recursion of Armitage, McPherson and Rowe (1969): the density of
/// the sum of those who have not stopped is carried from look to look on a grid.
struct SequentialDesign {
    let boundaries: [LookBoundary]

    init(_ looks: Looks, error: Double) throws(TaskFailure) {
        let times = looks.fractions
        guard !times.isEmpty, times.count <= 20, zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }),
            let first = times.first, first >= 0.001, times.last == 1
        else { throw .invalid("/looks/fractions: must rise from at least 0.001 to 1, at most 20 of them") }
        guard times.indices.contains(looks.current - 1) else {
            throw .invalid("/looks/current: there are \(times.count) looks")
        }
        var walk = BrownianWalk(), spent = 0.0, found: [LookBoundary] = []
        for (index, time) in times.enumerated() {
            let total = Self.spent(time, error: error, looks.spending ?? .obrienFleming)
            let z = walk.step(to: time, spending: max(0, total - spent))
            spent = total
            found.append(LookBoundary(look: index + 1, fraction: time, z: z, errorSpent: total))
        }
        boundaries = found
    }

    private static func spent(_ time: Double, error: Double, _ function: SpendingFunction) -> Double {
        switch function {
        // Each side spends half of the error by the function, as is usual; on both sides together it would be another.
        case .obrienFleming:
            2 * Distributions.normalTwoSided(Distributions.normalQuantile(1 - error / 4) / time.squareRoot())
        case .pocock: error * log(1 + (M_E - 1) * time)
        }
    }
}

/// Brownian motion at the looks, with those beyond a boundary taken out.
private struct BrownianWalk {
    private var time = 0.0
    /// Grid of the sum, and the density there times the weight of Simpson's rule; empty before the first look.
    private var points: [Double] = []
    private var masses: [Double] = []
    private static let steps = 800
    /// No boundary lies beyond; 2 · Φ(−8) is 1e-15.
    private static let far = 8.0

    /// Finds the boundary that lets `error` escape on both sides, and goes on with the rest.
    mutating func step(to next: Double, spending error: Double) -> Double {
        var low = 0.0, high = Self.far
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if escaping(middle, at: next) > error { low = middle } else { high = middle }
        }
        let z = (low + high) / 2
        carry(to: next, within: z)
        return z
    }

    private func escaping(_ z: Double, at next: Double) -> Double {
        let edge = z * next.squareRoot()
        guard !points.isEmpty else { return Distributions.normalTwoSided(z) }
        let deviation = (next - time).squareRoot()
        return zip(points, masses).reduce(0) { sum, pair in
            sum + pair.1
                * (Distributions.normalCDF((-edge - pair.0) / deviation)
                    + Distributions.normalCDF((pair.0 - edge) / deviation))
        }
    }

    private mutating func carry(to next: Double, within z: Double) {
        let edge = z * next.squareRoot(), width = 2 * edge / Double(Self.steps)
        let deviation = (next - time).squareRoot()
        var grid: [Double] = [], carried: [Double] = []
        for index in 0...Self.steps {
            let x = -edge + Double(index) * width
            let weight = (index == 0 || index == Self.steps ? 1.0 : index % 2 == 1 ? 4 : 2) * width / 3
            func density(_ distance: Double) -> Double {
                exp(-distance * distance / (2 * deviation * deviation)) / (deviation * (2 * Double.pi).squareRoot())
            }
            let value = points.isEmpty ? density(x) : zip(points, masses).reduce(0) { $0 + $1.1 * density(x - $1.0) }
            grid.append(x)
            carried.append(weight * value)
        }
        (points, masses, time) = (grid, carried, next)
    }
}
