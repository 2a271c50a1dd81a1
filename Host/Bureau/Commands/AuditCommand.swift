import ArgumentParser
import Audit
import Engine
import Journal
import Kernel

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Proves that nothing was altered.",
        subcommands: [Verify.self, AuditSchemaCommand.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recomputes the audit log and compares it with the store.",
            discussion: "Works beside a running host. The exit code is 9 when anything does not match.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let journal = try await HostSession.reading(store)
            let outside = try outsideCheckpoint()
            let report: AuditReport
            do throws(JournalError) {
                report = try await AuditVerifier.verify(journal, outside: outside)
            } catch {
                await journal.close()
                throw CommandFailure(error)
            }
            await journal.close()
            show(report)
            guard report.isSound else {
                throw CommandFailure(.auditUnsound, "the audit log is not sound: \(report.problems.count) problem(s)")
            }
        }

        private func outsideCheckpoint() throws(CommandFailure) -> CheckpointNote? {
            let file = CheckpointFile(
                path: HostSettings.checkpointPath(storeFolder: store.folder), origin: HostSettings.auditOrigin)
            do {
                return try file.read()
            } catch {
                throw CommandFailure(.auditUnsound, error.message)
            }
        }

        private func show(_ report: AuditReport) {
            let terminal = Terminal.standard
            if output.json { return terminal.line(report.json.serialized()) }
            for problem in report.problems { terminal.line(problem.description.printable) }
            terminal.line("leaves       \(report.size)")
            if let root = report.root { terminal.line("root         \(root)") }
            terminal.line("checkpoints  \(report.checkpointCount) hold")
            terminal.line("anchored     \(report.isAnchored ? "yes" : "no: there is no checkpoint outside the store")")
            terminal.line("result       \(report.isSound ? "sound" : "NOT SOUND")")
        }
    }
}

extension AuditReport {
    fileprivate var json: JSONValue {
        [
            "sound": .bool(isSound), "leaves": .integer(size), "root": root.map { .string($0.hex) } ?? .null,
            "checkpoints": .integer(Int64(checkpointCount)), "anchored": .bool(isAnchored),
            "problems": .array(
                problems.map { ["leaf": $0.leaf.map { .integer($0) } ?? .null, "text": .string($0.message)] }),
        ]
    }
}
