import PluginKit

/// From an idea to a decision: research, price and customers, money and plan side by side, council, report.
struct LaunchCase: Sendable {
    let input: LaunchInput
    let context: TaskContext

    func run() async throws -> LaunchOutput {
        try LaunchChecks.check(input)
        context.progress(0.05, "research: \(input.documents.count) documents")
        let gaps = try await research()
        context.progress(0.25, "business: price and customers, \(gaps.gaps.count) gaps found")
        let pricing = try await price()
        let funnel = try await customers(pricing)
        context.progress(0.35, "finance and engineering: cash flows and critical path")
        // Neither needs the other's answer.
        async let money = cases(pricing: pricing, funnel: funnel)
        async let plan = schedule()
        let (cases, delivery) = try await (money, plan)
        guard let first = input.council.options.first, let finance = cases[first.id] else {
            throw TaskFailure.internal("no finance case for the first option")
        }
        context.progress(0.6, "council: \(input.council.options.count) options")
        let council = try await decide(cases: cases, demand: gaps.marketDemand, delivery: delivery)
        let facts = LaunchFacts(
            input: input, gaps: gaps, pricing: pricing, funnel: funnel, cases: cases, finance: finance,
            delivery: delivery, council: council)
        context.progress(0.8, "report: \(facts.status.rawValue)")
        let prose = try await Prose.write(facts, context)
        let files = try await publish(facts, prose)
        context.progress(1, "\(facts.status.rawValue): \(facts.optionTitle)")
        return facts.output(report: files, proseModel: prose.model)
    }

    private func research() async throws(TaskFailure) -> MarketGaps {
        try await context.call(
            department: "research", task: "market-gaps",
            input: MarketGapsRequest(
                question: input.question, documents: input.documents, maxGaps: input.maxGaps ?? 5),
            step: "research")
    }

    private func price() async throws(TaskFailure) -> PricingOutput {
        let request = PricingInput(
            observations: input.pricing.observations, unitCostMinor: input.pricing.unitCostMinor,
            model: input.pricing.model, minPriceMinor: input.pricing.minPriceMinor,
            maxPriceMinor: input.pricing.maxPriceMinor, priceStepMinor: input.pricing.priceStepMinor)
        return try await context.step("pricing", dependsOn: request) { try Pricing.recommend(request) }
    }

    /// The funnel was measured at the reference price; at another price the last conversion moves with demand.
    private func customers(_ pricing: PricingOutput) async throws(TaskFailure) -> FunnelOutput {
        let points = input.pricing.observations.map { (price: Double($0.priceMinor), units: $0.units) }
        let curve =
            pricing.model == .linear ? DemandCurve.fitLinear(points) : DemandCurve.fitConstantElasticity(points)
        let reference = curve?.units(at: Double(input.pricing.referencePriceMinor)) ?? 0
        guard let curve, reference > 0 else {
            throw .invalid("/pricing/reference_price_minor: the demand curve sells nothing at this price")
        }
        let request = FunnelInput(
            months: input.horizonMonths - input.costs.buildMonths, visitorsPerMonth: input.funnel.visitorsPerMonth,
            visitorGrowth: input.funnel.visitorGrowth, stages: input.funnel.stages,
            monthlyChurn: input.funnel.monthlyChurn, priceMinor: pricing.recommendedPriceMinor,
            unitCostMinor: input.pricing.unitCostMinor, costPerVisitorMinor: input.funnel.costPerVisitorMinor,
            demandFactor: curve.units(at: Double(pricing.recommendedPriceMinor)) / reference)
        return try await context.step("funnel", dependsOn: request) { try Funnel.run(request) }
    }

    /// One finance case for each option that does something, all at once.
    private func cases(pricing: PricingOutput, funnel: FunnelOutput) async throws -> [String: FinanceCase] {
        let plan = CashFlowPlan(input: input, pricing: pricing, funnel: funnel)
        return try await withThrowingTaskGroup(of: (String, FinanceCase).self) { group in
            for option in input.council.options where option.isNothing != true {
                let request = try plan.request(for: option)
                group.addTask {
                    let answer = try await context.call(
                        department: "finance", task: "business-case", input: request, as: FinanceCase.self,
                        step: "finance-\(option.id)")
                    return (option.id, answer)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func schedule() async throws(TaskFailure) -> CriticalPath {
        try await context.call(
            department: "engineering", task: "critical-path",
            input: CriticalPathRequest(
                activities: input.plan.activities, startDate: input.startDate, targetDays: input.plan.targetDays),
            step: "engineering")
    }

    private func decide(
        cases: [String: FinanceCase], demand: Double, delivery: CriticalPath
    ) async throws(TaskFailure) -> CouncilOutcome {
        let brief = CouncilBrief(
            input: input, cases: cases, marketDemand: demand, deliveryProbability: delivery.probabilityOfTarget)
        return try await context.call(
            department: "council", task: "decide", input: try brief.request(), step: "council")
    }

    private func publish(_ facts: LaunchFacts, _ prose: Prose) async throws(TaskFailure) -> [ReportFile] {
        let report = LaunchReport(facts: facts, prose: prose).report
        let markdown = try await context.artifact(
            "report.md", text: Markdown.render(report), mediaType: "text/markdown", step: "report.md")
        let html = try await context.artifact(
            "report.html", text: HTML.render(report), mediaType: "text/html", step: "report.html")
        return [
            ReportFile(name: markdown.name, mediaType: "text/markdown", digest: markdown.digest),
            ReportFile(name: html.name, mediaType: "text/html", digest: html.digest),
        ]
    }
}
