package import PluginKit

/// Finds things out: gaps in a market, passages in a corpus, tools in a catalogue. Every statement is quoted.
package struct Research: Department {
    package static let manifest = DepartmentManifest(
        id: "org.bureau.research",
        department: "research",
        version: "1.0.0",
        title: "Research",
        summary: "Ranks market gaps, searches documents and discovers tools, with quoted evidence.",
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
    ]

    let settings: ToolDiscovery.Settings

    package init(configuration: Configuration) throws {
        settings = try configuration.decode(ToolDiscovery.Settings.self)
    }
}
