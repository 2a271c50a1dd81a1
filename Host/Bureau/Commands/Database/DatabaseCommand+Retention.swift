import ArgumentParser
import Journal
import Kernel

extension DatabaseCommand {
    struct Retention: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says how long data is kept, and moves or removes what was kept long enough.",
            discussion: """
                runs: so many days after they ended, runs move with their steps, approvals and artifacts to a file for
                each month in the store's folder archive. archives: such files are removed. webhook_attempts, crashes:
                removed. restricted_runs: so many days after they began (30 unless said), restricted runs are removed
                with all their content and are in no archive. What a hold keeps stays (bureau hold). Money, events and
                the audit log are kept for ever. bureau serve does this slowly in the background.
                """,
            subcommands: [Show.self, Set.self, Run.self], defaultSubcommand: Show.self)

        struct Show: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Shows how long each class is kept.")

            @OptionGroup var store: StoreOptions
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let policy = try await HostSession.ask(store) { journal throws(JournalError) in
                    try journal.retentionPolicy()
                }
                let terminal = Terminal.standard
                if output.json {
                    return terminal.line(
                        JSONValue.object([
                            "retention_days": policy.json,
                            "audit_floor_days": .integer(Int64(RetentionPolicy.auditFloorDays)),
                        ]).serialized())
                }
                var table = Table([("class", .left), ("kept", .left), ("then", .left)])
                for dataClass in DataClass.allCases {
                    let days = policy.days(of: dataClass)
                    table.add(
                        dataClass.rawValue, days.map { "\($0) days" } ?? "for ever", days == nil ? "" : dataClass.end)
                }
                table.add("audit_leaves", "for ever", "")
                table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            }
        }

        struct Set: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Sets how long a class is kept.")

            @Argument(help: "runs, archives, webhook_attempts, crashes or restricted_runs.")
            var dataClass: String

            @Argument(help: "A number of days, or forever.")
            var days: String

            @OptionGroup var store: StoreOptions

            func run() async throws {
                let known: DataClass
                do {
                    known = try RetentionPolicy.dataClass(dataClass)
                } catch {
                    throw CommandFailure(.usage, error.message)
                }
                guard days == "forever" || Int(days) != nil else {
                    throw CommandFailure(.usage, "\"\(days)\" is no number of days; forever is another answer")
                }
                if known == .restrictedRuns, days == "forever" {
                    throw CommandFailure(
                        .usage, "restricted runs are not kept for ever: give a number of days, or place a hold")
                }
                let by = Environment.user
                try await HostSession.change(store) { [days] journal throws(JournalError) in
                    try journal.retentionSet(known, days: Int(days), by: by)
                }
            }
        }

        struct Run: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Moves and removes now what was kept long enough, when no host has the store open.")

            @Flag(help: "Only say what would go.")
            var dryRun = false

            @OptionGroup var store: StoreOptions
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let journal = try await dryRun ? HostSession.reading(store) : HostSession.writing(store)
                let report: RetentionReport
                do throws(JournalError) {
                    report = try await dryRun ? journal.plannedRetention() : journal.retain()
                } catch {
                    await journal.close()
                    throw CommandFailure(error)
                }
                await journal.close()
                let terminal = Terminal.standard
                if output.json { return terminal.line(report.json.serialized()) }
                terminal.line(
                    "\(report.archivedRuns) runs \(dryRun ? "would move" : "moved") to the archive, "
                        + "\(report.files.count) of its files \(dryRun ? "would be" : "were") removed")
                terminal.line(
                    "\(report.expiredRuns) restricted runs \(dryRun ? "would go" : "went") with their content")
                if !dryRun {
                    terminal.line(
                        "\(report.webhookAttempts) webhook attempts and \(report.crashes) crash reports removed")
                }
            }
        }
    }
}

extension RetentionReport {
    fileprivate var json: JSONValue {
        [
            "archived_runs": .integer(Int64(archivedRuns)), "expired_runs": .integer(Int64(expiredRuns)),
            "webhook_attempts": .integer(Int64(webhookAttempts)),
            "crashes": .integer(Int64(crashes)), "removed_files": .array(files.map { .string($0) }),
        ]
    }
}
