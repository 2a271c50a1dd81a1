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
            requiresApproval: false
        ) { (_: Research, input: MarketGapsInput, context: TaskContext) async throws -> MarketGapsOutput in
            try await MarketGapsInput.run(input, context: context)
        },
        .task(
            "search", summary: "Finds passages or documents by BM25.", timeoutSeconds: 120, requiresApproval: false
        ) { (_: Research, input: SearchInput, context: TaskContext) async throws -> SearchOutput in
            try await SearchInput.run(input, context: context)
        },
        .task(
            "tool-discovery", summary: "Finds tools for a task in the catalogues of this machine.",
            timeoutSeconds: 120, requiresApproval: false
        ) { (research: Research, input: ToolDiscoveryInput, context: TaskContext) async throws -> ToolDiscoveryOutput in
            try await ToolDiscovery(settings: research.settings).run(input, context: context)
        },
    ]

    let settings: ToolDiscovery.Settings

    package init(configuration: Configuration) throws {
        settings = try configuration.decode(ToolDiscovery.Settings.self)
    }
}
