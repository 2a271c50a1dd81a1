import ArgumentParser
import Journal
import Kernel

extension ComplianceCommand {
    struct Fairness: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Computes the disparate-impact ratio of a department's decisions, and puts it on record.",
            discussion: """
                The file is CSV: group,selected with 1 or 0 a row, or group,selected,total with counts. The ratio is
                that of the lowest selection rate to the highest; below 0.8 it is evidence of adverse impact (29 CFR
                1607.4 D). The log gets the ratio and the digest of the file, not the file. The exit code is 0 either
                way.
                """)

        @Argument(help: "The CSV file.")
        var file: String

        @Option(help: "Whose decisions they are.")
        var department: String

        @Flag(help: "Only compute; put nothing on record.")
        var dryRun = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let bytes: [UInt8]
            switch FilePath.read(FilePath.absolute(file), maximumBytes: 256 << 20) {
            case .failure(let problem): throw CommandFailure(.badInput, problem.text)
            case .success(let read): bytes = read
            }
            let impact: DisparateImpact
            do {
                impact = try DisparateImpact(csv: String(decoding: bytes, as: UTF8.self))
            } catch {
                throw CommandFailure(.badInput, "\(file): \(error.message)")
            }
            if !dryRun { try await record(impact, Digest.sha256(bytes)) }
            show(impact)
        }

        private func record(_ impact: DisparateImpact, _ digest: Digest) async throws(CommandFailure) {
            guard Name.isValid(department) else {
                throw CommandFailure(.usage, "\"\(department)\" is no department's name")
            }
            let fields: [String: JSONValue] = [
                "department": .string(department), "ratio_milli": .integer(impact.ratioMilli),
                "threshold_milli": .integer(DisparateImpact.thresholdMilli),
                "groups": .integer(Int64(impact.groups.count)),
                "total": .integer(impact.groups.reduce(0) { $0 + $1.total }), "data": .string(digest.hex),
                "by": .string(Environment.user),
            ]
            try await HostSession.change(store) { journal throws(JournalError) in
                _ = try journal.auditAppend(type: "fairness.assessed", fields: fields)
            }
        }

        private func show(_ impact: DisparateImpact) {
            let terminal = Terminal.standard
            if output.json { return terminal.line(impact.json.serialized()) }
            var table = Table([
                ("group", .left), ("selected", .right), ("of", .right), ("rate", .right), ("ratio", .right),
            ])
            for group in impact.groups {
                table.add(
                    group.name.printable, "\(group.selected)", "\(group.total)", "\(group.rateMilli)",
                    "\(impact.ratioMilli(of: group))")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            let verdict = impact.isWithinFourFifths ? "at least" : "BELOW"
            terminal.line("ratio \(impact.ratioMilli) of 1000: \(verdict) four fifths")
        }
    }
}
