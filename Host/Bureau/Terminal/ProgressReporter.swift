import Engine
import Kernel
import Synchronization

/// Shows a run while it goes: a tree that is redrawn in place on a terminal, lines that are appended in a pipe, or
/// nothing.
final class ProgressReporter: Sendable {
    enum Mode { case live, lines, silent }

    private static let redraw: Duration = .milliseconds(80)

    private struct State {
        var tree: RunTree
        var frame = 0
        var drawnLines = 0
        var startedAt: Instant?
    }

    private let mode: Mode
    private let terminal: Terminal
    private let state: Mutex<State>

    init(root: RunID, task: TaskReference, mode: Mode, terminal: Terminal) {
        self.mode = mode
        self.terminal = terminal
        state = Mutex(State(tree: RunTree(root: root, task: task)))
    }

    /// Follows the notices to their end.
    func follow(_ notices: AsyncStream<RunNotice>) async {
        let painter: Task<Void, any Error>? =
            mode != .live
            ? nil
            : Task {
                while true {
                    try await Task.sleep(for: Self.redraw)
                    paint()
                }
            }
        for await notice in notices {
            state.withLock { state in
                state.startedAt = state.startedAt ?? notice.at
                state.tree.apply(notice)
                if mode == .lines, let text = Self.line(notice, since: state.startedAt) { terminal.note(text) }
            }
        }
        painter?.cancel()
        if mode == .live { paint() }
    }

    private func paint() {
        let size = terminal.size
        state.withLock { state in
            let view = RunTreeView(
                style: terminal.errorStyle, columns: size.columns, rows: size.rows, frame: state.frame,
                now: SystemClock.now())
            let lines = view.lines(state.tree)
            // Up to the first line drawn before, then each line anew, then what is left below away.
            var text = state.drawnLines > 0 ? "\u{1B}[\(state.drawnLines)A\r" : ""
            for line in lines { text += "\u{1B}[2K\(line)\n" }
            terminal.draw(text + "\u{1B}[J")
            state.drawnLines = lines.count
            state.frame += 1
        }
    }

    /// One line for a log; nil for what only matters live.
    static func line(_ notice: RunNotice, since start: Instant?) -> String? {
        let what: String
        switch notice.kind {
        case .started(let attempt): what = attempt > 1 ? "started again (attempt \(attempt))" : "started"
        case .stepFinished(let name, let kind, let state, let replayed, let cost, let milliseconds):
            let money = cost > .zero ? ", \(cost)" : ""
            let time = replayed ? "replayed" : RunTreeView.duration(milliseconds)
            what = "\(kind.name) \(name.printable) \(state.name) (\(time)\(money))"
        case .progress(_, let text): what = text.printable
        case .waiting(let reason): what = "waiting: \(reason.printable)"
        case .requeued(let reason): what = "put back: \(reason.printable)"
        case .finished(let state, let failure, let cost):
            what = "\(state.name), \(cost)" + (failure.map { ": \($0.message.printable)" } ?? "")
        case .log(let level, let text): what = "\(level): \(text.printable)"
        case .admitted, .stepStarted, .partial: return nil
        }
        let elapsed = notice.at.unixMilliseconds - (start ?? notice.at).unixMilliseconds
        return "+\(RunTreeView.duration(elapsed))  \(notice.task)  \(what)"
    }
}
