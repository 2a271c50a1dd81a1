import Finance
import Testing
import TestSupport

@Suite("Finance: published values of discounting and rates of return")
struct FinanceMathematicsTests {
    private func isClose(_ value: Double?, _ expected: Double, _ tolerance: Double) -> Bool {
        value.map { abs($0 - expected) <= tolerance } ?? false
    }

    @Test(
        "IRR gives the values of the Microsoft documentation of IRR",
        arguments: [
            ([-70_000, 12_000, 15_000, 18_000, 21_000], -0.0212448482),
            ([-70_000, 12_000, 15_000, 18_000, 21_000, 26_000], 0.0866309480),
            ([-70_000, 12_000, 15_000], -0.4435069413),
        ] as [([Double], Double)])
    func internalRateOfReturn(flows: [Double], expected: Double) {
        let result = RateOfReturn(of: Discounting.evenlySpaced(flows))
        #expect(result.status == .unique)
        #expect(isClose(result.rate, expected, 1e-9))
    }

    @Test("NPV gives the values of the Microsoft documentation of NPV")
    func netPresentValue() {
        let allDiscounted = Discounting.presentValue(
            of: [-10_000, 3_000, 4_200, 6_800], rate: 0.1, firstPeriod: 1)
        #expect(isClose(allDiscounted, 1188.4434, 5e-5))
        let shop = Discounting.presentValue(of: [-40_000, 8_000, 9_200, 10_000, 12_000, 14_500], rate: 0.08)
        #expect(isClose(shop, 1922.0616, 5e-5))
        let withLoss = Discounting.presentValue(
            of: [-40_000, 8_000, 9_200, 10_000, 12_000, 14_500, -9_000], rate: 0.08)
        #expect(isClose(withLoss, -3749.4651, 5e-5))
    }

