import Engine
import Gateway
import HostConfiguration
import Kernel

/// Which models a host offers: the built-in offline one, those of the gateway file, and the server that was named
/// on the command line, which is then the default.
struct ModelSetup {
    /// The server's name as in `server/model`, and the variable that holds its key.
    private static let serverName = "server"
    private static let keyVariable = "BUREAU_MODEL_KEY"
    private static let fileName = "gateway.json"

    let providers: [any ModelProvider]
    let settings: GatewaySettings
    /// What providers were set up from, without the offline one.
    let entries: [ProviderEntry]
    /// Of the gateway file; nil without one.
    let digest: Digest?
    /// Where calls are sent from, as the file says; nil: as the command does.
    let egress: EgressPlace?

    /// What sends the calls of all providers, by what the file says about it.
    typealias MakeSender = (EgressPlace?) throws(Failure) -> any HTTPSender

    /// - Parameter egress: where calls are sent from, unless the options or the file say it.
    init(_ options: HostOptions, egress: EgressPlace) throws(CommandFailure) {
        try self.init(storeFolder: options.storage.folder, models: options.models) { named throws(Failure) in
            try (options.egressPlace ?? named ?? egress).sender(store: options.storage.folder)
        }
    }

    /// - Parameter sender: without it, for looking and not for calls.
    init(
        storeFolder: String, models: ModelServerOptions,
        sender: MakeSender = { _ throws(Failure) in try CurlClient() }
    ) throws(CommandFailure) {
        let (file, digest) = try Self.file(storeFolder: storeFolder, named: models.gateway) ?? (nil, nil)
        self.digest = digest
        var settings = file?.settings ?? GatewaySettings()
        var entries = file?.providers ?? []
        if let address = models.modelServer {
            guard !entries.contains(where: { $0.settings.name == Self.serverName }) else {
                throw CommandFailure(
                    .usage, "--model-server stands for a provider \"server\", which the gateway file has")
            }
            let hasKey = Environment.value(Self.keyVariable) != nil
            let key = ProviderKeyEntry(id: Self.keyVariable, key: .environment(Self.keyVariable))
            // A server of one's own has no price; one that needs a key is billed, and must be in the price book.
            let pricing: ProviderPricing = hasKey ? .book(provider: models.priceAs) : .free
            entries.append(
                ProviderEntry(
                    settings: ProviderSettings(
                        name: Self.serverName, baseURL: address, credential: hasKey ? .keys([key]) : .none,
                        defaultModel: models.model),
                    pricing: pricing))
            settings.defaultProvider = Self.serverName
            settings.defaultModel = nil
            settings.pricing[Self.serverName] = pricing
        }
        self.entries = entries
        egress = file?.egress
        do {
            if let cache = file?.cache, cache.rule.mode != .off {
                let folder = try cache.folder.map { path throws(Failure) in
                    try CacheFolder(path: path, now: { SystemClock.now() })
                }
                settings.cache = ResponseCache(cache.rule, folder: folder)
            }
            self.settings = settings
            var providers: [any ModelProvider] = [OfflineProvider()]
            if !entries.isEmpty {
                let client = try sender(file?.egress)
                for entry in entries { providers.append(try HTTPProvider(entry.settings, client: client)) }
            }
            self.providers = providers
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }

    /// The vault of a store, and the file with its key, unless the environment has that.
    static func vault(storeFolder: String) -> KeyVault {
        KeyVault(path: storeFolder + "/keys.vault", keyPath: storeFolder + "/keys.vault-key")
    }

    /// One provider by the settings, where there is no file; what they say is the file that they stand for.
    private static func simple(
        _ configuration: Configuration, storeFolder: String
    ) throws(CommandFailure) -> (GatewayFile?, Digest?)? {
        guard let document = SimpleGateway.document(configuration) else { return nil }
        let bytes = document.bytes
        do {
            let file = try GatewayFile(
                bytes,
                environment: ConfigurationEnvironment(folder: storeFolder, vault: vault(storeFolder: storeFolder)))
            return (file, Digest.sha256(bytes))
        } catch {
            let source = configuration.source(Settings.provider.setting).words
            throw CommandFailure(.badInput, "models.provider (\(source)): \(error.message)")
        }
    }

    /// Nil when none was named and the store has none.
    private static func file(
        storeFolder: String, named: String?
    ) throws(CommandFailure) -> (GatewayFile?, Digest?)? {
        let configuration = Configured.current
        let chosen = named.map(FilePath.absolute) ?? configuration.path(Settings.gateway)
        let path = chosen ?? "\(storeFolder)/\(fileName)"
        guard chosen != nil || FilePath.exists(path) else {
            return try simple(configuration, storeFolder: storeFolder)
        }
        let bytes: [UInt8]
        switch FilePath.read(path, maximumBytes: GatewayFile.maximumBytes) {
        case .success(let content): bytes = content
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        }
        do {
            let file = try GatewayFile(
                bytes,
                environment: ConfigurationEnvironment(
                    folder: FilePath.parent(path), vault: vault(storeFolder: storeFolder)))
            return (file, Digest.sha256(bytes))
        } catch {
            throw CommandFailure(.badInput, "\(path): \(error.message)")
        }
    }
}
