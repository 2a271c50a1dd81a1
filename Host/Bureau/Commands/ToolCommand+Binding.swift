import ArgumentParser
import Engine
import HostTools
import Journal
import Kernel
import Placement

extension ToolCommand {
    struct ToolBind: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bind", abstract: "Makes a tool of a function in a C library on this machine.",
            discussion: """
                The grammar of signatures is in Host/CNative/README.md. Examples:
                  'f64 hypot(f64 x, f64 y)'
                  'f64 frexp(f64 x, out i32 exponent)'
                  'u64 crc32(u64 crc, bytes:u32 data)'
                """)

        @Argument(help: "The library's file.")
        var library: String

        @Argument(help: "The function's signature.")
        var signature: String

        @Option(help: "The tool's name (default: the library's and the function's, as m.cbrt).")
        var name: String?

        @Option(help: "What the tool does, for people and models.")
        var summary: String?

        @Flag(help: "The function changes something outside: it is not repeated after a crash without being told to.")
        var sideEffects = false

        @Flag(help: "Go on when the library's file changes, instead of refusing.")
        var followUpgrades = false

        @Option(help: "How long a call may take.")
        var timeoutSeconds = NativeTools.defaultTimeoutSeconds

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard (1...3_600).contains(timeoutSeconds) else {
                throw ValidationError("--timeout-seconds must be from 1 to 3600")
            }
        }

        func run() async throws {
            let parsed: NativeSignature
            do {
                parsed = try NativeSignature(signature)
            } catch {
                throw CommandFailure(.badInput, "the signature is refused at \(error)")
            }
            let path = FilePath.absolute(library)
            let tool = try toolName(parsed, path)
            let digest = try await checked(path, parsed.symbol)
            let binding = ToolBindingRecord(
                name: tool, path: path, digest: digest, signature: signature,
                summary: summary ?? "Calls \(parsed.symbol) of \(FilePath.name(path)).", hasSideEffects: sideEffects,
                followsUpgrades: followUpgrades, timeoutMilliseconds: Int64(timeoutSeconds) * 1_000,
                boundAt: SystemClock.now())
            try await HostSession.change(store) { journal throws(JournalError) in try journal.toolBind(binding) }
            let document: JSONValue = [
                "name": .string(tool), "library": .string(path), "digest": .string(digest.hex),
                "signature": .string(signature),
            ]
            Terminal.standard.line(output.json ? document.serialized() : "\(tool) is bound: \(signature.printable)")
        }

        private func toolName(_ signature: NativeSignature, _ path: String) throws(CommandFailure) -> String {
            let file = FilePath.name(path)
            let base = (file.hasPrefix("lib") ? file.dropFirst(3) : file[...]).prefix { $0 != "." }
            let tool = name ?? "\(base).\(signature.symbol)".lowercased()
            guard Name.isValid(tool) else {
                throw CommandFailure(
                    .badInput,
                    "\"\(tool)\" is no name of a tool: give --name with lower-case letters, digits, . _ and -")
            }
            let builtIn = BuiltInTools.all(settings: ToolSettings(allowedRoots: []))
            guard !builtIn.contains(where: { $0.name == tool }) else {
                throw CommandFailure(.badInput, "\(tool) is built in: give another --name")
            }
            return tool
        }

        /// The library exports the function, and a worker can load it.
        private func checked(_ path: String, _ symbol: String) async throws(CommandFailure) -> Digest {
            let placement = try Toolbox.placement()
            do throws(PlacementError) {
                let digest = try placement.inspectLibrary(path, exporting: [symbol])
                let worker = try await placement.placeLibrary(path, digest: digest, exporting: [symbol])
                await worker.shutdown()
                return digest
            } catch {
                throw CommandFailure(.pluginRefused, error.message)
            }
        }
    }

    struct ToolUnbind: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "unbind", abstract: "Takes a bound tool away.")

        @Argument(help: "The tool's name.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await HostSession.change(store) { [name] journal throws(JournalError) in try journal.toolUnbind(name) }
            let document: JSONValue = ["name": .string(name), "bound": false]
            Terminal.standard.line(output.json ? document.serialized() : "\(name) is not bound any more")
        }
    }
}
