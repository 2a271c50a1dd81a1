/// How the host listens, and what it lets clients take.
package struct TransportSettings: Hashable, Sendable {
    package struct TLS: Hashable, Sendable {
        /// PEM, the host's certificate first.
        package var certificatePath: String
        package var keyPath: String
        /// TLS 1.2 is for clients that cannot be replaced; nothing older is spoken.
        package var allowsTLS12: Bool

        package init(certificatePath: String, keyPath: String, allowsTLS12: Bool = false) {
            self.certificatePath = certificatePath
            self.keyPath = keyPath
            self.allowsTLS12 = allowsTLS12
        }
    }

    package var tls: TLS?
    /// Where `/health` and `/readyz` are served too, and nothing else; nil: nowhere.
    package var managementPort: Int?
    package var managementHost = "127.0.0.1"
    package var trust = ProxyTrust()
    package var origins = OriginRules()
    package var times = ConnectionRules.Limits()
    package var limits = LimitSettings()
    package var sockets = SocketLimits()
    package var maximumConnections = 20_000
    package var maximumConnectionsByAddress = 1_000
    /// For everything but model calls, which may think longer, and streams, which have begun by then.
    package var requestSeconds: Int64 = 120
    package var modelSeconds: Int64 = 900
    package var maximumBodyBytes = 10 << 20
    /// Of requests that prove who somebody is.
    package var maximumLoginBytes = 64 << 10
    package var maximumTargetBytes = 8 << 10
    package var maximumHeadBytes = 32 << 10
    package var maximumHeaderFields = 100
    /// Under which name people find this host, in lower case and without a port; nil: under none but its addresses.
    package var publicHost: String?

    package init() {}
}
