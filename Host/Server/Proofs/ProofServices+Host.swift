package import Engine
package import Identity
package import Kernel

extension ProofServices {
    /// Over a running host.
    ///
    /// - Parameter publicURL: where people find this host (`https://bureau.example.org`); nil: keys of authenticators
    ///   and identity providers cannot be used, since nothing that a request says of it is believed.
    package init(runtime: HostRuntime, sessions: any AccountSessions, publicURL: String?) throws(Failure) {
        var base: FetchURL?
        if let publicURL {
            let url = try FetchURL(publicURL)
            guard url.path == "/", url.query.isEmpty else {
                throw Failure(.invalid, "the public URL \(publicURL) has a path: write https://host[:port]")
            }
            base = url
        }
        let clock: @Sendable () -> Instant = { runtime.now }
        let random: @Sendable (Int) -> [UInt8] = { SystemClock.randomBytes(count: $0) }
        let factors = FactorDesk(
            journal: runtime.journal,
            settings: FactorDesk.Settings(
                party: base.map { RelyingParty(id: $0.host.description, origins: [$0.origin]) },
                key: { () throws(Failure) in try runtime.factorKey() },
                send: { number, text, id in await runtime.sendMessage(to: number, text, id: id) },
                clock: clock, random: random))
        let federation = FederationDesk(
            journal: runtime.journal, sessions: sessions, factors: factors,
            settings: FederationDesk.Settings(
                publicURL: base?.origin ?? "",
                fetch: { await runtime.fetch($0, for: "identity") }, secret: { runtime.vaultValue($0) }, clock: clock,
                random: random))
        self.init(factors: factors, federation: federation, sessions: sessions)
    }
}
