package import PluginKit

package struct ToolDiscoveryInput: Codable, Sendable, SchemaDescribing {
    package var task: String
    package var maximumResults: Int?
    package var catalogues: [ToolCatalogue]?

    enum CodingKeys: String, CodingKey {
        case task, catalogues
        case maximumResults = "max_results"
    }

    package init(task: String, maximumResults: Int? = nil, catalogues: [ToolCatalogue]? = nil) {
        self.task = task
        self.maximumResults = maximumResults
        self.catalogues = catalogues
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("task", "What the tools are for, in words.", minLength: 1, maxLength: 500)
        schema.property(
            "max_results", "Default 20; the agent's max_tools is the upper limit.", minimum: 1, maximum: 500)
        schema.property("catalogues", "Beside the machine's own: answers of services, saved as files.", maxItems: 20)
    }
}

package struct ToolDiscoveryOutput: Codable, Hashable, Sendable {
    package struct Tool: Codable, Hashable, Sendable {
        package var rank: Int
        package var name: String
        package var version: String
        package var source: String
        package var section: String
        package var summary: String
        package var homepage: String
        package var installed: Bool
        package var score: Double
        package var why: String
        package var evidence: [Quotation]
        /// Other packages of the same program.
        package var related: [String]
    }

    package struct Quotation: Codable, Hashable, Sendable {
        /// Field of the catalogue entry.
        package var field: String
        package var quote: String
        package var start: Int
        package var end: Int
    }

    package struct QueryTerm: Codable, Hashable, Sendable {
        package var term: String
        package var concept: String
        package var weight: Double
        package var packages: Int
    }

    package struct Source: Codable, Hashable, Sendable {
        package var path: String
        package var modifiedUnixTime: Int64

        enum CodingKeys: String, CodingKey {
            case path
            case modifiedUnixTime = "modified_unix_time"
        }
    }

    package var task: String
    package var queryTerms: [QueryTerm]
    package var tools: [Tool]
    package var packagesRead: Int
    package var packagesMatched: Int
    package var sources: [Source]
    package var warnings: [String]

    enum CodingKeys: String, CodingKey {
        case task, tools, sources, warnings
        case queryTerms = "query_terms"
        case packagesRead = "packages_read"
        case packagesMatched = "packages_matched"
    }
}

/// Finds tools for a task: expand the request, ask the catalogue, rank, group by program, quote.
struct ToolDiscovery: Sendable {
    /// The agent's configuration.
    struct Settings: Codable, Hashable, Sendable {
        var maximumTools: Int?
        var sources: [String]?

        enum CodingKeys: String, CodingKey {
            case maximumTools = "max_tools"
            case sources
        }
    }

    private static let knownSources = ["debian"]
    private static let defaultMaximumTools = 50
    private static let catalogueLimit = 1500

    let settings: Settings

    private struct CatalogueRequest: Codable, Sendable {
        var terms: [String]
        var limit: Int
    }

    private struct CatalogueAnswer: Codable, Sendable {
        var packages: [CataloguePackage]
        var packagesRead: Int
        var packagesMatched: Int
        var truncated: Bool
        var documentFrequencies: [String: Int]
        var sources: [ToolDiscoveryOutput.Source]

        init() {
            (packages, sources, documentFrequencies) = ([], [], [:])
            (packagesRead, packagesMatched, truncated) = (0, 0, false)
        }

        /// Ranked together with the rest: numbers of packages and of holders of a term add up.
        mutating func add(_ more: [CataloguePackage], terms: [String]) {
            packages += more
            packagesRead += more.count
            for (term, holders) in ToolCatalogue.frequencies(terms, in: more) {
                documentFrequencies[term, default: 0] += holders
            }
            packagesMatched += more.count { package in
                ToolCatalogue.frequencies(terms, in: [package]).contains { $0.value > 0 }
            }
        }

        enum CodingKeys: String, CodingKey {
            case packages, truncated, sources
            case packagesRead = "packages_read"
            case packagesMatched = "packages_matched"
            case documentFrequencies = "document_frequencies"
        }
    }

    func run(_ input: ToolDiscoveryInput, context: TaskContext) async throws -> ToolDiscoveryOutput {
        let catalogues = input.catalogues ?? []
        let asked = settings.sources ?? Self.knownSources + catalogues.map(\.source.rawValue)
        var warnings = try sourceWarnings(asked, catalogues)
        let concepts = Synonyms.concepts(of: input.task)
        guard !concepts.isEmpty else {
            throw TaskFailure.invalid("/task names no topic; say what the tools are for, such as \"plot data\"")
        }
        let upperLimit = max(1, settings.maximumTools ?? Self.defaultMaximumTools)
        let wanted = input.maximumResults ?? 20
        if wanted > upperLimit {
            warnings.append("max_results \(wanted) was lowered to the agent's max_tools \(upperLimit)")
        }
        let terms = concepts.flatMap(\.terms).map(\.text)
        var gathered = CatalogueAnswer()
        if asked.contains("debian") {
            context.progress(0.1, "searching the Debian catalogue for \(terms.count) terms")
            gathered = try await context.tool(
                "debian.search", arguments: CatalogueRequest(terms: terms, limit: Self.catalogueLimit),
                as: CatalogueAnswer.self, step: "search-debian")
        }
        for (index, catalogue) in catalogues.enumerated() where asked.contains(catalogue.source.rawValue) {
            gathered.add(try catalogue.packages(at: "/catalogues/\(index)"), terms: terms)
        }
        let answer = gathered
        if answer.truncated { warnings.append("the catalogue held more matches than were ranked; narrow the task") }
        if asked.contains("debian"),
            Words.split(input.task).contains(where: { ["new", "newest", "latest"].contains($0.text) })
        {
            warnings.append("Debian's metadata has no release dates: \"new\" did not change the ranking")
        }
        context.progress(0.6, "ranking \(answer.packages.count) packages")
        let limit = min(wanted, upperLimit)
        let tools = try await context.step("rank-tools", dependsOn: [input.task, "\(limit)"]) {
            rankedTools(from: answer, concepts: concepts, limit: limit)
        }
        context.progress(1, "found \(tools.count) tools in \(answer.packagesRead) packages")
        return ToolDiscoveryOutput(
            task: input.task, queryTerms: queryTerms(concepts, answer), tools: tools,
            packagesRead: answer.packagesRead, packagesMatched: answer.packagesMatched, sources: answer.sources,
            warnings: warnings)
    }

