package import Kernel

/// The operator's file about models, `gateway.json`, as read: complete and checked, or refused with the place of
/// what is wrong.
///
///     {
///       "providers": {"claude": {"api": "anthropic-messages", "keys": [{"vault": "claude"}], "prices": "anthropic"}},
///       "default": "claude/claude-sonnet-5-5",
///       "classes": {"fast": "claude/claude-haiku-5-5", "careful": "two-clouds"},
///       "routes": {"two-clouds": {"targets": ["claude/claude-opus-5-5"], "fallbacks": ["azure/gpt-6"]}},
///       "cache": {"mode": "deterministic", "seconds": 86400}
///     }
///
/// `egress` is one of ``EgressPlace``. The members of `routes` and `cache` are in ``RouteEntry`` and ``CacheEntry``.
package struct GatewayFile: Sendable {
    package static let maximumProviders = 64
    package static let maximumBytes = 1 << 20

    package var providers: [ProviderEntry]
    /// For requests that name no model.
    package var defaultModel: String?
    package var classes: [String: String]
    package var routes: [String: Route]
    /// Nil: nothing is cached. Its folder is absolute.
    package var cache: CacheEntry?
    package var unknownModels: UnknownModels

    /// Where calls are sent from; nil: as the command does.
    package var egress: EgressPlace?

    /// - Parameters:
    ///   - environment: where names of secrets lead.
    /// - Throws: `.invalid`, with a JSON pointer and what to do.
    package init(_ bytes: [UInt8], environment: ConfigurationEnvironment) throws(Failure) {
        let document: JSONValue
        do {
            document = try JSONParser.parse(bytes, limits: JSONLimits(maximumBytes: Self.maximumBytes))
        } catch {
            throw Failure(.invalid, "\(error)")
        }
        var top = try MemberReader(document, at: JSONPointer())
        providers = try ProviderEntry.all(try top.reader("providers"), environment)
        defaultModel = try top.string("default")
        classes = try top.names("classes")
        routes = try RouteEntry.all(top.value("routes"), at: JSONPointer(tokens: ["routes"]))
        cache = try CacheEntry(top.value("cache"), at: JSONPointer(tokens: ["cache"]))
        if let folder = cache?.folder { cache?.folder = environment.path(folder) }
        egress = try EgressPlace.read(try top.string("egress"), at: JSONPointer(tokens: ["egress"]))
        unknownModels = try UnknownModelsEntry.policy(
            top.value("unknown_models"), at: JSONPointer(tokens: ["unknown_models"]))
        try top.finish()
        for route in routes.values.sorted(by: { $0.name < $1.name }) { try checkTargets(of: route) }
        if let defaultModel { try checkModel(defaultModel, at: JSONPointer(tokens: ["default"])) }
        for (name, model) in classes.sorted(by: { $0.key < $1.key }) {
            try checkModel(model, at: JSONPointer(tokens: ["classes", name]))
        }
    }

    private func checkTargets(of route: Route) throws(Failure) {
        let models = route.targets.map(\.model) + route.fallbacks + (route.canary.map { [$0.model] } ?? [])
        for model in models { try checkProvider(of: model, at: JSONPointer(tokens: ["routes", route.name])) }
    }

    /// What requests and classes may name: a route, or `provider/model`, where `provider/` is that one's default model.
    private func checkModel(_ model: String, at place: JSONPointer) throws(Failure) {
        if routes[model] == nil { try checkProvider(of: model, at: place) }
    }

    private func checkProvider(of model: String, at place: JSONPointer) throws(Failure) {
        let provider = model.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let names = providers.map(\.settings.name) + [OfflineProvider.name]
        guard provider.count == 2, names.contains(provider[0]) else {
            throw MemberReader.wrong(
                place,
                "must be provider/model or a route, with one of these providers: \(names.joined(separator: ", "))")
        }
    }

    /// With the prices and classes of this file; the offline model stays there beside its providers.
    package var settings: GatewaySettings {
        let first = defaultModel.flatMap { model in
            routes[model] == nil ? model.split(separator: "/").first.map(String.init) : nil
        }
        var settings = GatewaySettings(
            defaultProvider: first ?? OfflineProvider.name, defaultModel: defaultModel, classes: classes,
            pricing: Dictionary(uniqueKeysWithValues: providers.map { ($0.settings.name, $0.pricing) }))
        settings.routing.routes = routes
        settings.unknownModels = unknownModels
        for provider in providers { settings.routing.limits[provider.settings.name] = provider.traffic }
        return settings
    }
}

/// Where the file's references to secrets lead.
package struct ConfigurationEnvironment: Sendable {
    /// Relative paths are below it.
    package var folder: String
    package var vault: KeyVault

    package init(folder: String, vault: KeyVault) {
        self.folder = folder
        self.vault = vault
    }

    func path(_ text: String) -> String { text.hasPrefix("/") ? text : "\(folder)/\(text)" }
}
