import Finance
import PluginKit
import PluginTesting
import Testing
import TestSupport

@Suite("Finance: portfolios")
struct FinancePortfolioTests {
    @Test("time-weighted return ignores the size of flows, money-weighted does not")
    func performance() async throws {
        // 100 grows to 110 (+10 %), 890 come in, 1000 fall to 950 (−5 %).
        let output: PerformanceOutput = try await finance(
            "performance",
            [
                "valuations": [
                    ["date": "2025-01-01", "value_minor": 10_000],
                    ["date": "2026-01-01", "value_minor": 11_000, "flow_minor": 89_000],
                    ["date": "2027-01-01", "value_minor": 95_000],
                ]
            ])
        #expect(isFigure(output.timeWeighted, 1.1 * 0.95 - 1, 1e-12))
        #expect(isFigure(output.timeWeightedAnnual, 0.022252, 1e-6) && output.days == 730)
        // 10000 x² + 89000 x = 95000.
        #expect(isFigure(output.moneyWeightedAnnual, -0.0368216, 1e-6))
        // −4000 over 10000 + 89000 / 2.
        #expect(isFigure(output.modifiedDietz, -4_000 / 54_500, 1e-12) && output.gainMinor == -4_000)
    }

    @Test("risk figures of a series that can be computed by hand")
    func risk() async throws {
        let output: RiskOutput = try await finance(
            "risk",
            [
                "returns": [0.1, -0.2, 0.05, -0.1, 0.3], "periods_per_year": 1, "confidence": 0.8,
                "value_minor": 1_000_000,
            ])
        #expect(isFigure(output.meanAnnual, 0.03, 1e-12))
        // Deviations 0.07, −0.23, 0.02, −0.13, 0.27: squares sum to 0.148.
        #expect(isFigure(output.volatilityAnnual, (0.148 / 4).squareRoot(), 1e-12))
        #expect(isFigure(output.sharpe, 0.03 / (0.148 / 4).squareRoot(), 1e-12))
        #expect(isFigure(output.downsideAnnual, 0.1, 1e-12))
        // 1.1, 0.88, 0.924, 0.8316, 1.08108: the fall from 1.1 to 0.8316 is not made good.
        #expect(isFigure(output.drawdown.depth, 1 - 0.8316 / 1.1, 1e-12))
        #expect(output.drawdown.peakPeriod == 1 && output.drawdown.troughPeriod == 4)
        #expect(output.drawdown.recoveryPeriod == nil)
        // The fourth smallest loss of five is 0.1; the mean of the worst fifth is 0.2.
        #expect(isFigure(output.historical.valueAtRisk, 0.1, 1e-12) && output.valueAtRiskMinor == 100_000)
        #expect(isFigure(output.historical.expectedShortfall, 0.2, 1e-12))
        #expect(isFigure(output.normal.valueAtRisk, 0.8416212 * (0.148 / 4).squareRoot() - 0.03, 1e-7))
    }

    @Test("a drawdown that is made good says when; equal returns have no Sharpe ratio")
    func recovery() async throws {
        let output: RiskOutput = try await finance(
            "risk", ["returns": [-0.5, 1.0, 0.1], "periods_per_year": 12])
        #expect(output.drawdown.recoveryPeriod == 2 && isFigure(output.drawdown.depth, 0.5, 1e-12))
        let flat: RiskOutput = try await finance("risk", ["returns": [0.1, 0.1, 0.1], "periods_per_year": 12])
        #expect(flat.sharpe == nil && flat.volatilityAnnual == 0 && flat.skewness == nil)
    }

