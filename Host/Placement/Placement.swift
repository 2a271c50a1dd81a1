import Glibc
import Synchronization

/// Where plugins live: inspects files, and places them in a worker or inline.
///
/// ```swift
/// let placement = try Placement(workerPath: "/usr/lib/bureau/bureau-worker", settings: PlacementSettings())
/// let descriptor = try await placement.inspect("greeter.so")
/// let plugin = try await placement.place(descriptor, as: .worker)
/// ```
package final class Placement: Sendable {
    package let settings: PlacementSettings
    let supervisor: Supervisor
    let pool: WorkerPool
    private let known = KnownIsolation()

    /// - Parameter workerPath: the program `bureau-worker`, absolute.
    package init(workerPath: String, settings: PlacementSettings) throws(PlacementError) {
        guard access(workerPath, X_OK) == 0 else {
            throw PlacementError(.workerMissing, "\(workerPath): \(SystemError.text(errno))")
        }
        self.settings = settings
        supervisor = try Supervisor()
        pool = WorkerPool(workerPath: workerPath, settings: settings, supervisor: supervisor, known: known)
    }

    /// Ends the placement's own thread and the warm workers. Shut the plugins down first.
    deinit {
        pool.close()
        supervisor.stop()
    }

    /// The processes of the workers that wait for a plugin.
    package var warmProcessIDs: [Int32] { pool.processIDs }

    /// How the newest worker was confined that waited for a plugin or looked at a file: what this machine gives. Nil
    /// before the first one.
    package var isolation: SandboxReport? { known.report }

    /// Checks a file without running anything of it here, and asks it for its descriptor in a worker.
    package func inspect(_ path: String) async throws(PlacementError) -> PluginDescriptor {
        try await examine(path).descriptor
    }

    /// As ``inspect(_:)``, and keeps the sealed bytes: what was inspected can be placed, whatever happens to the file.
    package func examine(_ path: String) async throws(PlacementError) -> InspectedPlugin {
        let file = try open(path)
        let launcher = WorkerLauncher(plugin: file.sealed, pool: pool)
        let descriptor = try await Inspection.run(
            file, launcher: launcher, settings: settings, supervisor: supervisor, isolation: known)
        return InspectedPlugin(descriptor: descriptor, file: file)
    }

    /// Loads an inspected plugin and waits until it is ready.
    /// - Throws: `unreadable` when the file is not the inspected one any more; `loadFailed`.
    package func place(
        _ descriptor: PluginDescriptor, as kind: PlacementKind
    ) async throws(PlacementError) -> any PlacedPlugin {
        let file = try open(descriptor.path)
        guard file.digest == descriptor.digest else {
            throw PlacementError(.unreadable, "\(descriptor.path): changed since it was inspected")
        }
        return try await place(InspectedPlugin(descriptor: descriptor, file: file), as: kind)
    }

    /// Loads the bytes that were inspected and waits until the plugin is ready. Inline there are no limits of its own.
    package func place(
        _ inspected: InspectedPlugin, as kind: PlacementKind, limits: WorkerLimits = WorkerLimits()
    ) async throws(PlacementError) -> any PlacedPlugin {
        let (descriptor, file) = (inspected.descriptor, inspected.file)
        let launcher: any LaneLauncher
        switch kind {
        case .group(let name): return try await place(group: name, [(inspected, limits)])[0].get()
        case .worker: launcher = WorkerLauncher(plugin: file.sealed, pool: pool, limits: limits)
        case .inline:
            try checkToolchain(descriptor)
            launcher = InlineLauncher(plugin: file.sealed, settings: settings)
        }
        let plugin = HostedPlugin(
            descriptor: descriptor, kind: kind, launcher: launcher, settings: settings, supervisor: supervisor)
        do {
            try await plugin.start()
        } catch {
            await plugin.shutdown()
            throw error
        }
        return plugin
    }

    /// Two Swift runtimes, or two compilers' layouts, cannot share a process.
    private func checkToolchain(_ descriptor: PluginDescriptor) throws(PlacementError) {
        guard descriptor.toolchain.hasPrefix("swift-"), descriptor.toolchain != settings.toolchain else { return }
        throw PlacementError(
            .loadFailed,
            "\(descriptor.id) was built with \(descriptor.toolchain), this host with \(settings.toolchain): "
                + "place it in a worker")
    }
}

/// What the workers of one placement say about the machine.
final class KnownIsolation: Sendable {
    private let newest = Mutex<SandboxReport?>(nil)
    var report: SandboxReport? { newest.withLock { $0 } }
    func note(_ report: SandboxReport) { newest.withLock { $0 = report } }
}

/// A plugin file that was found sound, with its bytes as they were then.
package struct InspectedPlugin: Sendable {
    package let descriptor: PluginDescriptor
    let file: PluginFile
}
