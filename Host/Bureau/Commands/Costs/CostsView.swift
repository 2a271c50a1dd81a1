import Kernel
import Server

/// A cost report as a table, as comma-separated values, or as JSON.
struct CostsView {
    let report: CostReport

    func show(_ query: CostQuery, csv: Bool, json: Bool) {
        let terminal = Terminal.standard
        if json { return terminal.line(report.json(of: query).serialized()) }
        if csv { return terminal.bytes(Array(report.csv.utf8)) }
        RecordTables.costs(report.json(of: query)).show()
        let total = report.total
        if total.assumed > .zero { terminal.note("\(total.assumed) of it by assumed prices (prices=assumed)") }
        if total.ambiguous > .zero {
            terminal.note("\(total.ambiguous) of it at upper bounds, since nobody knows what was billed")
        }
    }
}

/// A month's statement for each department.
struct ShowbackView {
    let showback: Showback

    func show(markdown: Bool, json: Bool) {
        let terminal = Terminal.standard
        if json { return terminal.line(showback.json.serialized()) }
        let lines = markdown ? self.markdown : table.lines(style: terminal.outputStyle)
        lines.forEach { terminal.line($0) }
    }

    private var month: String { String(showback.month.description.prefix(7)) }

    private var table: Table {
        var table = Table([
            ("tenant/department", .left), ("cost \(month)", .right), ("share", .right), ("before", .right),
            ("change", .right), ("calls", .right), ("tokens", .right), ("most for models", .left),
            ("most by agents", .left),
        ])
        for statement in showback.statements { table.add(Self.cells(statement)) }
        let total = showback.total
        table.total([
            "total", total.cost.description, "", showback.totalBefore.description,
            Self.signed(total.cost - showback.totalBefore), "\(total.calls)", "\(total.input + total.output)",
        ])
        return table
    }

    private static func cells(_ statement: Showback.Statement) -> [String] {
        [
            name(statement), statement.sums.cost.description, statement.shareOfThousand.map(percent) ?? "",
            statement.costBefore.description, change(statement), "\(statement.sums.calls)",
            "\(statement.sums.input + statement.sums.output)", list(statement.models), list(statement.agents),
        ]
    }

    private var markdown: [String] {
        var lines = ["# Model costs, \(month)", ""]
        lines.append(
            "Total \(showback.total.cost) for \(showback.total.calls) calls; \(showback.totalBefore) the month before. "
                + "Days begin in \(showback.zone).")
        for statement in showback.statements {
            let share = statement.shareOfThousand.map { ", \(Self.percent($0)) of all costs" } ?? ""
            lines += [
                "", "## \(Self.escaped(Self.name(statement)))", "",
                "**\(statement.sums.cost)**\(share). The month before: \(statement.costBefore); change "
                    + "\(Self.change(statement)). \(statement.sums.calls) calls, \(statement.sums.input) tokens in "
                    + "(\(statement.sums.cachedRead) cached), \(statement.sums.output) out.",
            ]
            if statement.sums.assumed > .zero { lines += ["", "By assumed prices: \(statement.sums.assumed)."] }
            if statement.sums.ambiguous > .zero { lines += ["", "At upper bounds: \(statement.sums.ambiguous)."] }
            lines += Self.markdown("Models", statement.models) + Self.markdown("Agents", statement.agents)
        }
        return lines
    }

    private static func markdown(_ title: String, _ tops: [Showback.Top]) -> [String] {
        guard !tops.isEmpty else { return [] }
        let rows = tops.map { "| \(escaped($0.name)) | \($0.sums.calls) | \($0.sums.cost) |" }
        return ["", "| \(title) | calls | cost |", "| --- | ---: | ---: |"] + rows
    }

    /// A model's name comes from outside.
    private static func escaped(_ text: String) -> String {
        text.printable.reduce(into: "") { result, character in
            if "\\|*_`[]<>#".contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    private static func name(_ statement: Showback.Statement) -> String {
        "\(statement.tenant ?? "–")/\(statement.department ?? "–")"
    }

    private static func list(_ tops: [Showback.Top]) -> String {
        tops.map { "\($0.name) \($0.sums.cost)" }.joined(separator: ", ")
    }

    private static func change(_ statement: Showback.Statement) -> String {
        let part = statement.changeOfThousand.map { " (\($0 > 0 ? "+" : "")\(percent($0)))" } ?? ""
        return signed(statement.change) + part
    }

    private static func signed(_ amount: Nanodollars) -> String { (amount > .zero ? "+" : "") + amount.description }

    /// Of thousandths: `12.3 %`.
    private static func percent(_ thousandths: Int) -> String {
        let size = abs(thousandths)
        return "\(thousandths < 0 ? "-" : "")\(size / 10).\(size % 10) %"
    }
}
