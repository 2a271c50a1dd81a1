import Foundation
package import Kernel

/// One provider: what it speaks, where it is, and who calls.
package struct ProviderSettings: Sendable {
    /// The field in which a chat server takes the output limit. OpenAI's reasoning models refuse the older one; many
    /// other servers know no other.
    package enum OutputLimitField: String, Sendable {
        case maximumTokens = "max_tokens"
        case maximumCompletionTokens = "max_completion_tokens"
    }

    /// What a provider speaks.
    package enum API: Sendable {
        case openAIChat(OutputLimitField = .maximumTokens)
        case openAIResponses
        /// - Parameter inferenceRegion: sent as `inference_geo`.
        case anthropic(inferenceRegion: String? = nil)
        case bedrock(region: String)
        /// - Parameter version: of the API, a date.
        case azure(version: String)
    }

    /// As in "provider/model".
    package var name: String
    package var api: API
    /// Up to the version, as `https://api.openai.com/v1`.
    package var baseURL: String
    package var credential: ProviderCredential
    /// For requests without a model. Nil: such requests fail.
    package var defaultModel: String?
    /// Asked for with every call. Nil: not sent, and the server's own default is taken to be the standard one.
    package var service: ServiceTier?
    /// The most that an image counts here. Nil: ``ModelCallSize/tokensPerImage`` or its size.
    package var tokensPerImage: Int64?
    package var connectTimeoutMilliseconds: Int
    package var idleTimeoutSeconds: Int
    package var maximumResponseBytes: Int
    package var proxy: String?
    package var certificateFile: String?

    package init(
        name: String, api: API = .openAIChat(), baseURL: String, credential: ProviderCredential = .none,
        defaultModel: String? = nil, service: ServiceTier? = nil, tokensPerImage: Int64? = nil,
        connectTimeoutMilliseconds: Int = 10_000, idleTimeoutSeconds: Int = 120, maximumResponseBytes: Int = 16 << 20,
        proxy: String? = nil, certificateFile: String? = nil
    ) {
        self.name = name
        self.api = api
        self.baseURL = baseURL
        self.credential = credential
        self.defaultModel = defaultModel
        self.service = service
        self.tokensPerImage = tokensPerImage
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.idleTimeoutSeconds = idleTimeoutSeconds
        self.maximumResponseBytes = maximumResponseBytes
        self.proxy = proxy
        self.certificateFile = certificateFile
    }

    /// The base URL without a slash at its end.
    ///
    /// - Throws: `.invalid` for a name or URL that cannot be used, `.denied` for a key that would cross a network in
    ///   the clear.
    func checkedURL() throws(Failure) -> String {
        guard Name.isValid(name) else { throw Failure(.invalid, "\"\(name)\" is no name for a provider") }
        guard let parts = URLComponents(string: baseURL), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty, ["http", "https"].contains(scheme), parts.user == nil,
            parts.password == nil, parts.query == nil, parts.fragment == nil
        else { throw Failure(.invalid, "\(name): \"\(baseURL)\" is no http or https URL without user and query") }
        guard scheme == "https" || credential.isNone || Self.isLoopback(host) else {
            throw Failure(.denied, "\(name): a key is not sent over http to another machine; use https")
        }
        return baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    }

    var wire: any WireProtocol {
        switch api {
        case .openAIChat(let field): OpenAIChat(service: service, outputLimitField: field)
        case .openAIResponses: OpenAIResponses(service: service)
        case .anthropic(let region): AnthropicMessages(service: service, inferenceRegion: region)
        case .bedrock: BedrockConverse(service: service)
        case .azure(let version):
            OpenAIChat(service: service, outputLimitField: .maximumCompletionTokens, azureVersion: version)
        }
    }

    var keyHeader: KeyHeader {
        switch api {
        case .openAIChat, .openAIResponses, .bedrock: .bearer
        case .anthropic: KeyHeader(name: "x-api-key", prefix: "")
        case .azure: KeyHeader(name: "api-key", prefix: "")
        }
    }

    var region: String { if case .bedrock(let region) = api { region } else { "" } }

    private static func isLoopback(_ host: String) -> Bool {
        ["localhost", "::1", "[::1]"].contains(host.lowercased())
            || host.hasPrefix("127.") && host.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
    }
}
