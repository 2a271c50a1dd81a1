import Glibc

extension ScoreQuality {
    init(scores: [Double], probabilities: [Double]?, outcomes: [Bool], bins: Int) {
        let won = outcomes.count { $0 }, rate = Double(won) / Double(outcomes.count)
        self.init(
            leads: outcomes.count, conversions: won, auc: Self.auc(scores, outcomes),
            brierOfBaseRate: rate * (1 - rate), bins: [])
        guard let probabilities else { return }
        let pairs = zip(probabilities, outcomes)
        brier = pairs.reduce(0) { $0 + ($1.0 - ($1.1 ? 1 : 0)) * ($1.0 - ($1.1 ? 1 : 0)) } / Double(outcomes.count)
        let likelihood = pairs.reduce(0) { $0 + log($1.1 ? $1.0 : 1 - $1.0) }
        logLikelihood = likelihood.isFinite ? likelihood : nil
        addBins(probabilities, outcomes, bins)
    }

    /// The share of pairs that are in the right order, ties for a half: Mann and Whitney's statistic by mean ranks.
    private static func auc(_ scores: [Double], _ outcomes: [Bool]) -> Double? {
        let won = Double(outcomes.count { $0 }), lost = Double(outcomes.count) - won
        guard won > 0, lost > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var ranks = 0.0, start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, scores[order[end + 1]] == scores[order[start]] { end += 1 }
            let mean = Double(start + end) / 2 + 1
            ranks += mean * Double(order[start...end].count { outcomes[$0] })
            start = end + 1
        }
        return (ranks - won * (won + 1) / 2) / (won * lost)
    }

    /// Equally many leads in each bin, by rising probability.
    private mutating func addBins(_ probabilities: [Double], _ outcomes: [Bool], _ wanted: Int) {
        let order = probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
        let count = min(wanted, order.count)
        var statistic = 0.0
        for bin in 0..<count {
            let members = order[(order.count * bin / count)..<(order.count * (bin + 1) / count)]
            let size = Double(members.count), won = members.count { outcomes[$0] }
            let predicted = members.reduce(0) { $0 + probabilities[$1] } / size
            let share = Proportion(won, of: members.count)
            bins.append(
                CalibrationBin(
                    leads: members.count, predicted: predicted, observed: share.rate,
                    interval: share.wilson(z: 1.959963984540054)))
            let spread = size * predicted * (1 - predicted)
            let off = Double(won) - size * predicted
            if spread > 0 { statistic += off * off / spread }
        }
        guard count >= 3 else { return }
        hosmerLemeshow = statistic
        hosmerLemeshowPValue = Distributions.chiSquareUpper(statistic, degrees: Double(count - 2))
    }
}
