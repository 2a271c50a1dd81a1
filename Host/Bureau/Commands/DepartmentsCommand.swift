import ArgumentParser
import Journal
import Kernel
import Placement
import Server

struct DepartmentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "departments", abstract: "Lists and shows departments, turns them on and off.",
        subcommands: [List.self, Show.self, Crashes.self, Reset.self, Enable.self, Disable.self, Grants.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the departments.")

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let server = try remote.host(beside: host.storage) {
                let answer = try await server.get("/departments")
                guard !output.json else { return Terminal.standard.line(answer.serialized()) }
                return RecordTables.departments(answer["departments"]?.arrayValue ?? []).show()
            }
            let catalogue = try await Catalogue.load(host)
            let list = catalogue.entries.map { $0.json(isLong: false) }
            if output.json {
                Terminal.standard.line(JSONValue.object(["departments": .array(list)]).serialized())
            } else {
                RecordTables.departments(list).show()
            }
            let refused = catalogue.entries.compactMap { entry in entry.problem.map { "\(entry.path): \($0)" } }
            if !refused.isEmpty { throw CommandFailure(.pluginRefused, lines: refused) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one department with its tasks.")

        @Argument(help: "The department's name.")
        var name: String

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalogue = try await Catalogue.load(host)
            let entry = try catalogue.department(name)
            let companions = catalogue.companions(of: entry)
            let terminal = Terminal.standard
            let last = try await Crashes.stored(of: name, in: host.storage, limit: 1).first
            if output.json {
                var members = entry.json(isLong: true).objectValue ?? [:]
                members["last_crash"] = last?.json ?? .null
                members["companions"] = .array(companions.map { .string($0) })
                return terminal.line(JSONValue.object(members).serialized())
            }
            guard let descriptor = entry.descriptor else {
                throw CommandFailure(.pluginRefused, "\(entry.path): \(entry.problem ?? "")")
            }
            let style = terminal.outputStyle
            let manifest = descriptor.manifest
            terminal.line("\(style.bold(manifest.title))  \(descriptor.id) \(descriptor.version)  \(entry.state)")
            terminal.line(manifest.summary.printable)
            terminal.line("file      \(descriptor.path)\ndigest    \(descriptor.digest)")
            terminal.line(
                "toolchain \(descriptor.toolchain.printable), ABI \(descriptor.abiMajor).\(descriptor.abiMinor)")
            let shared = companions.isEmpty ? "" : ", one process with \(companions.joined(separator: ", "))"
            terminal.line("placement \(entry.placement.rawValue)\(shared)")
            if let installed = entry.installed {
                terminal.line("installed \(installed.at.timestamp) by \(installed.by), \(installed.signedBy)")
            }
            terminal.line("isolation \(entry.isolationLevel)\(SandboxReport.lacks(entry.isolation))\n")
            if let quarantine = entry.quarantine { terminal.line(style.red(quarantine.advice.printable) + "\n") }
            if let last { terminal.line("last crash \(last.at.timestamp): \(last.reason.printable)\n") }
            var table = Table("task", "review", "summary")
            for task in manifest.tasks { table.add(task.name, task.requiresApproval ? "yes" : "", task.summary) }
            table.lines(style: style).forEach { terminal.line($0) }
            GrantView(entry).lines(style: style).forEach { terminal.line($0) }
        }
    }
}

struct TasksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks", abstract: "Lists the tasks of all departments, or shows one with its schemas.")

    @Argument(help: "department/task, to see its schemas.")
    var task: String?

    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        if let task, TaskReference(task) == nil {
            throw ValidationError("\"\(task)\" is no task: write department/task")
        }
    }

    func run() async throws {
        let catalogue = try await Catalogue.load(host)
        let terminal = Terminal.standard
        if let reference = task.flatMap({ TaskReference($0) }) {
            let entry = try catalogue.department(reference.department)
            guard let found = entry.descriptor?.manifest.task(named: reference.task) else {
                throw CommandFailure(.notFound, "department \(reference.department) has no task \(reference.task)")
            }
            return terminal.line(JSONValue.object(found.members).serialized(pretty: !output.json))
        }
        let rows = catalogue.entries.flatMap { entry in
            (entry.descriptor?.manifest.tasks ?? []).map { (department: entry.name, task: $0) }
        }
        if output.json {
            let list = rows.map { row in
                JSONValue.object(
                    row.task.members.merging(["department": .string(row.department)], uniquingKeysWith: { $1 }))
            }
            return terminal.line(JSONValue.object(["tasks": .array(list)]).serialized())
        }
        var table = Table("task", "summary")
        for row in rows { table.add("\(row.department)/\(row.task.name)", row.task.summary) }
        table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }
}

extension Catalogue.Entry {
    var problem: String? { if case .failure(let error) = result { error.message } else { nil } }

    var state: String {
        if problem != nil { return "refused" }
        if !enabled { return "disabled" }
        if quarantine != nil { return "quarantined" }
        return standing.isMissing ? "needs_grant" : "enabled"
    }

    /// Empty when no worker could be started to look at it.
    var isolationLevel: String { isolation?.level.name ?? (placement == .inline ? IsolationLevel.none.name : "") }

    func json(isLong: Bool) -> JSONValue {
        var members = descriptor?.members ?? ["path": .string(path)]
        if !isLong, let tasks = descriptor?.manifest.tasks { members["tasks"] = .array(tasks.map { .string($0.name) }) }
        members["name"] = .string(name)
        members["enabled"] = .bool(enabled)
        members["state"] = .string(state)
        members["grant"] = standing.json
        members["problem"] = .init(problem)
        members["placement"] = .string(placement.rawValue)
        members["installed"] = installed?.json ?? .null
        members["isolation"] = SandboxReport.json(isolation, placement: placement)
        members["quarantine"] = quarantine?.json ?? .null
        return .object(members)
    }
}

extension SandboxReport {
    /// For people: what the machine does not give, or nothing.
    static func lacks(_ report: SandboxReport?) -> String {
        guard let missing = report?.missing, !missing.isEmpty else { return "" }
        return ", without \(missing.joined(separator: ", "))"
    }
}
