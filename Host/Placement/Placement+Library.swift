import CLane
package import Kernel

/// A plain C library whose functions are called in a worker of their own, without a plugin around them. It is handed
/// over, watched and ended as a plugin is; a task's name is a symbol, its input the block of ``Kernel/NativeCall``.
extension Placement {
    /// What the adapter in the worker calls itself (`cnative/native.h`).
    private static let adapterID = "native"
    private static let adapterVersion = "1"
    /// Longer than any call may take.
    private static let noSilenceMilliseconds: UInt64 = 86_400_000

    /// The digest of a library that exports `functions`; nothing of it runs.
    package func inspectLibrary(
        _ path: String, exporting functions: [String]
    ) throws(PlacementError) -> Digest {
        try PluginFile.openLibrary(path, exporting: functions, limit: settings.pluginFileBytes).digest
    }

    /// Loads a library and waits until it is ready.
    ///
    /// - Parameter digest: what the file must be; nil takes it as it is.
    /// - Throws: `unreadable` when the file is another one; `loadFailed`.
    package func placeLibrary(
        _ path: String, digest: Digest?, exporting functions: [String]
    ) async throws(PlacementError) -> any PlacedPlugin {
        let file = try PluginFile.openLibrary(path, exporting: functions, limit: settings.pluginFileBytes)
        if let digest, file.digest != digest {
            throw PlacementError(
                .unreadable, "\(path) changed since it was bound: its SHA-256 was \(digest), now it is \(file.digest)")
        }
        var settings = settings
        let log = settings.log
        settings.log = { _, level, line in log("library \(path)", level, line) }
        // While a function computes nobody answers a ping; each call has a time limit instead.
        settings.silenceMilliseconds = Self.noSilenceMilliseconds
        let launcher = WorkerLauncher(plugin: file.sealed, pool: pool)
        let plugin = HostedPlugin(
            descriptor: Self.descriptor(of: file), kind: .worker, launcher: launcher, settings: settings,
            supervisor: supervisor)
        do {
            try await plugin.start()
        } catch {
            await plugin.shutdown()
            throw PlacementError(error.code, "\(path): \(error.message)")
        }
        return plugin
    }

    private static func descriptor(of file: PluginFile) -> PluginDescriptor {
        PluginDescriptor(
            path: file.path, digest: file.digest, id: adapterID, version: adapterVersion, toolchain: "c11",
            abiMajor: 1, abiMinor: 0,
            manifest: Manifest(
                department: adapterID, title: "", summary: "", tasks: [], wants: Manifest.Wants(),
                stateSchemaVersion: 1))
    }
}
