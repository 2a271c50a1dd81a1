/// Activities from early start to early finish in working days; the critical ones stand out, slack is pale.
struct GanttChart {
    let rows: [CriticalPath.Row]
    let targetDays: Double

    func figure(id: String, title: String, description: String) -> Figure {
        let rowHeight = 26.0, left = 230.0, right = 740.0
        var svg = SVG(width: 760, height: Double(rows.count) * rowHeight + 44)
        let scale = Scale(rows.map { $0.earlyFinish + $0.slackDays } + [targetDays], from: left, to: right)
        let bottom = Double(rows.count) * rowHeight + 22
        for tick in scale.ticks {
            svg.line(x1: scale(tick), y1: 18, x2: scale(tick), y2: bottom, style: "grid")
            svg.text(Format.number(tick), x: scale(tick), y: bottom + 16, anchor: .middle)
        }
        for (index, row) in rows.enumerated() {
            let y = Double(index) * rowHeight + 22
            let name = row.name.count > 31 ? row.name.prefix(30) + "…" : row.name
            svg.text(name, x: left - 8, y: y + 15, anchor: .end)
            svg.rectangle(
                x: scale(row.earlyFinish), y: y + 8, width: scale(row.slackDays) - scale(0), height: 6, style: "slack",
                title: "slack \(Format.number(row.slackDays, 1)) days")
            svg.rectangle(
                x: scale(row.earlyStart), y: y + 3, width: max(2, scale(row.earlyFinish) - scale(row.earlyStart)),
                height: 16, style: row.critical ? "bar-critical" : "bar",
                title: "\(row.name): day \(Format.number(row.earlyStart, 1))"
                    + " to \(Format.number(row.earlyFinish, 1))" + (row.critical ? ", critical" : ""))
        }
        svg.line(x1: scale(targetDays), y1: 16, x2: scale(targetDays), y2: bottom, style: "marker")
        svg.text("target \(Format.number(targetDays))", x: scale(targetDays) + 4, y: 12, anchor: .end, style: "value")
        return Figure(id: id, title: title, description: description, svg)
    }
}
