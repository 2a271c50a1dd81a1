import Finance
import Foundation
import PluginKit
import PluginTesting
import Testing

@Suite("Finance: the shipped examples give what the README says")
struct FinanceExamplesTests {
    private func run<Output: Decodable>(_ task: String, _ file: String) async throws -> Output {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Plugins/Finance/Examples/\(file).json"))
        return try await finance(task, try JSONDecoder().decode(JSONValue.self, from: data))
    }

    @Test("loan, bond and option")
    func figures() async throws {
        let loan: LoanOutput = try await run("loan", "loan")
        #expect(loan.paymentMinor == 126_414)
        // The fee of 2,500 is part of what the loan costs.
        #expect(loan.effectiveAnnualRate.map { $0 > 0.068 && $0 < 0.069 } == true)
        let bond: BondOutput = try await run("bond", "bond")
        #expect(isFigure(bond.cleanPrice, 94.63436162, 5e-9) && bond.accruedMinor == 143_750)
        let option: OptionOutput = try await run("option", "option")
        #expect(isFigure(option.price, 4.76, 5e-3) && isFigure(option.treePrice, 4.76, 2e-2))
    }

    @Test("ten years of exchange rates: a back-test that reconciles, and the least volatile basket")
    func exchangeRates() async throws {
        let test: BackTestOutput = try await run("back-test", "back-test")
        #expect(test.days.count == 121 && test.days.first?.date == "2014-12-31" && !test.trades.isEmpty)
        // Equal parts of four currencies from January 2015 on: within a tenth of where they began.
        #expect(abs(test.benchmarkReturn) < 0.1 && abs(test.totalReturn) < 0.5)
        let basket: OptimisationOutput = try await run("optimise", "optimise")
        #expect(isFigure(basket.weights.reduce(0) { $0 + $1.weight }, 1, 1e-12) && basket.optimalityGap < 1e-9)
        #expect(basket.weights.allSatisfy { $0.weight <= 0.5 } && basket.volatility < 0.02)
    }

    @Test("the workshop's October: six pairs, one booking and one entry open, one bill unpaid")
    func close() async throws {
        let output: CloseOutput = try await run("monthly-close", "monthly-close")
        #expect(output.matches.count == 6 && output.statementDifferenceMinor == 0)
        #expect(output.unmatchedBank.map(\.amountMinor) == [-1_290] && output.unmatchedLedger.map(\.id) == ["J7"])
        #expect(output.bills.filter { $0.line == nil }.map(\.name) == ["insurance"])
        #expect(output.differenceMinor == -1_290 + 8_900 && !output.clean)
    }
}
