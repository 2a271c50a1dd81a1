import Kernel

/// Tables of what `--json` shows, whether it was read from the store or answered by a host: one table for both.
enum RecordTables {
    static func runs(_ list: [JSONValue]) -> Table {
        var table = Table([
            ("run", .left), ("task", .left), ("status", .left), ("attempt", .right), ("cost", .right),
            ("created", .left),
        ])
        for run in list {
            table.add(
                run.text("id"), run.text("task"), run.text("status"), run.text("attempt"), run.text("cost"),
                run.text("created_at"))
        }
        return table
    }

    static func approvals(_ list: [JSONValue]) -> Table {
        var table = Table([("run", .left), ("#", .right), ("status", .left), ("title", .left)])
        for approval in list {
            table.add(approval.text("run"), approval.text("sequence"), approval.text("status"), approval.text("title"))
        }
        return table
    }

    static func agents(_ list: [JSONValue]) -> Table {
        var table = Table("agent", "department", "state", "version", "capabilities", "pool", "created")
        for agent in list {
            let isNamed = agent["version"] != nil
            let capabilities = agent["capabilities"]?.arrayValue?.compactMap(\.stringValue).joined(separator: " ")
            table.add(
                agent.text("name"), agent.text("department"), isNamed ? agent.text("state") : "active",
                agent.text("version"), capabilities ?? "all", agent.text("pool"),
                isNamed ? agent.text("created_at") : "with its department")
        }
        return table
    }

    static func departments(_ list: [JSONValue]) -> Table {
        var table = Table([
            ("department", .left), ("version", .left), ("tasks", .right), ("state", .left), ("placement", .left),
            ("isolation", .left), ("summary", .left),
        ])
        for department in list {
            let summary = department.text("summary")
            table.add(
                department.text("name"), department.text("version"), "\(department["tasks"]?.arrayValue?.count ?? 0)",
                department.text("state"), department.text("placement"), department["isolation"]?.text("level") ?? "",
                summary.isEmpty ? department.text("problem") : summary)
        }
        return table
    }

    /// Of telling somebody outside of an event.
    static func attempts(_ list: [JSONValue]) -> Table {
        var table = Table([
            ("at", .left), ("event", .right), ("try", .right), ("ms", .right), ("status", .left), ("error", .left),
        ])
        for attempt in list {
            table.add(["at", "event", "attempt", "milliseconds", "status", "error"].map { attempt.text($0) })
        }
        return table
    }

    static func schedules(_ list: [JSONValue]) -> Table {
        var table = Table("schedule", "state", "task", "when", "next")
        for schedule in list {
            let isPaused = schedule["paused"] == true, problem = schedule.text("problem")
            let state =
                !problem.isEmpty ? "broken" : isPaused ? "paused" : schedule.text("held").isEmpty ? "on" : "held"
            let words = schedule.text("words"), next = schedule.text("next")
            table.add(
                schedule.text("name"), state, schedule.text("task"), words.isEmpty ? problem : words,
                isPaused ? "" : next.isEmpty ? "never" : next)
        }
        return table
    }

    /// - Parameter report: rows by the dimensions that it names, and the total.
    static func costs(_ report: JSONValue) -> Table {
        let dimensions = report["by"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let sums: [(String, Table.Alignment)] = [
            ("calls", .right), ("tokens in", .right), ("of it cached", .right), ("tokens out", .right),
            ("cost", .right),
        ]
        var table = Table(dimensions.map { ($0, Table.Alignment.left) } + sums)
        let cells = { (row: JSONValue) in
            ["calls", "input_tokens", "cached_read_tokens", "output_tokens", "cost"].map { row.text($0) }
        }
        for row in report["rows"]?.arrayValue ?? [] {
            table.add(dimensions.map { row[$0]?.stringValue ?? "–" } + cells(row))
        }
        let empty = Array(repeating: "", count: max(0, dimensions.count - 1))
        table.total(["total"] + empty + cells(report["total"] ?? [:]))
        return table
    }

    /// One line an event.
    static func event(_ event: JSONValue, style: Style) -> String {
        let words = [event["subject"]?.stringValue, event["data"]?.serialized()].compactMap { $0?.printable }
        return "\(style.faint("\(event.text("id"))  \(event.text("time"))"))  "
            + "\(style.bold(event.text("type").printable))  " + words.joined(separator: "  ")
    }
}

extension JSONValue {
    /// A member as people read it; empty where there is none.
    func text(_ name: String) -> String {
        switch self[name] {
        case .string(let text): text
        case nil, .null: ""
        case let value?: value.serialized()
        }
    }
}

extension Table {
    func show(_ terminal: Terminal = .standard) {
        lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }
}
