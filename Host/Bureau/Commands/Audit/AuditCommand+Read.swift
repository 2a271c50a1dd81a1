import ArgumentParser
import Audit
import Engine
import Journal
import Kernel

/// Which leaves a command shows.
struct AuditFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A leaf's type, or all that begin with it: run. or run.admitted.", valueName: "type"))
    var type: String?

    @Option(help: "A run that the leaf belongs to.")
    var run: String?

    @Option(help: ArgumentHelp("Who acted, or for whom: a user, an agent, a plugin.", valueName: "name"))
    var actor: String?

    @Option(help: ArgumentHelp("Not before: 2026-11-21T20:15:00Z.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Not after.", valueName: "time"))
    var until: String?

    @Option(help: "Text anywhere in the leaf.")
    var text: String?

    func search() throws(CommandFailure) -> AuditSearch {
        var search = AuditSearch()
        search.type = type
        search.run = run
        search.actor = actor
        search.text = text
        search.since = try moment(since, "--since")
        search.until = try moment(until, "--until")
        return search
    }

    private func moment(_ text: String?, _ name: String) throws(CommandFailure) -> Instant? {
        guard let text else { return nil }
        guard let moment = Moment.parse(text) else {
            throw CommandFailure(.usage, "\(name) \"\(text)\": write 2026-11-21T20:15:00Z")
        }
        return moment
    }
}

extension AuditCommand {
    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Finds leaves by type, run, actor, time and text.",
            discussion: "Prints each leaf as it is stored, one a line. The exit code is 4 when there is none.")

        @Option(help: "At most so many.")
        var limit = 1_000

        @OptionGroup var filter: AuditFilterOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard limit > 0 else { throw ValidationError("--limit is at least 1") }
        }

        func run() async throws {
            let leaves = try await AuditCommand.leaves(try filter.search(), store, limit: limit)
            guard !leaves.isEmpty || output.json else { throw CommandFailure(.notFound, "no leaf fits") }
            AuditCommand.show(leaves, json: output.json)
        }
    }

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the newest leaves, and with --follow what is added.")

        private static let pollMilliseconds = 300

        @Option(name: [.customShort("n"), .long], help: "How many of the newest.")
        var lines = 10

        @Flag(name: .shortAndLong, help: "Go on with what is added, until Ctrl-C.")
        var follow = false

        @OptionGroup var filter: AuditFilterOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard lines >= 0 else { throw ValidationError("--lines is at least 0") }
        }

        func run() async throws {
            let search = try filter.search(), lines = lines
            let journal = try await HostSession.reading(store)
            do throws(JournalError) {
                let (newest, size) = try await journal.read { reading throws(JournalError) in
                    var newest: [AuditLeaf] = []
                    try search.each(reading) { leaf in
                        newest.append(leaf)
                        // Cut off in steps: at most twice as many are held.
                        if newest.count > 2 * lines { newest.removeFirst(newest.count - lines) }
                        return true
                    }
                    return (Array(newest.suffix(lines)), try reading.auditSize())
                }
                AuditCommand.show(newest, json: false)
                var position = size
                while follow, (try? await Task.sleep(for: .milliseconds(Self.pollMilliseconds))) != nil {
                    let start = position
                    let (added, size) = try await journal.read { reading throws(JournalError) in
                        var added: [AuditLeaf] = []
                        try search.each(reading, from: start) { leaf in
                            added.append(leaf)
                            return true
                        }
                        return (added, try reading.auditSize())
                    }
                    AuditCommand.show(added, json: false)
                    position = size
                }
            } catch {
                await journal.close()
                throw CommandFailure(error)
            }
            await journal.close()
        }
    }

    /// Leaves are JSON already: a line each. With `--json`, one document with their places.
    static func show(_ leaves: [AuditLeaf], json: Bool) {
        let terminal = Terminal.standard
        guard json else {
            return leaves.forEach { terminal.line(String(decoding: $0.bytes, as: UTF8.self).printable) }
        }
        let list = leaves.map { leaf -> JSONValue in
            [
                "index": .integer(leaf.index), "hash": .string(leaf.hash.hex),
                "leaf": (try? JSONParser.parse(leaf.bytes)) ?? .string(String(decoding: leaf.bytes, as: UTF8.self)),
            ]
        }
        terminal.line(JSONValue.object(["leaves": .array(list)]).serialized())
    }
}
