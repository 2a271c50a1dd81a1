import Business
import PluginKit
import PluginTesting
import Testing
import TestSupport

@Suite("Business: price and funnel")
struct BusinessPricingTests {
    private func input(_ points: [(Int, Double)], cost: Int = 1_000) -> PricingInput {
        PricingInput(
            observations: points.map { PriceObservation(priceMinor: $0.0, units: $0.1) }, unitCostMinor: cost,
            minPriceMinor: 1, maxPriceMinor: 100_000)
    }

    @Test("a linear demand is found exactly, and its best price is half-way between cost and the price of no demand")
    func linear() throws {
        // units = 100 − price / 100: no demand at 10,000.
        let output = try Pricing.recommend(input([(2_000, 80), (4_000, 60), (7_000, 30)]))
        #expect(output.model == .linear)
        #expect(output.recommendedPriceMinor == 5_500 && output.unconstrainedPriceMinor == 5_500)
        #expect(abs(output.expectedUnits - 45) < 1e-9)
        #expect(output.profitMinor == 4_500 * 45)
        #expect(output.linear.map { abs($0.rSquared - 1) < 1e-12 } == true)
        #expect(output.binding.isEmpty)
    }

    @Test("a constant elasticity of −2 doubles the cost, the textbook mark-up")
    func constantElasticity() throws {
        let points = [1_000, 2_000, 3_000, 5_000].map { ($0, 4e8 / Double($0 * $0)) }
        let output = try Pricing.recommend(input(points, cost: 1_500))
        #expect(output.model == .constantElasticity)
        #expect(output.recommendedPriceMinor == 3_000)
        #expect(output.constantElasticity.map { abs($0.slope + 2) < 1e-9 } == true)
    }

    @Test("no allowed price earns more than the recommended one")
    func optimality() throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let slope = Double.random(in: 0.002...0.02, using: &random)
            let points = (0..<6).map { _ -> (Int, Double) in
                let price = Int.random(in: 500...8_000, using: &random)
                return (price, 200 - slope * Double(price) + Double.random(in: -5...5, using: &random))
            }
            var input = input(points, cost: Int.random(in: 0...3_000, using: &random))
            input.model = .linear
            input.priceStepMinor = [1, 10, 100].randomElement(using: &random)
            input.minPriceMinor = Int.random(in: 100...2_000, using: &random)
            input.maxPriceMinor = Int.random(in: 4_000...9_000, using: &random)
            input.capacityUnits = Double.random(in: 50...250, using: &random)
            guard let output = try? Pricing.recommend(input), let fit = output.linear else { continue }
            let step = input.priceStepMinor ?? 1, lowest = input.minPriceMinor ?? 0, highest = input.maxPriceMinor ?? 0
            for price in stride(from: (lowest + step - 1) / step * step, through: highest, by: step) {
                let units = min(input.capacityUnits ?? 0, max(0, fit.intercept + fit.slope * Double(price)))
                let profit = Double(price - input.unitCostMinor) * units
                #expect(profit <= Double(output.profitMinor) + 1, "seed \(seed): \(price) in \(input)")
            }
        }
    }

    @Test("without limits the price stays within what was observed, and says so")
    func observedRange() throws {
        let output = try Pricing.recommend(
            PricingInput(
                observations: [(1_000, 90.0), (2_000, 80), (3_000, 70)].map {
                    PriceObservation(priceMinor: $0.0, units: $0.1)
                }, unitCostMinor: 0))
        #expect(output.unconstrainedPriceMinor == 5_000 && output.recommendedPriceMinor == 3_000)
        #expect(output.binding == ["max_price"])
    }

    @Test("demand that rises with price is no demand curve")
    func risingDemand() {
        let failure = #expect(throws: TaskFailure.self) {
            try Pricing.recommend(input([(1_000, 10), (2_000, 20), (3_000, 30)]))
        }
        #expect(failure?.status == .invalid)
    }

    @Test("customers approach new customers over churn, and unit economics follow from the stages")
    func funnel() async throws {
        let harness = try TaskHarness(Business.self)
        let output: FunnelOutput = try await harness.run(
            "funnel",
            input: FunnelInput(
                months: 600, visitorsPerMonth: 1_000,
                stages: [FunnelStage(name: "trial", rate: 0.1), FunnelStage(name: "paid", rate: 0.5)],
                monthlyChurn: 0.05, priceMinor: 5_000, unitCostMinor: 1_000, costPerVisitorMinor: 200))
        #expect(output.months.last.map { abs($0.customers - 1_000) < 1e-6 } == true)
        #expect(output.months.first?.customers == 50)
        #expect(output.acquisitionCostMinor == 4_000 && output.lifetimeValueMinor == 80_000)
        #expect(output.valueToCost == 20 && output.paybackMonths == 1)
        #expect(output.stages.map(\.reached) == [100, 50])
    }

    @Test("the demand factor moves the last stage and never beyond everybody")
    func demandFactor() throws {
        var input = FunnelInput(
            months: 1, visitorsPerMonth: 100, stages: [FunnelStage(name: "paid", rate: 0.4)], monthlyChurn: 0,
            priceMinor: 1, unitCostMinor: 0, costPerVisitorMinor: 0, demandFactor: 0.5)
        #expect(try Funnel.run(input).months.first?.newCustomers == 20)
        input.demandFactor = 9
        let output = try Funnel.run(input)
        #expect(output.months.first?.newCustomers == 100 && output.lifetimeValueMinor == nil)
    }

    private static let seed = TestSeed.next()
    private var seed: UInt64 { Self.seed }
}
