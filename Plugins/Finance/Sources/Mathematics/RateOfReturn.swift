import Glibc
import PluginKit

/// Every rate at which a series of flows has present value zero, found without a starting guess.
///
/// With y = ln(1 + rate) the present value is f(y) = Σ cᵢ·e^(−tᵢ·y). Order the flows by time and count the sign
/// changes of cᵢ. Take τ between the times of one change: g(y) = e^(τ·y)·f(y) has the same roots, and the coefficients
/// of g′ are cᵢ·(τ − tᵢ), which have one change less. So the roots of g′, found the same way, cut the line into
/// pieces in which g is monotone, and each piece holds at most one root, found by bisection. This is the induction
/// that proves Descartes' rule of signs for real exponents (Laguerre 1883); it finds multiple roots and proves that
/// there are none, where a solver with a guess returns one of them or gives up.
package struct RateOfReturn: Equatable, Sendable {
    package enum Status: String, Equatable, Sendable {
        case unique
        case multipleRoots = "multiple_roots"
        case noRoot = "no_root"
    }

    package let status: Status
    /// In ascending order, each within (`minimumRate`, `maximumRate`).
    package let roots: [Double]

    /// The only root, or nil: where there are several, none of them is *the* rate of return.
    package var rate: Double? { status == .unique ? roots.first : nil }

    /// Rates are searched between −99.99 % and +1,000,000 % for each unit of time.
    package static let minimumRate = -0.9999
    package static let maximumRate = 10_000.0

    package init(of flows: [TimedAmount]) {
        var merged: [TimedAmount] = []
        for flow in flows.sorted(by: { $0.time < $1.time }) {
            if merged.last?.time == flow.time {
                merged[merged.count - 1].amount += flow.amount
            } else {
                merged.append(flow)
            }
        }
        let roots = Self.roots(merged.filter { $0.amount != 0 }).map { expm1($0) }
        self.roots = roots
        status = roots.isEmpty ? .noRoot : roots.count == 1 ? .unique : .multipleRoots
    }

    /// Each change of sign is a level of the search, and each level bisects between the roots below it: refuses
    /// what would take more than some seconds.
    static func checked(_ flows: [TimedAmount], at pointer: String) throws(TaskFailure) -> RateOfReturn {
        let signs = flows.sorted { $0.time < $1.time }.filter { $0.amount != 0 }.map { $0.amount < 0 }
        let changes = zip(signs, signs.dropFirst()).count { $0 != $1 }
        guard changes * changes * flows.count <= 10_000_000 else {
            throw .invalid("\(pointer): \(changes) changes of sign in \(flows.count) amounts are too many to search")
        }
        return RateOfReturn(of: flows)
    }

    /// Roots in y = ln(1 + rate), ascending.
    private static func roots(_ terms: [TimedAmount]) -> [Double] {
        guard
            let change = terms.indices.dropLast().first(where: { (terms[$0].amount < 0) != (terms[$0 + 1].amount < 0) })
        else { return [] }
        let pivot = (terms[change].time + terms[change + 1].time) / 2
        let scale = terms.reduce(0) { max($0, abs($1.time - pivot)) }
        let derivative = terms.map {
            TimedAmount(amount: $0.amount * (pivot - $0.time) / scale, time: $0.time)
        }
        let cuts = [log1p(minimumRate)] + roots(derivative) + [log1p(maximumRate)]
        var found: [Double] = []
        for (low, high) in zip(cuts, cuts.dropFirst()) where low < high {
            let lowSign = sign(terms, at: low, pivot: pivot), highSign = sign(terms, at: high, pivot: pivot)
            if lowSign == 0 { found.append(low) }
            if lowSign * highSign < 0 { found.append(bisect(terms, low, high, lowSign: lowSign, pivot: pivot)) }
        }
        return found
    }

    /// The sign of g(y), scaled by its largest exponential so that nothing overflows; 0 where the sum is nothing but
    /// rounding error.
    private static func sign(_ terms: [TimedAmount], at y: Double, pivot: Double) -> Double {
        let largest = terms.reduce(-Double.infinity) { max($0, (pivot - $1.time) * y) }
        var sum = 0.0, magnitude = 0.0
        for term in terms {
            let part = term.amount * exp((pivot - term.time) * y - largest)
            sum += part
            magnitude += abs(part)
        }
        return abs(sum) <= magnitude * 1e-14 ? 0 : sum < 0 ? -1 : 1
    }

    /// Halves the interval until no number lies between its ends.
    private static func bisect(
        _ terms: [TimedAmount], _ low: Double, _ high: Double, lowSign: Double, pivot: Double
    ) -> Double {
        var low = low, high = high
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            let middleSign = sign(terms, at: middle, pivot: pivot)
            if middleSign == 0 { return middle }
            if middleSign == lowSign { low = middle } else { high = middle }
        }
        return low + (high - low) / 2
    }
}
