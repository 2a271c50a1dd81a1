package import PluginKit

package struct Citation: Codable, Hashable, Sendable, SchemaDescribing {
    package var number: Int
    package var documentID: String
    package var title: String?
    package var quote: String
    package var start: Int
    package var end: Int

    enum CodingKeys: String, CodingKey {
        case number, title, quote, start, end
        case documentID = "document_id"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("number", "As in [1] in the report.", minimum: 1, maximum: 100_000)
        schema.property("document_id", "Of the corpus.", minLength: 1, maxLength: 200)
        schema.property("title", "Of the document, for readers.", maxLength: 500)
        schema.property("quote", "Word for word.", minLength: 1, maxLength: 10_000)
        schema.property("start", "UTF-8 byte offset in the document's text.", minimum: 0, maximum: 1e9)
        schema.property("end", "Byte after the quote.", minimum: 0, maximum: 1e9)
    }
}

package struct CheckCitationsInput: Codable, Sendable, SchemaDescribing {
    package var documents: [SourceDocument]
    package var citations: [Citation]
    package var report: String?
    package var reportOnly: Bool?

    enum CodingKeys: String, CodingKey {
        case documents, citations, report
        case reportOnly = "report_only"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("documents", "The corpus, as it was quoted.", minItems: 1, maxItems: 2000)
        schema.property("citations", "To be checked.", minItems: 1, maxItems: 10_000)
        schema.property(
            "report", "Text that cites by [number]: each number must have a citation, each quote must stand in it.",
            maxLength: 5_000_000)
        schema.property("report_only", "Answer with the findings instead of failing at the first wrong citation.")
    }
}

package struct CheckedCitation: Codable, Hashable, Sendable, SchemaDescribing {
    package enum Status: String, Codable, Sendable, CaseIterable {
        case exact, moved, altered
        case missingDocument = "missing_document"
        case outOfRange = "out_of_range"
        case notInReport = "not_in_report"
    }

    package var number: Int
    package var status: Status
    package var detail: String
    package var foundAt: Int?

    enum CodingKeys: String, CodingKey {
        case number, status, detail
        case foundAt = "found_at"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("number", "Of the citation.")
        schema.property("status", "exact: word for word at its place. moved: word for word elsewhere.")
        schema.property("detail", "What is wrong.")
        schema.property("found_at", "Byte at which a moved quote stands.")
    }
}

package struct CheckCitationsOutput: Codable, Sendable, SchemaDescribing {
    package var valid: Bool
    package var exact: Int
    package var citations: [CheckedCitation]
    package var unknownNumbers: [Int]
    package var unusedNumbers: [Int]

    enum CodingKeys: String, CodingKey {
        case valid, exact, citations
        case unknownNumbers = "unknown_numbers"
        case unusedNumbers = "unused_numbers"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("valid", "All citations are exact, and the report names no number without one.")
        schema.property("exact", "How many are.")
        schema.property("citations", "Each with its finding.")
        schema.property("unknown_numbers", "In the report, without a citation.")
        schema.property("unused_numbers", "Citations that the report does not name.")
    }
}

package struct CitedReportInput: Codable, Sendable, SchemaDescribing {
    package var title: String
    package var documents: [SourceDocument]
    package var questions: [String]
    package var quotesPerQuestion: Int?

    enum CodingKeys: String, CodingKey {
        case title, documents, questions
        case quotesPerQuestion = "quotes_per_question"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("title", "Of the report.", minLength: 1, maxLength: 200)
        schema.property("documents", "The corpus.", minItems: 1, maxItems: 2000)
        schema.property("questions", "One section each.", minLength: 1, maxLength: 500, minItems: 1, maxItems: 50)
        schema.property("quotes_per_question", "At most; 5 if absent.", minimum: 1, maximum: 50)
    }
}

package struct CitedReportOutput: Codable, Sendable, SchemaDescribing {
    package var report: String
    package var citations: [Citation]
    package var unanswered: [String]
    package var checked: Int
    package var warnings: [String]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("report", "Markdown; also the artifact report.md.")
        schema.property("citations", "In the order of their numbers; the artifact citations.json.")
        schema.property("unanswered", "Questions of which no document speaks.")
        schema.property("checked", "Citations that the checker found exact: all of them, or the task fails.")
        schema.property("warnings", "What a reader must know.")
    }
}
