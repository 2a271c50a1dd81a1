import ArgumentParser
import Egress
import Engine
import Glibc
import Journal
import Kernel
import Server

struct SubjectsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subjects", abstract: "People whom data is about: sealed under a key of theirs, exported, erased.",
        discussion: """
            bureau run … --subject NAME admits a run for a subject; what it starts belongs to the same. All content of
            such runs is stored sealed with AES-256-GCM under the subject's own key. To erase a subject is to delete
            that key: the audit log still proves what happened, and nobody can read what it was about.

            The keys that wrap subjects' keys stand beside the store, in STORE.subject-keys (mode 0600): keep them, and
            keep them out of backups of the store. STORE.erased lists who was erased, and is held against every copy.
            While a host serves the store, use its API: POST /subjects, POST /subjects/{id}/erase, …
            """,
        subcommands: [List.self, Show.self, Add.self, Erase.self, Export.self, Rotate.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them, the erased too.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let subjects = try await HostSession.ask(store) { journal throws(JournalError) in try journal.subjects() }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["subjects": .array(subjects.map(\.json))]).serialized())
            }
            var table = Table("subject", "tenant", "alias", "key", "since")
            for subject in subjects {
                let since = (subject.erasure?.at ?? subject.createdAt).timestamp
                table.add(
                    subject.id.description, subject.tenant, subject.alias ?? "", subject.key.rawValue, since)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one, and how much is stored about them.")

        @Argument(help: "Its id or alias.")
        var subject: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (record, extent) = try await SubjectFinder.known(subject, store)
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(record.json(extent).serialized()) }
            terminal.line("\(record.id)  tenant \(record.tenant)  key \(record.key.rawValue)")
            if let alias = record.alias { terminal.line("alias: \(alias.printable)") }
            if let erasure = record.erasure {
                let request = erasure.request.map { ", request \($0)" } ?? ""
                terminal.line("erased \(erasure.at.timestamp) by \(erasure.by): \(erasure.reason)\(request)")
            }
            for (name, count) in extent.members where count > 0 { terminal.line("\(name): \(count)") }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a subject with a key of its own.",
            discussion: "The alias is what you call them; it is stored sealed and goes with the subject.")

        @Option(help: "What you call them, such as a customer number.")
        var alias: String?

        @Option(help: "Whose subject it is.")
        var tenant = "default"

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (alias, tenant) = (alias, tenant)
            let record = try await SubjectFinder.change(store) { journal throws(JournalError) in
                try await journal.addSubject(tenant: tenant, alias: alias, by: Environment.user)
            }
            Terminal.standard.line(output.json ? record.json.serialized() : record.id.description)
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erases a subject for good: deletes its key, cancels its open runs, compacts the store.",
            discussion: """
                Reason and request stay in the audit log for ever, so neither may say who it was. Erasing again is
                answered with the first time.
                """)

        @Argument(help: "Its id or alias.")
        var subject: String

        @Option(help: "Why: up to 120 plain letters and digits, such as \"GDPR art. 17 1b\".")
        var reason: String

        @Option(help: "The number of the request, for your records.")
        var requestID: String?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (record, _) = try await SubjectFinder.known(subject, store)
            let (reason, request) = (reason, requestID)
            let (report, attempts) = try await SubjectFinder.change(store) { journal throws(JournalError) in
                let attempts = try await journal.read { reading throws(JournalError) in
                    try reading.openAttempts(of: record.id)
                }
                let report = try await journal.eraseSubject(
                    record.id, by: Environment.user, reason: reason, request: request)
                return (report, attempts)
            }
            for name in attempts.compactMap(AttemptName.fileName) {
                unlink(FilePath.join(EgressSettings.folder(ofStore: store.folder), name))
            }
            let compacted = try await DatabaseCommand.perform { [folder = store.folder] () throws(JournalError) in
                try await SQLiteJournal.vacuum(folder: folder, isDryRun: false)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                var members = report.json.objectValue ?? [:]
                members["bytes_after"] = .integer(compacted.bytesAfter)
                return terminal.line(JSONValue.object(members).serialized())
            }
            terminal.line("\(record.id) is erased")
            for (name, count) in report.extent.members where count > 0 { terminal.line("  \(name): \(count)") }
            if !report.cancelled.isEmpty { terminal.line("  open runs cancelled: \(report.cancelled.count)") }
            terminal.line("listed in \(report.list)")
            terminal.line(SubjectErasureReport.copies)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes all that is stored about a subject as one JSON document, in the clear.")

        @Argument(help: "Its id or alias.")
        var subject: String

        @Option(help: ArgumentHelp("The file to write (default: standard output).", valueName: "file"))
        var to: String?

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (record, _) = try await SubjectFinder.known(subject, store)
            let now = SystemClock.now()
            let document = try await HostSession.ask(store) { journal throws(JournalError) in
                try SubjectExport.document(of: record.id, from: journal, at: now)
            }
            guard let to else { return Terminal.standard.line(document.serialized()) }
            if let problem = FilePath.write(document.bytes, to: FilePath.absolute(to)) {
                throw CommandFailure(.storeUnavailable, problem.text)
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wraps all subjects' keys under a new key; the data stays as it is.",
            discussion: """
                One commit; one that was cut short is gone on with. The old wrapping key stays for copies of the store
                from before, until --forget-retired: then those copies open nobody's data any more, so prune them first
                or make a new one.
                """)

        @Flag(help: "Also delete the wrapping keys that only copies of the store could need.")
        var forgetRetired = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let forgets = forgetRetired
            let (rotation, gone) = try await SubjectFinder.change(store) { journal throws(JournalError) in
                let rotation = try await journal.rotateSubjectKeys()
                return (rotation, forgets ? try await journal.forgetRetiredKeys() : [])
            }
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(rotation.json(forgotten: gone).serialized()) }
            terminal.line("\(rotation.rewrapped) keys are wrapped under \(rotation.current)")
            let kept = rotation.retired.count - gone.count
            if kept > 0 { terminal.line("kept for copies of the store: \(kept) retired") }
            if !gone.isEmpty { terminal.line("forgotten: \(gone.joined(separator: ", "))") }
        }
    }
}