    @Test("expected shortfall is never below value at risk, and both scale with the returns")
    func riskProperties() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let returns = (0..<Int.random(in: 2...200, using: &random)).map { _ in
                Double.random(in: -0.1...0.1, using: &random)
            }
            let confidence = Double.random(in: 0.5...0.999, using: &random)
            func at(_ scale: Double) async throws -> RiskOutput {
                try await finance(
                    "risk",
                    [
                        "returns": .array(returns.map { .double($0 * scale) }), "periods_per_year": 252,
                        "confidence": .double(confidence),
                    ])
            }
            let one = try await at(1), two = try await at(2)
            #expect(one.historical.expectedShortfall >= one.historical.valueAtRisk - 1e-12, "seed \(seed)")
            #expect(one.normal.expectedShortfall >= one.normal.valueAtRisk, "seed \(seed)")
            #expect(isFigure(two.historical.valueAtRisk, 2 * one.historical.valueAtRisk, 1e-12), "seed \(seed)")
            #expect(isFigure(two.sharpe, one.sharpe ?? .nan, 1e-9), "seed \(seed)")
        }
    }

    @Test("two assets: the minimum variance and the tangency portfolio have their closed forms")
    func closedForms() async throws {
        let covariance: JSONValue = [[0.04, 0.006], [0.006, 0.09]]
        func assets(_ minimum: Double = -10, _ maximum: Double = 10) -> JSONValue {
            .array(
                [("a", 0.08), ("b", 0.12)].map { name, mean in
                    [
                        "name": .string(name), "expected_return": .double(mean), "minimum": .double(minimum),
                        "maximum": .double(maximum),
                    ]
                })
        }
        let least: OptimisationOutput = try await finance(
            "optimise", ["assets": assets(), "covariance": covariance, "goal": "minimum_variance"])
        // (σb² − σab) / (σa² + σb² − 2σab) = 0.084 / 0.118
        #expect(isFigure(least.weights[0].weight, 0.084 / 0.118, 1e-9) && least.optimalityGap < 1e-9)
        let best: OptimisationOutput = try await finance(
            "optimise",
            ["assets": assets(), "covariance": covariance, "goal": "maximum_sharpe", "risk_free": 0.02])
        // Σ⁻¹(0.06, 0.10) ∝ (0.09·0.06 − 0.006·0.10, 0.04·0.10 − 0.006·0.06) = (0.0048, 0.00364)
        #expect(isFigure(best.weights[0].weight, 0.0048 / 0.00844, 1e-9))
        let held: OptimisationOutput = try await finance(
            "optimise", ["assets": assets(0, 0.6), "covariance": covariance, "goal": "minimum_variance"])
        #expect(isFigure(held.weights[0].weight, 0.6, 1e-9) && held.weights[0].bound == "maximum")
        let target: OptimisationOutput = try await finance(
            "optimise",
            ["assets": assets(0, 1), "covariance": covariance, "goal": "target_return", "target_return": 0.11])
        #expect(isFigure(target.expectedReturn, 0.11, 1e-9) && isFigure(target.weights[1].weight, 0.75, 1e-9))
    }

    @Test("no feasible portfolio that chance finds is better than the optimum")
    func optimum() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for trial in 0..<25 {
            let count = Int.random(in: 2...8, using: &random)
            let returns = (0..<count).map { _ in (0..<60).map { _ in Double.random(in: -0.1...0.12, using: &random) } }
            let cap = max(0.4, 1.5 / Double(count))
            let assets = JSONValue.array(
                returns.enumerated().map { index, row in
                    [
                        "name": .string("a\(index)"), "maximum": .double(cap),
                        "returns": .array(row.map(JSONValue.double)),
                    ]
                })
            let goal = ["minimum_variance", "utility", "maximum_sharpe"][trial % 3]
            // Every mean lies above this, so that a ratio is defined.
            let output: OptimisationOutput = try await finance(
                "optimise", ["assets": assets, "goal": .string(goal), "risk_aversion": 3, "risk_free": -0.2])
            #expect(isFigure(output.weights.reduce(0) { $0 + $1.weight }, 1, 1e-9), "seed \(seed)")
            #expect(output.weights.allSatisfy { (0...cap + 1e-12).contains($0.weight) }, "seed \(seed)")
            #expect(output.optimalityGap < 1e-8, "seed \(seed)")
            func score(_ weights: [Double]) -> Double {
                let series = (0..<60).map { day in zip(weights, returns).reduce(0) { $0 + $1.0 * $1.1[day] } }
                let mean = series.reduce(0, +) / 60
                let variance = series.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 59
                switch goal {
                case "utility": return mean - 1.5 * variance
                case "maximum_sharpe": return (mean + 0.2) / variance.squareRoot()
                default: return -variance
                }
            }
            let best = score(output.weights.map(\.weight))
            for _ in 0..<200 {
                let raw = (0..<count).map { _ in Double.random(in: 0...1, using: &random) }
                let sum = raw.reduce(0, +), weights = raw.map { $0 / sum }
                guard weights.allSatisfy({ $0 <= cap }) else { continue }
                #expect(score(weights) <= best + 1e-9, "seed \(seed) \(goal)")
            }
        }
    }

    @Test(
        "an optimisation that cannot be is refused",
        arguments: [
            (
                [
                    "assets": [["name": "a", "expected_return": 0.1, "maximum": 0.5]], "covariance": [[0.04]],
                    "goal": "minimum_variance",
                ], "no weights"
            ),
            (
                ["assets": [["name": "a", "expected_return": 0.1]], "covariance": [[0]], "goal": "minimum_variance"],
                "positive definite"
            ),
            (
                [
                    "assets": [["name": "a", "returns": [0.1, 0.2]], ["name": "b", "returns": [0.1, 0.2]]],
                    "goal": "minimum_variance",
                ], "positive definite"
            ),
            (
                [
                    "assets": [["name": "a", "returns": [0.1, 0.2]], ["name": "a", "returns": [0.1, 0.3]]],
                    "goal": "utility",
                ], "twice"
            ),
            (
                [
                    "assets": [["name": "a", "returns": [0.1, 0.2]], ["name": "b", "returns": [0.1]]],
                    "goal": "utility",
                ], "/assets/1"
            ),
            (
                ["assets": [["name": "a", "expected_return": 0.1]], "covariance": [[0.04, 0.1]], "goal": "utility"],
                "/covariance"
            ),
            (
                ["assets": [["name": "a", "expected_return": 0.1]], "covariance": [[0.04]], "goal": "target_return"],
                "/target_return"
            ),
            (
                [
                    "assets": [["name": "a", "expected_return": 0.1]], "covariance": [[0.04]], "goal": "target_return",
                    "target_return": 0.2,
                ], "no weights"
            ),
            (
                [
                    "assets": [["name": "a", "expected_return": 0.1]], "covariance": [[0.04]], "goal": "maximum_sharpe",
                    "risk_free": 0.2,
                ], "no weights"
            ),
            (
                [
                    "assets": [["name": "a", "expected_return": 0.1]], "covariance": [[0.04]], "goal": "utility",
                    "groups": [["assets": ["b"]]],
                ], "/groups/0/assets/0"
            ),
        ] as [(JSONValue, String)])
    func optimisationRefusals(input: JSONValue, expected: String) async throws {
        let message = try await financeRefusal("optimise", input)
        #expect(message.contains(expected), "\(message)")
    }

    @Test("rebalancing keeps within the cash, counts costs to the cent and leaves what lies in the band")
    func rebalance() async throws {
        let output: RebalanceOutput = try await finance(
            "rebalance",
            [
                "cash_minor": 10_000, "band": 0.02, "cost_rate": 0.001, "cost_per_trade_minor": 100,
                "holdings": [
                    ["name": "stocks", "units": 800, "price_minor": 1_000, "target": 0.6],
                    ["name": "bonds", "units": 100, "price_minor": 1_000, "target": 0.3],
                    ["name": "gold", "units": 9, "price_minor": 10_000, "target": 0.09],
                ],
            ])
        // 1,000,000 in all: 200 stocks are sold for 200,000 with 300 of costs, 200 bonds are bought for the same.
        #expect(output.trades.map(\.units) == [-200, 200] && output.trades.map(\.costMinor) == [300, 300])
        #expect(output.cashMinor == 9_400 && output.costMinor == 600)
        #expect(isFigure(output.turnover, 0.2, 1e-12))
    }

    @Test("cash is never negative and value falls by the costs alone")
    func rebalanceProperties() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let count = Int.random(in: 1...6, using: &random)
            let prices = (0..<count).map { _ in Int.random(in: 1...50_000, using: &random) }
            let units = (0..<count).map { _ in Int.random(in: 0...500, using: &random) }
            let cash = Int.random(in: 1...1_000_000, using: &random)
            let output: RebalanceOutput = try await finance(
                "rebalance",
                [
                    "cash_minor": .integer(Int64(cash)), "cost_rate": 0.01, "cost_per_trade_minor": 50,
                    "holdings": .array(
                        (0..<count).map {
                            [
                                "name": .string("a\($0)"), "units": .integer(Int64(units[$0])),
                                "price_minor": .integer(Int64(prices[$0])), "target": .double(1 / Double(count)),
                            ]
                        }),
                ])
            let before = cash + zip(prices, units).reduce(0) { $0 + $1.0 * $1.1 }
            let after = output.cashMinor + zip(prices, output.holdings).reduce(0) { $0 + $1.0 * $1.1.units }
            #expect(output.cashMinor >= 0 && before - after == output.costMinor, "seed \(seed)")
            #expect(output.holdings.allSatisfy { $0.units >= 0 }, "seed \(seed)")
        }
    }

    @Test("30, 30, 20, 20 have an index of 2600 (US Department of Justice)")
    func concentration() async throws {
        let output: ConcentrationOutput = try await finance("concentration", ["amounts": [30, 30, 20, 20]])
        #expect(isFigure(output.herfindahl, 2_600, 1e-9))
        #expect(try await financeRefusal("concentration", ["amounts": [0, 0]]).contains("/amounts"))
        #expect(try await financeRefusal("concentration", ["amounts": [1, -1]]).contains("/amounts/1"))
    }
}

