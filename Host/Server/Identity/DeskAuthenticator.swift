package import Identity
package import Kernel
import Logging

/// Says who sends a request by the identity desk: the default of every host.
package struct DeskAuthenticator: Authenticating {
    private let desk: IdentityDesk

    package init(_ desk: IdentityDesk) { self.desk = desk }

    package func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal {
        let client = Client(address: credentials.address, userAgent: credentials.userAgent)
        do {
            return try await desk.principal(
                of: ShownCredentials(
                    bearer: credentials.bearer, key: credentials.key, claimedName: credentials.claimedName,
                    client: client))
        } catch {
            guard error.code == .storage || error.code == .full else { throw AuthenticationFailure(error.message) }
            HostLog.logger("bureau.identity").error("a caller was not known", metadata: ["error": "\(error)"])
            throw AuthenticationFailure(Problem.storage.detail, isStoreFailure: true)
        }
    }
}
