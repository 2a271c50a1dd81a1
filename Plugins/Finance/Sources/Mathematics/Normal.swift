import Glibc

/// The standard normal distribution.
enum Normal {
    static func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

    /// By the complementary error function, so that small tails keep their digits.
    static func cumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

    /// The inverse of ``cumulative(_:)``, by bisection to the last bit; `probability` lies between 0 and 1.
    static func quantile(_ probability: Double) -> Double {
        var low = -40.0, high = 40.0
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if cumulative(middle) < probability { low = middle } else { high = middle }
        }
        return low + (high - low) / 2
    }
}
