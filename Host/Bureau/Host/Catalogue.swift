import Engine
import HostTools
import Journal
import Kernel
import Placement

/// The plugins that a host would run, looked at without one: each file is described by a worker, and the store, where
/// there is one, says which departments the operator turned off.
struct Catalogue {
    struct Entry: Sendable {
        var path: String
        var result: Result<PluginDescriptor, PlacementError>
        var enabled: Bool
        /// Active, and of this file.
        var quarantine: Quarantine?
        /// Oldest first.
        var grants: [GrantRecord] = []
        var placement: PlacementKind
        /// As which the file was installed; nil: it was named, or came with the command.
        var installed: InstallRecord?
        /// How the worker that looked at it was confined.
        var isolation: SandboxReport?

        var name: String {
            switch result {
            case .success(let descriptor): descriptor.manifest.department
            case .failure: installed?.department ?? FilePath.name(path)
            }
        }
        var descriptor: PluginDescriptor? { try? result.get() }

        var standing: GrantStanding {
            guard let descriptor else { return .needless }
            let inForce = grants.last.flatMap { $0.isRevoked ? nil : $0.grant }
            let standing = GrantStanding(
                of: descriptor.manifest.wants, plugin: descriptor.id, inForce: inForce,
                readOnlyTools: ReadOnlyTools.names)
            // What came with the host is granted by its first start.
            return standing.isMissing && grants.isEmpty && Installation.plugins.contains(path) ? .needless : standing
        }
    }

    let entries: [Entry]
    /// What workers on this machine have; nil when none could be started.
    let isolation: SandboxReport?

    static func load(_ options: HostOptions) async throws(CommandFailure) -> Catalogue {
        let records = try? await HostSession.ask(options.storage) { journal throws(JournalError) in
            (try journal.departments(), try journal.grants(department: nil), try journal.installs())
        }
        let disabled = Set((records?.0 ?? []).filter { !$0.enabled }.map(\.name))
        let quarantines = try? await HostSession.ask(options.storage) { journal throws(JournalError) in
            try journal.quarantines()
        }
        let installed = InstalledPlugins(records?.2 ?? [], storeFolder: options.storage.folder)
        let placement = try placement(options, pins: installed.pins)
        var entries: [Entry] = []
        for path in options.pluginFiles + installed.paths {
            let record = installed.records.first { installed.path(of: $0.library) == path }
            // As the host does: a file that was named comes before what is installed.
            if let record, entries.contains(where: { $0.name == record.department }) { continue }
            let result = await inspect(path, placement)
            var entry = Entry(path: path, result: result, enabled: true, placement: options.placement.general)
            entry.installed = record
            let stored = (records?.0 ?? []).first { $0.name == entry.name }
            entry.placement = options.placement.kind(of: entry.name, stored: stored?.placement)
            entry.isolation = entry.placement == .inline ? nil : placement.isolation
            entry.enabled = !disabled.contains(entry.name)
            entry.grants = (records?.1 ?? []).filter { $0.grant.department == entry.name }
            entry.quarantine = (quarantines ?? []).first {
                $0.isActive && $0.department == entry.name && $0.build == entry.descriptor?.digest
            }
            entries.append(entry)
        }
        let names = Set(entries.map(\.name))
        // A file that was refused may be the one that is meant.
        if let unknown = options.placement.departments.keys.sorted().first(where: { !names.contains($0) }),
            !entries.contains(where: { $0.descriptor == nil })
        {
            throw CommandFailure(
                .notFound,
                "--placement: no department \(unknown); there are: \(names.sorted().joined(separator: ", "))")
        }
        return Catalogue(entries: entries.sorted { $0.name < $1.name }, isolation: placement.isolation)
    }

    /// Each file is described, and makes one instance in a worker, as it will for its first run.
    static func requireSound(_ options: HostOptions) async throws(CommandFailure) {
        let placement = try placement(options)
        for path in options.pluginFiles {
            do throws(PlacementError) {
                let plugin = try await placement.place(try await placement.inspect(path), as: .worker)
                let problem = await firstProblem(plugin)
                await plugin.shutdown()
                if let problem { throw problem }
            } catch {
                throw CommandFailure(.pluginRefused, "plugin \(path): \(error.message)")
            }
        }
    }

    /// A default agent that needs more than an empty configuration is no reason to refuse the file; a breach of the
    /// boundary's rules is.
    private static func firstProblem(_ plugin: any PlacedPlugin) async -> PlacementError? {
        do {
            await plugin.destroyInstance(try await plugin.createInstance(configuration: Array("{}".utf8)))
            return nil
        } catch {
            return error.code == .calledHostBeforeSetup ? error : nil
        }
    }

    func department(_ name: String) throws(CommandFailure) -> Entry {
        if let entry = entries.first(where: { $0.name == name }) { return entry }
        let names = entries.filter { $0.descriptor != nil }.map(\.name).joined(separator: ", ")
        throw CommandFailure(.notFound, "no department \(name); there are: \(names.isEmpty ? "none" : names)")
    }

    /// Who shares its process, where that is asked for.
    func companions(of entry: Entry) -> [String] {
        guard case .group = entry.placement else { return [] }
        return entries.filter { $0.placement == entry.placement && $0.name != entry.name }.map(\.name)
    }

    static func placement(
        _ options: HostOptions, pins: [String: PluginPin] = [:]
    ) throws(CommandFailure) -> Placement {
        var settings = options.placements
        settings.pins = pins
        do {
            return try Placement(workerPath: Installation.worker, settings: settings)
        } catch {
            throw CommandFailure(.pluginRefused, error.message)
        }
    }

    private static func inspect(
        _ path: String, _ placement: Placement
    ) async -> Result<PluginDescriptor, PlacementError> {
        do {
            return .success(try await placement.inspect(path))
        } catch {
            return .failure(error)
        }
    }
}

/// The host's tools that need no grant, for the words in which wishes are shown.
enum ReadOnlyTools {
    static let names = Set(
        BuiltInTools.all(settings: ToolSettings(allowedRoots: [])).filter { !$0.needsGrant }.map(\.name))
}
