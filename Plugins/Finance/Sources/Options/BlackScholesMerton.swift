import Glibc

/// The price of a European option and its derivatives (Black and Scholes 1973, Merton 1973; Hull, Options, Futures,
/// and Other Derivatives, ch. 15, 17 and 19).
struct BlackScholesMerton {
    let right: OptionRight
    let spot: Double
    let strike: Double
    let years: Double
    let rate: Double
    let dividendYield: Double
    let volatility: Double

    /// 1 of a call, −1 of a put.
    private var sign: Double { right == .call ? 1 : -1 }
    private var spread: Double { volatility * years.squareRoot() }
    private var discountedSpot: Double { spot * exp(-dividendYield * years) }
    private var discountedStrike: Double { strike * exp(-rate * years) }

    var d1: Double {
        (log(spot / strike) + (rate - dividendYield + volatility * volatility / 2) * years) / spread
    }
    var d2: Double { d1 - spread }

    var price: Double {
        max(0, sign * (discountedSpot * Normal.cumulative(sign * d1) - discountedStrike * Normal.cumulative(sign * d2)))
    }

    /// What no-arbitrage leaves to the price, whatever the volatility.
    var bounds: ClosedRange<Double> {
        let most = right == .call ? discountedSpot : discountedStrike
        return max(0, sign * (discountedSpot - discountedStrike))...most
    }

    var greeks: OptionGreeks {
        let density = Normal.density(d1), decay = exp(-dividendYield * years)
        let theta =
            -discountedSpot * density * volatility / (2 * years.squareRoot())
            - sign * rate * discountedStrike * Normal.cumulative(sign * d2)
            + sign * dividendYield * discountedSpot * Normal.cumulative(sign * d1)
        return OptionGreeks(
            delta: sign * decay * Normal.cumulative(sign * d1), gamma: decay * density / (spot * spread),
            vega: discountedSpot * density * years.squareRoot(), theta: theta, thetaPerDay: theta / 365,
            rho: sign * discountedStrike * years * Normal.cumulative(sign * d2))
    }

    func with(volatility: Double) -> BlackScholesMerton {
        BlackScholesMerton(
            right: right, spot: spot, strike: strike, years: years, rate: rate, dividendYield: dividendYield,
            volatility: volatility)
    }
}
