import Engine
import Kernel
import Placement
import Synchronization

/// Shows the author's loop: lines of JSON, lines, or on a terminal lines below which the build's progress is redrawn.
final class DevReporter: Sendable {
    private static let shownOutputLines = 200
    private static let shownChanges = 40
    private static let shownFrames = 12

    private struct State {
        /// A line without an end stands at the cursor.
        var hasDrawn = false
        var buildLine = ""
        /// The build's output was shown line by line.
        var hasShownBuild = false
        /// Of this run's build and load; nil for a run that needed none.
        var buildMilliseconds: Int64?
        var loadMilliseconds: Int64?
        var runStartedAt: Instant?
    }

    private let isJSON: Bool
    private let isLive: Bool
    private let terminal: Terminal
    private let state = Mutex(State())

    init(isJSON: Bool, terminal: Terminal) {
        self.isJSON = isJSON
        self.terminal = terminal
        isLive = terminal.isLive && !isJSON
    }

    func tell(_ event: DevEvent) {
        state.withLock { state in
            if isJSON {
                if let json = event.json { terminal.line(json.serialized()) }
                return
            }
            if isLive, case .buildOutput(let line) = event {
                state.buildLine = line.printable
                return
            }
            if state.hasDrawn {
                terminal.draw("\r\u{1B}[2K")
                state.hasDrawn = false
            }
            if case .notice(let notice) = event, case .started = notice.kind { state.runStartedAt = notice.at }
            lines(of: event, &state).forEach { terminal.line($0) }
        }
    }

    /// Redraws how long the build has taken. Called from a timer, once it takes a while.
    func tick(buildMilliseconds: Int64) {
        guard isLive else { return }
        let columns = terminal.size.columns
        state.withLock { state in
            let text = "building \(RunTreeView.duration(buildMilliseconds))  \(state.buildLine)"
            terminal.draw("\r\u{1B}[2K" + terminal.errorStyle.faint(text.fitted(columns - 1)))
            state.hasDrawn = true
        }
    }

    private var style: Style { terminal.outputStyle }

    private func lines(of event: DevEvent, _ state: inout State) -> [String] {
        switch event {
        case .started(let project, let store):
            return ["\(style.bold(project.name))  \(project.folder)", style.faint("store  \(store)")]
        case .watching: return [style.faint(isLive ? "watching; Enter runs again, q quits" : "watching")]
        case .buildStarted(let changed):
            (state.buildLine, state.hasShownBuild) = ("", false)
            (state.buildMilliseconds, state.loadMilliseconds) = (nil, nil)
            guard !changed.isEmpty else { return [] }
            let names = changed.prefix(5).joined(separator: ", ").printable
            return ["", style.cyan("changed  ") + names + (changed.count > 5 ? " and \(changed.count - 5) more" : "")]
        case .buildOutput(let line):
            state.hasShownBuild = true
            return ["  " + DiagnosticLine(line).shown(style)]
        case .buildFinished(let report):
            state.buildMilliseconds = report.milliseconds
            return lines(of: report, isShown: state.hasShownBuild)
        case .buildCancelled: return [style.faint("build cancelled")]
        case .loaded(let department, let version, let milliseconds):
            state.loadMilliseconds = milliseconds
            return [style.faint("loaded   \(department) \(version)")]
        case .reloaded(let department, let generation, let version, let milliseconds):
            state.loadMilliseconds = milliseconds
            return [style.faint("reloaded \(department) \(version), generation \(generation)")]
        case .unchanged(let generation):
            return [style.faint("the same library as before: generation \(generation) goes on")]
        case .loadFailed(let reason, let serving):
            let still = serving.map { ["generation \($0) goes on"] } ?? []
            return reason.map { style.red("refused  ") + $0.printable } + still
        case .problem(let lines): return lines.map { style.red("problem  ") + $0.printable }
        case .stopped: return [style.faint("stopped")]
        default: return runLines(of: event, &state)
        }
    }