@Suite("Finance: back-tests")
struct FinanceBackTestTests {
    private func input(_ prices: [[Int]], _ strategy: JSONValue, cost: Double = 0) -> JSONValue {
        [
            "dates": .array(prices[0].indices.map { .string(Self.date($0)) }), "cash_minor": 10_000_000,
            "cost_rate": .double(cost), "strategy": strategy,
            "assets": .array(
                prices.enumerated().map { index, row in
                    ["name": .string("a\(index)"), "prices_minor": .array(row.map { .integer(Int64($0)) })]
                }),
        ]
    }

    /// Days of months of 28 days from the year 2001.
    private static func date(_ index: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "20\(two(index / 336 + 1))-\(two(index / 28 % 12 + 1))-\(two(index % 28 + 1))"
    }

    @Test("a buy is done at the close after the decision, and held")
    func hold() async throws {
        let output: BackTestOutput = try await finance(
            "back-test", input([[10_000, 20_000, 40_000, 30_000]], ["kind": "buy_and_hold"], cost: 0.01))
        // Decided at 100.00 for 1000 units; at 200.00 the cash with 1 % of costs pays for 495.
        try #require(output.trades.count == 1)
        #expect(output.trades[0].units == 495)
        #expect(output.trades[0].priceMinor == 20_000 && output.costMinor == 99_000)
        let cash = 10_000_000 - 495 * 20_000 - 99_000
        #expect(output.days.map(\.valueMinor) == [10_000_000, cash + 9_900_000, cash + 19_800_000, cash + 14_850_000])
        #expect(isFigure(output.benchmarkReturn, 0.5, 1e-12))
    }

