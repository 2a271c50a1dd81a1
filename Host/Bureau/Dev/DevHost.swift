import Engine
import Kernel
import Placement

/// The private host of the loop with the author's plugin in it.
struct DevHost: Sendable {
    /// An author waits for the other end: a run that goes on longer is cut.
    private static let drainSeconds = 1

    let runtime: HostRuntime
    let department: String

    /// The plugin gets whatever it asks for, and no number of crashes puts it into quarantine: its author is here.
    static func open(
        _ options: HostOptions, library: String, reading folder: String, crashes: CrashDesk, reporter: DevReporter
    ) async throws(CommandFailure) -> DevHost {
        var options = options
        options.plugins.insert(library, at: 0)
        let runtime = try await HostSession.open(options, reading: folder, granting: .grantAll) { settings in
            settings.crashLimit = CrashHistory.Limit(crashes: .max)
            settings.placements.crashed = { crashes.note($0) }
            settings.placements.log = { plugin, level, text in
                guard !isToldAsEvent(text, plugin) else { return }
                reporter.tell(.pluginOutput(level: "\(level)", text: text))
            }
        }
        let place = FilePath.link(library)
        let found = await runtime.departments().first { FilePath.link($0.path) == place }
        guard let found, found.problem == nil else {
            await runtime.shutdown()
            throw CommandFailure(.pluginRefused, found?.problem ?? "\(library) is not a department")
        }
        return DevHost(runtime: runtime, department: found.name)
    }

    /// The host's own lines on losses and reloads go the same way as what a plugin writes.
    private static func isToldAsEvent(_ text: String, _ plugin: String) -> Bool {
        if text.hasPrefix("plugin \(plugin) ") { return true }
        let rest = text.drop { $0 != ":" }
        return rest.hasPrefix(": generation ") || rest.hasPrefix(": reload to ")
    }

    enum Reload: Sendable {
        case replaced(ReloadReport)
        case unchanged
        /// The new file cannot take over from the old one, for a reason that a fresh host does not have.
        case needsFreshHost(String)
    }

    func reload() async throws(CommandFailure) -> Reload {
        do {
            return .replaced(try await runtime.reload(department, drainSeconds: Self.drainSeconds))
        } catch {
            switch error.code {
            case .conflict: return .unchanged
            // Another id or department; or calls of the old code that never end.
            case .reloadFailed(.admit), .reloadFailed(.quiesce): return .needsFreshHost(error.message)
            default: throw CommandFailure(error)
            }
        }
    }

    var status: DepartmentStatus? {
        get async { await runtime.departments().first { $0.name == department } }
    }
}
