import ArgumentParser
import Engine
import HostTools
import Journal
import Kernel

struct ToolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tool", abstract: "Makes tools of C libraries; lists, shows and calls tools.",
        discussion: """
            Example: bureau tool bind /lib/x86_64-linux-gnu/libm.so.6 'f64 cbrt(f64 x)' --name math.cbrt
                     bureau tool call math.cbrt 8
            """,
        subcommands: [ToolBind.self, List.self, Show.self, Call.self, ToolUnbind.self], defaultSubcommand: List.self)

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, openai }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the tools that departments and models may use.")

        @Option(help: "table, or openai for the definitions that a model provider takes.")
        var format: Format = .table

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let toolbox = try await Toolbox.load(host)
            let terminal = Terminal.standard
            if format == .openai {
                return terminal.line(
                    JSONValue.array(toolbox.entries.map(\.definition)).serialized(pretty: !output.json))
            }
            if output.json {
                let list = toolbox.entries.map(\.json)
                return terminal.line(JSONValue.object(["tools": .array(list)]).serialized())
            }
            var table = Table("tool", "from", "signature", "summary")
            for entry in toolbox.entries {
                table.add(entry.tool.name, entry.source, entry.native?.signature.text ?? "", entry.tool.summary)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one tool with its schemas.")

        @Argument(help: "The tool's name.")
        var name: String

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let entry = try await Toolbox.load(host, looking: name).tool(name)
            let terminal = Terminal.standard
            if output.json { return terminal.line(entry.json.serialized()) }
            terminal.line("\(terminal.outputStyle.bold(name))  \(entry.source)")
            terminal.line(entry.tool.summary.printable)
            if let native = entry.native {
                terminal.line("signature \(native.signature.text.printable)\nlibrary   \(native.path)")
                terminal.line("timeout   \(native.timeoutMilliseconds) ms")
            }
            if let binding = entry.binding {
                let follows = binding.followsUpgrades ? " (follows upgrades)" : ""
                terminal.line("digest    \(binding.digest)\(follows)")
            }
            terminal.line("writes    \(entry.tool.isReadOnly ? "no" : "yes")")
            terminal.line("arguments \(entry.tool.argumentsSchema.serialized(pretty: true))")
            terminal.line("result    \(entry.tool.resultSchema.serialized(pretty: true))")
        }
    }

    struct Call: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Calls a tool, with one JSON object or with plain values in order.",
            discussion: "Write -- before values that start with a hyphen.")

        @Argument(help: "The tool's name.")
        var name: String

        @Argument(help: "A JSON object, or for a native function its arguments in order.")
        var arguments: [String] = []

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let toolbox = try await Toolbox.load(host, looking: name)
            let tool = try toolbox.tool(name)
            let result: JSONValue
            do throws(Failure) {
                result = try await Self.answer(tool, arguments)
            } catch {
                await toolbox.shutdown()
                throw CommandFailure(Self.status(of: error), error.message)
            }
            await toolbox.shutdown()
            let terminal = Terminal.standard
            guard !output.json, let members = result.objectValue, members.count == 1, let only = members["result"]
            else { return terminal.line(result.serialized(pretty: !output.json)) }
            terminal.line(only.stringValue?.printable ?? only.serialized())
        }

        private static func answer(_ entry: Toolbox.Entry, _ words: [String]) async throws(Failure) -> JSONValue {
            let document: JSONValue
            if let first = words.first, words.count == 1, first.hasPrefix("{") {
                do {
                    document = try JSONParser.parse(first)
                } catch {
                    throw Failure(.invalid, "the arguments are not JSON: \(error.description)")
                }
            } else if let native = entry.native {
                document = try native.signature.arguments(words: words)
            } else {
                throw Failure(.invalid, "tool \(entry.tool.name) takes one JSON object")
            }
            let violations = (try? JSONSchema(entry.tool.argumentsSchema))?.validate(document) ?? []
            // A native call names what does not fit by itself, and more precisely than alternatives of a schema.
            guard violations.isEmpty || entry.native != nil else {
                let list = violations.map { "\($0.pointer): \($0.message)" }.joined(separator: "; ")
                throw Failure(.invalid, "arguments of tool \(entry.tool.name): \(list)")
            }
            return try await entry.tool.call(document)
        }

        private static func status(of failure: Failure) -> ExitStatus {
            switch failure.status {
            case .invalid, .tooLarge: .badInput
            case .notFound: .notFound
            case .conflict, .unsupported: .pluginRefused
            default: .runFailed
            }
        }
    }
}
