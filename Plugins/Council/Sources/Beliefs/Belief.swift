import Glibc

/// What to believe after evidence, and what to do then.
package enum Belief {
    /// Bayes' rule over hypotheses that exclude one another and leave nothing out.
    ///
    /// - Parameter likelihoods: of each piece of evidence under each hypothesis; pieces are independent given it.
    /// - Returns: nil where the evidence is impossible under every hypothesis.
    package static func posterior(prior: [Double], likelihoods: [[Double]]) -> [Double]? {
        // In logarithms: many small likelihoods must not vanish.
        let logarithms = prior.indices.map { index in
            likelihoods.reduce(log(prior[index])) { $0 + log($1[index]) }
        }
        guard let largest = logarithms.max(), largest > -.infinity else { return nil }
        let weights = logarithms.map { exp($0 - largest) }, total = weights.reduce(0, +)
        return weights.map { $0 / total }
    }

    /// One opinion of several: the mean of probabilities (M. Stone, 1961), weighted.
    package static func linearPool(_ opinions: [[Double]], weights: [Double]) -> [Double] {
        let total = weights.reduce(0, +)
        return (opinions.first ?? []).indices.map { column in
            zip(opinions, weights).reduce(0) { $0 + $1.0[column] * $1.1 } / total
        }
    }

    /// The normalised product of powers (C. Genest and J. Zidek, *Statistical Science* 1(1), 1986). Nil where no
    /// outcome is possible for all.
    package static func logarithmicPool(_ opinions: [[Double]], weights: [Double]) -> [Double]? {
        let total = weights.reduce(0, +)
        let products = (opinions.first ?? []).indices.map { column in
            zip(opinions, weights).reduce(1) { $0 * pow($1.0[column], $1.1 / total) }
        }
        let sum = products.reduce(0, +)
        return sum > 0 ? products.map { $0 / sum } : nil
    }

    /// What each action is worth on average.
    ///
    /// - Parameter utilities: one row an action, one column a hypothesis.
    package static func expectedUtilities(_ utilities: [[Double]], beliefs: [Double]) -> [Double] {
        utilities.map { zip($0, beliefs).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    /// How much it would be worth, at most, to know the truth before acting (H. Raiffa and R. Schlaifer, 1961).
    package static func valueOfPerfectInformation(_ utilities: [[Double]], beliefs: [Double]) -> Double {
        let informed = beliefs.indices.reduce(0) { sum, column in
            sum + beliefs[column] * (utilities.map { $0[column] }.max() ?? 0)
        }
        return max(0, informed - (expectedUtilities(utilities, beliefs: beliefs).max() ?? 0))
    }

    /// The action whose largest regret over the hypotheses is least, for when nothing is known of their probabilities
    /// (L. J. Savage, 1951).
    package static func largestRegrets(_ utilities: [[Double]]) -> [Double] {
        let columns = utilities.first?.indices ?? 0..<0
        let best = columns.map { column in utilities.map { $0[column] }.max() ?? 0 }
        return utilities.map { row in zip(best, row).reduce(0) { max($0, $1.0 - $1.1) } }
    }
}
