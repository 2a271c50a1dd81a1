import Glibc

enum Softmax {
    /// Shifted by the largest, so that nothing overflows.
    static func shares(_ sums: [Double]) -> [Double] {
        let largest = sums.max() ?? 0, parts = sums.map { exp($0 - largest) }, total = parts.reduce(0, +)
        return parts.map { $0 / total }
    }
}
