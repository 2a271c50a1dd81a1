/// Inline SVG: no script, no outside file, readable in light, dark and on paper.
enum ReviewCharts {
    private static let width = 760.0
    private static let height = 340.0
    private static let margin = (left: 56.0, right: 24.0, top: 32.0, bottom: 44.0)

    /// Commits to the right, complexity up, lines of code as area. The first three are named.
    static func bubbles(_ spots: [HotSpot]) -> String {
        guard !spots.isEmpty else { return "" }
        let mostCommits = niceMaximum(Double(spots.map(\.commits).max() ?? 1))
        let mostComplex = niceMaximum(Double(spots.map(\.complexity).max() ?? 1))
        let mostLines = Double(max(1, spots.map(\.codeLines).max() ?? 1))
        var marks = axes(
            across: "commits", acrossMaximum: mostCommits, up: "complexity", upMaximum: mostComplex)
        // Large ones first, so that small ones stay visible.
        for spot in spots.sorted(by: { ($1.codeLines, $0.path) < ($0.codeLines, $1.path) }) {
            let x = horizontal(Double(spot.commits) / mostCommits)
            let y = vertical(Double(spot.complexity) / mostComplex)
            let radius = radius(of: spot, mostLines: mostLines)
            let label = "\(spot.path): \(spot.commits) commits, complexity \(spot.complexity), \(spot.codeLines) lines"
            marks += """
                <circle class="bubble\(spot.rank == 1 ? " first" : "")" cx="\(short(x))" cy="\(short(y))" \
                r="\(short(radius))"><title>\(Figures.escapedHTML(label))</title></circle>

                """
        }
        for spot in spots.prefix(3) {
            let x = horizontal(Double(spot.commits) / mostCommits)
            let y = vertical(Double(spot.complexity) / mostComplex)
            marks += label(spot.path, x: x, y: y, distance: 8 + radius(of: spot, mostLines: mostLines))
        }
        return figure(
            "Hot spots: commits and complexity of the \(spots.count) first files; the area shows lines of code",
            marks, height: height)
    }

    /// Commits by month.
    static func months(_ months: [MonthActivity]) -> String {
        guard months.count > 1 else { return "" }
        let most = niceMaximum(Double(months.map(\.commits).max() ?? 1))
        var marks = axes(across: "", acrossMaximum: nil, up: "commits", upMaximum: most)
        let step = (width - margin.left - margin.right) / Double(months.count)
        let every = max(1, months.count / 8)
        for (index, month) in months.enumerated() {
            let x = margin.left + Double(index) * step
            let y = vertical(Double(month.commits) / most)
            marks += """
                <rect class="bar" x="\(short(x + 1))" y="\(short(y))" width="\(short(max(1, step - 2)))" \
                height="\(short(vertical(0) - y))"><title>\(month.month): \(month.commits) commits</title></rect>

                """
            if index % every == 0 {
                marks += "<text x=\"\(short(x))\" y=\"\(short(height - margin.bottom + 18))\">\(month.month)</text>\n"
            }
        }
        return figure("Commits by month", marks, height: height)
    }

    private static func radius(of spot: HotSpot, mostLines: Double) -> Double {
        4 + 22 * (Double(spot.codeLines) / mostLines).squareRoot()
    }

    /// The file's name beside its bubble, on the side that has room.
    private static func label(_ path: String, x: Double, y: Double, distance: Double) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let isLeft = x > width * 0.6
        return """
            <text x="\(short(isLeft ? x - distance : x + distance))" y="\(short(y + 4))" \
            text-anchor="\(isLeft ? "end" : "start")">\(Figures.escapedHTML(file))</text>

            """
    }

    private static func axes(across: String, acrossMaximum: Double?, up: String, upMaximum: Double) -> String {
        var marks = ""
        for quarter in 0...4 {
            let share = Double(quarter) / 4
            let y = short(vertical(share))
            marks +=
                "<line class=\"axis\" x1=\"\(short(margin.left))\" x2=\"\(short(width - margin.right))\" y1=\"\(y)\" "
            marks += "y2=\"\(y)\"/><text x=\"\(short(margin.left - 6))\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">"
            marks += "\(short(upMaximum * share))</text>\n"
            guard let acrossMaximum else { continue }
            marks += "<text x=\"\(short(horizontal(share)))\" y=\"\(short(height - margin.bottom + 18))\" "
            marks += "text-anchor=\"middle\">\(short(acrossMaximum * share))</text>\n"
        }
        let middle = short((margin.left + width - margin.right) / 2)
        marks += "<text x=\"\(middle)\" y=\"\(short(height - 6))\" text-anchor=\"middle\">\(across)</text>\n"
        marks += "<text x=\"12\" y=\"\(short(height / 2))\" text-anchor=\"middle\" "
        return marks + "transform=\"rotate(-90 12 \(short(height / 2)))\">\(up)</text>\n"
    }

    private static func figure(_ caption: String, _ marks: String, height: Double) -> String {
        let label = Figures.escapedHTML(caption)
        return """
            <figure><svg viewBox="0 0 \(short(width)) \(short(height))" role="img" aria-label="\(label)">
            \(marks)</svg><figcaption>\(label)</figcaption></figure>

            """
    }

    private static func horizontal(_ share: Double) -> Double {
        margin.left + share * (width - margin.left - margin.right)
    }

    private static func vertical(_ share: Double) -> Double {
        height - margin.bottom - share * (height - margin.top - margin.bottom)
    }

    /// The next multiple of four with one or two leading digits, so that quarters are short numbers.
    private static func niceMaximum(_ value: Double) -> Double {
        var unit = 4.0
        while unit * 10 < value { unit *= 10 }
        return (value / unit).rounded(.up) * unit
    }

    /// One decimal at most, no thousands sign: for attributes.
    private static func short(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }
}
