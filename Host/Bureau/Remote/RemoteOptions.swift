import ArgumentParser
import HostConfiguration
import Kernel

/// Whether a command asks a host that serves, and which.
struct RemoteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Ask the host that serves there, not the store (default: BUREAU_ADDRESS).", valueName: "url"))
    var address: String?

    @Option(
        help: ArgumentHelp(
            "Ask the host of this login (default: BUREAU_CONTEXT, or the current one of bureau contexts); local for "
                + "the store.", valueName: "name"))
    var context: String?

    @Option(help: ArgumentHelp("Certificates to trust instead of the system's, for https.", valueName: "file"))
    var caFile: String?

    static let local = "local"

    /// Nil: the store is meant. What the command line says goes before the environment, and a store that is named there
    /// before the current login.
    func host(beside store: StoreOptions) throws(CommandFailure) -> HostClient? {
        if let address { return try at(address) }
        if let context { return try logged(context) }
        if store.store != nil { return nil }
        if let address = Environment.value("BUREAU_ADDRESS") { return try at(address) }
        if let context = Environment.value("BUREAU_CONTEXT") { return try logged(context) }
        if Environment.value("BUREAU_STORE") != nil { return nil }
        guard let current = try HostContexts.read().current else { return nil }
        return try logged(current)
    }

    /// For commands that are about a host that serves and nothing else.
    func host() throws(CommandFailure) -> HostClient {
        let named = address ?? (context == nil ? Environment.value("BUREAU_ADDRESS") : nil)
        if let named { return try at(named) }
        var chosen = context ?? Environment.value("BUREAU_CONTEXT")
        if chosen == nil { chosen = try HostContexts.read().current }
        if let chosen, let host = try logged(chosen) { return host }
        return try at(Self.usual)
    }

    /// That of `bureau serve` by its settings.
    static var usual: String { "http://127.0.0.1:\(max(1, Configured.current[Settings.port]))" }

    /// A login to that address, where there is one.
    private func at(_ address: String) throws(CommandFailure) -> HostClient {
        let contexts = (try? HostContexts.read()) ?? HostContexts()
        let plain = Self.trimmed(address)
        let sorted = contexts.all.sorted { $0.key < $1.key }
        if let known = sorted.first(where: { Self.trimmed($0.value.url) == plain }) {
            return try HostClient(trusting(known.value), named: known.key)
        }
        return try HostClient(trusting(HostContext(url: plain)))
    }

    private func logged(_ name: String) throws(CommandFailure) -> HostClient? {
        guard name != Self.local else { return nil }
        return try HostClient(trusting(try HostContexts.read().named(name)), named: name)
    }

    private func trusting(_ context: HostContext) -> HostContext {
        var context = context
        context.certificateFile = caFile.map(FilePath.absolute) ?? context.certificateFile
        return context
    }

    static func trimmed(_ url: String) -> String {
        var url = url[...]
        while url.hasSuffix("/") { url = url.dropLast() }
        return String(url)
    }
}
