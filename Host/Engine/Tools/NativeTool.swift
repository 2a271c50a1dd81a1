package import HostTools
package import Journal
package import Kernel
package import Placement

/// A C function as a tool: its signature gives the schemas, a worker of its own makes the call.
package struct NativeTool: HostTool {
    /// As for a plugin's message (`bureau/base.h`), with room for what stands around the result.
    private static let maximumResultBytes = 15_000_000

    package let name: String
    package let summary: String
    package let signature: NativeSignature
    /// A pure function may be called again after a crash.
    package let isReadOnly: Bool
    package let timeoutMilliseconds: UInt64
    package var path: String { library.path }
    private let library: NativeLibrary

    init(
        name: String, summary: String, signature: NativeSignature, isReadOnly: Bool, timeoutMilliseconds: UInt64,
        library: NativeLibrary
    ) {
        self.name = name
        self.summary = summary
        self.signature = signature
        self.isReadOnly = isReadOnly
        self.timeoutMilliseconds = timeoutMilliseconds
        self.library = library
    }

    package var argumentsSchema: JSONValue { signature.argumentsSchema }
    package var resultSchema: JSONValue { signature.resultSchema }

    package func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
        do throws(Failure) {
            let call = try signature.call(arguments)
            let answer = try await library.call(
                signature.symbol, call.block, timeoutMilliseconds: timeoutMilliseconds)
            let result = try call.result(answer)
            guard result.bytes.count <= Self.maximumResultBytes else {
                throw Failure(.tooLarge, "the result has more than \(Self.maximumResultBytes) bytes as JSON")
            }
            return result
        } catch {
            throw Failure(error.status, "tool \(name): \(error.message)")
        }
    }
}

/// All native tools of a host, by the libraries they are in: what the operator bound, and what plugins offer.
package final class NativeTools: Sendable {
    package static let defaultTimeoutSeconds = 10

    /// By name.
    package let tools: [NativeTool]
    private let libraries: [NativeLibrary]

    private struct Source: Hashable {
        var path: String
        var digest: Digest?
    }

    private struct Function {
        var name: String
        var summary: String
        var signature: NativeSignature
        var isReadOnly: Bool
        var timeoutMilliseconds: UInt64
        var source: Source
    }

    /// - Parameter plugins: those whose functions are offered; the library is the plugin's file, in another worker.
    package init(placement: Placement, bindings: [ToolBindingRecord], plugins: [PluginDescriptor]) {
        let functions = bindings.compactMap(Self.function) + plugins.flatMap(Self.functions)
        var libraries: [Source: NativeLibrary] = [:]
        for (source, members) in Dictionary(grouping: functions, by: \.source) {
            libraries[source] = NativeLibrary(
                path: source.path, digest: source.digest, functions: members.map(\.signature.symbol),
                placement: placement)
        }
        self.libraries = Array(libraries.values)
        tools = functions.compactMap { function in
            libraries[function.source].map { library in
                NativeTool(
                    name: function.name, summary: function.summary, signature: function.signature,
                    isReadOnly: function.isReadOnly, timeoutMilliseconds: function.timeoutMilliseconds,
                    library: library)
            }
        }.sorted { $0.name < $1.name }
    }

    package func shutdown() async {
        for library in libraries { await library.shutdown() }
    }

    /// Nil for a signature that this version does not read: the journal holds only such as were read once.
    private static func function(_ binding: ToolBindingRecord) -> Function? {
        guard let signature = try? NativeSignature(binding.signature) else { return nil }
        return Function(
            name: binding.name, summary: binding.summary, signature: signature,
            isReadOnly: !binding.hasSideEffects, timeoutMilliseconds: UInt64(max(1, binding.timeoutMilliseconds)),
            source: Source(path: binding.path, digest: binding.followsUpgrades ? nil : binding.digest))
    }

    private static func functions(_ plugin: PluginDescriptor) -> [Function] {
        plugin.manifest.native.map { native in
            Function(
                name: native.name, summary: native.summary, signature: native.signature, isReadOnly: true,
                timeoutMilliseconds: UInt64(native.timeoutSeconds ?? defaultTimeoutSeconds) * 1_000,
                source: Source(path: plugin.path, digest: plugin.digest))
        }
    }
}
