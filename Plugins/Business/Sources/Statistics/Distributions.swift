import Glibc

/// Distribution functions by the methods of *Numerical Recipes*, 3rd ed., §6; fractions by Lentz's method.
enum Distributions {
    /// By the complementary error function, so that small tails keep their digits.
    static func normalCDF(_ z: Double) -> Double { erfc(-z / 2.0.squareRoot()) / 2 }

    static func normalTwoSided(_ z: Double) -> Double { erfc(abs(z) / 2.0.squareRoot()) }

    static func normalQuantile(_ p: Double) -> Double { quantile(p, normalCDF) }

    /// P(|T| ≥ |t|).
    static func studentTwoSided(_ t: Double, degrees: Double) -> Double {
        incompleteBeta(degrees / 2, 0.5, degrees / (degrees + t * t))
    }

    static func studentQuantile(_ p: Double, degrees: Double) -> Double {
        quantile(p) { t in
            let tail = studentTwoSided(t, degrees: degrees) / 2
            return t < 0 ? tail : 1 - tail
        }
    }

    /// P(χ² ≥ x).
    static func chiSquareUpper(_ x: Double, degrees: Double) -> Double {
        guard x > 0 else { return 1 }
        guard x.isFinite else { return 0 }
        return incompleteGammaUpper(degrees / 2, x / 2)
    }

    /// Halves an interval that is first widened until it holds the answer.
    private static func quantile(_ p: Double, _ cdf: (Double) -> Double) -> Double {
        guard p > 0 else { return -.infinity }
        guard p < 1 else { return .infinity }
        var low = -1.0, high = 1.0
        while cdf(low) > p, low > -1e150 { low *= 2 }
        while cdf(high) < p, high < 1e150 { high *= 2 }
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if cdf(middle) < p { low = middle } else { high = middle }
        }
        return low + (high - low) / 2
    }

    static func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }

    /// I_x(a, b).
    static func incompleteBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let front = exp(a * log(x) + b * log1p(-x) - logBeta(a, b))
        return x < (a + 1) / (a + b + 2)
            ? front * betaFraction(a, b, x) / a : 1 - front * betaFraction(b, a, 1 - x) / b
    }

    private static func betaFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        func away(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }
        var c = 1.0, d = 1 / away(1 - (a + b) * x / (a + 1)), result = d
        for index in 1...100_000 {
            let m = Double(index)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / away(1 + even * d)
            c = away(1 + even / c)
            result *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / away(1 + odd * d)
            c = away(1 + odd / c)
            let change = d * c
            result *= change
            if (change - 1).magnitude < 1e-15 { break }
        }
        return result
    }

    /// Q(a, x).
    private static func incompleteGammaUpper(_ a: Double, _ x: Double) -> Double {
        let front = exp(-x + a * log(x) - lgamma(a))
        if x < a + 1 {
            var term = 1 / a, sum = term
            for index in 1...100_000 {
                term *= x / (a + Double(index))
                sum += term
                if term < sum * 1e-17 { break }
            }
            return 1 - sum * front
        }
        var b = x + 1 - a, c = 1e300, d = 1 / b, result = d
        for index in 1...100_000 {
            let factor = -Double(index) * (Double(index) - a)
            b += 2
            d = 1 / (factor * d + b)
            c = b + factor / c
            let change = d * c
            result *= change
            if (change - 1).magnitude < 1e-16 { break }
        }
        return front * result
    }
}
