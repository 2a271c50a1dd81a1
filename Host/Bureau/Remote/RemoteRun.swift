import Engine
import Kernel
import Synchronization

/// A run of another host, followed to its end by its events.
struct RemoteRun {
    let host: HostClient
    let id: String
    var isJSON: Bool
    var showsProgress: Bool

    private static let open: Set<String> = ["ready", "running", "waiting", "scheduled"]
    private static let asked = "approval.requested"
    private static let pause: Duration = .milliseconds(500)

    /// - Throws: how the run's end ends the command.
    func follow() async throws(CommandFailure) {
        let terminal = Terminal.standard
        var position: String?
        let start = Mutex<String?>(nil)
        let isQuiet = isJSON || !showsProgress
        while true {
            // A stream that broke, or a host that was started anew, is taken up where it was.
            position =
                try await host.events("/jobs/\(id)/events", after: position) { name, data in
                    guard !isQuiet else { return name != Self.asked }
                    let at = start.withLock { first in
                        first = first ?? data.text("at")
                        return first
                    }
                    if let line = Self.line(name, data, since: at ?? "") { terminal.note(line) }
                    return name != Self.asked
                } ?? position
            let run = try await host.get("/jobs/\(id)")
            let approvals = try await openApprovals()
            if !Self.open.contains(run.text("status")) || !approvals.isEmpty { return try show(run, approvals) }
            do {
                try await Task.sleep(for: Self.pause)
            } catch {
                throw CommandFailure(.cancelled, "run \(id) goes on without this command")
            }
        }
    }

    private func openApprovals() async throws(CommandFailure) -> [JSONValue] {
        let all: [JSONValue]
        do {
            all = try await host.get("/approvals")["approvals"]?.arrayValue ?? []
        } catch {
            // Who may not see what waits is only told of the run.
            guard error.status == .forbidden else { throw error }
            return []
        }
        return all.filter { $0.text("run") == id || $0.text("root") == id }
    }

    /// One line for a log; nil for what only matters live.
    private static func line(_ name: String, _ data: JSONValue, since start: String) -> String? {
        let payload = data["body"] ?? data
        let words: String
        switch name {
        case "partial": return nil
        case "progress": words = data.text("text")
        default: words = name + (payload.text("message").isEmpty ? "" : ": " + payload.text("message"))
        }
        let task = data.text("task").isEmpty ? payload.text("task") : data.text("task")
        let time = data.text("at").isEmpty ? data.text("time") : data.text("at")
        return [time, task, words].filter { !$0.isEmpty }.joined(separator: "  ").printable
    }

    private func show(_ run: JSONValue, _ approvals: [JSONValue]) throws(CommandFailure) {
        let terminal = Terminal.standard, style = terminal.outputStyle
        if isJSON {
            terminal.line(run.serialized())
        } else {
            if run["output"].map({ $0 != .null }) ?? false {
                terminal.line((run["output"] ?? .null).serialized(pretty: true))
            }
            let state = run.text("status")
            terminal.line(
                "run  \(id)  \(state == "done" ? style.green(state) : style.yellow(state))  \(run.text("cost"))")
        }
        guard approvals.isEmpty else {
            let lines = approvals.map { approval in
                "\(approval.text("title").printable): bureau approvals approve \(approval.text("run")) "
                    + approval.text("sequence")
            }
            throw CommandFailure(.needsDecision, lines: ["run \(id) waits for a decision"] + lines)
        }
        let status: ExitStatus =
            switch run.text("status") {
            case "done": .success
            case "cancelled": .cancelled
            case "failed", "dead":
                switch run["failure"]?.text("status") {
                case "budget": .budget
                case "cancelled": .cancelled
                default: .runFailed
                }
            default: .needsDecision
            }
        guard status != .success else { return }
        let reason = run["failure"].map { ": " + $0.text("message").printable } ?? ""
        throw CommandFailure(status, "run \(id) (\(run.text("task"))) is \(run.text("status"))\(reason)")
    }
}
