import Business
import Council
import Finance
import Foundation
import PluginKit
import PluginTesting
import Testing

@Suite("The shipped examples give what the READMEs of their departments say")
struct BusinessExamplesTests {
    private func example(_ path: String) throws -> JSONValue {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Plugins/" + path))
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }

    @Test("the workshop has an NPV of 14,029 EUR and an IRR of 20.8 %")
    func finance() async throws {
        let output: BusinessCaseOutput = try await TaskHarness(Finance.self).run(
            "business-case", input: try example("Finance/Examples/business-case.json"))
        #expect(output.base.npvMinor == 1_402_889)
        #expect(output.base.irr.annualRate.map { abs($0 - 0.2085) < 5e-5 } == true)
        #expect(output.base.xirr?.status == "unique" && output.expectedNpvMinor != nil)
    }

    @Test("own machines are recommended, and a cloud beyond the red line could only be decided by a person")
    func council() async throws {
        let harness = try TaskHarness(Council.self)
        let outcome: DecisionOutcome = try await harness.run(
            "decide", input: try example("Council/Examples/decide.json"))
        #expect(outcome.status == .accepted && outcome.recommendation.option == "own-machines")
        guard case .object(var members) = try example("Council/Examples/decide.json") else { return }
        members["proposal"] = .string("far-cloud")
        let other: DecisionOutcome = try await harness.run("decide", input: JSONValue.object(members))
        #expect(other.vetoes.map(\.executive) == [.legal] && other.escalatedToHuman)
    }

    @Test("the six observed prices have their best price at 51.00 EUR")
    func pricing() async throws {
        let output: PricingOutput = try await TaskHarness(Business.self).run(
            "pricing", input: try example("Business/Examples/pricing.json"))
        #expect(output.model == .linear && output.recommendedPriceMinor == 5_100)
    }
}
