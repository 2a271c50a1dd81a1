import FoundationEssentials
import PluginKit

/// A report that says only what its sources say: for each question the best passages, quoted, numbered and checked.
struct CitedReport {
    let input: CitedReportInput
    let context: TaskContext

    func run() async throws -> CitedReportOutput {
        let documents = try DocumentSet(input.documents)
        var citations: [Citation] = [], unanswered: [String] = []
        var lines = [
            "# \(Self.line(input.title))", "",
            "\(documents.kept.count) documents were searched by BM25. Every quotation is numbered; its source and place"
                + " are listed at the end.", "",
        ]
        for (index, question) in input.questions.enumerated() {
            context.progress(Double(index) / Double(input.questions.count), "question \(index + 1)")
            let found = try await SearchInput.run(
                SearchInput(query: question, documents: input.documents, limit: input.quotesPerQuestion ?? 5),
                context: context, step: "search-\(index + 1)")
            lines += ["## \(Self.line(question))", ""]
            let speaking = Set(found.hits.map(\.documentID)).count
            if found.hits.isEmpty {
                unanswered.append(question)
                lines += ["No document speaks of this.", ""]
                continue
            }
            lines += ["\(found.hits.count) passages of \(speaking) of the \(documents.kept.count) documents:", ""]
            for hit in found.hits {
                let known = citations.first {
                    ($0.documentID, $0.start, $0.end) == (hit.documentID, hit.start, hit.end)
                }
                let citation =
                    known
                    ?? Citation(
                        number: citations.count + 1, documentID: hit.documentID, title: hit.title, quote: hit.quote,
                        start: hit.start, end: hit.end)
                if known == nil { citations.append(citation) }
                lines.append("- “\(hit.quote)” [\(citation.number)]")
            }
            lines.append("")
        }
        lines += ["## Sources", ""]
        for citation in citations {
            lines.append(
                "\(citation.number). \(Self.line(citation.title ?? "")) (`\(citation.documentID)`), bytes"
                    + " \(citation.start) to \(citation.end)")
        }
        return try await publish(lines.joined(separator: "\n") + "\n", citations, unanswered, documents.warnings)
    }

    /// Nothing leaves that the checker would refuse.
    private func publish(
        _ report: String, _ citations: [Citation], _ unanswered: [String], _ warnings: [String]
    ) async throws -> CitedReportOutput {
        let request = CheckCitationsInput(
            documents: input.documents, citations: citations, report: nil, reportOnly: nil)
        let checked = citations.isEmpty ? 0 : try CitationCheck.run(request).exact
        _ = try await context.artifact("report.md", text: report, mediaType: "text/markdown", step: "report.md")
        let list = try JSONValue(encoding: citations)
        _ = try await context.artifact(
            "citations.json", text: try Self.text(list), mediaType: "application/json", step: "citations.json")
        return CitedReportOutput(
            report: report, citations: citations, unanswered: unanswered, checked: checked, warnings: warnings)
    }

    private static func text(_ value: JSONValue) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func line(_ text: String) -> String {
        text.split { $0.isNewline }.joined(separator: " ")
    }
}
