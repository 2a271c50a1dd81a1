import ArgumentParser
import Audit
import Engine
import HostConfiguration
import Journal
import Kernel

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Proves that nothing was altered.",
        discussion: """
            The log is published under audit in the store, in the form of C2SP tlog-tiles, with a checkpoint that the
            log's key and witnesses sign. The newest checkpoint also stands beside the store (STORE.checkpoint), and so
            does the key (STORE.audit-key): keep copies of both elsewhere, the key in secret.
            """,
        subcommands: [
            Verify.self, Prove.self, Consistency.self, Tail.self, Search.self, Export.self, Checkpoint.self, Key.self,
            WitnessCommand.self, AuditSchemaCommand.self,
        ])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recomputes the audit log and compares it with the store, its tiles and its signatures.",
            discussion: "Works beside a running host. The exit code is 9 when anything does not match.")

        @Option(help: ArgumentHelp("The log's public key, instead of the one beside the store.", valueName: "vkey"))
        var key: String?

        @Option(
            help: ArgumentHelp(
                "A signed checkpoint that was kept elsewhere: the log must have grown from it. May be repeated.",
                valueName: "file"))
        var checkpoint: [String] = []

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let place = HostSettings.auditPlace(storeFolder: store.folder)
            let keys = try AuditCommand.keys(place, key)
            let file = CheckpointFile(
                path: place.outsidePath, origin: keys.first?.name ?? AuditPlace.unsignedOrigin, keys: keys)
            let outside: CheckpointNote?
            var kept = try checkpoint.map { path throws(CommandFailure) in try Self.kept(path) }
            do throws(CheckpointFileError) {
                outside = try file.read()
                if let outside, let note = try file.signed() {
                    kept.append(.init(name: "the checkpoint outside the store", note: note, checkpoint: outside))
                }
            } catch {
                throw CommandFailure(.auditUnsound, error.message)
            }
            let witnesses = (try? Witness.read(place.witnessPath)) ?? []
            let check = PublishedCheck(place.published, keys: keys, witnesses: witnesses.map(\.key), kept: kept)
            let journal = try await HostSession.reading(store)
            let report: AuditReport
            var published: PublishedCheck.Report
            do throws(JournalError) {
                report = try await AuditVerifier.verify(journal, outside: outside)
                published = try await journal.read { reading throws(JournalError) in try check.run(reading) }
                if !published.problems.isEmpty {
                    // A host may be publishing at this moment: what does not fit is looked at once more.
                    try? await Task.sleep(for: .seconds(1))
                    published = try await journal.read { reading throws(JournalError) in try check.run(reading) }
                }
            } catch {
                await journal.close()
                throw CommandFailure(error)
            }
            await journal.close()
            show(report, published)
            let count = report.problems.count + published.problems.count
            guard count == 0 else {
                throw CommandFailure(.auditUnsound, "the audit log is not sound: \(count) problem(s)")
            }
        }

        private static func kept(_ path: String) throws(CommandFailure) -> PublishedCheck.Kept {
            let (note, checkpoint) = try AuditCommand.checkpoint(in: path)
            return .init(name: "the checkpoint \(path)", note: note, checkpoint: checkpoint)
        }

        private func show(_ report: AuditReport, _ published: PublishedCheck.Report) {
            let terminal = Terminal.standard
            if output.json { return terminal.line(report.json(published).serialized()) }
            for problem in report.problems + published.problems { terminal.line(problem.description.printable) }
            terminal.line("leaves       \(report.size)")
            if let root = report.root { terminal.line("root         \(root)") }
            terminal.line("checkpoints  \(report.checkpointCount) hold")
            terminal.line("anchored     \(report.isAnchored ? "yes" : "no: there is no checkpoint outside the store")")
            if let size = published.size {
                terminal.line("published    \(size) leaves, \(published.files) tiles and bundles")
                terminal.line("signed by    \(published.signers.map(\.fingerprint).joined(separator: ", ").printable)")
                let names = published.witnesses.map(\.name).joined(separator: ", ")
                terminal.line("witnesses    \(names.isEmpty ? "none signed" : names.printable)")
            } else {
                terminal.line("published    nothing yet")
            }
            let isSound = report.isSound && published.isSound
            terminal.line("result       \(isSound ? "sound" : "NOT SOUND")")
        }
    }

    // MARK: Shared by its commands

    /// The log's public keys: the one that was named, or those beside the store.
    static func keys(_ place: AuditPlace, _ named: String? = nil) throws(CommandFailure) -> [NoteKey] {
        if let named {
            do throws(NoteError) {
                return [try NoteKey(parsing: named)]
            } catch {
                throw CommandFailure(.usage, "--key: \(error.message)")
            }
        }
        do throws(AuditError) {
            return try LogKeys.read(place.keyPath)?.publicKeys ?? []
        } catch {
            throw CommandFailure(error)
        }
    }

    /// A signed checkpoint in a file; who signed it is not looked at.
    static func checkpoint(in path: String) throws(CommandFailure) -> (note: Note, checkpoint: CheckpointNote) {
        switch FilePath.read(path, maximumBytes: Note.maximumBytes) {
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        case .success(let bytes):
            guard let note = try? Note(parsing: bytes), let checkpoint = CheckpointNote(note.text) else {
                throw CommandFailure(.badInput, "\(path) is not a signed checkpoint")
            }
            return (note, checkpoint)
        }
    }

    /// What is published, with the keys that signed it.
    static func published(
        _ place: AuditPlace, _ key: String? = nil
    ) throws(CommandFailure) -> (log: PublishedLog, keys: [NoteKey], note: Note, checkpoint: CheckpointNote) {
        let keys = try keys(place, key)
        do throws(AuditError) {
            if let found = try place.published.checkpoint(keys: keys) {
                return (place.published, keys, found.note, found.checkpoint)
            }
        } catch {
            throw CommandFailure(error)
        }
        throw CommandFailure(.notFound, "nothing was published yet: bureau audit checkpoint")
    }

    /// Publishes what a store has committed.
    static func publish(
        _ journal: SQLiteJournal, _ place: AuditPlace, rebuilding: Bool
    ) async throws(CommandFailure) -> LogPublisher.Publication? {
        let publisher = LogPublisher(place: place, newOrigin: Configured.current[Settings.auditOrigin])
        let result: Result<LogPublisher.Publication?, AuditError>
        do throws(JournalError) {
            result = try await journal.read { reading throws(JournalError) in
                attempt(publisher, reading, rebuilding)
            }
        } catch {
            throw CommandFailure(error)
        }
        switch result {
        case .success(let publication): return publication
        case .failure(let error): throw CommandFailure(error)
        }
    }

    private static func attempt(
        _ publisher: LogPublisher, _ reading: any JournalReading, _ rebuilding: Bool
    ) -> Result<LogPublisher.Publication?, AuditError> {
        do {
            return .success(try publisher.publish(reading, rebuilding: rebuilding))
        } catch {
            return .failure(error)
        }
    }
}

extension CommandFailure {
    init(_ error: AuditError) {
        let status: ExitStatus =
            switch error.code {
            case .io, .journal: .storeUnavailable
            case .damaged, .rollback, .key: .auditUnsound
            case .notFound: .notFound
            case .invalid: .usage
            }
        self.init(status, error.message)
    }
}

extension AuditReport {
    fileprivate func json(_ published: PublishedCheck.Report) -> JSONValue {
        [
            "sound": .bool(isSound && published.isSound), "leaves": .integer(size),
            "root": root.map { .string($0.hex) } ?? .null, "checkpoints": .integer(Int64(checkpointCount)),
            "anchored": .bool(isAnchored), "published": published.json,
            "problems": .array(
                (problems + published.problems).map {
                    ["leaf": $0.leaf.map { .integer($0) } ?? .null, "text": .string($0.message)]
                }),
        ]
    }
}

extension PublishedCheck.Report {
    fileprivate var json: JSONValue {
        guard let size else { return .null }
        return [
            "leaves": .integer(size), "files": .integer(Int64(files)),
            "signers": .array(signers.map { .string($0.description) }),
            "witnesses": .array(witnesses.map { .string($0.name) }),
        ]
    }
}
