/// Rows in columns, two spaces apart; a faint head, numbers to the right.
struct Table {
    enum Alignment { case left, right }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []
    private var footer: [String]?

    init(_ columns: [(String, Alignment)]) {
        self.columns = columns.map { (title: $0.0, alignment: $0.1) }
    }

    init(_ titles: String...) { self.init(titles.map { ($0, Alignment.left) }) }

    mutating func add(_ cells: String...) { add(cells) }
    mutating func add(_ cells: [String]) { rows.append(cells.map(\.printable)) }
    mutating func total(_ cells: String...) { total(cells) }
    /// Columns after the last cell stay empty.
    mutating func total(_ cells: [String]) {
        footer = cells + Array(repeating: "", count: max(0, columns.count - cells.count))
    }

    func lines(style: Style) -> [String] {
        let all = [columns.map(\.title)] + rows + (footer.map { [$0] } ?? [])
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        func text(_ cells: [String]) -> String {
            var line = ""
            for (column, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let isLast = column == cells.count - 1
                line += columns[column].alignment == .right ? padding + cell : cell + (isLast ? "" : padding)
                if !isLast { line += "  " }
            }
            return line
        }
        var lines = [style.faint(text(columns.map(\.title)))] + rows.map(text)
        if let footer { lines.append(style.bold(text(footer))) }
        return lines
    }
}
