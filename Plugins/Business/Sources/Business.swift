package import PluginKit

/// Turns an idea into a case: price, customers, and the way through research, finance, council and engineering.
package struct Business: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.business",
        department: "business",
        version: "1.1.0",
        title: "Business",
        summary: "Prices, experiments, cohorts, customer value, leads, campaigns, forecasts; launch cases that end in a"
            + " decision and a report.",
        wants: Wants(
            models: ["*"], tools: [], hosts: [], departments: ["research", "finance", "council", "engineering"]))

    package static let tasks: [TaskDefinition<Business>] =
        launchTasks + priceTasks + customerTasks + salesTasks

    private static let launchTasks: [TaskDefinition<Business>] = [
        .task(
            "launch-case", summary: "From an idea to a decision, with a report.", timeoutSeconds: 3600,
            planning: TaskPlanning(
                keywords: ["launch", "business case", "new product", "product idea", "go to market"],
                complexity: .high, durationSeconds: 60, resources: ["research", "finance", "engineering", "council"])
        ) {
            (_: Business, input: LaunchInput, context: TaskContext) async throws -> LaunchOutput in
            try await LaunchCase(input: input, context: context).run()
        },
        .task(
            "hiring-review", summary: "Ranks candidates, checks fairness by four fifths and Fisher, and reports.",
            timeoutSeconds: 3600,
            planning: TaskPlanning(
                keywords: ["hiring", "candidates", "recruiting", "adverse impact", "fairness"], complexity: .medium,
                durationSeconds: 2)
        ) {
            (_: Business, input: HiringInput, context: TaskContext) async throws -> HiringOutput in
            try await Hiring(input: input, context: context).run()
        },
    ]

    private static let priceTasks: [TaskDefinition<Business>] = [
        .task(
            "pricing", summary: "The price of the largest profit, from observed volumes.",
            planning: TaskPlanning(
                keywords: ["pricing", "price", "willingness to pay", "elasticity"], complexity: .low,
                durationSeconds: 1)
        ) {
            (_: Business, input: PricingInput, _: TaskContext) async throws -> PricingOutput in
            try Pricing.recommend(input)
        },
        .task(
            "funnel", summary: "Customers by month, what they cost and what they bring.",
            planning: TaskPlanning(
                keywords: ["funnel", "conversion", "customer acquisition", "acquisition cost"], complexity: .low,
                durationSeconds: 1)
        ) {
            (_: Business, input: FunnelInput, _: TaskContext) async throws -> FunnelOutput in
            try Funnel.run(input)
        },
        .task(
            "price-sensitivity", summary: "Acceptable prices from four questions (van Westendorp).",
            planning: TaskPlanning(
                keywords: ["price sensitivity", "van westendorp", "acceptable price"], complexity: .low,
                durationSeconds: 1)
        ) {
            (_: Business, input: PriceSensitivityInput, _: TaskContext) async throws -> PriceSensitivityOutput in
            try PriceSensitivity.evaluate(input)
        },
    ]

    private static let customerTasks: [TaskDefinition<Business>] = [
        .task(
            "experiment",
            summary: "What an A/B test shows: z, exact, sequential and Bayesian, and whether its split is sound.",
            planning: TaskPlanning(
                keywords: ["a/b test", "ab test", "experiment", "split test"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: ExperimentInput, _: TaskContext) async throws -> ExperimentOutput in
            try Experiment.evaluate(input)
        },
        .task(
            "experiment-plan", summary: "Visitors, power or smallest effect of an A/B test.",
            planning: TaskPlanning(
                keywords: ["sample size", "power analysis", "minimum detectable effect"], complexity: .low,
                durationSeconds: 1)
        ) {
            (_: Business, input: ExperimentPlanInput, _: TaskContext) async throws -> ExperimentPlanOutput in
            try ExperimentPlan.evaluate(input)
        },
        .task(
            "cohorts", summary: "Retention and revenue by cohort and age.",
            planning: TaskPlanning(keywords: ["cohort", "retention triangle"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: CohortInput, _: TaskContext) async throws -> CohortOutput in
            try Cohorts.evaluate(input)
        },
        .task(
            "event-funnel", summary: "How far customers come through the steps of a funnel, and where they are lost.",
            planning: TaskPlanning(
                keywords: ["event funnel", "drop-off", "funnel steps"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: EventFunnelInput, _: TaskContext) async throws -> EventFunnelOutput in
            try EventFunnel.evaluate(input)
        },
        .task(
            "churn", summary: "How long customers stay: Kaplan-Meier curves, and whether groups differ.",
            planning: TaskPlanning(
                keywords: ["churn", "survival curve", "kaplan-meier"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: ChurnInput, _: TaskContext) async throws -> ChurnOutput in
            try Churn.evaluate(input)
        },
        .task(
            "retention", summary: "Projects the retention of a cohort under contract (shifted-beta-geometric).",
            planning: TaskPlanning(
                keywords: ["retention forecast", "renewal rate", "subscription"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: RetentionInput, _: TaskContext) async throws -> RetentionOutput in
            try Retention.evaluate(input)
        },
        .task(
            "lifetime-value", summary: "Who will buy again, and how often (BG/NBD).",
            timeoutSeconds: 1800,
            planning: TaskPlanning(
                keywords: ["customer lifetime value", "clv", "repeat purchases"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: LifetimeValueInput, _: TaskContext) async throws -> LifetimeValueOutput in
            try LifetimeValue.evaluate(input)
        },
    ]

    private static let salesTasks: [TaskDefinition<Business>] = [
        .task(
            "lead-score", summary: "Ranks leads by points or by a logistic fit, with its calibration.",
            planning: TaskPlanning(
                keywords: ["lead scoring", "score leads", "conversion probability"], complexity: .low,
                durationSeconds: 1)
        ) {
            (_: Business, input: LeadScoreInput, _: TaskContext) async throws -> LeadScoreOutput in
            try LeadScore.evaluate(input)
        },
        .task(
            "leads", summary: "Keeps leads and their tasks: states, owners, due dates.",
            planning: TaskPlanning(
                keywords: ["lead", "sales pipeline", "follow up"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: LeadsInput, context: TaskContext) async throws -> LeadsOutput in
            try await Pipeline(input: input, context: context).run()
        },
        .task(
            "sales-forecast", summary: "What open deals will bring, by month, with its spread.",
            planning: TaskPlanning(
                keywords: ["sales forecast", "pipeline forecast", "win rate"], complexity: .low, durationSeconds: 1)
        ) {
            (_: Business, input: SalesForecastInput, _: TaskContext) async throws -> SalesForecastOutput in
            try SalesForecast.evaluate(input)
        },
        .task(
            "campaign-plan", summary: "Splits a budget over channels with diminishing returns; CPM, CPC, CPA, ROAS.",
            planning: TaskPlanning(
                keywords: ["campaign", "marketing budget", "budget allocation", "media plan"], complexity: .low,
                durationSeconds: 1)
        ) {
            (_: Business, input: CampaignInput, _: TaskContext) async throws -> CampaignOutput in
            try Campaign.evaluate(input)
        },
    ]

    package init(configuration: Configuration) throws {}
}
