import Finance
import PluginKit
import PluginTesting
import Testing
import TestSupport

@Suite("Finance: bonds and options")
struct FinanceSecuritiesTests {
    private func bond(
        _ settlement: String, _ maturity: String, _ coupon: Double, _ rest: [String: JSONValue]
    ) async throws -> BondOutput {
        var input: [String: JSONValue] = [
            "settlement": .string(settlement), "maturity": .string(maturity), "coupon_rate": .double(coupon),
        ]
        input.merge(rest) { $1 }
        return try await finance("bond", .object(input))
    }

    @Test("PRICE, YIELD, DURATION and MDURATION give the values of the Microsoft documentation")
    func documented() async throws {
        let price = try await bond("2008-02-15", "2017-11-15", 0.0575, ["annual_yield": 0.065])
        #expect(isFigure(price.cleanPrice, 94.63436162, 5e-9))
        let yield = try await bond("2008-02-15", "2016-11-15", 0.0575, ["clean_price": 95.04287])
        #expect(isFigure(yield.annualYield, 0.065, 5e-8))
        let duration = try await bond(
            "2018-07-01", "2048-01-01", 0.08, ["annual_yield": 0.09, "day_count": "act/act"])
        #expect(isFigure(duration.macaulayDuration, 10.9191453, 5e-8))
        let modified = try await bond(
            "2008-01-01", "2016-01-01", 0.08, ["annual_yield": 0.09, "day_count": "act/act"])
        #expect(isFigure(modified.modifiedDuration, 5.73567, 5e-6))
    }

    @Test("day counts: 30/360 US knows February, 30E/360 does not; actual counts days")
    func dayCounts() async throws {
        func accrued(_ convention: String) async throws -> Int {
            try await bond(
                "2026-02-28", "2030-01-31", 0.06, ["annual_yield": 0.05, "day_count": .string(convention)]
            ).accruedDays
        }
        // From 31 January: to the 28th of February, 30 − 30 and 28 − 30 days of a month.
        #expect(try await accrued("30/360-us") == 28)
        #expect(try await accrued("30e/360") == 28)
        #expect(try await accrued("act/act") == 28)
        let leap = try await bond("2024-08-31", "2030-02-28", 0.06, ["annual_yield": 0.05, "frequency": 1])
        // From the last day of February (a 30th by the US rule) to the 31st of August (a 30th).
        #expect(leap.previousCoupon == "2024-02-29" && leap.accruedDays == 180)
    }

