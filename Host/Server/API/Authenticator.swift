package import Kernel

/// What a request shows of who sends it.
package struct Credentials: Hashable, Sendable {
    /// Of `Authorization: Bearer`.
    package var bearer: String?
    /// Of `X-API-Key`.
    package var key: String?
    /// What the request calls its sender (`x-bureau-user`): believed while the secure mode is off, and from the
    /// local operator.
    package var claimedName: String?
    /// Numeric, without port.
    package var address: String
    package var userAgent: String?

    package init(
        bearer: String? = nil, key: String? = nil, claimedName: String? = nil, address: String,
        userAgent: String? = nil
    ) {
        self.bearer = bearer
        self.key = key
        self.claimedName = claimedName
        self.address = address
        self.userAgent = userAgent
    }
}

/// Why credentials prove nothing. The sentence goes to the sender: it must not tell whether somebody exists.
package struct AuthenticationFailure: Error, Hashable, Sendable {
    package var message: String
    /// Nothing was looked at: they may well prove somebody when the store answers again.
    package var isStoreFailure: Bool

    package init(_ message: String, isStoreFailure: Bool = false) {
        self.message = message
        self.isStoreFailure = isStoreFailure
    }
}

/// Says who sends a request.
package protocol Authenticating: Sendable {
    /// - Returns: ``Principal/anonymous`` where nothing was shown.
    func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal
}

/// The secure mode is off: everybody may do everything, under the name they give. For one person's own machine.
package struct OpenAuthenticator: Authenticating {
    package init() {}

    package func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal {
        .open(name: credentials.claimedName)
    }
}
