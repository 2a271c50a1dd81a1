import Engine
import Kernel
import Placement

extension HostSession {
    /// A host that performs model calls and nothing else: it loads no department and takes up no run. The caller
    /// shuts it down.
    static func openForCalls(
        _ store: StoreOptions, models: ModelServerOptions
    ) async throws(CommandFailure) -> HostRuntime {
        let setup = try ModelSetup(storeFolder: store.folder, models: models)
        var settings = HostSettings(
            storeFolder: store.folder, pluginPaths: [], workerPath: Installation.worker, maximumActiveRuns: 0,
            providers: setup.providers, priceBook: .builtIn, gateway: setup.settings)
        settings.policy = try PolicyFile.read(nil, store: store).policy
        do {
            return try await HostRuntime.open(settings)
        } catch {
            throw CommandFailure(error)
        }
    }
}
