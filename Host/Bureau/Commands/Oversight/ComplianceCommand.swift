import ArgumentParser
import Audit
import Engine
import Journal
import Kernel
import Server

struct ComplianceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compliance", abstract: "Scores, reports and records for regulators, made from evidence.",
        discussion: """
            Everything is computed from the audit log, the settings and the manifests, and names the leaves it rests on.
            What has no evidence is said to have none. All of it works beside a running host.
            """,
        subcommands: [Assess.self, Report.self, Processing.self, Fairness.self, Settings.self, Set.self],
        defaultSubcommand: Assess.self)

    struct Assess: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The eight measures of a risk assessment under the AI Act.")

        @OptionGroup var report: ReportOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let evidence = try await ComplianceSession.evidence(host, report)
            let terminal = Terminal.standard
            if report.markdown {
                return terminal.line(MarkdownReport.text("AI Act: risk assessment", evidence.assessmentJSON))
            }
            if output.json { return terminal.line(evidence.assessmentJSON.serialized()) }
            var table = Table([("measure", .left), ("score", .right), ("from", .left), ("evidence", .left)])
            for score in evidence.assessment.scores {
                let counts = score.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                table.add(
                    "\(score.group)/\(score.name)", score.milli.map { "\($0)" } ?? "no evidence",
                    counts.joined(separator: ", "), score.evidence.prefix(3).map(\.words).joined(separator: ", "))
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0.printable) }
        }
    }

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What there is, and what not, for one article of the AI Act.")

        @Option(help: "12, 14, 19 or 26.")
        var article: Int

        @OptionGroup var report: ReportOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard ArticleReport.articles.contains(article) else {
                throw ValidationError("--article is 12, 14, 19 or 26")
            }
        }

        func run() async throws {
            let evidence = try await ComplianceSession.evidence(host, report)
            guard let made = ArticleReport(article, evidence) else { return }
            let terminal = Terminal.standard
            if report.markdown {
                return terminal.line(
                    MarkdownReport.text("AI Act, Article \(article): \(made.title)", made.json(evidence)))
            }
            if output.json { return terminal.line(made.json(evidence).serialized()) }
            var table = Table("item", "requirement", "status", "finding")
            for item in made.items { table.add(item.id, item.requirement, item.status.rawValue, item.finding) }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0.printable) }
        }
    }

    struct Processing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The record of processing activities (GDPR, Article 30), as Markdown or JSON.")

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let record = try await ComplianceSession.processing(host)
            Terminal.standard.line(
                output.json
                    ? record.json.serialized() : MarkdownReport.text("Record of processing activities", record.json))
        }
    }

    struct Settings: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "What the operator states for reports.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let settings = try await HostSession.ask(store) { journal throws(JournalError) in try journal.settings() }
            let terminal = Terminal.standard
            if output.json {
                let members = HostSetting.allCases.map { ($0.rawValue, JSONValue(settings[$0])) }
                return terminal.line(
                    JSONValue.object(Dictionary(members, uniquingKeysWith: { $1 })).serialized())
            }
            var table = Table("setting", "value")
            for setting in HostSetting.allCases {
                table.add(setting.rawValue, settings[setting]?.printable ?? "not stated")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "States something for reports, when no host has the store open.",
            discussion: "ai_act.high_risk on also refuses retention of less than 183 days.")

        @Argument(help: "Which: \(HostSetting.allCases.map(\.rawValue).joined(separator: ", ")).")
        var name: String

        @Argument(help: "What; nothing takes it back.")
        var value: String?

        @OptionGroup var store: StoreOptions

        func run() async throws {
            guard let setting = HostSetting(rawValue: name) else {
                let known = HostSetting.allCases.map(\.rawValue).joined(separator: ", ")
                throw CommandFailure(.usage, "there is no setting \"\(name)\"; there are: \(known)")
            }
            let by = Environment.user
            try await HostSession.change(store) { [value] journal throws(JournalError) in
                try journal.settingSet(setting, to: value, by: by)
            }
        }
    }
}

struct ReportOptions: ParsableArguments {
    @Flag(help: "Print Markdown.")
    var markdown = false

    @Option(
        help: ArgumentHelp(
            "Dates of application that replace those of the host: {\"general\": {\"date\": \"…\", \"source\": \"…\"}}.",
            valueName: "file"))
    var dates: String?

    static func read(_ path: String?) throws(CommandFailure) -> AIActDates {
        guard let path = path ?? Environment.value("BUREAU_COMPLIANCE_DATES") else { return .standard }
        switch FilePath.read(FilePath.absolute(path), maximumBytes: 1 << 20) {
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        case .success(let bytes):
            do {
                return try AIActDates(replacing: try JSONParser.parse(bytes))
            } catch {
                let text = (error as? Failure)?.message ?? "\(error)"
                throw CommandFailure(.badInput, "\(path) is no table of dates: \(text)")
            }
        }
    }
}