    @Test("XIRR and XNPV give the values of the Microsoft documentation of XIRR and XNPV")
    func datedFlows() throws {
        let dates = try ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"].map {
            try #require(CivilDate($0))
        }
        let flows = Discounting.dated([-10_000, 2_750, 4_250, 3_250, 2_750], on: dates)
        // The documentation prints 0.373362535, the result of a solver that stops early; pyxirr agrees with this one.
        #expect(isClose(RateOfReturn(of: flows).rate, 0.3733625335, 5e-9))
        #expect(isClose(Discounting.presentValue(flows, rate: 0.09), 2086.6476, 5e-5))
    }

    @Test("flows with two rates of return are reported with both and with no single rate")
    func multipleRoots() {
        // −1600, 10000, −10000: 25 % and 400 % (Lorie and Savage, "Three Problems in Rationing Capital", 1955).
        let result = RateOfReturn(of: Discounting.evenlySpaced([-1_600, 10_000, -10_000]))
        #expect(result.status == .multipleRoots)
        #expect(result.rate == nil)
        #expect(result.roots.count == 2)
        #expect(isClose(result.roots.first, 0.25, 1e-9) && isClose(result.roots.last, 4, 1e-9))
    }

    @Test(
        "flows without a zero have no rate of return",
        arguments: [[1, 2, 3], [-1, -2], [0, 0], [10, -30, 25]] as [[Double]])
    func noRoot(flows: [Double]) {
        let result = RateOfReturn(of: Discounting.evenlySpaced(flows))
        #expect(result.status == .noRoot && result.rate == nil && result.roots.isEmpty)
    }

    @Test("roots that were put into a polynomial are all found again")
    func plantedRoots() {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let planted = (0..<Int.random(in: 1...4, using: &random))
                .map { _ in Double.random(in: -0.5...3, using: &random) }.sorted()
            guard zip(planted, planted.dropFirst()).allSatisfy({ $1 - $0 > 0.05 }) else { continue }
            // Π (x·(1 + r) − 1) in the discount factor x is zero where x = 1 / (1 + r).
            var flows = [1.0]
            for rate in planted {
                let shifted = [0] + flows.map { $0 * (1 + rate) }
                flows = zip(shifted, flows + [0]).map { $0 - $1 }
            }
            let result = RateOfReturn(of: Discounting.evenlySpaced(flows))
            #expect(result.roots.count == planted.count, "seed \(seed): \(planted) gave \(result.roots)")
            for (found, root) in zip(result.roots, planted) { #expect(abs(found - root) < 1e-6, "seed \(seed)") }
        }
    }

    @Test("the present value at every rate of return is zero")
    func rateMakesValueZero() {
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let flows = Discounting.evenlySpaced(
                (0..<Int.random(in: 2...40, using: &random)).map { _ in
                    Double.random(in: -1_000...1_000, using: &random)
                })
            for root in RateOfReturn(of: flows).roots {
                let size = flows.reduce(0) { $0 + abs(Discounting.presentValue([$1], rate: root)) }
                #expect(abs(Discounting.presentValue(flows, rate: root)) <= size * 1e-9, "seed \(seed)")
            }
        }
    }

    @Test("600 alternating flows are solved, not guessed at")
    func manySignChanges() {
        let flows = (0..<600).map { $0.isMultiple(of: 2) ? -100.0 : 101.0 }
        for root in RateOfReturn(of: Discounting.evenlySpaced(flows)).roots {
            let value = Discounting.presentValue(Discounting.evenlySpaced(flows), rate: root)
            #expect(abs(value) < 1e-3)
        }
    }

    @Test("NPV is linear in the flows")
    func linearity() {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let count = Int.random(in: 1...30, using: &random)
            let first = (0..<count).map { _ in Double.random(in: -1e6...1e6, using: &random) }
            let second = (0..<count).map { _ in Double.random(in: -1e6...1e6, using: &random) }
            let factor = Double.random(in: -3...3, using: &random)
            let rate = Double.random(in: -0.2...0.5, using: &random)
            let separate =
                Discounting.presentValue(of: first, rate: rate) + factor
                * Discounting.presentValue(of: second, rate: rate)
            let together = Discounting.presentValue(of: zip(first, second).map { $0 + factor * $1 }, rate: rate)
            #expect(abs(separate - together) <= 1e-9 * max(1e9, abs(separate)), "seed \(seed)")
        }
    }

    @Test("payback interpolates in the period that turns the sum for good")
    func payback() {
        #expect(Discounting.payback([-100, 40, 40, 40]) == 2.5)
        #expect(Discounting.payback([-100, 120, -50, 60]) == 2.5)
        #expect(Discounting.payback([-100, 40, 40]) == nil)
        #expect(Discounting.payback([10, 20]) == 0)
    }

    @Test("break-even covers the fixed cost with the fewest whole units")
    func breakEven() {
        var random = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let price = Int.random(in: 0...500, using: &random), cost = Int.random(in: 0...500, using: &random)
            let fixed = Int.random(in: 0...100_000, using: &random)
            let point = BreakEven(fixedCost: fixed, price: price, unitCost: cost)
            guard let units = point.units else {
                #expect(price <= cost && fixed > 0, "seed \(seed)")
                continue
            }
            #expect(units * (price - cost) >= fixed || fixed == 0, "seed \(seed)")
            #expect(units == 0 || (units - 1) * (price - cost) < fixed, "seed \(seed)")
        }
    }

    @Test("days are counted over leap years and refused where the calendar has none")
    func calendar() throws {
        #expect(CivilDate("1970-01-01")?.dayNumber == 0)
        #expect(CivilDate("2000-03-01")?.dayNumber == 11_017)
        #expect(CivilDate("2024-02-29") != nil)
        for text in ["2023-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-01-01", "2026-04-31", "", "+026-01-01"]
        {
            #expect(CivilDate(text) == nil, "\(text)")
        }
    }

    private static let seed = TestSeed.next()
    private var seed: UInt64 { Self.seed }
}
