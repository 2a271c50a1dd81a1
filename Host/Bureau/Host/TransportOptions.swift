import ArgumentParser
import HostConfiguration
import Kernel
import Server

/// How a served host listens, and what it lets clients take.
struct TransportOptions: ParsableArguments {
    @Option(help: "Certificate, PEM, the host's own first: the API is served by TLS 1.3. Read again when it changes.")
    var tlsCertificate: String?

    @Option(help: "Its private key, PEM.")
    var tlsKey: String?

    @Flag(name: .customLong("tls-1.2"), help: "Speak TLS 1.2 too, for clients that cannot be replaced.")
    var allowsTLS12 = false

    @Option(help: "A second port for /health and /readyz alone; 0 takes a free one.")
    var managementPort: Int?

    @Option(help: "Where that port listens.")
    var managementHost = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "A network whose proxies may say whom a request comes from; may be repeated.", valueName: "network"))
    var trustedProxy: [String] = []

    @Option(help: "The field in which they say it: x-forwarded-for or forwarded.")
    var proxyField = ProxyTrust.Field.xForwardedFor.rawValue

    @Option(
        help: ArgumentHelp(
            "A web page's origin that may use the API, such as https://app.example.org; may be repeated.",
            discussion: "Without any, those of server.cors_origins count (CORS_ALLOWED_ORIGINS, with commas).",
            valueName: "origin"))
    var allowedOrigin: [String] = []

    @Option(
        help: ArgumentHelp(
            "How often the host is asked at most, such as user=60/10 (a minute / at once) or read=off.",
            discussion: "Limits: \(LimitSettings.names.joined(separator: ", ")).", valueName: "limit=rate"))
    var rateLimit: [String] = []

    @Option(help: "How many connections there may be.")
    var maxConnections = 20_000

    @Option(help: "How many of one address; of a trusted proxy, as many as there may be.")
    var maxConnectionsPerAddress = 1_000

    @Option(help: "How many seconds a request may take (default: 120); model calls and streams may take longer.")
    var requestTimeout: Int?

    func validate() throws { _ = try settings(over: Configuration()) }

    /// What the options say goes over what is configured.
    ///
    /// - Throws: `ValidationError` with what is wrong.
    func settings(over configured: Configuration) throws -> TransportSettings {
        var settings = TransportSettings()
        let managementPort = managementPort ?? configured[Settings.metricsPort]
        let requestTimeout = requestTimeout ?? configured[Settings.requestTimeout]
        settings.maximumBodyBytes = configured[Settings.maximumBody] << 20
        settings.publicHost = configured[Settings.publicURL].flatMap { try? FetchURL($0).host.description }
        limit(&settings.limits, as: configured)
        let certificate = tlsCertificate ?? configured.path(Settings.certificate)
        let key = tlsKey ?? configured.path(Settings.certificateKey)
        switch (certificate, key) {
        case (let certificate?, let key?):
            settings.tls = .init(certificatePath: certificate, keyPath: key, allowsTLS12: allowsTLS12)
        case (nil, nil): break
        default:
            throw ValidationError(
                "--tls-certificate and --tls-key go together, as do server.tls_certificate and server.tls_key")
        }
        if let managementPort {
            guard (0...65_535).contains(managementPort) else {
                throw ValidationError("--management-port is a number from 0 to 65535")
            }
            settings.managementPort = managementPort
        }
        settings.managementHost = managementHost
        settings.trust = try trust()
        settings.origins = try origins(configured[Settings.corsOrigins])
        for limit in rateLimit where !settings.limits.set(limit) {
            throw ValidationError(
                "--rate-limit \(limit) is none: say user=60/10 or read=off; limits are "
                    + LimitSettings.names.joined(separator: ", "))
        }
        guard maxConnections > 0, maxConnectionsPerAddress > 0, requestTimeout > 0 else {
            throw ValidationError("--max-connections, --max-connections-per-address and --request-timeout are above 0")
        }
        settings.maximumConnections = maxConnections
        settings.maximumConnectionsByAddress = maxConnectionsPerAddress
        settings.sockets.maximumSockets = maxConnections
        settings.requestSeconds = Int64(requestTimeout)
        return settings
    }

    private func trust() throws -> ProxyTrust {
        guard let field = ProxyTrust.Field(rawValue: proxyField.lowercased()) else {
            throw ValidationError("--proxy-field is x-forwarded-for or forwarded")
        }
        let proxies = try trustedProxy.map { text in
            guard let block = AddressBlock(text) else {
                throw ValidationError("--trusted-proxy \(text) is no network: say 10.0.0.0/8 or 192.0.2.1")
            }
            return block
        }
        return ProxyTrust(proxies: proxies, field: field)
    }

    /// The limit of each caller that other systems know, where somebody set it.
    private func limit(_ limits: inout LimitSettings, as configured: Configuration) {
        if !configured[Settings.limitsRequests] { limits = .unlimited }
        let isGiven = [Settings.requestsPerMinute.setting, Settings.burst.setting].contains(where: configured.isGiven)
        guard configured[Settings.limitsRequests], isGiven else { return }
        limits.user = CellRate(
            perMinute: Int64(configured[Settings.requestsPerMinute]), burst: Int64(configured[Settings.burst]))
    }

    private func origins(_ configured: [String]) throws -> OriginRules {
        let origins = try (allowedOrigin.isEmpty ? configured : allowedOrigin).map { text in
            guard let origin = OriginRules.origin(text) else {
                throw ValidationError("\(text) is no origin: say https://app.example.org, without a path")
            }
            return origin
        }
        return OriginRules(allowed: Set(origins))
    }
}
