/// A table, written once and shown in both forms of the report.
struct ReportTable {
    var title: String
    var note: String
    var columns: [String]
    /// Numbers are set to the right.
    var numeric: Set<Int>
    var rows: [[String]]
}

/// The review as Markdown and as one self-contained page.
struct ReviewReport {
    private let review: RepositoryReviewOutput

    init(_ review: RepositoryReviewOutput) { self.review = review }

    var markdown: String {
        var text = "# Review of \(Figures.escapedMarkdown(review.path))\n\n"
        if let summary = review.summary {
            text += "\(summary)\n\n(Summary written by a model from the figures below.)\n\n"
        }
        text += keyFigures.map { "- \($0.0): **\(Figures.escapedMarkdown($0.1))**\n" }.joined()
        for table in tables where !table.rows.isEmpty {
            text += "\n## \(table.title)\n\n\(table.note)\n\n| \(table.columns.joined(separator: " | ")) |\n|"
            text += table.columns.indices.map { table.numeric.contains($0) ? " ---: |" : " --- |" }.joined() + "\n"
            for row in table.rows { text += "| \(row.map(Figures.escapedMarkdown).joined(separator: " | ")) |\n" }
        }
        if !review.warnings.isEmpty {
            text +=
                "\n## Limits of this review\n\n" + review.warnings.map { "- \(Figures.escapedMarkdown($0))\n" }.joined()
        }
        return text + "\n" + Self.method + "\n"
    }

