import ArgumentParser
import Audit
import Engine
import Gateway
import Glibc
import Journal
import Kernel

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Keeps providers' keys, encrypted, for the gateway file to name.",
        discussion: """
            The keys stand in keys.vault in the store, each sealed with AES-256-GCM. The vault's own key is read from
            BUREAU_VAULT_KEY (64 hexadecimal digits), or from keys.vault-key in the store, which the first set makes;
            keep that file out of backups. A host reads a key for every call: a new one is used at once.
            """,
        subcommands: [List.self, Set.self, Remove.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the names, never the keys.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() throws {
            let names = try KeysCommand.perform(store) { vault throws(Failure) in try vault.names() }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["keys": .array(names.map(JSONValue.string))]).serialized())
            }
            names.forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets a key, or replaces it. Reads it from standard input, so that no shell remembers it.")

        private static let maximumBytes = 64 << 10

        @Argument(help: "What the gateway file calls it: lower-case letters, digits and hyphens.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            if isatty(STDIN_FILENO) == 1 { Terminal.standard.note("type the key, then Enter and Ctrl-D") }
            let text: String
            switch FilePath.read(STDIN_FILENO, name: "standard input", maximumBytes: Self.maximumBytes) {
            case .success(let bytes): text = String(decoding: bytes, as: UTF8.self)
            case .failure(let problem): throw CommandFailure(.badInput, problem.text)
            }
            let key = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
            guard !key.isEmpty else { throw CommandFailure(.badInput, "standard input holds no key") }
            if let problem = FilePath.makeFolder(store.folder) {
                throw CommandFailure(.storeUnavailable, problem.text)
            }
            let entry = try KeysCommand.perform(store) { vault throws(Failure) in
                try vault.set(name, to: String(key))
                return try vault.fingerprints()[name]
            }
            let by = Environment.user
            try await KeysCommand.record(store) { [name] transaction throws(JournalError) in
                if let entry { try transaction.audit(keySet: name, entry: entry, by: by) }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forgets a key.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            try KeysCommand.perform(store) { vault throws(Failure) in try vault.remove(name) }
            let by = Environment.user
            try await KeysCommand.record(store) { [name] transaction throws(JournalError) in
                try transaction.audit(keyRemoved: name, by: by)
            }
        }
    }

    /// In the audit log. A host that has the store open sees the change by itself, and the first start of a new store
    /// tells of the keys that it has.
    private static func record(
        _ store: StoreOptions, _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Void
    ) async throws(CommandFailure) {
        guard FilePath.exists(FilePath.join(store.folder, SQLiteJournal.fileName)) else { return }
        let journal: SQLiteJournal
        do {
            journal = try await SQLiteJournal.open(
                folder: store.folder, clock: { SystemClock.now() }, hostID: "bureau-command")
        } catch {
            guard error.code == .inUse else { throw CommandFailure(error) }
            return
        }
        do {
            try await journal.write(body)
            await journal.close()
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }

    private static func perform<Value>(
        _ store: StoreOptions, _ body: (KeyVault) throws(Failure) -> Value
    ) throws(CommandFailure) -> Value {
        do {
            return try body(ModelSetup.vault(storeFolder: store.folder))
        } catch {
            let status: ExitStatus =
                switch error.status {
                case .invalid: .usage
                case .notFound: .notFound
                default: .storeUnavailable
                }
            throw CommandFailure(status, error.message)
        }
    }
}
