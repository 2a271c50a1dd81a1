import Foundation
package import Kernel

/// How a provider is shown who calls.
package enum ProviderCredential: Sendable {
    /// A server that wants nothing.
    case none
    /// One of several keys, in the header that this kind of provider wants.
    case keys([ProviderKeyEntry])
    /// Requests are signed.
    case amazon(AmazonKeys)

    package var isNone: Bool {
        switch self {
        case .none: true
        case .keys(let entries): entries.isEmpty
        case .amazon: false
        }
    }

    /// What one request is sent with.
    ///
    /// - Parameter id: of the key that was chosen, where there are keys.
    func credential(key id: String?, header: KeyHeader, region: String) -> RequestCredential? {
        switch self {
        case .none: nil
        case .keys(let entries): entries.first { $0.id == id }.map { .key($0.key, header) }
        case .amazon(let keys): .amazon(keys, region: region, service: "bedrock")
        }
    }
}

/// The secrets of an AWS account's user or role.
package struct AmazonKeys: Sendable {
    package var accessKeyID: ProviderKey
    package var secretAccessKey: ProviderKey
    package var sessionToken: ProviderKey?

    package init(accessKeyID: ProviderKey, secretAccessKey: ProviderKey, sessionToken: ProviderKey? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

/// The header in which a kind of provider wants a key.
package struct KeyHeader: Hashable, Sendable {
    package static let bearer = KeyHeader(name: "Authorization", prefix: "Bearer ")

    package var name: String
    package var prefix: String

    package init(name: String, prefix: String) {
        self.name = name
        self.prefix = prefix
    }
}

/// Who calls, in one request, by reference: the secrets themselves are read when it is sent.
package enum RequestCredential: Sendable {
    case key(ProviderKey, KeyHeader)
    case amazon(AmazonKeys, region: String, service: String)

    /// Reads the secrets.
    ///
    /// - Parameter instant: signatures hold for some minutes around it.
    /// - Throws: `.denied` for a key that is missing or cannot be one.
    package func authorization(
        for request: OutgoingRequest, at instant: Instant
    ) throws(Failure) -> RequestAuthorization {
        switch self {
        case .key(let key, let header):
            let text = try key.read()
            return RequestAuthorization(headers: [(header.name, header.prefix + text)], secrets: [text])
        case .amazon(let keys, let region, let service):
            let credentials = AmazonSignature.Credentials(
                accessKeyID: try keys.accessKeyID.read(), secretAccessKey: try keys.secretAccessKey.read(),
                sessionToken: try keys.sessionToken?.read())
            guard let parts = URLComponents(string: request.url), let host = parts.host else {
                throw Failure(.invalid, "the request's URL cannot be signed")
            }
            let headers = AmazonSignature(credentials: credentials, region: region, service: service).headers(
                method: request.method, host: parts.port.map { "\(host):\($0)" } ?? host,
                path: parts.percentEncodedPath, query: parts.percentEncodedQuery ?? "",
                headers: request.headers.filter { $0.name.lowercased() == "content-type" }, body: request.body,
                at: instant)
            let secrets = [credentials.accessKeyID, credentials.secretAccessKey, credentials.sessionToken]
            return RequestAuthorization(headers: headers, secrets: secrets.compactMap(\.self))
        }
    }
}

/// What a credential adds to one request.
package struct RequestAuthorization: Sendable {
    package var headers: [(name: String, value: String)]
    /// What must not be shown, for providers quote what they refuse.
    package var secrets: [String]

    package init(headers: [(name: String, value: String)] = [], secrets: [String] = []) {
        self.headers = headers
        self.secrets = secrets
    }
}