    var html: String {
        let figures = keyFigures.map { label, value in
            "<div><dt>\(Figures.escapedHTML(label))</dt><dd>\(Figures.escapedHTML(value))</dd></div>"
        }
        var body = "<dl class=\"figures\">\(figures.joined())</dl>\n"
        if let summary = review.summary {
            body +=
                "<p>\(Figures.escapedHTML(summary))</p>"
                + "<p class=\"note\">Written by a model from the figures below.</p>\n"
        }
        body += ReviewCharts.bubbles(review.hotSpots) + ReviewCharts.months(review.history.months)
        body += tables.filter { !$0.rows.isEmpty }.map(Self.html).joined()
        if !review.warnings.isEmpty {
            let items = review.warnings.map { "<li>\(Figures.escapedHTML($0))</li>" }
            body += "<h2>Limits of this review</h2><ul>\(items.joined())</ul>\n"
        }
        let title = "Review of \(Figures.escapedHTML(review.path))"
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(title)</title><style>\(Self.style)</style></head>
            <body><main><h1>\(title)</h1>
            \(body)<p class="note">\(Figures.escapedHTML(Self.method))</p></main></body></html>

            """
    }

    private var keyFigures: [(String, String)] {
        let history = review.history
        var figures = [
            ("Files", Figures.integer(review.files)), ("Commits read", Figures.integer(history.commits)),
            ("Authors", Figures.integer(history.authors)),
            ("Lines of code", Figures.integer(review.tests.codeLines + review.tests.productionCodeLines)),
            ("Test lines for each production line", review.tests.ratio.map { Figures.decimal($0, 2) } ?? "–"),
            ("Bus factor", Figures.integer(review.busFactor.busFactor)),
            ("Dependencies", Figures.integer(review.dependencies.count)),
        ]
        if let first = history.firstCommit, let last = history.lastCommit {
            figures.append(("History", "\(first) to \(last)"))
        }
        if let head = history.head { figures.append(("Head", "\(head.prefix(12)) \(history.branch ?? "")")) }
        return figures
    }

    private var tables: [ReportTable] {
        [hotSpots, risks, languages, owners, dependencies]
    }

    private var hotSpots: ReportTable {
        ReportTable(
            title: "Hot spots", note: "Complex code that changes often; start here.",
            columns: ["#", "File", "Score", "Commits", "Complexity", "Lines", "Depth", "Authors", "Days since change"],
            numeric: [0, 2, 3, 4, 5, 6, 7, 8],
            rows: review.hotSpots.map { spot in
                [
                    "\(spot.rank)", spot.path, Figures.decimal(spot.score, 1), Figures.integer(spot.commits),
                    Figures.integer(spot.complexity), Figures.integer(spot.codeLines), "\(spot.deepestIndentation)",
                    "\(spot.authors)", Figures.integer(spot.daysSinceChange),
                ]
            })
    }

    private var risks: ReportTable {
        ReportTable(
            title: "Risky files", note: "Points by fixed rules; from three on a file is listed.",
            columns: ["File", "Points", "Why"], numeric: [1],
            rows: review.riskyFiles.map { [$0.path, "\($0.points)", $0.reasons.joined(separator: "; ")] })
    }

    private var languages: ReportTable {
        ReportTable(
            title: "Languages", note: "Files of the head commit with code.",
            columns: ["Language", "Files", "Lines of code", "Complexity"], numeric: [1, 2, 3],
            rows: review.languages.map {
                [$0.language, Figures.integer($0.files), Figures.integer($0.codeLines), Figures.integer($0.complexity)]
            })
    }

    private var owners: ReportTable {
        ReportTable(
            title: "Who knows the code", note: "Authors by degree of authorship, with the files that they know.",
            columns: ["Author", "Files"], numeric: [1],
            rows: review.busFactor.authors.map { [$0.name, Figures.integer($0.files)] })
    }

    private var dependencies: ReportTable {
        ReportTable(
            title: "Dependencies", note: "As the manifests name them.",
            columns: ["Ecosystem", "Name", "Requirement", "Manifest"], numeric: [],
            rows: review.dependencies.map { [$0.ecosystem, $0.name, $0.requirement, $0.manifest] })
    }

    private static func html(_ table: ReportTable) -> String {
        let cell = { (tag: String, column: Int, text: String) in
            "<\(tag)\(table.numeric.contains(column) ? " class=\"number\"" : "")>\(Figures.escapedHTML(text))</\(tag)>"
        }
        let head = table.columns.enumerated().map { cell("th", $0, $1) }.joined()
        let rows = table.rows.map { row in
            "<tr>\(row.enumerated().map { cell("td", $0, $1) }.joined())</tr>\n"
        }
        return """
            <h2>\(Figures.escapedHTML(table.title))</h2><p class="note">\(Figures.escapedHTML(table.note))</p>
            <div class="scroll"><table><thead><tr>\(head)</tr></thead><tbody>
            \(rows.joined())</tbody></table></div>

            """
    }

    private static let method = """
        Method: every figure is counted from the Git history and the files of the head commit. Hot spots are the \
        product of commits and complexity, each as a share of the maximum (Tornhill 2015); complexity counts branch \
        words and signs outside of comments and strings (after McCabe 1976); the bus factor follows Avelino et al. 2016.
        """

    private static let style = """
        :root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d1d9e0;--back:#fff;\
        --mark:#0969da;--hot:#cf222e}
        @media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#3d444d;--back:#0d1117;\
        --mark:#4493f8;--hot:#f85149}}
        body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:70rem;margin:0 auto;padding:1.5rem}
        h1{font-size:1.6rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:2rem 0 .2rem}
        .note,dt,figcaption{color:var(--soft);font-size:.9rem}.scroll{overflow-x:auto}
        .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:1rem}
        .figures dd{margin:0;font-size:1.2rem;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
        .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        figure{margin:1.5rem 0}svg{width:100%;height:auto}svg text{fill:var(--ink);font-size:12px}
        .axis{stroke:var(--line)}.bubble{fill:var(--mark);fill-opacity:.35;stroke:var(--mark)}
        .first{fill:var(--hot);stroke:var(--hot)}.bar{fill:var(--mark)}
        @media print{main{max-width:none;padding:0}tr,figure{break-inside:avoid}}
        """
}
