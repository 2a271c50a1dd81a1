import Kernel

/// The state of a host that serves.
struct RemoteStatus {
    let host: HostClient
    let isJSON: Bool

    func show() async throws(CommandFailure) {
        let status = try await host.get("/status")
        let refused = (status["departments"]?.arrayValue ?? []).filter { !$0.text("problem").isEmpty }
        let storage = status["storage"]?.text("state") ?? ""
        var problems = refused.map { "\($0.text("name")): \($0.text("problem"))".printable }
        if status["ready"] == false { problems.append("the host takes no work") }
        if ["full", "failed"].contains(storage) { problems.append("its store is \(storage)") }
        let terminal = Terminal.standard
        if isJSON {
            var members = status.objectValue ?? [:]
            members["healthy"] = .bool(problems.isEmpty)
            terminal.line(JSONValue.object(members).serialized())
        } else {
            let runs = (status["runs"]?.objectValue ?? [:]).filter { $0.value != 0 }.sorted { $0.key < $1.key }
                .map { "\($0.value.serialized()) \($0.key)" }
            let departments = (status["departments"]?.arrayValue ?? []).map {
                "\($0.text("name")) (\($0.text("state")))"
            }
            terminal.line("host         \(host.url)")
            terminal.line("version      \(status.text("version")), since \(status.text("started_at"))")
            terminal.line("work         \(status["ready"] == true ? terminal.outputStyle.green("taken") : "not taken")")
            terminal.line("storage      \(storage)")
            terminal.line("runs         \(runs.isEmpty ? "none" : runs.joined(separator: ", "))")
            terminal.line("departments  \(departments.joined(separator: ", ").printable)")
        }
        guard problems.isEmpty else {
            throw CommandFailure(refused.isEmpty ? .storeUnavailable : .pluginRefused, lines: problems)
        }
    }
}
