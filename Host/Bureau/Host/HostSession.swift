import Audit
import Engine
import Gateway
import HostConfiguration
import HostTools
import Journal
import Kernel
import Placement

/// Opens what commands work on, and turns every refusal into a ``CommandFailure``.
enum HostSession {
    /// A running host on the store. The caller shuts it down.
    ///
    /// - Parameters:
    ///   - folder: what the operator named as input, which tools may therefore read.
    ///   - others: how plugins are granted what they ask for that did not come with the host; nil: they wait for
    ///     `departments enable`. For one command, naming a file with `--plugins` is the operator's word.
    ///   - egress: where model calls are sent from, unless the options say it.
    ///   - adjust: what this command sets otherwise than others do.
    static func open(
        _ options: HostOptions, reading folder: String? = nil, granting others: Grant.Origin? = .run,
        egress: EgressPlace = .inProcess, adjust: (inout HostSettings) -> Void = { _ in }
    ) async throws(CommandFailure) -> HostRuntime {
        // Files that were named must work, and are looked at before anything is changed.
        if options.namesPlugins { try await Catalogue.requireSound(options) }
        do {
            var settings = try settings(options, reading: folder, granting: others, egress)
            adjust(&settings)
            return try await HostRuntime.open(settings)
        } catch let error as EngineError {
            throw CommandFailure(error)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.internal, "\(error)")
        }
    }

    /// The store, for questions only: works beside a running host.
    static func reading(_ options: StoreOptions) async throws(CommandFailure) -> SQLiteJournal {
        do {
            return try await SQLiteJournal.openReadOnly(folder: options.folder, clock: { SystemClock.now() })
        } catch {
            guard error.code == .notFound else { throw CommandFailure(error) }
            throw CommandFailure(.storeUnavailable, "there is no store in \(options.folder); a first run makes it")
        }
    }

    /// One question to the store.
    static func ask<Value: Sendable>(
        _ options: StoreOptions, _ question: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await reading(options)
        do {
            let value = try await journal.read(question)
            await journal.close()
            return value
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }

    /// One change to the store, without a host.
    static func change<Value: Sendable>(
        _ options: StoreOptions, _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await writing(options)
        do {
            let value = try await journal.write(body)
            await journal.close()
            return value
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }

    /// The same, for what somebody may or may not do.
    static func change<Value: Sendable>(
        _ options: StoreOptions, deciding access: AccessDecision,
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await writing(options)
        do {
            let value = try await journal.write(deciding: access, body)
            await journal.close()
            return value
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }

    /// The store for changes, without a host. The caller closes it.
    static func writing(_ options: StoreOptions) async throws(CommandFailure) -> SQLiteJournal {
        do {
            return try await SQLiteJournal.open(
                folder: options.folder, clock: { SystemClock.now() }, hostID: "bureau-command")
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Somebody who asks for PostgreSQL must not find the data in a folder.
    private static func requireSQLite(_ configuration: Configuration) throws(CommandFailure) {
        guard let url = configuration[Settings.databaseURL], !url.hasPrefix("sqlite:") else { return }
        guard !configuration.isGiven(Settings.storeFolder.setting) else { return }
        throw CommandFailure(
            .usage,
            "DATABASE_URL names PostgreSQL, and this build keeps its store in a folder: set "
                + "DATABASE_URL=sqlite:///FOLDER, or BUREAU_STORE, which goes before it")
    }

    private static func settings(
        _ options: HostOptions, reading folder: String?, granting others: Grant.Origin?, _ egress: EgressPlace
    ) throws(CommandFailure) -> HostSettings {
        let configuration = options.settings
        try Self.requireSQLite(configuration)
        let models = try ModelSetup(options, egress: egress)
        let named = configuration.paths(Settings.allowedFolders)
        let roots = (named.isEmpty ? [FilePath.currentFolder] : named) + [folder].compactMap { $0 }
        let tools = BuiltInTools.all(settings: ToolSettings(allowedRoots: roots))
        var origins: [String: Grant.Origin] = ["": .bundled]
        for path in options.namesPlugins ? options.pluginFiles : [] { origins[path] = others }
        for path in Installation.plugins { origins[path] = .bundled }
        var settings = HostSettings(
            storeFolder: options.storage.folder, pluginPaths: options.pluginFiles, workerPath: Installation.worker,
            placement: options.placement, placements: options.placements,
            providers: models.providers, priceBook: .builtIn, gateway: models.settings, tools: tools,
            grants: GrantPolicy(
                origins: origins, others: others == .grantAll ? others : nil, by: Environment.user),
            fetches: options.fetches)
        settings.vault = ModelSetup.vault(storeFolder: options.storage.folder)
        settings.maximumActiveRuns = configuration[Settings.maximumRuns]
        settings.defaultTimeoutSeconds = configuration[Settings.runTimeout]
        settings.gateway.defaultTimeoutMilliseconds = UInt64(configuration[Settings.modelTimeout]) * 1_000
        settings.space = SpaceOptions.settings(configuration)
        settings.auditOrigin = configuration[Settings.auditOrigin]
        let policy = try PolicyFile.read(configuration.path(Settings.policy), store: options.storage)
        settings.policy = policy.policy
        settings.files[.gateway] = models.digest
        settings.files[.policy] = policy.digest
        settings.files[.configuration] = configuration.digest
        settings.startedBy = Environment.user
        return settings
    }
}
