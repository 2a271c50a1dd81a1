import Glibc

/// Reproducible randomness: SplitMix64 (Steele, Lea and Flood 2014).
struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 0 ≤ u < 1.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func duration(_ activity: Activity, _ shape: DurationShape) -> Double {
        let low = activity.optimisticDays, span = activity.pessimisticDays - low
        guard span > 0 else { return low }
        let mode = (activity.likelyDays - low) / span
        switch shape {
        case .triangular:
            let u = uniform()
            return low + span * (u < mode ? (u * mode).squareRoot() : 1 - ((1 - u) * (1 - mode)).squareRoot())
        case .pert:
            let first = gamma(1 + 4 * mode), second = gamma(5 - 4 * mode)
            return low + span * first / (first + second)
        }
    }

    private mutating func normal() -> Double {
        // Box and Muller; 1 − u is never 0.
        (-2 * log(1 - uniform())).squareRoot() * cos(2 * Double.pi * uniform())
    }

    /// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000, for shapes from 1 on.
    private mutating func gamma(_ shape: Double) -> Double {
        let d = shape - 1 / 3.0, c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal(), root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }
}
