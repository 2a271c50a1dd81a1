import ArgumentParser
import Audit
import Journal
import Kernel

struct AuditSchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints what leaves say, as JSON Schema, or checks the store's by it.",
        discussion: """
            Without a type: one document (draft 2020-12) with the schema of each under $defs, by which a leaf is valid
            that is valid by the one of its type. Schemas grow only by optional members, so older leaves stay valid.
            With --check the exit code is 9 when a leaf does not follow its schema.
            """)

    @Argument(help: "A type, such as step.finished.")
    var type: String?

    @Flag(help: "Lists the types, with what each says.")
    var list = false

    @Flag(help: "Holds every leaf of the store against its schema. Works beside a running host.")
    var check = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [type != nil, list, check].count(where: { $0 }) <= 1 else {
            throw ValidationError("name a type, or --list, or --check")
        }
    }

    func run() async throws {
        if check { return try await checkStore() }
        let terminal = Terminal.standard
        if list { return showList(terminal) }
        guard let type else { return terminal.line(LeafSchemas.document.serialized(pretty: true)) }
        guard let schema = LeafSchemas.schema(of: type) else {
            throw CommandFailure(.notFound, "no leaf is of type \(type.printable); bureau audit schema --list has them")
        }
        terminal.line(schema.document.serialized(pretty: true))
    }

    private func showList(_ terminal: Terminal) {
        guard !output.json else {
            let types = LeafSchemas.all.map { schema -> JSONValue in
                ["type": .string(schema.type), "summary": .string(schema.summary)]
            }
            return terminal.line(JSONValue.object(["types": .array(types)]).serialized())
        }
        var table = Table("type", "says")
        for schema in LeafSchemas.all { table.add(schema.type, schema.summary) }
        table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }

    private func checkStore() async throws {
        let lint = try await HostSession.ask(store) { journal throws(JournalError) in
            var lint = LeafLint()
            try lint.read(journal)
            return lint
        }
        let terminal = Terminal.standard
        if output.json {
            terminal.line(lint.json.serialized())
        } else {
            for problem in lint.problems { terminal.line(problem.description.printable) }
            terminal.line("\(lint.count) leaves of \(lint.types.count) types")
        }
        guard lint.problems.isEmpty else {
            throw CommandFailure(.auditUnsound, "\(lint.problems.count) leaves do not follow their schemas")
        }
    }
}

extension LeafLint {
    fileprivate var json: JSONValue {
        [
            "leaves": .integer(count), "types": .object(types.mapValues { .integer(Int64($0)) }),
            "problems": .array(
                problems.map { ["leaf": $0.leaf.map { .integer($0) } ?? .null, "text": .string($0.message)] }),
        ]
    }
}