    private func lines(of report: BuildReport, isShown: Bool) -> [String] {
        let time = RunTreeView.duration(report.milliseconds)
        if report.isSuccess {
            // Warnings are told; a compiler that has none to tell is not quoted.
            let warnings = report.lines.contains { DiagnosticLine($0).kind == .warning }
            return warnings && !isShown ? report.shown.map { "  " + DiagnosticLine($0).shown(style) } : []
        }
        var lines = [style.red("build failed") + "  \(report.reason.printable), after \(time)"]
        if !isShown { lines += report.shown.map { "  " + DiagnosticLine($0).shown(style) } }
        if !isShown, report.omittedLines > 0 { lines.append(style.faint("  … \(report.omittedLines) more lines")) }
        if let hint = report.hint { lines.append(style.yellow(hint.printable)) }
        return lines
    }

    private func runLines(of event: DevEvent, _ state: inout State) -> [String] {
        switch event {
        case .runStarted(_, let task): return [style.faint("run      \(task)")]
        case .notice(let notice):
            // The end comes with the result.
            if case .finished = notice.kind { return [] }
            if case .requeued = notice.kind { return [] }
            return ProgressReporter.line(notice, since: state.runStartedAt).map { ["  " + $0] } ?? []
        case .pluginOutput(let level, let text): return ["  \(level): \(text.printable)"]
        case .approved(let title): return [style.yellow("approved ") + "for you: \(title.printable)"]
        case .crashed(let crash): return lines(of: crash)
        case .runCancelled: return [style.faint("run cancelled")]
        case .runRefused(let lines): return lines.map { style.red("not run  ") + $0.printable }
        case .runFinished(let result, _, let difference):
            defer { (state.buildMilliseconds, state.loadMilliseconds) = (nil, nil) }
            return lines(of: result, state) + (difference.map { lines(of: $0) } ?? [])
        default: return []
        }
    }

    private func lines(of crash: PluginCrash) -> [String] {
        let frames = crash.loss.crash?.frames ?? []
        let shown = frames.prefix(Self.shownFrames).enumerated().map { index, frame in
            let isOwn = crash.loss.crash?.ownFrame == index
            let text = "#\(index) \(frame.description.printable)" + (frame.isGuess ? "  (found on the stack)" : "")
            return "  " + (isOwn ? style.bold(text) : text)
        }
        return [style.red("crashed  ") + crash.loss.description.printable] + shown
    }

    private func lines(of result: TrialResult, _ state: State) -> [String] {
        var lines: [String] = []
        if result.run.output != nil {
            let text = result.value.serialized(pretty: true).split(separator: "\n").map(String.init)
            lines += text.prefix(Self.shownOutputLines).map { $0.printable }
            if text.count > Self.shownOutputLines { lines.append("… \(text.count - Self.shownOutputLines) more lines") }
        }
        let time = RunTreeView.duration
        var parts: [String] = []
        if let milliseconds = state.buildMilliseconds { parts.append("build \(time(milliseconds))") }
        if let milliseconds = state.loadMilliseconds { parts.append("reload \(time(milliseconds))") }
        parts.append("run \(time(result.milliseconds))")
        if result.run.cost > .zero { parts.append("cost \(result.run.cost)") }
        let name = result.state
        let shown = name == "done" ? style.green(name) : style.red(name)
        let failure = result.crash == nil ? result.run.failure.map { ": \($0.message.printable)" } ?? "" : ""
        return lines + ["\(shown)\(failure)  " + style.faint(parts.joined(separator: " · "))]
    }

    private func lines(of difference: TrialDifference) -> [String] {
        if difference.isEmpty { return [style.faint("the same result as before")] }
        var lines: [String] = []
        for change in difference.changes.prefix(Self.shownChanges) {
            lines.append(style.bold(change.pointer.isEmpty ? "the result" : change.pointer.printable))
            if let before = change.recorded { lines.append(style.red("  - " + Self.short(before))) }
            if let after = change.new { lines.append(style.green("  + " + Self.short(after))) }
        }
        if difference.changes.count > Self.shownChanges {
            lines.append(style.faint("… \(difference.changes.count - Self.shownChanges) more changes"))
        }
        return lines + difference.steps.prefix(Self.shownChanges).map { style.yellow("step ") + $0.text.printable }
    }

    private static func short(_ value: JSONValue) -> String { value.serialized().printable.fitted(400) }
}
