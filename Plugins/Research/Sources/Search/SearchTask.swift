package import PluginKit

package struct SearchInput: Codable, Sendable, SchemaDescribing {
    package var query: String
    package var documents: [SourceDocument]
    package var limit: Int?
    /// `passage` (default) or `document`.
    package var unit: String?

    package init(query: String, documents: [SourceDocument], limit: Int? = nil, unit: String? = nil) {
        self.query = query
        self.documents = documents
        self.limit = limit
        self.unit = unit
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("query", "Words to search for.", minLength: 1, maxLength: 2000)
        schema.property("documents", "The corpus.", minItems: 1, maxItems: 2000)
        schema.property("limit", "Hits at most. Default 10.", minimum: 1, maximum: 1000)
        schema.property("unit", "What is ranked. Default passage.", enumeration: ["passage", "document"])
    }
}

package struct SearchHit: Codable, Hashable, Sendable {
    package var rank: Int
    package var documentID: String
    package var title: String
    package var score: Double
    package var quote: String
    package var start: Int
    package var end: Int

    enum CodingKeys: String, CodingKey {
        case rank, title, score, quote, start, end
        case documentID = "document_id"
    }
}

package struct SearchOutput: Codable, Hashable, Sendable {
    package var hits: [SearchHit]
    package var terms: [String]
    package var warnings: [String]
}

extension SearchInput {
    static func run(
        _ input: SearchInput, context: TaskContext, step: String = "search"
    ) async throws -> SearchOutput {
        let documents = try DocumentSet(input.documents)
        let terms = Words.split(input.query).filter { !StopWords.contains($0.text) }.map(\.stem)
        guard !terms.isEmpty else { throw TaskFailure.invalid("/query holds only stop words") }
        return try await context.step(step, dependsOn: input) {
            var warnings = documents.warnings
            let hits = hits(for: terms, in: documents.kept, input: input)
            if hits.isEmpty { warnings.append("no document holds any of: \(terms.joined(separator: ", "))") }
            return SearchOutput(hits: hits, terms: terms, warnings: warnings)
        }
    }

    private static func hits(for terms: [String], in documents: [SourceDocument], input: SearchInput) -> [SearchHit] {
        let passages = documents.enumerated().flatMap { Passages.split($1.text, document: $0) }
        let passageScores = BM25(passages.map { $0.words.map(\.stem) }).scores(terms)
        guard input.unit == "document" else {
            return ranked(Array(zip(passages, passageScores)), documents: documents, limit: input.limit ?? 10)
        }
        // A document is shown by its best passage.
        let scores = BM25(documents.map { Words.stems($0.title + "\n" + $0.text) }).scores(terms)
        let best = documents.indices.compactMap { document -> (Passage, Double)? in
            let own = passages.indices.filter { passages[$0].document == document }
            let index = own.max { (passageScores[$0], $1) < (passageScores[$1], $0) }
            return index.map { (passages[$0], scores[document]) }
        }
        return ranked(best, documents: documents, limit: input.limit ?? 10)
    }

    private static func ranked(_ scored: [(Passage, Double)], documents: [SourceDocument], limit: Int) -> [SearchHit] {
        let best = scored.filter { $0.1 > 0 }.sorted {
            $0.1 == $1.1 ? ($0.0.document, $0.0.start) < ($1.0.document, $1.0.start) : $0.1 > $1.1
        }
        return best.prefix(limit).enumerated().map { index, scored in
            let (passage, score) = scored
            let quote = Quote.cut(passage.quote, maximumBytes: 400)
            return SearchHit(
                rank: index + 1, documentID: documents[passage.document].id,
                title: documents[passage.document].title, score: score, quote: quote, start: passage.start,
                end: passage.start + quote.utf8.count)
        }
    }
}
