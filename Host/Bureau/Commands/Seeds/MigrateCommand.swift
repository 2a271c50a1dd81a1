import ArgumentParser
import Journal
import Kernel

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the store's schema up to this version, and says where it stands.",
        discussion: "bureau migrate upgrade head is bureau db migrate. A store of a newer version is refused.",
        subcommands: [Upgrade.self, Current.self, History.self], defaultSubcommand: Upgrade.self)

    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes every migration that is missing.")

        @Argument(help: "head: there is no other aim, since a step back would lose data (restore a backup instead).")
        var aim = "head"

        @OptionGroup var migrate: DatabaseCommand.Migrate

        mutating func validate() throws {
            guard aim == "head" else {
                throw ValidationError("the only aim is head; to go back, restore a backup: bureau db restore")
            }
        }

        func run() async throws { try await migrate.run() }
    }

    struct Current: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the store's version and this build's.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let versions = try await MigrateCommand.versions(store)
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(
                    JSONValue.object([
                        "current": .integer(versions.current), "head": .integer(versions.head),
                        "is_head": .bool(versions.current == versions.head),
                    ]).serialized())
            }
            terminal.line(
                "\(versions.current)\(versions.current == versions.head ? " (head)" : ", head is \(versions.head)")")
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the migrations, and which the store has.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let versions = try await MigrateCommand.versions(store)
            let rows = (1...max(versions.current, versions.head)).map { number in
                (number: number, isTaken: number <= versions.current, isKnown: number <= versions.head)
            }
            guard !output.json else {
                let list = rows.map { row -> JSONValue in
                    [
                        "migration": .integer(row.number), "taken": .bool(row.isTaken), "known": .bool(row.isKnown),
                    ]
                }
                return Terminal.standard.line(JSONValue.object(["migrations": .array(list)]).serialized())
            }
            var table = Table([("migration", .right), ("taken", .left), ("", .left)])
            for row in rows.reversed() {
                let words = row.number == versions.head ? "head" : row.isKnown ? "" : "of a newer version"
                table.add("\(row.number)", row.isTaken ? "yes" : "no", words)
            }
            table.show()
        }
    }

    private static func versions(
        _ store: StoreOptions
    ) async throws(CommandFailure) -> (current: Int64, head: Int64) {
        let folder = store.folder
        let info = try await DatabaseCommand.perform { () throws(JournalError) in
            try await SQLiteJournal.info(folder: folder)
        }
        return (info.schema, info.newestSchema)
    }
}
