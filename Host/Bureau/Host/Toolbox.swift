import Engine
import HostConfiguration
import HostTools
import Journal
import Kernel
import Placement

/// The tools that a host would offer, without one: built in, bound by the operator, and offered by plugins.
struct Toolbox {
    struct Entry {
        var tool: any HostTool
        /// `built in`, `bound`, or the department's name.
        var source: String
        var binding: ToolBindingRecord?

        var native: NativeTool? { tool as? NativeTool }
    }

    /// By name.
    let entries: [Entry]
    private let natives: NativeTools

    /// - Parameter name: a tool that is looked for: plugins are inspected only when no other tool has that name.
    static func load(_ options: HostOptions, looking name: String? = nil) async throws(CommandFailure) -> Toolbox {
        var bindings: [ToolBindingRecord] = []
        if FilePath.exists(options.storage.folder) {
            bindings = try await HostSession.ask(options.storage) { journal throws(JournalError) in
                try journal.toolBindings()
            }
        }
        let named = options.settings.paths(Settings.allowedFolders)
        let roots = named.isEmpty ? [FilePath.currentFolder] : named
        let builtIn = BuiltInTools.all(settings: ToolSettings(allowedRoots: roots))
        let known = Swift.Set(bindings.map(\.name) + builtIn.map(\.name))
        var plugins: [PluginDescriptor] = []
        if name.map({ !known.contains($0) }) ?? true {
            let catalogue = try await Catalogue.load(options)
            plugins = catalogue.entries.filter(\.enabled).compactMap(\.descriptor)
        }
        let placement = try placement()
        let natives = NativeTools(placement: placement, bindings: bindings, plugins: plugins)
        var entries = builtIn.map { Entry(tool: $0, source: "built in", binding: nil) }
        for tool in natives.tools {
            let binding = bindings.first { $0.name == tool.name }
            let department = tool.name.split(separator: ".").first.map(String.init) ?? tool.name
            entries.append(Entry(tool: tool, source: binding == nil ? department : "bound", binding: binding))
        }
        return Toolbox(entries: entries.sorted { $0.tool.name < $1.tool.name }, natives: natives)
    }

    func tool(_ name: String) throws(CommandFailure) -> Entry {
        if let entry = entries.first(where: { $0.tool.name == name }) { return entry }
        let names = entries.map(\.tool.name).joined(separator: ", ")
        throw CommandFailure(.notFound, "no tool \(name); there are: \(names)")
    }

    func shutdown() async { await natives.shutdown() }

    static func placement() throws(CommandFailure) -> Placement {
        do {
            return try Placement(workerPath: Installation.worker, settings: PlacementSettings())
        } catch {
            throw CommandFailure(.pluginRefused, error.message)
        }
    }
}

extension Toolbox.Entry {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(tool.name), "summary": .string(tool.summary), "source": .string(source),
            "read_only": .bool(tool.isReadOnly), "arguments_schema": tool.argumentsSchema,
            "result_schema": tool.resultSchema,
        ]
        if let native {
            members["library"] = .string(native.path)
            members["signature"] = .string(native.signature.text)
            members["timeout_ms"] = .integer(Int64(clamping: native.timeoutMilliseconds))
        }
        if let binding {
            members["digest"] = .string(binding.digest.hex)
            members["follow_upgrades"] = .bool(binding.followsUpgrades)
        }
        return .object(members)
    }

    var definition: JSONValue {
        FunctionDefinition.openAI(name: tool.name, summary: tool.summary, parameters: tool.argumentsSchema)
    }
}
