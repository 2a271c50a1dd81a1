package import PluginKit

package struct SourceDocument: Codable, Hashable, Sendable, SchemaDescribing {
    package var id: String
    package var title: String
    /// ISO 8601, as the source gives it.
    package var date: String?
    package var text: String

    package init(id: String, title: String, date: String? = nil, text: String) {
        self.id = id
        self.title = title
        self.date = date
        self.text = text
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Names the document in evidence; different for each.", minLength: 1, maxLength: 200)
        schema.property("title", "For readers.", maxLength: 500)
        schema.property("date", "ISO 8601, such as 2026-03-14.", maxLength: 40)
        schema.property("text", "Plain text or Markdown.", maxLength: 2_000_000)
    }
}

package struct MarketGapsInput: Codable, Sendable, SchemaDescribing {
    package var question: String
    package var documents: [SourceDocument]
    package var maximumGaps: Int?

    enum CodingKeys: String, CodingKey {
        case question, documents
        case maximumGaps = "max_gaps"
    }

    package init(question: String, documents: [SourceDocument], maximumGaps: Int? = nil) {
        self.question = question
        self.documents = documents
        self.maximumGaps = maximumGaps
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("question", "What the market is searched for.", minLength: 1, maxLength: 2000)
        schema.property("documents", "The corpus.", minItems: 1, maxItems: 2000)
        schema.property("max_gaps", "Default 10.", minimum: 1, maximum: 100)
    }
}

package struct Evidence: Codable, Hashable, Sendable {
    package var documentID: String
    package var quote: String
    /// UTF-8 byte offsets: `text[start..<end]` is the quote.
    package var start: Int
    package var end: Int
    /// `demand` or `supply`: why the sentence is quoted.
    package var signal: String

    enum CodingKeys: String, CodingKey {
        case documentID = "document_id"
        case quote, start, end, signal
    }
}

package struct Gap: Codable, Hashable, Sendable {
    package var rank: Int
    package var title: String
    /// 0 to 20: Ulwick's opportunity score, weighted by relevance to the question.
    package var score: Double
    /// 0 to 10: how strongly, and in how many documents, it is asked for.
    package var demand: Double
    /// 0 to 10: how strongly, and in how many documents, it is already offered.
    package var supply: Double
    /// 0 to 1: how close its sentences are to the question.
    package var relevance: Double
    /// Documents that speak of it.
    package var documents: Int
    /// Other phrases for it that were merged into this one.
    package var aliases: [String]
    package var evidence: [Evidence]
}

package struct MarketGapsOutput: Codable, Hashable, Sendable {
    package var question: String
    package var gaps: [Gap]
    package var documents: Int
    package var passages: Int
    package var candidates: Int
    package var method: String
    package var warnings: [String]
}

extension MarketGapsInput {
    static func run(_ input: MarketGapsInput, context: TaskContext) async throws -> MarketGapsOutput {
        let documents = try DocumentSet(input.documents)
        context.progress(0.1, "reading \(documents.kept.count) documents")
        let output = try await context.step("rank-gaps", dependsOn: input) {
            GapFinder(documents: documents.kept, question: input.question).output(
                maximumGaps: input.maximumGaps ?? 10, warnings: documents.warnings)
        }
        context.progress(1, "ranked \(output.gaps.count) of \(output.candidates) candidate gaps")
        return output
    }
}

/// Documents in the order of their ids, each text once: the result does not depend on the order of the input, and a
/// copy of a document is no second witness.
struct DocumentSet: Sendable {
    private(set) var kept: [SourceDocument] = []
    private(set) var warnings: [String] = []

    init(_ documents: [SourceDocument]) throws {
        var idOfText: [String: String] = [:]
        var previous: String?
        for document in documents.sorted(by: { $0.id < $1.id }) {
            if document.id == previous { throw TaskFailure.invalid("two documents have the id \(document.id)") }
            previous = document.id
            if let first = idOfText[document.text] {
                warnings.append("\(document.id) has the text of \(first) and was left out")
            } else {
                idOfText[document.text] = document.id
                kept.append(document)
            }
        }
    }
}