    @Test(
        "altering the future changes nothing that was decided or done before",
        arguments: [
            ["kind": "moving_average", "fast": 3, "slow": 10], ["kind": "momentum", "lookback": 5, "top": 2],
            ["kind": "equal_weight", "every": 7], ["kind": "buy_and_hold"],
        ] as [JSONValue])
    func noLookAhead(strategy: JSONValue) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let prices = (0..<4).map { _ in
            (0..<200).reduce(into: [10_000]) { row, _ in
                row.append(max(100, (row.last ?? 100) + Int.random(in: -300...320, using: &random)))
            }
        }
        let original: BackTestOutput = try await finance("back-test", input(prices, strategy, cost: 0.001))
        for _ in 0..<8 {
            let today = Int.random(in: 2..<200, using: &random)
            let altered = prices.map { row in
                row.enumerated().map { $0 > today ? Int.random(in: 100...90_000, using: &random) : $1 }
            }
            let other: BackTestOutput = try await finance("back-test", input(altered, strategy, cost: 0.001))
            let last = Self.date(today)
            #expect(
                original.days.prefix(today + 1).map(\.valueMinor) == other.days.prefix(today + 1).map(\.valueMinor),
                "seed \(seed) day \(today)")
            func past(_ output: BackTestOutput) -> [String] {
                output.trades.filter { $0.done <= last }.map { "\($0.done) \($0.name) \($0.units) \($0.priceMinor)" }
            }
            #expect(past(original) == past(other), "seed \(seed) day \(today)")
            // What was decided today is done tomorrow, whatever tomorrow brings: the same assets in the same direction.
            func decided(_ output: BackTestOutput) -> [String] {
                output.trades.filter { $0.decided == last && $0.units < 0 }.map { "\($0.name) \($0.units)" }
            }
            #expect(decided(original) == decided(other), "seed \(seed) day \(today)")
        }
        if strategy != ["kind": "buy_and_hold"] { #expect(original.trades.count > 8) }
    }

    @Test("value is cash and holdings on each day, and all costs are counted")
    func books() async throws {
        let prices = [(0..<60).map { 1_000 + ($0 * 37) % 91 }, (0..<60).map { 2_000 + ($0 * 53) % 117 }]
        let output: BackTestOutput = try await finance(
            "back-test", input(prices, ["kind": "moving_average", "fast": 2, "slow": 5], cost: 0.002))
        var cash = 10_000_000, units = ["a0": 0, "a1": 0], costs = 0
        for (index, day) in output.days.enumerated() {
            for trade in output.trades where trade.done == day.date {
                cash -= trade.units * trade.priceMinor + trade.costMinor
                costs += trade.costMinor
                units[trade.name, default: 0] += trade.units
            }
            #expect(day.cashMinor == cash && cash >= 0)
            #expect(
                day.valueMinor == cash + (units["a0"] ?? 0) * prices[0][index] + (units["a1"] ?? 0) * prices[1][index])
        }
        #expect(costs == output.costMinor && costs > 0)
    }

    @Test(
        "a back-test that cannot be is refused",
        arguments: [
            ([[1, 2]], ["kind": "buy_and_hold"], "/dates"), ([[1, 2, 0]], ["kind": "buy_and_hold"], "/prices_minor/2"),
            ([[1, 2, 3], [1, 2]], ["kind": "buy_and_hold"], "/assets/1"),
            ([[1, 2, 3]], ["kind": "moving_average", "fast": 2], "/strategy"),
            ([[1, 2, 3]], ["kind": "moving_average", "fast": 2, "slow": 1], "/strategy"),
            ([[1, 2, 3]], ["kind": "momentum", "lookback": 9], "/strategy"),
            ([[1, 2, 3]], ["kind": "equal_weight", "every": 0], "/strategy/every"),
        ] as [([[Int]], JSONValue, String)])
    func refusals(prices: [[Int]], strategy: JSONValue, expected: String) async throws {
        let message = try await financeRefusal("back-test", input(prices, strategy))
        #expect(message.contains(expected), "\(message)")
    }
}
