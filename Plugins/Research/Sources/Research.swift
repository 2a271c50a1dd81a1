package import PluginKit

/// Finds things out: gaps in a market, passages in a corpus, tools in a catalogue. Every statement is quoted.
package struct Research: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.research",
        department: "research",
        version: "1.1.0",
        title: "Research",
        summary: "Ranks market gaps, searches and quotes documents, checks citations, judges sources, tests trends and"
            + " discovers tools.",
        wants: Wants(models: [], tools: ["debian.search"], hosts: [], departments: []))

    package static let tasks: [TaskDefinition<Research>] = [
        .task(
            "market-gaps", summary: "Ranks what a corpus asks for and nobody offers, with quotes.", timeoutSeconds: 300,
            planning: TaskPlanning(
                keywords: ["market gap", "unmet need", "market research", "complaint"], complexity: .medium,
                durationSeconds: 10)
        ) { (_: Research, input: MarketGapsInput, context: TaskContext) async throws -> MarketGapsOutput in
            try await MarketGapsInput.run(input, context: context)
        },
        .task(
            "search", summary: "Finds passages or documents by BM25.", timeoutSeconds: 120,
            planning: TaskPlanning(
                keywords: ["search", "find passages", "full text", "quote"], complexity: .low, durationSeconds: 2)
        ) { (_: Research, input: SearchInput, context: TaskContext) async throws -> SearchOutput in
            try await SearchInput.run(input, context: context)
        },
        .task(
            "tool-discovery", summary: "Finds tools for a task in the catalogues of this machine.",
            timeoutSeconds: 120,
            planning: TaskPlanning(
                keywords: ["tool discovery", "find a tool", "which tool", "software for"], complexity: .low,
                durationSeconds: 2, resources: ["Debian package metadata"])
        ) { (research: Research, input: ToolDiscoveryInput, context: TaskContext) async throws -> ToolDiscoveryOutput in
            try await ToolDiscovery(settings: research.settings).run(input, context: context)
        },
        .task(
            "cited-report", summary: "Answers questions by numbered quotations from a corpus, each one checked.",
            timeoutSeconds: 300,
            planning: TaskPlanning(
                keywords: ["research report", "cite sources", "literature review"], complexity: .medium,
                durationSeconds: 10)
        ) { (_: Research, input: CitedReportInput, context: TaskContext) async throws -> CitedReportOutput in
            try await CitedReport(input: input, context: context).run()
        },
        .task(
            "check-citations", summary: "Compares quotations with the corpus byte by byte; fails on an altered one.",
            timeoutSeconds: 120,
            planning: TaskPlanning(
                keywords: ["check citations", "verify quotes", "fact check"], complexity: .low, durationSeconds: 2)
        ) { (_: Research, input: CheckCitationsInput, _: TaskContext) async throws -> CheckCitationsOutput in
            try CitationCheck.run(input)
        },
        .task(
            "source-quality", summary: "Grades sources and statements by the Admiralty code, with reasons.",
            planning: TaskPlanning(
                keywords: ["source quality", "reliability of sources", "credibility"], complexity: .low,
                durationSeconds: 1)
        ) { (_: Research, input: SourceQualityInput, _: TaskContext) async throws -> SourceQualityOutput in
            try SourceQuality.evaluate(input)
        },
        .task(
            "trend", summary: "Whether a series rises, falls or jumps: Mann-Kendall, Theil-Sen, Pettitt.",
            timeoutSeconds: 120,
            planning: TaskPlanning(
                keywords: ["trend", "mann-kendall", "rising or falling", "change point"], complexity: .low,
                durationSeconds: 1)
        ) { (_: Research, input: TrendInput, _: TaskContext) async throws -> TrendOutput in
            try Trend.evaluate(input)
        },
    ]

    let settings: ToolDiscovery.Settings

    package init(configuration: Configuration) throws {
        settings = try configuration.decode(ToolDiscovery.Settings.self)
    }
}
