/// The report as one page that needs nothing else: no script, no font, no request.
enum HTML {
    static func render(_ report: Report) -> String {
        let sections = report.blocks.map(render).joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(SVG.escape(report.title))</title>
            <style>
            \(Stylesheet.text)
            </style>
            </head>
            <body>
            <main>
            <h1>\(SVG.escape(report.title))</h1>
            <p class="subtitle">\(SVG.escape(report.subtitle))</p>
            \(sections)
            </main>
            </body>
            </html>

            """
    }

    private static func render(_ block: Report.Block) -> String {
        switch block {
        case .heading(let text): "<h2>\(SVG.escape(text))</h2>"
        case .paragraph(let text): "<p>\(SVG.escape(text))</p>"
        case .prose(let text, let model):
            "<div class=\"prose\"><p>\(SVG.escape(text))</p><small>Words: \(SVG.escape(model))</small></div>"
        case .notice(let text, let isGood):
            "<p class=\"notice \(isGood ? "good" : "bad")\" role=\"status\">\(SVG.escape(text))</p>"
        case .list(let items):
            "<ul>\n" + items.map { "<li>\(SVG.escape($0))</li>" }.joined(separator: "\n") + "\n</ul>"
        case .quote(let text, let source):
            "<blockquote><p>“\(SVG.escape(text))”</p><footer>\(SVG.escape(source))</footer></blockquote>"
        case .table(let header, let rows): table(header, rows)
        case .figure(let figure):
            "<figure>\n<figcaption>\(SVG.escape(figure.title))</figcaption>\n\(figure.svg)\n"
                + "<p class=\"caption\">\(SVG.escape(figure.description))</p>\n</figure>"
        }
    }

    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        let head = header.map { "<th scope=\"col\">\(SVG.escape($0))</th>" }.joined()
        let body = rows.map { cells in
            let columns = cells.enumerated().map { index, cell in
                index == 0 ? "<th scope=\"row\">\(SVG.escape(cell))</th>" : "<td>\(SVG.escape(cell))</td>"
            }
            return "<tr>\(columns.joined())</tr>"
        }.joined(separator: "\n")
        return
            "<div class=\"scroll\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(body)\n</tbody>\n</table></div>"
    }
}
