package import Kernel

/// One member of `/providers`.
package struct ProviderEntry: Sendable {
    package var settings: ProviderSettings
    package var pricing: ProviderPricing
    /// What may go to it at a time. Nil: no limit of the operator's.
    package var traffic: TrafficLimits?

    package init(settings: ProviderSettings, pricing: ProviderPricing) {
        self.settings = settings
        self.pricing = pricing
    }

    private enum Kind: CaseIterable {
        case openAIChat, openAIResponses, anthropic, bedrock, azure

        static let names: [(name: String, value: Kind)] = [
            ("openai-chat", .openAIChat), ("openai-responses", .openAIResponses), ("anthropic-messages", .anthropic),
            ("bedrock-converse", .bedrock), ("azure-openai", .azure),
        ]

        /// Nil: every server has its own.
        func baseURL(region: String) -> String? {
            switch self {
            case .openAIChat, .openAIResponses: "https://api.openai.com/v1"
            case .anthropic: "https://api.anthropic.com/v1"
            case .bedrock: "https://bedrock-runtime.\(region).amazonaws.com"
            case .azure: nil
            }
        }
    }

    static func all(
        _ reader: MemberReader?, _ environment: ConfigurationEnvironment
    ) throws(Failure) -> [ProviderEntry] {
        guard let reader else { return [] }
        let readers = try reader.readers()
        guard readers.count <= GatewayFile.maximumProviders else {
            throw MemberReader.wrong(reader.place, "has more than \(GatewayFile.maximumProviders) members")
        }
        var entries = [ProviderEntry]()
        for (name, reader) in readers {
            guard Name.isValid(name), name != OfflineProvider.name else {
                throw MemberReader.wrong(
                    reader.place, "is no name for a provider: lower-case letters, digits and hyphens, and not offline")
            }
            entries.append(try ProviderEntry(name: name, reader, environment))
        }
        return entries
    }

    private init(
        name: String, _ reader: MemberReader, _ environment: ConfigurationEnvironment
    ) throws(Failure) {
        var reader = reader
        guard let kind = try reader.choice("api", of: Kind.names) else {
            throw reader.missing("api", "one of \(Kind.names.map(\.name).joined(separator: ", "))")
        }
        let region = kind == .bedrock ? try reader.string("region") : nil
        if kind == .bedrock, region == nil { throw reader.missing("region", "as us-east-1") }
        guard let url = try reader.string("base_url") ?? kind.baseURL(region: region ?? "") else {
            throw reader.missing("base_url", "as https://<resource>.openai.azure.com")
        }
        settings = ProviderSettings(
            name: name, api: try Self.api(kind, region: region ?? "", &reader), baseURL: url,
            credential: try CredentialEntry.credential(&reader, takesAmazonKeys: kind == .bedrock, environment))
        settings.defaultModel = try reader.string("default_model")
        settings.service = try reader.choice("service", of: ServiceTier.allCases.map { ($0.rawValue, $0) })
        settings.proxy = try reader.string("proxy")
        settings.certificateFile = try reader.string("ca_file").map(environment.path)
        traffic = try Self.readLimits(&reader, into: &settings)
        pricing = try Self.pricing(&reader) ?? .book(provider: name)
        try reader.finish()
        do {
            _ = try settings.checkedURL()
        } catch {
            throw MemberReader.wrong(reader.place.appending("base_url"), "cannot be used: \(error.message)")
        }
    }

    private static func api(
        _ kind: Kind, region: String, _ reader: inout MemberReader
    ) throws(Failure) -> ProviderSettings.API {
        switch kind {
        case .openAIChat:
            let fields: [ProviderSettings.OutputLimitField] = [.maximumTokens, .maximumCompletionTokens]
            let field = try reader.choice("output_limit_field", of: fields.map { ($0.rawValue, $0) })
            return .openAIChat(field ?? .maximumCompletionTokens)
        case .openAIResponses: return .openAIResponses
        case .anthropic: return .anthropic(inferenceRegion: try reader.string("inference_geo"))
        case .bedrock: return .bedrock(region: region)
        case .azure:
            guard let version = try reader.string("api_version") else {
                throw reader.missing("api_version", "the date of the API, as 2024-10-21")
            }
            return .azure(version: version)
        }
    }

    private static func readLimits(
        _ reader: inout MemberReader, into settings: inout ProviderSettings
    ) throws(Failure) -> TrafficLimits? {
        guard var limits = try reader.reader("limits") else { return nil }
        if let seconds = try limits.integer("connect_seconds", in: 1...600) {
            settings.connectTimeoutMilliseconds = Int(seconds) * 1000
        }
        if let seconds = try limits.integer("idle_seconds", in: 1...3600) { settings.idleTimeoutSeconds = Int(seconds) }
        if let bytes = try limits.integer("answer_bytes", in: 1024...(1 << 30)) {
            settings.maximumResponseBytes = Int(bytes)
        }
        settings.tokensPerImage = try limits.integer("image_tokens", in: 1...10_000_000)
        let traffic = try TrafficEntry.limits(&limits)
        try limits.finish()
        return traffic
    }

    /// `"free"`, a provider of the price book, or `{"book": …, "models": {"alias": "model of the book"}}`.
    private static func pricing(_ reader: inout MemberReader) throws(Failure) -> ProviderPricing? {
        switch reader.value("prices") {
        case nil: return nil
        case "free": return .free
        case .string(let book): return .book(provider: book)
        default:
            guard var prices = try reader.reader("prices"), let book = try prices.string("book") else {
                throw MemberReader.wrong(
                    reader.place.appending("prices"),
                    "must be \"free\", a provider of the price book, or have \"book\"")
            }
            let models = try prices.names("models")
            try prices.finish()
            return .book(provider: book, models: models)
        }
    }
}
