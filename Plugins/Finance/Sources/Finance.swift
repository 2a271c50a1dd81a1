package import PluginKit

/// Judges money: business cases, loans, securities, budgets, portfolios, and the books of a month.
package struct Finance: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.finance",
        department: "finance",
        version: "1.1.0",
        title: "Finance",
        summary: "Business cases, cash flows, loans, bonds, depreciation, options, budgets, bills, portfolios,"
            + " back-tests, bank statements and the monthly close.",
        wants: Wants(models: [], tools: [], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Finance>] = caseTasks + moneyTasks + portfolioTasks + bookTasks

    private static let caseTasks: [TaskDefinition<Finance>] = [
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
            try SmallTasks.irr(input)
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

    private static let moneyTasks: [TaskDefinition<Finance>] = [
        .task(
            "cash-flow",
            summary: "One spreadsheet function: PV, FV, PMT, NPER, RATE, IPMT, PPMT, IRR, MIRR, XNPV, XIRR, ..."
        ) {
            (_: Finance, input: CashFlowInput, _: TaskContext) async throws -> CashFlowOutput in
            try CashFlow.evaluate(input)
        },
        .task("loan", summary: "An amortisation schedule that adds up to the cent.") {
            (_: Finance, input: LoanInput, _: TaskContext) async throws -> LoanOutput in
            try Loan.schedule(input)
        },
        .task("bond", summary: "Price or yield, accrued interest, durations and convexity.") {
            (_: Finance, input: BondInput, _: TaskContext) async throws -> BondOutput in
            try Bond.evaluate(input)
        },
        .task("depreciation", summary: "A schedule by SLN, SYD, DB, DDB or VDB.") {
            (_: Finance, input: DepreciationInput, _: TaskContext) async throws -> DepreciationOutput in
            try Depreciation.schedule(input)
        },
        .task("option", summary: "Black-Scholes-Merton with Greeks, implied volatility, binomial tree.") {
            (_: Finance, input: OptionInput, _: TaskContext) async throws -> OptionOutput in
            try OptionPricing.evaluate(input)
        },
    ]

    private static let portfolioTasks: [TaskDefinition<Finance>] = [
        .task("performance", summary: "Time-weighted and money-weighted return of a portfolio.") {
            (_: Finance, input: PerformanceInput, _: TaskContext) async throws -> PerformanceOutput in
            try Performance.evaluate(input)
        },
        .task("risk", summary: "Volatility, drawdown, Sharpe and Sortino ratio, value at risk, expected shortfall.") {
            (_: Finance, input: RiskInput, _: TaskContext) async throws -> RiskOutput in
            try Risk.evaluate(input)
        },
        .task("optimise", summary: "Mean-variance weights under bounds and group limits.") {
            (_: Finance, input: OptimisationInput, _: TaskContext) async throws -> OptimisationOutput in
            try Optimisation.evaluate(input)
        },
        .task("rebalance", summary: "Trades back to target shares, with costs.") {
            (_: Finance, input: RebalanceInput, _: TaskContext) async throws -> RebalanceOutput in
            try Rebalancing.evaluate(input)
        },
        .task("concentration", summary: "Herfindahl-Hirschman index of shares.") {
            (_: Finance, input: ConcentrationInput, _: TaskContext) async throws -> ConcentrationOutput in
            try Concentration.evaluate(input)
        },
        .task("back-test", summary: "A trading rule over past prices, without look-ahead.") {
            (_: Finance, input: BackTestInput, _: TaskContext) async throws -> BackTestOutput in
            try BackTest.evaluate(input)
        },
    ]

    private static let bookTasks: [TaskDefinition<Finance>] = [
        .task("budget-variance", summary: "Budget against actual figures: price, mix and quantity.") {
            (_: Finance, input: BudgetInput, _: TaskContext) async throws -> BudgetOutput in
            try Budget.evaluate(input)
        },
        .task("bills", summary: "Calendar of recurring bills with the balance that they leave.") {
            (_: Finance, input: BillsInput, _: TaskContext) async throws -> BillsOutput in
            try BillsCalendar.evaluate(input)
        },
        .task("import-statement", summary: "Reads a bank statement: CSV, OFX or CAMT.053.") {
            (_: Finance, input: StatementInput, _: TaskContext) async throws -> StatementOutput in
            try StatementImport.read(input)
        },
        .task("monthly-close", summary: "Reconciles bank and books, budgets and bills of a month.") {
            (_: Finance, input: CloseInput, context: TaskContext) async throws -> CloseOutput in
            try await MonthlyClose.run(input, context)
        },
    ]

    package init(configuration: Configuration) throws {}
}
