import Glibc

/// The normal distribution's probabilities, from the error function.
package enum NormalDistribution {
    /// 0 or 1 where there is no deviation.
    package static func probability(below value: Double, mean: Double, standardDeviation: Double) -> Double {
        guard standardDeviation > 0 else { return value >= mean ? 1 : 0 }
        let z = (value - mean) / standardDeviation
        return 0.5 * complementaryErrorFunction(-z / 2.0.squareRoot())
    }

    /// erfc(x) = 1 − erf(x), to about 1e-14.
    ///
    /// Source: Abramowitz & Stegun, "Handbook of Mathematical Functions", 7.1.6 (series of positive terms) below 2.5
    /// and 7.1.14 (continued fraction) above.
    package static func complementaryErrorFunction(_ x: Double) -> Double {
        if x < 0 { return 2 - complementaryErrorFunction(-x) }
        return x < 2.5 ? 1 - series(x) : continuedFraction(x)
    }

    /// erf x = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n + 1))
    private static func series(_ x: Double) -> Double {
        var term = x
        var sum = x
        var n = 1.0
        while term > sum * 1e-17, n < 200 {
            term *= 2 * x * x / (2 * n + 1)
            sum += term
            n += 1
        }
        return 2 / Double.pi.squareRoot() * exp(-x * x) * sum
    }

    /// √π · e^(x²) · erfc x = 1/(x + ½/(x + 1/(x + 3/2/(x + 2/(x + …))))), from the inside out.
    private static func continuedFraction(_ x: Double) -> Double {
        var value = x
        for n in stride(from: 60, through: 1, by: -1) { value = x + Double(n) / 2 / value }
        return exp(-x * x) / Double.pi.squareRoot() / value
    }
}
