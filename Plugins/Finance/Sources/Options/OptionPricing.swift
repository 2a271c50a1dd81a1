package import PluginKit

package enum OptionPricing {
    package static func evaluate(_ input: OptionInput) throws(TaskFailure) -> OptionOutput {
        let style = input.style ?? .european
        let volatility = try volatility(input, style)
        let option = try option(input).with(volatility: volatility)
        var tree: Double?
        if let steps = input.steps ?? (style == .american ? 500 : nil) {
            guard (1...5_000).contains(steps) else { throw .invalid("/steps: must be 1 to 5000") }
            tree = try BinomialTree.price(option, style: style, steps: steps)
        }
        let isEuropean = style == .european
        let price = isEuropean ? option.price : tree ?? option.price
        guard price.isFinite, option.d1.isFinite else { throw .invalid("these figures give no finite price") }
        return OptionOutput(
            price: price, d1: isEuropean ? option.d1 : nil, d2: isEuropean ? option.d2 : nil,
            volatility: volatility, implied: input.volatility == nil, greeks: isEuropean ? option.greeks : nil,
            treePrice: tree, evidence: evidence(input, style))
    }

    private static func option(_ input: OptionInput) throws(TaskFailure) -> BlackScholesMerton {
        let places: [(String, Double, ClosedRange<Double>)] = [
            ("spot", input.spot, 1e-6...1e12), ("strike", input.strike, 1e-6...1e12),
            ("years", input.years, 1e-6...100), ("rate", input.rate, -1...10),
            ("dividend_yield", input.dividendYield ?? 0, -1...10),
        ]
        for (name, value, range) in places where !range.contains(value) {
            throw .invalid("/\(name): \(value) must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return BlackScholesMerton(
            right: input.right, spot: input.spot, strike: input.strike, years: input.years, rate: input.rate,
            dividendYield: input.dividendYield ?? 0, volatility: 0.2)
    }

    private static func volatility(_ input: OptionInput, _ style: OptionStyle) throws(TaskFailure) -> Double {
        switch (input.volatility, input.price) {
        case (let given?, nil):
            guard (1e-4...10).contains(given) else { throw .invalid("/volatility: must be from 0.0001 to 10") }
            return given
        case (nil, let price?):
            guard style == .european else { throw .invalid("/price: volatility is implied by European options only") }
            return try implied(try option(input), price)
        default: throw .invalid("give volatility or price, one of them")
        }
    }

    /// The price rises with the volatility, so there is one volatility at most; found by bisection.
    private static func implied(_ option: BlackScholesMerton, _ price: Double) throws(TaskFailure) -> Double {
        let bounds = option.bounds
        guard price.isFinite, price > bounds.lowerBound, price < bounds.upperBound else {
            throw .invalid(
                "/price: \(price) lies outside what no-arbitrage allows, \(bounds.lowerBound) to"
                    + " \(bounds.upperBound)")
        }
        var low = 1e-4, high = 10.0
        guard option.with(volatility: low).price <= price, option.with(volatility: high).price >= price else {
            throw .invalid("/price: no volatility from 0.0001 to 10 gives \(price)")
        }
        // Deep in the money the price hardly moves: then the figure would be rounding error.
        for _ in 0..<200 {
            let middle = low + (high - low) / 2
            guard middle > low, middle < high else { break }
            if option.with(volatility: middle).price < price { low = middle } else { high = middle }
        }
        let found = low + (high - low) / 2
        guard option.with(volatility: found).greeks.vega > 1e-9 * option.spot else {
            throw .invalid("/price: does not depend on the volatility here, so it implies none")
        }
        return found
    }

    private static func evidence(_ input: OptionInput, _ style: OptionStyle) -> Evidence {
        Evidence(
            method: style == .european
                ? "Black-Scholes-Merton" : "Cox-Ross-Rubinstein tree with early exercise",
            source: "Black and Scholes 1973; Merton 1973; Cox, Ross and Rubinstein 1979;"
                + " Hull, Options, Futures, and Other Derivatives, ch. 15, 17, 19, 21",
            inputs: ["spot \(input.spot), strike \(input.strike), \(input.years) years", "rate \(input.rate)"],
            assumptions: [
                "Constant volatility, rate and dividend yield; log-normal prices; no costs.",
                "Vega and rho are for a change by 1, theta for a year.",
            ],
            uncertainty: style == .european
                ? "The formula is exact to about 12 digits; the model is not the market."
                : "The tree's error falls as 1 / steps; the model is not the market.")
    }
}
