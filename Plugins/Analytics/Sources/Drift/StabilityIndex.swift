import Glibc

package enum StabilityIndex {
    /// Σ (q − p)·ln(q/p): the population stability index (Lewis 1994).
    package static func value(_ expected: [Double], _ actual: [Double]) -> Double {
        zip(expected, actual).reduce(0) { $0 + ($1.1 - $1.0) * log($1.1 / $1.0) }
    }
}
