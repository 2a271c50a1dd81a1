import Finance
import PluginKit
import PluginTesting
import Testing

@Suite("Finance: the tasks as the host runs them")
struct FinanceTaskTests {
    private static let periods: [Period] = [
        Period(label: "start", units: 0, fixedCostMinor: 0, investmentMinor: 100_000),
        Period(label: "year 1", units: 100, fixedCostMinor: 20_000),
        Period(label: "year 2", units: 150, fixedCostMinor: 20_000),
        Period(label: "year 3", units: 150, fixedCostMinor: 20_000),
    ]

    private func input(_ scenarios: [Scenario]? = nil) -> BusinessCaseInput {
        BusinessCaseInput(
            title: "Test", currency: "EUR", annualDiscountRate: 0.1, periodsPerYear: 1, periods: Self.periods,
            priceMinor: 1_000, unitCostMinor: 400, scenarios: scenarios)
    }

    private func run(_ input: BusinessCaseInput) async throws -> BusinessCaseOutput {
        try await TaskHarness(Finance.self).run("business-case", input: input)
    }

    @Test("the table adds up to the cent, and its NPV is the discounted sum")
    func table() async throws {
        let output = try await run(input())
        #expect(output.rows.map(\.netMinor) == [-100_000, 40_000, 70_000, 70_000])
        #expect(output.rows.map(\.cumulativeMinor) == [-100_000, -60_000, 10_000, 80_000])
        // −100000 + 40000/1.1 + 70000/1.21 + 70000/1.331 = 46806.91…
        #expect(output.base.npvMinor == 46_807)
        #expect(output.base.paybackPeriods.map { abs($0 - (1 + 6.0 / 7)) < 1e-12 } == true)
        #expect(output.base.lowestCumulativeMinor == -100_000)
        #expect(output.base.profitabilityIndex.map { abs($0 - 1.4680691) < 1e-6 } == true)
        // Fixed cost 60000 and investment 100000 over a contribution of 600.
        #expect(output.breakEven.units == 267)
        #expect(output.breakEven.firstPositivePeriod == "year 1")
        #expect(output.base.xirr == nil)
    }

    @Test("a scenario changes what it names and nothing else")
    func scenarios() async throws {
        let output = try await run(
            input([
                Scenario(name: "unchanged", probability: 0.5),
                Scenario(name: "late", probability: 0.25, delayPeriods: 1),
                Scenario(name: "half", probability: 0.25, volumeFactor: 0.5),
            ]))
        #expect(output.scenarios[0].npvChangeMinor == 0)
        // Units 0, 0, 100, 150: nets −100000, −20000, 40000, 70000.
        #expect(output.scenarios[1].evaluation.netMinor == -10_000)
        #expect(output.scenarios[2].evaluation.revenueMinor == 200_000)
        #expect(output.lossProbability == 0.5)
        let expected = output.scenarios.reduce(0) { $0 + ($1.probability ?? 0) * Double($1.evaluation.npvMinor) }
        #expect(output.expectedNpvMinor.map { abs(Double($0) - expected) <= 0.5 } == true)
    }

    @Test("the tornado is sorted by spread, and each break-even factor makes NPV zero")
    func sensitivity() async throws {
        let output = try await run(input())
        #expect(output.sensitivity.count == 6)
        #expect(output.sensitivity.map(\.spreadMinor) == output.sensitivity.map(\.spreadMinor).sorted(by: >))
        let volume = try #require(output.sensitivity.first { $0.driver == "volume" }?.breakEvenFactor)
        let atZero = try await run(input([Scenario(name: "zero", volumeFactor: volume)]))
        // Units are whole, so the zero is met to half a unit a year.
        #expect(abs(atZero.scenarios[0].evaluation.npvMinor) < 1_000)
    }

    @Test("dates on every row give XIRR; a date that does not exist names its pointer")
    func dates() async throws {
        var dated = input()
        for (index, date) in ["2026-01-01", "2027-01-01", "2028-01-01", "2029-01-01"].enumerated() {
            dated.periods[index].date = date
        }
        let output = try await run(dated)
        let irr = try #require(output.base.irr.rate), xirr = try #require(output.base.xirr?.rate)
        #expect(abs(irr - xirr) < 0.001)
        dated.periods[2].date = "2028-02-30"
        let failure = await #expect(throws: TaskFailure.self) { _ = try await run(dated) }
        #expect(failure?.status == .invalid)
        #expect(failure?.message.contains("/periods/2/date") == true)
    }

    @Test(
        "meaningless input is refused with the place that is wrong",
        arguments: [
            ([Scenario(name: "a"), Scenario(name: "a")], "unique"),
            ([Scenario(name: "a", probability: 0.5), Scenario(name: "b", probability: 0.4)], "sum to"),
        ])
    func refusals(scenarios: [Scenario], expected: String) async throws {
        let failure = await #expect(throws: TaskFailure.self) { _ = try await run(input(scenarios)) }
        #expect(failure?.message.contains(expected) == true)
    }

    @Test("amounts that overflow are refused, they do not trap")
    func overflow() async throws {
        var huge = input()
        huge.priceMinor = 10_000_000_000_000
        huge.periods[1].units = 1_000_000_000_000
        let failure = await #expect(throws: TaskFailure.self) { _ = try await run(huge) }
        #expect(failure?.status == .invalid)
    }

    @Test("a replay gives the same answer and computes nothing")
    func replay() async throws {
        let harness = try TaskHarness(Finance.self)
        let first: BusinessCaseOutput = try await harness.run("business-case", input: input())
        let second: BusinessCaseOutput = try await harness.replay()
        #expect(first.base.npvMinor == second.base.npvMinor)
        #expect(harness.performedEffects == 0)
    }

    @Test("the small tasks answer in minor units")
    func smallTasks() async throws {
        let harness = try TaskHarness(Finance.self)
        let npv: NpvOutput = try await harness.run(
            "npv", input: NpvInput(amountsMinor: [-1_000_000, 300_000, 420_000, 680_000], rate: 0.1, firstPeriod: 1))
        #expect(npv.npvMinor == 118_844)
        let irr: RateResult = try await harness.run("irr", input: IrrInput(amountsMinor: [-100, 60, 60]))
        #expect(irr.status == "unique")
        let xirr: RateResult = try await harness.run(
            "xirr",
            input: XirrInput(flows: [
                DatedAmount(date: "2025-01-01", amountMinor: -100), DatedAmount(date: "2026-01-01", amountMinor: 110),
            ]))
        #expect(xirr.rate.map { abs($0 - 0.1) < 1e-9 } == true)
        let point: BreakEvenOutput = try await harness.run(
            "break-even", input: BreakEvenInput(fixedCostMinor: 100_000, priceMinor: 500, unitCostMinor: 500))
        #expect(point.units == nil && point.contributionMinor == 0)
    }
}
