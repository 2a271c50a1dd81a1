import Kernel

/// Draws a ``RunTree`` as lines of text, at most as many as there is room for.
struct RunTreeView {
    var style: Style
    var columns: Int
    var rows: Int
    /// Turns with each drawing.
    var frame: Int
    var now: Instant

    private static let spinner = Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
    /// Effects of no interest to a person who watches.
    private static let hiddenKinds: Set<EffectKind> = [
        .child, .plan, .now, .random, .budgetRemaining, .budgetReserve, .budgetRelease, .stateGet, .stateList,
        .auditNote,
    ]

    /// How much of the steps is shown, from most to least.
    private enum Detail: CaseIterable { case all, openRuns, openSteps, none }

    func lines(_ tree: RunTree) -> [String] {
        for detail in Detail.allCases {
            var lines: [String] = []
            draw(tree.root, of: tree, prefix: "", branch: "", detail: detail, into: &lines)
            if lines.count < rows { return lines }
            if detail == .none { return Array(lines.prefix(max(1, rows - 1))) }
        }
        return []
    }

    private func draw(
        _ id: RunID, of tree: RunTree, prefix: String, branch: String, detail: Detail, into lines: inout [String]
    ) {
        guard let node = tree.nodes[id] else { return }
        lines.append(runLine(node, prefix: prefix + branch))
        let below = prefix + (branch.isEmpty ? "" : branch.hasPrefix("└") ? "   " : "│  ")
        let steps = visibleSteps(node, detail)
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1 && node.children.isEmpty
            lines.append(stepLine(step, prefix: below + (isLast ? "└─ " : "├─ ")))
        }
        for (index, child) in node.children.enumerated() {
            draw(
                child, of: tree, prefix: below, branch: index == node.children.count - 1 ? "└─ " : "├─ ",
                detail: detail, into: &lines)
        }
    }

    private func visibleSteps(_ node: RunTree.Node, _ detail: Detail) -> [RunTree.Step] {
        let steps = node.steps.filter { !Self.hiddenKinds.contains($0.kind) }
        switch detail {
        case .all: return steps
        case .openRuns: return node.state.isTerminal ? [] : steps
        case .openSteps: return steps.filter { $0.state == nil }
        case .none: return []
        }
    }

    private func runLine(_ node: RunTree.Node, prefix: String) -> String {
        let time = node.startedAt.map { Self.duration(milliseconds(from: $0, to: node.finishedAt)) } ?? ""
        let cost = node.cost > .zero ? node.cost.description : ""
        let name = node.task.description
        let used = prefix.count + name.count + time.count + cost.count + 8
        let note = (node.failure?.message ?? node.note).printable.fitted(max(0, columns - used))
        return line([
            style.faint(prefix) + mark(node.state) + " " + style.bold(name), style.faint(note), time,
            style.yellow(cost),
        ])
    }

    private func stepLine(_ step: RunTree.Step, prefix: String) -> String {
        let symbol =
            switch step.state {
            case nil, .intended: style.cyan(String(spin))
            case .done: style.green("✓")
            case .failed: style.red("✗")
            case .ambiguous: style.yellow("?")
            }
        let time = Self.duration(step.state == nil ? milliseconds(from: step.startedAt, to: nil) : step.milliseconds)
        let name = step.name.printable.fitted(max(8, columns - prefix.count - time.count - 24))
        return line([
            style.faint(prefix) + symbol + " " + name, style.faint(step.kind.name),
            style.faint(step.replayed ? "replayed" : time), style.yellow(step.cost > .zero ? "\(step.cost)" : ""),
        ])
    }

    private func line(_ parts: [String]) -> String { parts.filter { !$0.isEmpty }.joined(separator: "  ") }

    private func mark(_ state: RunState) -> String {
        switch state {
        case .done: style.green("✔")
        case .failed, .dead: style.red("✘")
        case .cancelled: style.yellow("✘")
        case .paused: style.yellow("‖")
        case .waiting: style.yellow("◌")
        case .running: style.cyan(String(spin))
        case .ready, .scheduled: style.faint("·")
        }
    }

    private var spin: Character { Self.spinner[frame % Self.spinner.count] }

    private func milliseconds(from start: Instant, to end: Instant?) -> Int64 {
        max(0, (end ?? now).unixMilliseconds - start.unixMilliseconds)
    }

    /// `12 ms`, `3.4 s`, `2 min 05 s`.
    static func duration(_ milliseconds: Int64) -> String {
        if milliseconds < 1_000 { return "\(milliseconds) ms" }
        if milliseconds < 60_000 { return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s" }
        let seconds = milliseconds / 1_000
        return "\(seconds / 60) min \(seconds % 60 < 10 ? "0" : "")\(seconds % 60) s"
    }
}
