package import PluginKit

/// Judges money: a cash-flow table with its scenarios, and the small calculations behind it.
package struct Finance: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.finance",
        department: "finance",
        version: "1.0.0",
        title: "Finance",
        summary: "Net present value, rates of return, payback, break-even, scenarios and sensitivity.",
        wants: Wants(models: [], tools: [], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Finance>] = [
        .task("business-case", summary: "Judges a cash-flow table with scenarios and sensitivity.") {
            (_: Finance, input: BusinessCaseInput, context: TaskContext) async throws -> BusinessCaseOutput in
            context.progress(0.1, "\(input.periods.count) periods, \(input.scenarios?.count ?? 0) scenarios")
            let output = try await context.step("evaluate", dependsOn: input) { try BusinessCase.evaluate(input) }
            context.progress(1, "internal rate of return: \(output.base.irr.status)")
            return output
        },
        .task("npv", summary: "Net present value of equal periods.") {
            (_: Finance, input: NpvInput, _: TaskContext) async throws -> NpvOutput in
            try SmallTasks.npv(input)
        },
        .task("irr", summary: "Internal rate of return of equal periods: one, none or several.") {
            (_: Finance, input: IrrInput, _: TaskContext) async throws -> RateResult in
            SmallTasks.irr(input)
        },
        .task("xirr", summary: "Internal rate of return of dated amounts.") {
            (_: Finance, input: XirrInput, _: TaskContext) async throws -> RateResult in
            try SmallTasks.xirr(input)
        },
        .task("break-even", summary: "Units and revenue that cover a fixed cost.") {
            (_: Finance, input: BreakEvenInput, _: TaskContext) async throws -> BreakEvenOutput in
            try SmallTasks.breakEven(input)
        },
    ]

    package init(configuration: Configuration) throws {}
}