    private func sourceWarnings(_ asked: [String], _ catalogues: [ToolCatalogue]) throws -> [String] {
        let known = Self.knownSources + catalogues.map(\.source.rawValue)
        guard asked.contains(where: known.contains) else {
            throw TaskFailure.invalid(
                "none of the configured sources is known: \(asked.joined(separator: ", ")); this agent has: debian")
        }
        let unasked = Set(catalogues.map(\.source.rawValue)).subtracting(asked).sorted()
        return asked.filter { !known.contains($0) }.map {
            "source \($0) is not available to this agent and was left out; available: debian"
        } + unasked.map { "the catalogue of \($0) was left out: the agent is not configured for this source" }
    }

    private func queryTerms(_ concepts: [Concept], _ answer: CatalogueAnswer) -> [ToolDiscoveryOutput.QueryTerm] {
        concepts.flatMap { concept in
            concept.terms.map {
                .init(
                    term: $0.text, concept: concept.name, weight: $0.weight,
                    packages: answer.documentFrequencies[$0.text] ?? 0)
            }
        }
    }

    private func rankedTools(from answer: CatalogueAnswer, concepts: [Concept], limit: Int) -> [ToolDiscoveryOutput
        .Tool]
    {
        let ranking = ToolRanking(
            concepts: concepts, packageCount: answer.packagesRead, documentFrequencies: answer.documentFrequencies)
        var families: [String: [ToolRanking.Scored]] = [:]
        var order: [String] = []
        for scored in ranking.rank(answer.packages) {
            let key = PackageFamily.key(scored.package.name)
            if families[key] == nil { order.append(key) }
            families[key, default: []].append(scored)
        }
        let heads = order.compactMap { key -> (head: ToolRanking.Scored, rest: [ToolRanking.Scored])? in
            guard let members = families[key] else { return nil }
            guard let head = members.first(where: { !PackageFamily.isPart($0.package) }) else { return nil }
            return (head, members.filter { $0.package.name != head.package.name })
        }
        let sorted = heads.sorted {
            $0.head.score == $1.head.score
                ? $0.head.package.name < $1.head.package.name : $0.head.score > $1.head.score
        }
        return sorted.prefix(limit).enumerated().map { index, family in
            tool(family.head, rank: index + 1, related: family.rest.map(\.package.name), conceptCount: concepts.count)
        }
    }

    private func tool(_ scored: ToolRanking.Scored, rank: Int, related: [String], conceptCount: Int)
        -> ToolDiscoveryOutput.Tool
    {
        let package = scored.package
        let reasons = scored.matches.map { match in
            "\(match.concept): \"\(match.term)\" in its \(match.field.rawValue)" + (match.isSynonym ? " (synonym)" : "")
        }
        return .init(
            rank: rank, name: package.name, version: package.version, source: package.source ?? "debian",
            section: package.section,
            summary: package.summary, homepage: package.homepage, installed: package.installed,
            score: (scored.score * 10_000).rounded() / 10_000,
            why: "holds \(scored.matches.count) of \(conceptCount) topics; " + reasons.joined(separator: "; "),
            evidence: evidence(scored), related: Array(related.prefix(8)))
    }

    /// For each match the sentence that holds it; a sentence is quoted once.
    private func evidence(_ scored: ToolRanking.Scored) -> [ToolDiscoveryOutput.Quotation] {
        var quotations: [ToolDiscoveryOutput.Quotation] = []
        for match in scored.matches {
            let text = ToolRanking.text(match.field, of: scored.package)
            let stems = Words.stems(match.term)
            let passage = Passages.split(text, document: 0).first { passage in
                ToolRanking.occurrences(of: stems, in: passage.words.map(\.stem)) > 0
            }
            guard let passage else { continue }
            let quote = Quote.cut(passage.quote, maximumBytes: 400)
            let quotation = ToolDiscoveryOutput.Quotation(
                field: match.field.rawValue, quote: quote, start: passage.start, end: passage.start + quote.utf8.count)
            if !quotations.contains(quotation) { quotations.append(quotation) }
        }
        return quotations
    }
}
