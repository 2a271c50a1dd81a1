import ArgumentParser
import Audit
import Engine
import Journal
import Kernel

extension AuditCommand {
    struct Key: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows the key that signs the log, and changes it.",
            discussion: """
                The key is made with the first checkpoint, in STORE.audit-key, under a name that no other log has, or
                under BUREAU_AUDIT_ORIGIN. Give the public key to everybody who is to check the log.
                """,
            subcommands: [Show.self, Create.self, Rotate.self, Retire.self], defaultSubcommand: Show.self)

        struct Show: ParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Prints the public keys, newest first.")

            @OptionGroup var store: StoreOptions
            @OptionGroup var output: OutputOptions

            func run() throws {
                let keys = try AuditCommand.keys(HostSettings.auditPlace(storeFolder: store.folder))
                guard !keys.isEmpty else { throw CommandFailure(.notFound, "the log has no key yet") }
                let terminal = Terminal.standard
                guard output.json else { return keys.forEach { terminal.line($0.description.printable) } }
                terminal.line(
                    JSONValue.object([
                        "origin": .string(keys[0].name), "vkeys": .array(keys.map { .string($0.description) }),
                    ]).serialized())
            }
        }

        struct Create: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Makes the log's first key under a name of your own, before anything is signed.")

            @Option(help: ArgumentHelp("A domain of yours, or a path below it: example.org/log.", valueName: "name"))
            var origin: String

            @OptionGroup var store: StoreOptions

            func run() throws {
                let place = HostSettings.auditPlace(storeFolder: store.folder)
                do throws(AuditError) {
                    guard try LogKeys.read(place.keyPath) == nil, try place.published.note() == nil else {
                        throw AuditError(.invalid, "the log has a key already: bureau audit key rotate replaces it")
                    }
                    let keys = try LogKeys(origin: origin)
                    try keys.write(place.keyPath)
                    Terminal.standard.line(keys.publicKeys[0].description.printable)
                } catch {
                    throw CommandFailure(error)
                }
            }
        }

        struct Rotate: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Adds a new key. The old one signs on beside it, until it is retired.",
                discussion: "A leaf holds the new public key, signed by the old one. No host may run on the store.")

            @OptionGroup var store: StoreOptions

            func run() async throws {
                try await Key.change(store) { keys throws(AuditError) in
                    let old = keys.publicKeys[0], note = try keys.rotate()
                    return (
                        "log.key_rotated",
                        [
                            "old_key": .string(old.description), "new_key": .string(keys.publicKeys[0].description),
                            "note": .string(note.serialized),
                        ]
                    )
                }
            }
        }

        struct Retire: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Takes an old key out: it signs no more.",
                discussion: "Everybody who checks the log needs the new key by then. No host may run on the store.")

            @Argument(help: ArgumentHelp("Its ID, the eight digits between the plus signs.", valueName: "id"))
            var id: String

            @OptionGroup var store: StoreOptions

            func run() async throws {
                let id = id
                try await Key.change(store) { keys throws(AuditError) in
                    let gone = try keys.retire(id)
                    return ("log.key_retired", ["key": .string(gone.description)])
                }
            }
        }

        /// Records a change of the keys, makes it, and signs the newest checkpoint with the keys that there are then.
        private static func change(
            _ store: StoreOptions,
            _ body: (inout LogKeys) throws(AuditError) -> (type: String, fields: [String: JSONValue])
        ) async throws(CommandFailure) {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let journal = try await HostSession.writing(store)
            do {
                guard var keys = try LogKeys.read(place.keyPath) else {
                    throw AuditError(.notFound, "the log has no key yet: bureau audit checkpoint makes it")
                }
                let (type, fields) = try body(&keys)
                let by = Environment.user
                _ = try await journal.write { transaction throws(JournalError) in
                    try transaction.auditAppend(type: type, fields: fields.merging(["by": .string(by)]) { $1 })
                }
                try keys.write(place.keyPath)
                _ = try await AuditCommand.publish(journal, place, rebuilding: false)
                await journal.close()
                keys.publicKeys.forEach { Terminal.standard.line($0.description.printable) }
            } catch {
                await journal.close()
                throw AuditCommand.failure(error)
            }
        }
    }

    static func failure(_ error: any Error) -> CommandFailure {
        switch error {
        case let error as AuditError: CommandFailure(error)
        case let error as JournalError: CommandFailure(error)
        case let failure as CommandFailure: failure
        default: CommandFailure(.internal, "\(error)")
        }
    }
}
