import Synchronization

/// The output of one build: kept for its report, and shown line by line once the build takes a while.
final class BuildFeed: Sendable {
    /// Shown of what came before.
    private static let backlog = 20

    private struct State {
        var lines: [String] = []
        var dropped = 0
        var isShown = false
    }

    private let reporter: DevReporter
    private let state = Mutex(State())

    init(_ reporter: DevReporter) { self.reporter = reporter }

    /// To the build's end.
    func read(_ process: BuildProcess) async -> BuildProcess.Ending {
        var ending = BuildProcess.Ending.signalled(0)
        for await piece in process.pieces {
            switch piece {
            case .line(let line): add(line)
            case .ended(let found): ending = found
            }
        }
        return ending
    }

    private func add(_ line: String) {
        state.withLock { state in
            if state.lines.count < BuildReport.keptLines {
                state.lines.append(line)
            } else {
                state.dropped += 1
            }
            // In the lock: lines keep their order.
            if state.isShown { reporter.tell(.buildOutput(line)) }
        }
    }

    /// Shows the last lines so far, and all from now on.
    func show() {
        state.withLock { state in
            state.lines.suffix(Self.backlog).forEach { reporter.tell(.buildOutput($0)) }
            state.isShown = true
        }
    }

    var collected: (lines: [String], dropped: Int) { state.withLock { ($0.lines, $0.dropped) } }
}
