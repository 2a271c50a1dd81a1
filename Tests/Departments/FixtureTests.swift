import Council
import Finance
import FoundationEssentials
import PluginKit
import PluginTesting
import Testing

/// Runs that a real host did, as `bureau replay export` wrote them.
@Suite("Recorded runs of departments")
struct FixtureTests {
    private static func fixture(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).json")
    }

    @Test("finance and council do today what they did when they were recorded")
    func unchanged() async throws {
        try await TaskHarness(Finance.self).replay(fixture: Self.fixture("finance-business-case"))
        try await TaskHarness(Council.self).replay(fixture: Self.fixture("council-decide"))
    }

    @Test("a department whose logic has changed is told apart, with the place")
    func changed() async throws {
        let url = Self.fixture("finance-business-case")
        let difference = await #expect(throws: ReplayDifference.self) {
            try await TaskHarness(OtherFinance.self).replay(fixture: url)
        }
        #expect(difference?.step == "evaluate")
        #expect(difference?.changes.first?.hasPrefix("/result/base/") == true, "\(String(describing: difference))")
    }
}

/// Finance whose case forgets the first period's investment.
private struct OtherFinance: Department {
    static let manifest = Finance.manifest
    static let tasks: [TaskDefinition<OtherFinance>] = [
        .task("business-case", summary: "Another case.") {
            (_: OtherFinance, input: BusinessCaseInput, context: TaskContext) async throws -> BusinessCaseOutput in
            try await context.step("evaluate", dependsOn: input) {
                var changed = input
                changed.periods[0].investmentMinor = 0
                return try BusinessCase.evaluate(changed)
            }
        }
    ]

    init(configuration: Configuration) {}
}
