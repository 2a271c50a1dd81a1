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
        .task("launch-case", summary: "From an idea to a decision, with a report.", timeoutSeconds: 3600) {
            (_: Business, input: LaunchInput, context: TaskContext) async throws -> LaunchOutput in
            try await LaunchCase(input: input, context: context).run()
        },
        .task("pricing", summary: "The price of the largest profit, from observed volumes.") {
            (_: Business, input: PricingInput, _: TaskContext) async throws -> PricingOutput in
            try Pricing.recommend(input)
        },
        .task("funnel", summary: "Customers by month, what they cost and what they bring.") {
            (_: Business, input: FunnelInput, _: TaskContext) async throws -> FunnelOutput in
            try Funnel.run(input)
        },
    ]

    package init(configuration: Configuration) throws {}
}
