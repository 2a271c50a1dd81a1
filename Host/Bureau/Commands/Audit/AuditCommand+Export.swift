import ArgumentParser
import Audit
import Engine
import Glibc
import Journal
import Kernel

extension AuditCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes leaves with all that a stranger needs to check them offline.",
            discussion: """
                All leaves, or those that fit with a proof each. scripts/verify-audit.py checks the bundle with nothing
                but Python's standard library.
                """)

        private static let maximumProven = 100_000

        @Option(help: ArgumentHelp("Where to: \(AnchorPlace.help).", valueName: "place"))
        var to: String?

        @Option(
            name: .customLong("since-checkpoint"),
            help: ArgumentHelp(
                "With some leaves only: also prove that the log grew from this signed checkpoint.", valueName: "file"))
        var older: String?

        @OptionGroup var filter: AuditFilterOptions
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let published = try AuditCommand.published(place)
            let witnesses = ((try? Witness.read(place.witnessPath)) ?? []).map(\.key)
            let search = try filter.search()
            var bytes: [UInt8]
            if search == AuditSearch() {
                let header = AuditBundle.header(
                    published.note, published.checkpoint, keys: published.keys, witnesses: witnesses)
                bytes = header.bytes + [0x0A]
                for index in 0..<(published.checkpoint.size + 255) / 256 {
                    let entries = try Self.entries(index, published.log, published.checkpoint)
                    for entry in entries { bytes += entry + [0x0A] }
                }
            } else {
                let indices = try await AuditCommand.leaves(search, store, limit: Self.maximumProven)
                    .map(\.index).filter { $0 < published.checkpoint.size }
                let since = try older.map { path throws(CommandFailure) in
                    try AuditCommand.checkpoint(in: path).checkpoint.size
                }
                do throws(AuditError) {
                    let some = try AuditBundle.header(
                        of: indices, in: published.log, note: published.note, published.checkpoint,
                        keys: published.keys, witnesses: witnesses, since: since)
                    bytes = some.header.bytes + [0x0A] + some.leaves.flatMap { $0 + [0x0A] }
                } catch {
                    throw CommandFailure(error)
                }
            }
            try await AuditCommand.put(bytes, to: to)
        }

        private static func entries(
            _ bundle: Int64, _ log: PublishedLog, _ checkpoint: CheckpointNote
        ) throws(CommandFailure) -> [[UInt8]] {
            do throws(AuditError) {
                return try log.entries(ofBundle: bundle, size: checkpoint.size)
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    struct Checkpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publishes and signs what was committed, asks the witnesses, and prints the checkpoint.",
            discussion: "Works beside a running host, which does the same by itself within a second.")

        @Flag(help: "Lay all tiles out anew from the journal, whatever stands there.")
        var rebuild = false

        @Option(
            help: ArgumentHelp("Also put it in another place, as an anchor: \(AnchorPlace.help).", valueName: "place"))
        var to: String?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let journal = try await HostSession.reading(store)
            let publication: LogPublisher.Publication?
            do {
                publication = try await AuditCommand.publish(journal, place, rebuilding: rebuild)
            } catch {
                await journal.close()
                throw error
            }
            await journal.close()
            guard let publication else { throw CommandFailure(.notFound, "the log has no leaf yet") }
            let (note, answers) = try await ask(publication, place)
            let terminal = Terminal.standard
            if output.json {
                terminal.line(
                    JSONValue.object([
                        "size": .integer(publication.checkpoint.size), "root": .string(publication.checkpoint.root.hex),
                        "checkpoint": .string(note.serialized),
                        "witnesses": .object(answers.mapValues { $0.map { .string($0) } ?? .null }),
                    ]).serialized())
            } else {
                terminal.line(String(note.serialized.dropLast()))
            }
            if let to { try await AuditCommand.put(Array(note.serialized.utf8), to: to) }
            let refusals = answers.compactMap { name, problem in problem.map { "\(name): \($0)" } }.sorted()
            guard refusals.isEmpty else { throw CommandFailure(.auditUnsound, lines: refusals) }
        }

        /// The checkpoint with the signatures that witnesses gave, and why the others did not.
        private func ask(
            _ publication: LogPublisher.Publication, _ place: AuditPlace
        ) async throws(CommandFailure) -> (note: Note, answers: [String: String?]) {
            let witnesses: [Witness]
            let sender: WitnessSender
            do {
                witnesses = try Witness.read(place.witnessPath)
                guard !witnesses.isEmpty else { return (publication.note, [:]) }
                sender = try WitnessSender()
            } catch {
                throw CommandFailure(.internal, "\(error)")
            }
            defer { sender.close() }
            var note = publication.note
            var answers: [String: String?] = [:]
            for witness in witnesses {
                let outcome = await WitnessExchange(witness, note, publication.checkpoint).ask(
                    from: 0, in: place.published, send: { url, body in await sender.post(url, body) })
                switch outcome {
                case .signed(let signature):
                    note = note.adding([signature])
                    answers[witness.key.name] = .some(nil)
                case .ahead(let size):
                    answers[witness.key.name] = "it has signed \(size) leaves: this log was put back"
                case .refused(let reason), .failed(let reason): answers[witness.key.name] = reason
                case .askAgain(let size): answers[witness.key.name] = "it signed \(size) leaves meanwhile"
                }
            }
            let added = note.signatures.filter { !publication.note.signatures.contains($0) }
            do throws(AuditError) {
                _ = try LogPublisher(place: place).add(added, to: publication.checkpoint)
            } catch {
                throw CommandFailure(error)
            }
            return (note, answers)
        }
    }

    /// To a place; to standard output without one.
    static func put(_ bytes: [UInt8], to text: String?) async throws(CommandFailure) {
        guard let text else {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw CommandFailure(.internal, "standard output was closed") }
                rest = rest.dropFirst(count)
            }
            return
        }
        try await AnchorPlace(text).put(bytes)
    }
}
