import ArgumentParser
import Journal
import Kernel
import Server

extension DepartmentsCommand {
    struct Crashes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what a department's plugin died of, newest first.",
            discussion: """
                The last \(CrashRecord.keptPerDepartment) crashes are kept; the audit log keeps the fact of all.
                """)

        @Argument(help: "The department's name.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let crashes = try await Self.stored(of: name, in: store, limit: CrashRecord.keptPerDepartment)
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(JSONValue.object(["crashes": .array(crashes.map(\.json))]).serialized())
            }
            if crashes.isEmpty { return terminal.line("no crash of \(name) is on record") }
            for crash in crashes {
                terminal.line(terminal.outputStyle.bold(crash.at.timestamp) + "  \(crash.reason.printable)")
                Self.lines(of: crash).forEach { terminal.line("    " + $0.printable) }
            }
        }

        private static func lines(of crash: CrashRecord) -> [String] {
            let frames = (crash.report?.frames ?? []).enumerated().map { index, frame in
                "#\(index) \(frame.description)" + (frame.isGuess ? "  (found on the stack)" : "")
            }
            let runs = crash.suspects.map(\.description).joined(separator: " ")
            guard !crash.suspects.isEmpty else { return frames }
            return frames + [(crash.suspects.count == 1 ? "run " : "one of the runs ") + runs]
        }

        /// Nothing when there is no store yet.
        static func stored(
            of name: String, in store: StoreOptions, limit: Int
        ) async throws(CommandFailure) -> [CrashRecord] {
            do {
                return try await HostSession.ask(store) { journal throws(JournalError) in
                    try journal.crashes(of: name, limit: limit)
                }
            } catch {
                guard error.status == .storeUnavailable else { throw error }
                return []
            }
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lifts the quarantine of a department that crashed in a loop; its queued runs begin again.",
            discussion: "While a host has the store open, ask the host: POST /departments/NAME/reset.")

        @Argument(help: "The department's name.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let name = name
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.quarantineLift(name, by: "command line")
            }
            Terminal.standard.line(
                output.json
                    ? JSONValue.object(["name": .string(name), "quarantine": .null]).serialized()
                    : "\(name) may begin runs again")
        }
    }
}
