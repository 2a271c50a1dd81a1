import Glibc
import PluginKit

/// Cox, Ross and Rubinstein 1979: each step the price goes up by e^(σ√Δt) or down by its inverse.
enum BinomialTree {
    static func price(_ option: BlackScholesMerton, style: OptionStyle, steps: Int) throws(TaskFailure) -> Double {
        let step = option.years / Double(steps)
        let up = exp(option.volatility * step.squareRoot()), down = 1 / up
        let growth = exp((option.rate - option.dividendYield) * step)
        let probability = (growth - down) / (up - down)
        guard probability.isFinite, (0...1).contains(probability) else {
            throw .invalid(
                "/steps: with \(steps) steps the rate outgrows the volatility (probability \(probability));"
                    + " more steps are needed")
        }
        let discount = exp(-option.rate * step), sign = option.right == .call ? 1.0 : -1.0
        func payoff(_ level: Int, _ ups: Int) -> Double {
            let moves = Double(2 * ups - level) * option.volatility * step.squareRoot()
            return max(0, sign * (option.spot * exp(moves) - option.strike))
        }
        var values = (0...steps).map { payoff(steps, $0) }
        guard values.allSatisfy(\.isFinite) else {
            throw .invalid("/volatility: the highest price of the tree is not finite")
        }
        for level in stride(from: steps - 1, through: 0, by: -1) {
            for ups in 0...level {
                let held = discount * (probability * values[ups + 1] + (1 - probability) * values[ups])
                values[ups] = style == .american ? max(held, payoff(level, ups)) : held
            }
        }
        return values[0]
    }
}
