import ArgumentParser
import Glibc
import Journal
import Kernel
import Placement
import Server

extension DepartmentsCommand {
    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what a department asks for, grants it, and lets the department work.",
            discussion: """
                --only, --deny and --limit grant less than is asked, such as --only hosts=api.example.org --deny tools
                --limit state_bytes=65536. Lists are models, tools, hosts and departments; limits are state_bytes,
                concurrency, memory_bytes and cpu_seconds.
                """)

        @Argument(help: "The department's name.")
        var name: String

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("Of this list only what is named; may be repeated.", valueName: "list=name"))
        var only: [ListItem] = []

        @Option(parsing: .singleValue, help: ArgumentHelp("Nothing of this list.", valueName: "list"))
        var deny: [Permissions.List] = []

        @Option(parsing: .singleValue, help: ArgumentHelp("Another limit than asked.", valueName: "limit=number"))
        var limit: [LimitItem] = []

        @Flag(help: "Grant fetches from any host on the internet, if that is asked for.")
        var allowAnyHost = false

        @Flag(name: [.short, .long], help: "Do not ask.")
        var yes = false

        @Option(help: "Who decides (default: the user).")
        var by: String?

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let entry = try await Catalogue.load(host).department(name)
            guard let descriptor = entry.descriptor else {
                throw CommandFailure(.pluginRefused, "\(entry.path): \(entry.problem ?? "")")
            }
            let choice = choice()
            let asked = descriptor.manifest.wants
            let granted: Manifest.Wants
            do {
                granted = try choice.applied(to: asked)
            } catch {
                throw CommandFailure(.usage, error.message)
            }
            var grant: Grant?
            if entry.standing.isMissing || !choice.isEverything {
                try confirm(entry, descriptor, granted)
                grant = Grant(
                    department: name, plugin: descriptor.id, asked: asked, granted: granted, origin: .enable,
                    by: by ?? Environment.user)
            }
            try await record(grant, entry.placement)
        }

        private func choice() -> GrantChoice {
            var choice = GrantChoice()
            for item in only { choice.only[item.list, default: []].append(item.name) }
            choice.denied = Set(deny)
            for item in limit {
                switch item.limit {
                case .stateBytes: choice.stateBytes = item.value
                case .concurrency: choice.concurrency = Int(item.value)
                case .memoryBytes: choice.memoryBytes = item.value
                case .cpuSeconds: choice.cpuSeconds = Int(item.value)
                }
            }
            choice.allowsAnyHost = allowAnyHost
            return choice
        }

        /// In plain words, on the error stream: the output is the result.
        private func confirm(
            _ entry: Catalogue.Entry, _ descriptor: PluginDescriptor, _ granted: Manifest.Wants
        ) throws(CommandFailure) {
            let terminal = Terminal.standard
            let words = { (wants: Manifest.Wants) in
                wants.summary(readOnlyTools: ReadOnlyTools.names).map { "  \($0.printable)" }
            }
            let identity = "\(descriptor.id) \(descriptor.version)".printable
            terminal.note("Department \(name) (\(identity)) asks for this:")
            words(descriptor.manifest.wants).forEach { terminal.note($0) }
            if granted != descriptor.manifest.wants {
                let lines = words(granted)
                terminal.note("You grant of it:")
                (lines.isEmpty ? ["  nothing"] : lines).forEach { terminal.note($0) }
            }
            if yes { return }
            guard isatty(STDIN_FILENO) == 1 else {
                throw CommandFailure(.usage, "nothing was granted: without a terminal, --yes says so")
            }
            terminal.draw("Grant it? [y/N] ")
            guard ["y", "yes"].contains(readLine()?.lowercased() ?? "") else {
                throw CommandFailure(.cancelled, "nothing was granted")
            }
        }

        private func record(_ grant: Grant?, _ placement: PlacementKind) async throws(CommandFailure) {
            let state = DepartmentRecord(name: name, enabled: true, placement: placement.rawValue)
            let record = try await HostSession.change(host.storage) { journal throws(JournalError) in
                try journal.departmentUpsert(state)
                guard let grant else { return nil as GrantRecord? }
                return try journal.grantAppend(grant, isRevoked: false)
            }
            Terminal.standard.line(
                output.json
                    ? JSONValue.object([
                        "name": .string(name), "enabled": true, "grant": record?.json ?? .null,
                    ]).serialized()
                    : "\(name) is enabled")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keeps a department from starting runs; its grant stays on record.")

        @Argument(help: "The department's name.")
        var name: String

        @Flag(help: "Take the grant back too: enabling it again then asks anew.")
        var revoke = false

        @Option(help: "Who decides (default: the user).")
        var by: String?

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let entry = try await Catalogue.load(host).department(name)
            let state = DepartmentRecord(name: entry.name, enabled: false, placement: entry.placement.rawValue)
            var grant = revoke ? entry.grants.last.flatMap { $0.isRevoked ? nil : $0.grant } : nil
            if revoke, grant == nil { throw CommandFailure(.notFound, "\(name) has no grant to take back") }
            grant?.by = by ?? Environment.user
            let record = try await HostSession.change(host.storage) { [grant] journal throws(JournalError) in
                try journal.departmentUpsert(state)
                guard let grant else { return nil as GrantRecord? }
                return try journal.grantAppend(grant, isRevoked: true)
            }
            Terminal.standard.line(
                output.json
                    ? JSONValue.object([
                        "name": .string(name), "enabled": false, "grant": record?.json ?? .null,
                    ]).serialized()
                    : "\(name) is disabled" + (revoke ? ", and its grant is taken back" : ""))
        }
    }

    struct Grants: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the decisions about a department, oldest first.")

        @Argument(help: "The department's name.")
        var name: String

        @OptionGroup var storage: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let records = try await HostSession.ask(storage) { [name] journal throws(JournalError) in
                try journal.grants(department: name)
            }
            let terminal = Terminal.standard
            if output.json {
                terminal.line(JSONValue.object(["grants": .array(records.map(\.json))]).serialized())
                return
            }
            var table = Table("number", "at", "decision", "by", "how", "what")
            for record in records {
                let grant = record.grant
                table.add(
                    "\(record.number)", record.at.timestamp, record.isRevoked ? "revoked" : "granted",
                    grant.by.printable, grant.origin.rawValue,
                    grant.granted.summary(readOnlyTools: ReadOnlyTools.names).joined(separator: "; ").printable)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }
}

extension Permissions.List: ExpressibleByArgument {}

/// `hosts=api.example.org`
struct ListItem: ExpressibleByArgument {
    let list: Permissions.List
    let name: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let list = Permissions.List(rawValue: parts[0]) else { return nil }
        self.list = list
        name = parts[1]
    }
}

/// `state_bytes=65536`
struct LimitItem: ExpressibleByArgument {
    enum Limit: String {
        case stateBytes = "state_bytes"
        case concurrency
        case memoryBytes = "memory_bytes"
        case cpuSeconds = "cpu_seconds"
    }

    let limit: Limit
    let value: Int64

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let limit = Limit(rawValue: parts[0]), let value = Int64(parts[1]), value > 0 else {
            return nil
        }
        self.limit = limit
        self.value = value
    }
}
