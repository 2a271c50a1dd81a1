package import Kernel

/// How this host lets people in.
package struct IdentitySettings: Hashable, Sendable {
    /// What a request must show.
    package struct Modes: Hashable, Sendable {
        /// Every request shows an API key, also one with a token.
        package var requiresKey = false
        /// Tokens of sessions and minted ones are taken.
        package var takesTokens = true

        package init(requiresKey: Bool = false, takesTokens: Bool = true) {
            self.requiresKey = requiresKey
            self.takesTokens = takesTokens
        }
    }

    package var modes = Modes()
    /// `iss` and `aud` of this host's tokens.
    package var issuer = "urn:bureau:host"
    package var audience = "urn:bureau:api"
    package var accessSeconds: Int64 = 600
    package var sessions = SessionRule.usual
    package var accountLockout = LockoutRule.account
    package var accountLockoutAnywhere = LockoutRule.accountAnywhere
    package var addressLockout = LockoutRule.address
    package var passwords = PasswordPolicy()
    /// log2 of the rounds of bcrypt.
    package var bcryptCost = 12
    /// For tokens signed with a secret that others share (HS256); nil: with this host's own keys (EdDSA).
    package var sharedSecret: [UInt8]?
    /// Still taken while clients have tokens that it signed.
    package var previousSecret: [UInt8]?
    package var setupMinutes: Int64 = 60

    package init() {}

    package static let minimumSecretBytes = 32
    /// Of tokens that are made outside a session.
    package static let maximumMintSeconds: Int64 = 30 * 86_400

    /// Why a host cannot be run like this; nil: it can.
    package var problem: String? {
        for (secret, name) in [(sharedSecret, "JWT_SECRET"), (previousSecret, "JWT_SECRET_PREVIOUS")] {
            // RFC 7518, 3.2: at least as long as the hash.
            if let secret, secret.count < Self.minimumSecretBytes {
                return "\(name) has fewer than \(Self.minimumSecretBytes) bytes; make one with bureau secret gen"
            }
        }
        if !(4...16).contains(bcryptCost) { return "the cost of bcrypt is from 4 to 16" }
        if !(60...86_400).contains(accessSeconds) { return "an access token lives from 1 minute to 1 day" }
        return nil
    }
}

/// Files that belong to a store and stand outside it.
package struct IdentityFiles: Hashable, Sendable {
    /// The private parts of what signs tokens.
    package var keys: String
    /// What lets the command line on this machine in, while a host serves.
    package var operatorToken: String
    /// Where that host listens: the token is shown there and nowhere else.
    package var operatorAddress: String

    package init(storeFolder: String) {
        var folder = storeFolder[...]
        while folder.count > 1, folder.hasSuffix("/") { folder = folder.dropLast() }
        keys = folder + ".token-keys"
        operatorToken = folder + "/operator-token"
        operatorAddress = folder + "/operator-address"
    }
}