/// Subjects as people name them: by id, or by alias in the default tenant.
enum SubjectFinder {
    /// Nil for no name.
    static func find(_ name: String?, in journal: any JournalStore) async throws(CommandFailure) -> SubjectID? {
        guard let name else { return nil }
        if let id = SubjectID(name) { return id }
        let found: SubjectRecord?
        do {
            found = try await journal.read { journal throws(JournalError) in
                try journal.subject(alias: name, tenant: "default")
            }
        } catch {
            throw CommandFailure(error)
        }
        guard let found else { throw CommandFailure(.notFound, "there is no subject \"\(name.printable)\"") }
        return found.id
    }

    static func known(
        _ name: String, _ store: StoreOptions
    ) async throws(CommandFailure) -> (SubjectRecord, SubjectExtent) {
        let found = try await HostSession.ask(store) {
            journal throws(JournalError) -> (SubjectRecord, SubjectExtent)? in
            let record =
                if let id = SubjectID(name) { try journal.subject(id) } else {
                    try journal.subject(alias: name, tenant: "default")
                }
            guard let record else { return nil }
            return (record, try journal.subjectExtent(record.id))
        }
        guard let found else { throw CommandFailure(.notFound, "there is no subject \"\(name.printable)\"") }
        return found
    }

    /// Something that takes more than one commit, without a host.
    static func change<Value: Sendable>(
        _ store: StoreOptions, _ body: (SQLiteJournal) async throws(JournalError) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await HostSession.writing(store)
        do throws(JournalError) {
            let value = try await body(journal)
            await journal.close()
            return value
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }
}
