import ArgumentParser
import Audit
import Engine
import Journal
import Kernel

extension AuditCommand {
    struct WitnessCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "witness", abstract: "Others who sign the log, if it only grew (C2SP tlog-witness).",
            discussion: """
                A serving host asks them for every checkpoint; bureau audit checkpoint asks them once. They see sizes
                and hashes, nothing else. Tell each the log's public key first: bureau audit key show.
                """,
            subcommands: [List.self, Add.self, Remove.self], defaultSubcommand: List.self)

        struct List: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Lists witnesses, and whether each signed the published checkpoint.")

            @OptionGroup var store: StoreOptions
            @OptionGroup var output: OutputOptions

            func run() throws {
                let place = HostSettings.auditPlace(storeFolder: store.folder)
                let witnesses: [Witness], note: Note?
                do throws(AuditError) {
                    witnesses = try Witness.read(place.witnessPath)
                    note = try place.published.note()
                } catch {
                    throw CommandFailure(error)
                }
                let signed = Set((try? note?.signers(among: witnesses.map(\.key))) ?? [])
                let terminal = Terminal.standard
                guard !output.json else {
                    let list = witnesses.map { witness -> JSONValue in
                        [
                            "url": .string(witness.url), "vkey": .string(witness.key.description),
                            "signed": .bool(signed.contains(witness.key)),
                        ]
                    }
                    return terminal.line(JSONValue.object(["witnesses": .array(list)]).serialized())
                }
                var table = Table([("witness", .left), ("address", .left), ("newest checkpoint", .left)])
                for witness in witnesses {
                    table.add(witness.key.name, witness.url, signed.contains(witness.key) ? "signed" : "not signed")
                }
                table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            }
        }

        struct Add: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Adds a witness. No host may run on the store: a leaf records it.")

            @Argument(help: ArgumentHelp("Its address, without add-checkpoint.", valueName: "url"))
            var url: String

            @Argument(help: ArgumentHelp("Its public key.", valueName: "vkey"))
            var key: String

            @OptionGroup var store: StoreOptions

            func run() async throws {
                let witness: Witness
                do {
                    witness = try Witness(url: url, key: try NoteKey(parsing: key))
                } catch {
                    throw CommandFailure(.usage, "\(error)")
                }
                try await WitnessCommand.change(store, "audit.witness_added", witness.key) { list throws(AuditError) in
                    guard !list.contains(where: { $0.key == witness.key }) else {
                        throw AuditError(.invalid, "\(witness.key.name) is a witness already")
                    }
                    guard list.count < Witness.maximumCount else {
                        throw AuditError(.invalid, "a log has at most \(Witness.maximumCount) witnesses")
                    }
                    list.append(witness)
                }
            }
        }

        struct Remove: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Asks a witness no more. No host may run on the store: a leaf records it.")

            @Argument(help: "Its name or its public key.")
            var name: String

            @OptionGroup var store: StoreOptions

            func run() async throws {
                let name = name, place = HostSettings.auditPlace(storeFolder: store.folder)
                let known = (try? Witness.read(place.witnessPath)) ?? []
                guard let witness = known.first(where: { $0.key.name == name || $0.key.description == name }) else {
                    throw CommandFailure(.notFound, "no witness is called \(name)")
                }
                try await WitnessCommand.change(store, "audit.witness_removed", witness.key) {
                    list throws(AuditError) in
                    list.removeAll { $0.key == witness.key }
                }
            }
        }

        private static func change(
            _ store: StoreOptions, _ type: String, _ key: NoteKey,
            _ body: (inout [Witness]) throws(AuditError) -> Void
        ) async throws(CommandFailure) {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let journal = try await HostSession.writing(store)
            do {
                var witnesses = try Witness.read(place.witnessPath)
                try body(&witnesses)
                let by = Environment.user
                _ = try await journal.write { transaction throws(JournalError) in
                    try transaction.auditAppend(
                        type: type, fields: ["key": .string(key.description), "by": .string(by)])
                }
                try Witness.write(witnesses, to: place.witnessPath)
                await journal.close()
            } catch {
                await journal.close()
                throw AuditCommand.failure(error)
            }
        }
    }
}
