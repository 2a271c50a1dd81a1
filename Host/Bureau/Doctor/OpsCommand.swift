import ArgumentParser
import Engine
import Journal
import Kernel

/// The checklists of the operations guide, run.
struct OpsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ops", abstract: "Runs the daily, weekly or monthly checks, and writes a report.",
        discussion: """
            daily: settings, store, port, work, log. weekly adds machine, plugins, models, exposure, certificate and
            backups. monthly adds secrets, programs, audit, and every row of the store. What only a person can do stands
            at the end. The report is ops/KIND-DATE.md in the store's folder; the exit code is that of bureau doctor.
            """,
        subcommands: [Daily.self, Weekly.self, Monthly.self])

    enum Kind: String, Sendable {
        case daily, weekly, monthly

        var checks: Set<String> {
            let daily: Set = ["settings", "store", "port", "work", "log"]
            let weekly: Set = ["machine", "plugins", "models", "exposure", "certificate", "backups"]
            switch self {
            case .daily: return daily
            case .weekly: return daily.union(weekly)
            case .monthly: return Set(Doctor.checks.map(\.name))
            }
        }

        /// What no check can do.
        var byHand: [String] {
            switch self {
            case .daily: ["Look at the costs and the failed runs below."]
            case .weekly:
                ["Review the costs below against last week.", "Update dependencies.", "Review denied accesses."]
            case .monthly:
                [
                    "Rotate signing keys and providers' keys.", "Review who may do what, and the alerts.",
                    "Restore the newest backup somewhere else, and check it.",
                ]
            }
        }

        var days: Int64 {
            switch self {
            case .daily: 1
            case .weekly: 7
            case .monthly: 31
            }
        }
    }

    struct Daily: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(abstract: "Health, errors, streams.")
        @OptionGroup var report: OpsReport
        func run() async throws { try await report.make(.daily) }
    }

    struct Weekly: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(abstract: "And performance, room, security.")
        @OptionGroup var report: OpsReport
        func run() async throws { try await report.make(.weekly) }
    }

    struct Monthly: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(abstract: "And keys, backups, the audit.")
        @OptionGroup var report: OpsReport
        func run() async throws { try await report.make(.monthly) }
    }
}

struct OpsReport: ParsableArguments {
    @Option(help: ArgumentHelp("Where the report goes; - for standard output alone.", valueName: "file"))
    var report: String?

    @OptionGroup var look: DoctorOptions
    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    func make(_ kind: OpsCommand.Kind) async throws {
        var look = look
        if kind == .monthly { look.full = true }
        let now = SystemClock.now()
        let findings = await Doctor(options: host, look: look, now: now).examine(
            { kind.checks.contains($0) }, progress: { _ in })
        let facts = try await facts(since: now, days: kind.days)
        let text = Self.text(kind, now, findings, facts)
        let path = try write(text, kind, now)
        let terminal = Terminal.standard
        if output.json {
            var members = findings.json.objectValue ?? [:]
            members["kind"] = .string(kind.rawValue)
            members["report"] = path.map { .string($0) } ?? .null
            terminal.line(JSONValue.object(members).serialized())
        } else if path == nil {
            terminal.bytes(Array(text.utf8))
        } else {
            findings.all.filter { $0.level >= .warning }.forEach {
                terminal.line($0.line(style: terminal.outputStyle))
            }
            terminal.line("report  \(path ?? "")")
        }
        try findings.end()
    }

    private func write(_ text: String, _ kind: OpsCommand.Kind, _ now: Instant) throws(CommandFailure) -> String? {
        guard report != "-" else { return nil }
        let name = "ops/\(kind.rawValue)-\(now.timestamp.prefix(10)).md"
        let path = report.map(FilePath.absolute) ?? FilePath.join(host.storage.folder, name)
        if report == nil, !FilePath.exists(host.storage.folder) { return nil }
        if let problem = FilePath.makeFolder(FilePath.parent(path)) ?? FilePath.replace(path, with: Array(text.utf8)) {
            throw CommandFailure(.storeUnavailable, problem.text)
        }
        return path
    }

    /// What happened, where there is a store that can be read.
    private func facts(since now: Instant, days: Int64) async throws -> [(String, String)] {
        let start = now.unixMilliseconds - days * 86_400_000
        let found = try? await HostSession.ask(host.storage) { journal throws(JournalError) in
            (
                runs: try journal.runs(RunFilter(), before: nil, limit: 10_000),
                approvals: try journal.approvals(open: true).count, spent: try journal.budget(.organisation)?.spent
            )
        }
        guard let found else { return [] }
        let recent = found.runs.filter { $0.createdAt.unixMilliseconds >= start }
        let times = recent.compactMap { run in
            run.startedAt.flatMap { begun in run.finishedAt.map { $0.unixMilliseconds - begun.unixMilliseconds } }
        }.sorted()
        let states = Dictionary(grouping: recent, by: \.state).map { "\($0.value.count) \($0.key.name)" }.sorted()
        var facts = [
            (
                "runs in \(days == 1 ? "a day" : "\(days) days")",
                states.isEmpty ? "none" : states.joined(separator: ", ")
            ),
            ("their cost", recent.reduce(Nanodollars.zero) { $1.parent == nil ? $0 + $1.cost : $0 }.description),
            ("approvals that wait", "\(found.approvals)"), ("spent in all", (found.spent ?? .zero).description),
        ]
        if let slow = times.isEmpty ? nil : times[min(times.count - 1, times.count * 95 / 100)] {
            facts.append(
                (
                    "time of a run",
                    "median \(RunTreeView.duration(times[times.count / 2])), p95 \(RunTreeView.duration(slow))"
                ))
        }
        return facts
    }

    private static func text(
        _ kind: OpsCommand.Kind, _ now: Instant, _ findings: Findings, _ facts: [(String, String)]
    ) -> String {
        var lines = [
            "# \(kind.rawValue.prefix(1).uppercased())\(kind.rawValue.dropFirst()) checks, \(now.timestamp)", "",
            "| check | result | |", "| --- | --- | --- |",
        ]
        for finding in findings.all {
            let words = finding.message + (finding.advice.isEmpty ? "" : " → \(finding.advice)")
            let cell = words.printable.replacing("|", with: "\\|")
            lines.append("| \(finding.check) | \(finding.level.rawValue) | \(cell) |")
        }
        if !facts.isEmpty { lines += ["", "## What happened", ""] + facts.map { "- \($0.0): \($0.1)" } }
        lines += ["", "## By a person", ""] + kind.byHand.map { "- [ ] \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }
}
