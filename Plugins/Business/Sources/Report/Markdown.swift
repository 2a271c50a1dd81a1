/// The report as Markdown. Pictures are in the HTML; here their descriptions stand for them.
enum Markdown {
    static func render(_ report: Report) -> String {
        var parts = ["# \(line(report.title))", line(report.subtitle)]
        parts += report.blocks.map(render)
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func render(_ block: Report.Block) -> String {
        switch block {
        case .heading(let text): "## \(line(text))"
        case .paragraph(let text): line(text)
        case .prose(let text, let model): "> \(line(text))\n>\n> *Words: \(line(model))*"
        case .notice(let text, _): "**\(line(text))**"
        case .list(let items): items.map { "- \(line($0))" }.joined(separator: "\n")
        case .quote(let text, let source): "> “\(line(text))”\n> — \(line(source))"
        case .table(let header, let rows): table(header, rows)
        case .figure(let figure): "*Chart in report.html: \(line(figure.title)). \(line(figure.description))*"
        }
    }

    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
        return ([header, rule] + rows).map { cells in
            "| " + cells.map { cell($0) }.joined(separator: " | ") + " |"
        }.joined(separator: "\n")
    }

    private static func cell(_ text: String) -> String {
        line(text).split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }

    /// One line, and no markup of a document's own: `<` and `[` would otherwise become tags and links.
    private static func line(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\n", "\r\n", "\r": result += " "
            case "<": result += "&lt;"
            case "[", "]", "`", "*": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }
}
