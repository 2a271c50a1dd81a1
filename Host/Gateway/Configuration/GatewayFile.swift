package import Kernel

/// The operator's file about models, `gateway.json`, as read: complete and checked, or refused with the place of what is
/// wrong.
///
///     {
///       "providers": {"claude": {"api": "anthropic-messages", "keys": [{"vault": "claude"}], "prices": "anthropic"}},
///       "default": "claude/claude-sonnet-5-5",
///       "classes": {"fast": "claude/claude-haiku-5-5"}
///     }
package struct GatewayFile: Sendable {
    package static let maximumProviders = 64
    package static let maximumBytes = 1 << 20

    package var providers: [ProviderEntry]
    /// For requests that name no model.
    package var defaultModel: String?
    package var classes: [String: String]

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
        try top.finish()
        if let defaultModel { try checkModel(defaultModel, at: JSONPointer(tokens: ["default"])) }
        for (name, model) in classes.sorted(by: { $0.key < $1.key }) {
            try checkModel(model, at: JSONPointer(tokens: ["classes", name]))
        }
    }

    /// What requests and classes may name: `provider/model`, where `provider/` is that one's default model.
    private func checkModel(_ model: String, at place: JSONPointer) throws(Failure) {
        let provider = model.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let names = providers.map(\.settings.name) + [OfflineProvider.name]
        guard provider.count == 2, names.contains(provider[0]) else {
            throw MemberReader.wrong(
                place, "must be provider/model, with one of these providers: \(names.joined(separator: ", "))")
        }
    }

    /// With the prices and classes of this file; the offline model stays there beside its providers.
    package var settings: GatewaySettings {
        let first = defaultModel.flatMap { $0.split(separator: "/").first.map(String.init) }
        return GatewaySettings(
            defaultProvider: first ?? OfflineProvider.name, defaultModel: defaultModel, classes: classes,
            pricing: Dictionary(uniqueKeysWithValues: providers.map { ($0.settings.name, $0.pricing) }))
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
