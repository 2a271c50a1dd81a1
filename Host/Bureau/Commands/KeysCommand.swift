import ArgumentParser
import Gateway
import Glibc
import Kernel

struct KeysCommand: ParsableCommand {
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

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets a key, or replaces it. Reads it from standard input, so that no shell remembers it.")

        private static let maximumBytes = 64 << 10

        @Argument(help: "What the gateway file calls it: lower-case letters, digits and hyphens.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() throws {
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
            try KeysCommand.perform(store) { vault throws(Failure) in try vault.set(name, to: String(key)) }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forgets a key.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() throws {
            try KeysCommand.perform(store) { vault throws(Failure) in try vault.remove(name) }
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
