package import Identity
import Kernel

/// What the routes of second factors and identity providers work with. Without it a host has none of them.
package struct ProofServices: Sendable {
    package var factors: FactorDesk
    package var federation: FederationDesk
    package var sessions: any AccountSessions

    package init(factors: FactorDesk, federation: FederationDesk, sessions: any AccountSessions) {
        self.factors = factors
        self.federation = federation
        self.sessions = sessions
    }
}