    @Test("price and yield undo each other; duration and convexity are the derivatives of the price")
    func derivatives() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let coupon = Double.random(in: 0...0.12, using: &random),
                yield = Double.random(in: -0.02...0.2, using: &random)
            let rest: [String: JSONValue] = [
                "day_count": .string(
                    ["30/360-us", "act/act", "act/360", "act/365", "30e/360"].randomElement(using: &random) ?? ""),
                "frequency": .integer([1, 2, 4, 12].randomElement(using: &random) ?? 1),
            ]
            let maturity = "20\(Int.random(in: 28...60, using: &random))-08-31"
            func at(_ shift: Double) async throws -> BondOutput {
                try await bond(
                    "2026-11-22", maturity, coupon, rest.merging(["annual_yield": .double(yield + shift)]) { $1 })
            }
            let middle = try await at(0), up = try await at(1e-4), down = try await at(-1e-4)
            let slope = (down.dirtyPrice - up.dirtyPrice) / 2e-4 / middle.dirtyPrice
            let bend = (up.dirtyPrice + down.dirtyPrice - 2 * middle.dirtyPrice) / 1e-8 / middle.dirtyPrice
            #expect(isFigure(slope, middle.modifiedDuration, 1e-4 * max(1, slope)), "seed \(seed)")
            #expect(isFigure(bend, middle.convexity, 1e-2 * max(1, bend)), "seed \(seed)")
            let back = try await bond(
                "2026-11-22", maturity, coupon, rest.merging(["clean_price": .double(middle.cleanPrice)]) { $1 })
            #expect(isFigure(back.annualYield, yield, 1e-9), "seed \(seed)")
            #expect(isFigure(middle.flows.reduce(0) { $0 + $1.presentValue }, middle.dirtyPrice, 1e-9))
        }
    }

    @Test(
        "a bond that cannot be is refused",
        arguments: [
            (
                ["settlement": "2026-01-01", "maturity": "2026-01-01", "coupon_rate": 0.1, "annual_yield": 0.1],
                "/settlement"
            ),
            (
                ["settlement": "2026-01-01", "maturity": "2027-02-30", "coupon_rate": 0.1, "annual_yield": 0.1],
                "/maturity"
            ),
            (["settlement": "2026-01-01", "maturity": "2027-01-01", "coupon_rate": 0.1], "one of them"),
            (
                ["settlement": "2026-01-01", "maturity": "2327-01-01", "coupon_rate": 0.1, "annual_yield": 0.1],
                "200 years"
            ),
            (
                [
                    "settlement": "2026-01-01", "maturity": "2027-01-01", "coupon_rate": 0.1, "annual_yield": 0.1,
                    "frequency": 3,
                ], "/frequency"
            ),
            (
                ["settlement": "2026-01-01", "maturity": "2027-01-01", "coupon_rate": -1, "annual_yield": 0.1],
                "/coupon_rate"
            ),
            (
                ["settlement": "2026-01-01", "maturity": "2027-01-01", "coupon_rate": 0.1, "annual_yield": -2],
                "/annual_yield"
            ),
            (
                ["settlement": "2026-01-01", "maturity": "2036-01-01", "coupon_rate": 0.1, "clean_price": 1e-200],
                "/clean_price"
            ),
        ] as [(JSONValue, String)])
    func bondRefusals(input: JSONValue, expected: String) async throws {
        let message = try await financeRefusal("bond", input)
        #expect(message.contains(expected), "\(message)")
    }

    private func option(_ rest: [String: JSONValue]) async throws -> OptionOutput {
        try await finance("option", .object(rest))
    }

    @Test("Hull's example 15.6: call 4.76, put 0.81, d1 0.7693, d2 0.6278")
    func hull() async throws {
        var input: [String: JSONValue] = [
            "right": "call", "spot": 42, "strike": 40, "years": 0.5, "rate": 0.1, "volatility": 0.2,
        ]
        let call = try await option(input)
        #expect(isFigure(call.price, 4.76, 5e-3) && isFigure(call.d1, 0.7693, 5e-5) && isFigure(call.d2, 0.6278, 5e-5))
        input["right"] = "put"
        #expect(isFigure(try await option(input).price, 0.81, 5e-3))
    }

    @Test("Hull's Greeks of chapter 19: delta 0.522, gamma 0.066, vega 12.1, theta -4.31, rho 8.91")
    func greeks() async throws {
        let call = try await option([
            "right": "call", "spot": 49, "strike": 50, "years": .double(20.0 / 52), "rate": 0.05, "volatility": 0.2,
        ])
        #expect(isFigure(call.greeks?.delta, 0.522, 5e-4) && isFigure(call.greeks?.gamma, 0.066, 5e-4))
        #expect(isFigure(call.greeks?.vega, 12.1, 5e-2) && isFigure(call.greeks?.theta, -4.31, 5e-3))
        #expect(isFigure(call.greeks?.rho, 8.91, 5e-3))
    }

    @Test("Hull's American put on a tree of five steps is worth 4.49; the tree tends to the formula")
    func tree() async throws {
        var input: [String: JSONValue] = [
            "right": "put", "style": "american", "spot": 50, "strike": 50, "years": .double(5.0 / 12), "rate": 0.1,
            "volatility": 0.4, "steps": 5,
        ]
        let american = try await option(input)
        #expect(isFigure(american.price, 4.49, 5e-3))
        input["style"] = "european"
        input["steps"] = 2000
        let european = try await option(input)
        #expect(isFigure(european.treePrice, european.price, 5e-3))
        #expect(american.price > european.price)
    }

    @Test("put-call parity, implied volatility and numeric Greeks hold on random options")
    func properties() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let spot = Double.random(in: 50...150, using: &random), strike = Double.random(in: 60...140, using: &random)
            let years = Double.random(in: 0.1...3, using: &random),
                rate = Double.random(in: -0.02...0.1, using: &random)
            let yield = Double.random(in: 0...0.05, using: &random),
                volatility = Double.random(in: 0.1...0.9, using: &random)
            func at(_ right: String, spot: Double, years: Double) async throws -> OptionOutput {
                try await option([
                    "right": .string(right), "spot": .double(spot), "strike": .double(strike), "years": .double(years),
                    "rate": .double(rate), "dividend_yield": .double(yield), "volatility": .double(volatility),
                ])
            }
            let call = try await at("call", spot: spot, years: years),
                put = try await at("put", spot: spot, years: years)
            let forward = spot * exponential(-yield * years) - strike * exponential(-rate * years)
            #expect(isFigure(call.price - put.price, forward, 1e-9), "seed \(seed)")
            let step = 1e-4 * spot
            let up = try await at("put", spot: spot + step, years: years).price
            let down = try await at("put", spot: spot - step, years: years).price
            #expect(isFigure(put.greeks?.delta, (up - down) / 2 / step, 1e-5), "seed \(seed)")
            #expect(isFigure(put.greeks?.gamma, (up + down - 2 * put.price) / step / step, 1e-3), "seed \(seed)")
            let later = try await at("put", spot: spot, years: years - 1e-5).price
            let earlier = try await at("put", spot: spot, years: years + 1e-5).price
            #expect(isFigure(put.greeks?.theta, (later - earlier) / 2e-5, 1e-3), "seed \(seed)")
            guard let vega = put.greeks?.vega, vega > 1e-2 else { continue }
            let implied = try await option([
                "right": "put", "spot": .double(spot), "strike": .double(strike), "years": .double(years),
                "rate": .double(rate), "dividend_yield": .double(yield), "price": .double(put.price),
            ])
            #expect(isFigure(implied.volatility, volatility, 1e-6) && implied.implied, "seed \(seed)")
        }
    }

    /// e^x by its series, so that parity is checked without the code under test.
    private func exponential(_ x: Double) -> Double {
        (1...40).reduce((sum: 1.0, term: 1.0)) { ($0.sum + $0.term * x / Double($1), $0.term * x / Double($1)) }.sum
    }

    @Test(
        "an option that cannot be is refused",
        arguments: [
            (["right": "call", "spot": 0, "strike": 40, "years": 1, "rate": 0, "volatility": 0.2], "/spot"),
            (["right": "call", "spot": 40, "strike": 40, "years": 0, "rate": 0, "volatility": 0.2], "/years"),
            (["right": "call", "spot": 40, "strike": 40, "years": 1, "rate": 0], "one of them"),
            (["right": "call", "spot": 40, "strike": 40, "years": 1, "rate": 0, "price": 41], "no-arbitrage"),
            (["right": "call", "spot": 40, "strike": 40, "years": 1, "rate": 0, "volatility": 0], "/volatility"),
            (
                [
                    "right": "put", "style": "american", "spot": 40, "strike": 40, "years": 1, "rate": 0.5,
                    "volatility": 0.01, "steps": 2,
                ], "/steps"
            ),
            (
                [
                    "right": "call", "style": "american", "spot": 40, "strike": 40, "years": 100, "rate": 0,
                    "volatility": 10, "steps": 5000,
                ], "/volatility"
            ),
        ] as [(JSONValue, String)])
    func optionRefusals(input: JSONValue, expected: String) async throws {
        let message = try await financeRefusal("option", input)
        #expect(message.contains(expected), "\(message)")
    }
}
