import Kernel

/// One run as `runs show` shows it, read from the store or answered by a host: the same JSON, the same picture.
struct RunDetailView {
    let run: JSONValue

    func show(on terminal: Terminal = .standard) {
        let style = terminal.outputStyle
        terminal.line("\(style.bold(run.text("task")))  \(run.text("status"))  \(run.text("cost"))")
        if let failure = run["failure"], failure != .null {
            terminal.line(style.red("\(failure.text("status")): \(failure.text("message"))".printable))
        }
        if !run.text("held_by").isEmpty { terminal.line(style.red(run.text("held_by").printable)) }
        let reasons = run["class"]?["reasons"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let why = reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ").printable))"
        terminal.line("class \(run.text("classification"))\(why)")
        terminal.line("created \(run.text("created_at")), attempt \(run.text("attempt"))\n")
        steps.lines(style: style).forEach { terminal.line($0) }
        for child in list("children") {
            terminal.line("child     \(child.text("id"))  \(child.text("task"))  \(child.text("status"))")
        }
        for artifact in list("artifacts") {
            terminal.line("artifact  \(artifact.text("name").printable)  \(artifact.text("digest"))")
        }
        if let output = run["output"], output != .null { terminal.line("\n" + output.serialized(pretty: true)) }
    }

    private func list(_ name: String) -> [JSONValue] { run[name]?.arrayValue ?? [] }

    private var steps: Table {
        var table = Table([
            ("#", .right), ("kind", .left), ("step", .left), ("status", .left), ("time", .right), ("cost", .right),
        ])
        for step in list("steps") {
            var time = ""
            if let begin = Instant(timestamp: step.text("started_at")),
                let end = Instant(timestamp: step.text("finished_at"))
            {
                time = RunTreeView.duration(end.unixMilliseconds - begin.unixMilliseconds)
            }
            let cost = Nanodollars(step["cost_nanodollars"]?.integerValue ?? 0)
            table.add(
                step.text("sequence"), step.text("kind"), step.text("name"), step.text("status"), time,
                cost > .zero ? cost.description : "")
        }
        return table
    }
}
