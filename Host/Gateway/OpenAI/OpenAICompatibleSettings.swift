import Foundation
package import Kernel

/// One server that speaks OpenAI's chat completions: OpenAI itself, another provider, or a server of one's own.
package struct OpenAICompatibleSettings: Sendable {
    /// The field in which a server takes the output limit. OpenAI's reasoning models refuse the older one; many other
    /// servers know no other.
    package enum OutputLimitField: String, Sendable {
        case maximumTokens = "max_tokens"
        case maximumCompletionTokens = "max_completion_tokens"
    }

    /// As in "provider/model".
    package var name: String
    /// Up to the version, as `https://api.openai.com/v1`.
    package var baseURL: String
    package var key: ProviderKey
    /// For requests without a model. Nil: such requests fail.
    package var defaultModel: String?
    /// Sent as `service_tier`. Nil: not sent, and the server's own default is taken to be the standard one.
    package var service: ServiceTier?
    package var outputLimitField: OutputLimitField
    package var connectTimeoutMilliseconds: Int
    package var idleTimeoutSeconds: Int
    package var maximumResponseBytes: Int
    package var proxy: String?
    package var certificateFile: String?

    package init(
        name: String, baseURL: String, key: ProviderKey = .none, defaultModel: String? = nil,
        service: ServiceTier? = nil, outputLimitField: OutputLimitField = .maximumTokens,
        connectTimeoutMilliseconds: Int = 10_000, idleTimeoutSeconds: Int = 120, maximumResponseBytes: Int = 16 << 20,
        proxy: String? = nil, certificateFile: String? = nil
    ) {
        self.name = name
        self.baseURL = baseURL
        self.key = key
        self.defaultModel = defaultModel
        self.service = service
        self.outputLimitField = outputLimitField
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.idleTimeoutSeconds = idleTimeoutSeconds
        self.maximumResponseBytes = maximumResponseBytes
        self.proxy = proxy
        self.certificateFile = certificateFile
    }

    /// - Throws: `.invalid` for a name or URL that cannot be used, `.denied` for a key that would cross a network in
    ///   the clear.
    func checked() throws(Failure) -> String {
        guard Name.isValid(name) else { throw Failure(.invalid, "\"\(name)\" is no name for a provider") }
        guard let parts = URLComponents(string: baseURL), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty, ["http", "https"].contains(scheme), parts.user == nil,
            parts.password == nil, parts.query == nil, parts.fragment == nil
        else { throw Failure(.invalid, "\(name): \"\(baseURL)\" is no http or https URL without user and query") }
        guard scheme == "https" || key.isNone || Self.isLoopback(host) else {
            throw Failure(.denied, "\(name): a key is not sent over http to another machine; use https")
        }
        return baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    }

    private static func isLoopback(_ host: String) -> Bool {
        ["localhost", "::1", "[::1]"].contains(host.lowercased())
            || host.hasPrefix("127.") && host.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 }
    }
}
