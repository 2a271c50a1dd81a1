import ArgumentParser
import HostConfiguration
import Kernel

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Shows the settings and where they come from; checks and makes their file.",
        discussion: """
            Each goes over the one before: default, file, environment (a file of variables under what is really set),
            option. The file is --config, BUREAU_CONFIG, bureau.yaml in the current folder, or bureau.yaml in the store.
            A .json file with the sections of others (system, api, consensus, …) is read as it is.
            """,
        subcommands: [Explain.self, Check.self, Schema.self, Init.self], defaultSubcommand: Explain.self)

    struct Explain: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(
            abstract: "Shows what holds, who said so, and what else was said.")

        @Argument(help: "A setting as section.name, or a section; without it, all.")
        var key: String?

        @Flag(help: "Only what somebody set.")
        var set = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try Configured.require()
            let configuration = Configured.current
            let chosen = try chosen().filter { !set || configuration.isGiven($0) }
            let terminal = Terminal.standard
            if output.json {
                let list = chosen.map { configuration.explanation(of: $0) }
                let isOne = list.count == 1 && list[0]["key"]?.stringValue == key
                let all: JSONValue = [
                    "settings": .array(list), "file": Configured.loaded.file.map { .string($0) } ?? .null,
                ]
                return terminal.line((isOne ? list[0] : all).serialized())
            }
            if chosen.count == 1, chosen[0].key == key { return show(chosen[0], configuration) }
            var table = Table("setting", "value", "from")
            for setting in chosen {
                table.add(setting.key, Self.text(setting, configuration), configuration.source(setting).words)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }

        private func chosen() throws(CommandFailure) -> [Setting] {
            guard let key else { return Settings.all }
            if let setting = Settings.byKey[key] { return [setting] }
            let section = Settings.all.filter { $0.key.hasPrefix(key + ".") }
            guard section.isEmpty else { return section }
            let byVariable = Settings.all.filter { $0.environment.contains(key) || $0.aliases.contains(key) }
            guard byVariable.isEmpty else { return byVariable }
            let near = NearestName.of(key, in: Settings.all.map(\.key)).map { "; did you mean \($0)?" } ?? ""
            throw CommandFailure(.notFound, "no setting \(key)\(near)")
        }

        static func text(_ setting: Setting, _ configuration: Configuration) -> String {
            guard let value = configuration.value(setting) else { return "" }
            return setting.isSecret ? "(given)" : ConfigurationText.text(value)
        }

        private func show(_ setting: Setting, _ configuration: Configuration) {
            let terminal = Terminal.standard, style = terminal.outputStyle
            terminal.line("\(style.bold(setting.key))  \(Self.text(setting, configuration).printable)")
            terminal.line(setting.summary)
            let source = configuration.source(setting)
            terminal.line("from         \(source.words.printable)")
            for other in (configuration.given[setting.key] ?? []).dropLast().reversed() {
                let value = setting.isSecret ? "(given)" : ConfigurationText.text(other.value)
                terminal.line("goes over    \(value.printable), from \(other.source.words.printable)")
            }
            if source != .standard, !setting.isSecret {
                terminal.line("default      \(setting.fallback.map(ConfigurationText.text) ?? "none")")
            }
            terminal.line("may be       \(setting.kind.words)")
            if !setting.environment.isEmpty {
                terminal.line("variables    \(setting.environment.joined(separator: ", "))")
            }
            if let flag = setting.flag { terminal.line("option       \(flag)") }
            if !setting.aliases.isEmpty { terminal.line("also called  \(setting.aliases.joined(separator: ", "))") }
            switch setting.use {
            case .noted(let words): terminal.line("used         \(words)")
            case .host:
                terminal.line("a change     \(setting.reload == .live ? "holds at once" : "needs a restart")")
            }
        }
    }

    struct Check: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(
            abstract: "Reads a file and says all that is wrong with it.",
            discussion: "The environment is left out: what is checked is the file.")

        @Argument(help: "The file (default: the one that would be used).")
        var file: String?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            guard let path = file ?? Configured.loaded.file else {
                throw CommandFailure(
                    .notFound, "there is no \(LoadedConfiguration.fileName); bureau config init makes one")
            }
            let problems = try Self.problems(path)
            let terminal = Terminal.standard
            if output.json {
                let list = problems.map { problem -> JSONValue in
                    [
                        "line": problem.line.map { .integer(Int64($0)) } ?? .null,
                        "message": .string(problem.message),
                    ]
                }
                terminal.line(
                    JSONValue.object([
                        "file": .string(path), "sound": .bool(problems.isEmpty), "problems": .array(list),
                    ]).serialized())
            } else if problems.isEmpty {
                terminal.line("\(path) is sound")
            }
            guard problems.isEmpty else {
                throw CommandFailure(.badInput, lines: output.json ? [] : problems.map(\.description.printable))
            }
        }

        static func problems(_ path: String) throws(CommandFailure) -> [ConfigurationProblem] {
            var layers = ConfigurationLayers()
            switch FilePath.read(path, maximumBytes: YAMLReader.maximumBytes) {
            case .success(let bytes): layers.add(file: path, bytes)
            case .failure(let problem): throw CommandFailure(.badInput, problem.text)
            }
            do {
                _ = try layers.finish()
                return []
            } catch {
                return error.all
            }
        }
    }

    struct Schema: ParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(
            abstract: "Writes the JSON Schema of bureau.yaml, for editors.",
            discussion: "In the file: # yaml-language-server: $schema=bureau.schema.json")

        func run() { Terminal.standard.line(ConfigurationSchema.document.serialized(pretty: true)) }
    }

    struct Init: ParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(
            abstract: "Makes a bureau.yaml in which everything is explained and nothing is set.")

        @Argument(help: "The file to make; - for standard output.")
        var file = LoadedConfiguration.fileName

        func run() throws {
            guard file != "-" else { return Terminal.standard.bytes(Array(ConfigurationText.template.utf8)) }
            guard !FilePath.exists(file) else { throw CommandFailure(.usage, "\(file) is there already") }
            if let problem = FilePath.replace(file, with: Array(ConfigurationText.template.utf8)) {
                throw CommandFailure(.storeUnavailable, problem.text)
            }
            Terminal.standard.line("made \(file)")
        }
    }
}
