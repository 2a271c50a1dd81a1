import Glibc
package import PluginKit

/// A budget over channels with diminishing returns: where money is spent at all, the next unit brings the same in every
/// channel (the multiplier of Lagrange), found by halving on it.
package enum Campaign {
    package static func evaluate(_ input: CampaignInput) throws(TaskFailure) -> CampaignOutput {
        let budget = Double(input.budgetMinor)
        guard (1...10_000_000_000_000).contains(input.budgetMinor) else {
            throw .invalid("/budget_minor: must be 1 to 10^13")
        }
        let (curves, ranges) = try channels(input)
        let least = ranges.reduce(0) { $0 + $1.lowerBound }, most = ranges.reduce(0) { $0 + $1.upperBound }
        guard least <= budget else {
            throw .invalid("/channels: their minima sum to \(Int(least)), above the budget of \(input.budgetMinor)")
        }
        // No more is spent than pays: one conversion is worth `value`, so the slope stays above its inverse.
        let floor = input.valueMinor.map { 1 / Double($0) } ?? 0
        func spends(_ price: Double) -> [Double] {
            zip(curves, ranges).map { $0.spend(slope: price, in: $1) }
        }
        var price = floor
        if spends(floor).reduce(0, +) > budget {
            var low = max(floor, 1e-300), high = 1e300
            for _ in 0..<400 {
                let middle = exp((log(low) + log(high)) / 2)
                if spends(middle).reduce(0, +) > budget { low = middle } else { high = middle }
            }
            price = high
        } else if floor == 0 {
            price = 1e-300
        }
        let exact = spends(price)
        let whole = rounded(exact, ranges, total: min(budget, exact.reduce(0, +)))
        return try output(input, curves, ranges, exact, whole, price: price, isSpent: most > budget)
    }

    private static func channels(
        _ input: CampaignInput
    ) throws(TaskFailure) -> (curves: [ResponseCurve], ranges: [ClosedRange<Double>]) {
        var names: Set<String> = [], curves: [ResponseCurve] = [], ranges: [ClosedRange<Double>] = []
        for (index, channel) in input.channels.enumerated() {
            let pointer = "/channels/\(index)"
            guard names.insert(channel.name).inserted else {
                throw .invalid("\(pointer)/name: \(channel.name) is there twice")
            }
            curves.append(try ResponseCurve(channel, at: pointer))
            let low = channel.minimumMinor ?? 0,
                high = min(channel.maximumMinor ?? input.budgetMinor, input.budgetMinor)
            guard 0 <= low, low <= high else {
                throw .invalid("\(pointer): its minimum \(low) is above its maximum \(high)")
            }
            ranges.append(Double(low)...Double(high))
        }
        guard !curves.isEmpty else { throw .invalid("/channels: none") }
        return (curves, ranges)
    }

    /// Down to whole units; what is left over goes, a unit each, to the largest fractions.
    private static func rounded(_ exact: [Double], _ ranges: [ClosedRange<Double>], total: Double) -> [Int] {
        var whole = exact.map { Int($0.rounded(.down)) }
        var left = Int((total + 1e-6).rounded(.down)) - whole.reduce(0, +)
        for index in exact.indices.sorted(by: {
            exact[$0] - exact[$0].rounded(.down) > exact[$1] - exact[$1].rounded(.down)
        })
        where left > 0 && Double(whole[index] + 1) <= ranges[index].upperBound {
            whole[index] += 1
            left -= 1
        }
        return whole
    }

    private static func output(
        _ input: CampaignInput, _ curves: [ResponseCurve], _ ranges: [ClosedRange<Double>], _ exact: [Double],
        _ whole: [Int], price: Double, isSpent: Bool
    ) throws(TaskFailure) -> CampaignOutput {
        let plans = input.channels.indices.map { plan(input.channels[$0], curves[$0], whole[$0]) }
        let spent = whole.reduce(0, +), conversions = plans.reduce(0) { $0 + $1.conversions }
        let left = input.budgetMinor - spent
        var warnings: [String] = []
        for (channel, spend) in zip(input.channels, whole) {
            if let most = channel.history?.map(\.spendMinor).max(), spend > 2 * most {
                warnings.append(
                    "\(channel.name): planned spend is more than twice what was ever tried; go there in steps")
            }
        }
        if let value = input.valueMinor, left > 0, isSpent {
            warnings.append("\(left) minor units stay unspent: a further conversion would cost more than its \(value)")
        }
        return CampaignOutput(
            channels: plans, spentMinor: spent, unspentMinor: left, conversions: conversions,
            shadowPrice: left > 0
                ? 0
                : zip(curves, zip(exact, ranges)).reduce(0) { best, channel in
                    channel.1.0 < channel.1.1.upperBound ? max(best, channel.0.slope(max(1, channel.1.0))) : best
                },
            profitMinor: try input.valueMinor.map { value throws(TaskFailure) in
                try Amount.rounded(conversions * Double(value) - Double(spent))
            },
            equalSplitConversions: equalSplit(Double(spent), curves, ranges),
            optimalityGap: gap(curves, ranges, exact, price: price), warnings: warnings,
            evidence: Evidence(
                method: "concave allocation: equal marginal returns by Lagrange's multiplier",
                source:
                    "Boyd and Vandenberghe, Convex Optimization, §5.5.3; Hill 1910 and Jin et al. 2017 for the curves",
                inputs: ["\(curves.count) channels, \(curves.count { $0.rSquared != nil }) of them fitted"],
                assumptions: [
                    "channels do not help or hurt one another", "past response to spend was caused by the spend",
                ],
                uncertainty: "a fit on history has no more to say than the spends that were tried"))
    }

    private static func plan(_ channel: Channel, _ curve: ResponseCurve, _ spend: Int) -> ChannelPlan {
        let conversions = curve.conversions(Double(spend)), slope = curve.slope(Double(spend))
        var plan = ChannelPlan(
            name: channel.name, model: curve.model, scale: curve.scale,
            exponent: curve.model == .saturating ? nil : curve.exponent, halfwayMinor: channel.halfwayMinor,
            rSquared: curve.rSquared, spendMinor: spend, conversions: conversions,
            costPerConversion: conversions > 0 ? Double(spend) / conversions : nil,
            marginalCost: slope > 1e-15 && slope.isFinite ? 1 / slope : nil)
        guard let history = channel.history, !history.isEmpty else { return plan }
        func ratio(_ part: Double?, _ whole: Double?, times factor: Double = 1) -> Double? {
            guard let part, let whole, whole > 0 else { return nil }
            return factor * part / whole
        }
        /// Nil unless every period says it: a sum over some periods would be compared with spend of all.
        func sum(_ member: (ChannelPeriod) -> Double?) -> Double? {
            let values = history.compactMap(member)
            return values.count == history.count ? values.reduce(0, +) : nil
        }
        let money = sum { Double($0.spendMinor) }, shown = sum(\.impressions), clicks = sum(\.clicks)
        let won = sum { $0.conversions }
        plan.pastSpendMinor = history.reduce(0) { $0 + $1.spendMinor }
        plan.costPerThousand = ratio(money, shown, times: 1_000)
        plan.clickRate = ratio(clicks, shown)
        plan.costPerClick = ratio(money, clicks)
        plan.conversionRate = ratio(won, clicks)
        plan.pastCostPerConversion = ratio(money, won)
        plan.returnOnSpend = ratio(sum { $0.revenueMinor.map(Double.init) }, money)
        return plan
    }

    /// The same amount for each, what a limit refuses being shared by the others.
    private static func equalSplit(_ total: Double, _ curves: [ResponseCurve], _ ranges: [ClosedRange<Double>])
        -> Double
    {
        var low = 0.0, high = total
        func shares(_ level: Double) -> [Double] { ranges.map { min($0.upperBound, max($0.lowerBound, level)) } }
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if shares(middle).reduce(0, +) > total { high = middle } else { low = middle }
        }
        return zip(curves, shares(low)).reduce(0) { $0 + $1.0.conversions($1.1) }
    }

    /// Inside its limits a channel's slope is the price; at its minimum not above it, at its maximum not below.
    private static func gap(
        _ curves: [ResponseCurve], _ ranges: [ClosedRange<Double>], _ spends: [Double], price: Double
    ) -> Double {
        zip(zip(curves, ranges), spends).map { channel, spend in
            let slope = channel.0.slope(spend), off = slope / price - 1
            if channel.1.lowerBound == channel.1.upperBound { return 0 }
            if spend <= channel.1.lowerBound { return max(0, off) }
            if spend >= channel.1.upperBound { return max(0, -off) }
            return abs(off)
        }.map { min($0, .greatestFiniteMagnitude) }.max() ?? 0
    }
}
