import ArgumentParser
import Egress
import Engine
import Gateway
import Journal
import Kernel
import Placement
import Server

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the state of the store and the departments.",
        discussion: """
            The exit code is not 0 when the store cannot be read or a plugin was refused; of a host that serves, when it
            takes no work or its store has no room.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        if let server = try remote.host(beside: host.storage) {
            return try await RemoteStatus(host: server, isJSON: output.json).show()
        }
        let catalogue = try await Catalogue.load(host)
        let facts = try await HostSession.ask(host.storage) { journal throws(JournalError) in
            (
                counts: try journal.runCounts(), approvals: try journal.approvals(open: true).count,
                checkpoint: try journal.latestAuditCheckpoint(), budget: try journal.budget(.organisation)
            )
        }
        let place = try host.egressPlace ?? ModelSetup(storeFolder: host.storage.folder, models: host.models).egress
        let kept = SpoolFolder.attempts(in: EgressSettings.folder(ofStore: host.storage.folder)).count
        let storage = SpaceOptions.status(ofStore: host.storage.folder, host.settings)
        let terminal = Terminal.standard
        let refused = catalogue.entries.filter { $0.problem != nil }
        if output.json {
            let counts = RunState.allCases.map { ($0.name, JSONValue.integer(Int64(facts.counts[$0] ?? 0))) }
            terminal.line(
                JSONValue.object([
                    "version": .string(HostRuntime.version), "store": .string(host.storage.folder),
                    "healthy": .bool(refused.isEmpty), "storage": storage.json,
                    "runs": .object(Dictionary(counts, uniquingKeysWith: { $1 })),
                    "open_approvals": .integer(Int64(facts.approvals)),
                    "departments": .array(catalogue.entries.map { $0.json(isLong: false) }),
                    "minimum_isolation": .string(host.isolation.name),
                    "isolation": catalogue.isolation?.json ?? .null,
                    "egress": [
                        "place": place.map { .string($0.rawValue) } ?? .null, "kept_answers": .integer(Int64(kept)),
                    ],
                    "budget": facts.budget?.json ?? .null, "audit": facts.checkpoint?.json ?? .null,
                ]).serialized())
        } else {
            let runs = RunState.allCases.compactMap { state in facts.counts[state].map { "\($0) \(state.name)" } }
            terminal.line("version      \(HostRuntime.version)")
            terminal.line("store        \(host.storage.folder)")
            terminal.line("storage      \(storage.text)")
            terminal.line("runs         \(runs.isEmpty ? "none" : runs.joined(separator: ", "))")
            terminal.line("approvals    \(facts.approvals) open")
            terminal.line(
                "departments  \(catalogue.entries.map { "\($0.name) (\($0.state))" }.joined(separator: ", "))")
            let isolation = catalogue.isolation
            terminal.line(
                "isolation    \(isolation?.level.name ?? "unknown")\(SandboxReport.lacks(isolation)), "
                    + "\(host.isolation.name) is asked for")
            terminal.line("model calls  from \(EgressPlace.text(place)); \(kept) answers kept")
            terminal.line("spent        \(facts.budget?.spent ?? .zero)")
            if let checkpoint = facts.checkpoint {
                terminal.line("audit        size \(checkpoint.size), root \(checkpoint.root)")
            }
        }
        guard refused.isEmpty else {
            throw CommandFailure(.pluginRefused, lines: refused.map { "\($0.path): \($0.problem ?? "")" })
        }
    }
}

struct VersionCommand: ParsableCommand, WorksWithoutSettings {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Shows the version.")

    @OptionGroup var output: OutputOptions

    func run() {
        Terminal.standard.line(
            output.json
                ? JSONValue.object(["version": .string(HostRuntime.version)]).serialized() : HostRuntime.version)
    }
}
