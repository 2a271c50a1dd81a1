package import PluginKit

/// Turns an idea into a case: price, customers, and the way through research, finance, council and engineering.
package struct Business: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.business",
        department: "business",
        version: "1.0.0",
        title: "Business",
        summary: "Prices, funnels and launch cases that end in a decision and a report.",
        wants: Wants(
            models: ["*"], tools: [], hosts: [], departments: ["research", "finance", "council", "engineering"]))

    package static let tasks: [TaskDefinition<Business>] = [
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
    ]

    package init(configuration: Configuration) throws {}
}
