import Kernel

/// Every setting there is. The order is that of `config init` and of what `config explain` lists.
package enum Settings {
    package static let all: [Setting] = store + server + limits + log + departments + runs + models + council + others

    package static let byKey: [String: Setting] = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    package static let sections = [
        "store": "Where everything durable is.",
        "server": "The HTTP API of bureau serve.",
        "limits": "What one client may ask for.",
        "log": "What the host says beside the audit log, which is never off.",
        "departments": "Which plugins there are, where they run and what they reach.",
        "runs": "How much goes on at the same time, and how long.",
        "models": "Who answers model calls. Keys are given by variables or kept by bureau keys, never here.",
        "council": "How the council decides when a request does not say.",
        "security": "Who may come in.",
        "service": "What this installation calls itself.",
        "audit": "The log that proves what happened.",
        "relay": "Redis or Valkey as a relay of the event log.",
        "secrets": "Given by variables only.",
    ]

    /// A key that may be given in a file.
    package static var keysInFiles: [String] { all.filter { !$0.isSecret }.map(\.key) }
}

extension Settings {
    package static let storeFolder = SettingKey<String>(
        text: Setting(
            "store.folder", .path, fallback: ".bureau", "Folder of the store.", environment: ["BUREAU_STORE"],
            flag: "--store"))
    package static let minimumFreeSpace = SettingKey<Int>(
        number: Setting(
            "store.min_free_space_mib", .number(0...1_048_576, unit: "MiB"), fallback: 64,
            "No new runs are admitted while the store's medium has less room; 0 for no such limit.",
            flag: "--min-free-space"))
    package static let ballast = SettingKey<Int>(
        number: Setting(
            "store.ballast_mib", .number(0...1_048_576, unit: "MiB"), fallback: 16,
            "A file that bureau serve gives back when the medium is full, for running work to end in.",
            flag: "--ballast"))
    /// `sqlite:///folder` also says where the store is, unless `BUREAU_STORE` does.
    package static let databaseURL = SettingKey<String?>(
        text: Setting(
            "store.database_url", .url(["sqlite", "postgresql", "postgres"]), fallback: nil,
            "Where the database is, as other programs write it.", environment: ["DATABASE_URL"], isSecret: true))

    static let store = [storeFolder.setting, minimumFreeSpace.setting, ballast.setting, databaseURL.setting]

    package static let host = SettingKey<String>(
        text: Setting(
            "server.host", .text, fallback: "127.0.0.1", "Address to listen on.", environment: ["BUREAU_HOST"],
            flag: "--host"))
    package static let port = SettingKey<Int>(
        number: Setting(
            "server.port", .number(0...65_535), fallback: 8080, "Port; 0 takes a free one.",
            environment: ["BUREAU_PORT"], flag: "--port"))
    package static let drainSeconds = SettingKey<Int>(
        number: Setting(
            "server.drain_seconds", .number(0...3_600, unit: "seconds"), fallback: 20,
            "How long open runs may go on after the signal to end.", flag: "--drain-seconds"))
    package static let requestTimeout = SettingKey<Int>(
        number: Setting(
            "server.timeout_seconds", .number(1...3_600, unit: "seconds"), fallback: 120,
            "How long a request may take.", environment: ["REQUEST_TIMEOUT_SECONDS"],
            aliases: ["api.timeout_seconds"]))
    package static let maximumBody = SettingKey<Int>(
        number: Setting(
            "server.max_body_mib", .number(1...1_024, unit: "MiB"), fallback: 10, "The largest body of a request.",
            aliases: ["api.max_request_size_mb"]))
    package static let corsOrigins = SettingKey<[String]>(
        list: Setting(
            "server.cors_origins", .origins, fallback: nil, "Pages of other origins that may use the API.",
            environment: ["BUREAU_CORS_ORIGINS", "CORS_ALLOWED_ORIGINS", "ALLOWED_ORIGINS"]))
    package static let certificate = SettingKey<String?>(
        text: Setting(
            "server.tls_certificate", .path, fallback: nil, "Certificate chain in PEM; with it, https is served.",
            environment: ["BUREAU_TLS_CERTIFICATE"]))
    package static let certificateKey = SettingKey<String?>(
        text: Setting(
            "server.tls_key", .path, fallback: nil, "The certificate's private key in PEM.",
            environment: ["BUREAU_TLS_KEY"]))
    package static let publicURL = SettingKey<String?>(
        text: Setting(
            "server.public_url", .url(["http", "https"]), fallback: nil, "Where clients reach the API.",
            environment: ["BUREAU_PUBLIC_URL", "NEXT_PUBLIC_API_URL"]))
    package static let metricsPort = SettingKey<Int?>(
        number: Setting(
            "server.metrics_port", .number(1...65_535), fallback: nil,
            "Port of the second listener, for /health and /readyz.",
            environment: ["PROMETHEUS_PORT"]))
    package static let logsRequests = SettingKey<Bool>(
        flag: Setting(
            "server.log_requests", .flag, fallback: false, "A line for each request.",
            environment: ["ENABLE_REQUEST_LOGGING"], use: .noted("checked and shown; this host logs no requests yet")))

    static let server = [
        host.setting, port.setting, drainSeconds.setting, requestTimeout.setting, maximumBody.setting,
        corsOrigins.setting, certificate.setting, certificateKey.setting, publicURL.setting, metricsPort.setting,
        logsRequests.setting,
    ]

    package static let limitsRequests = SettingKey<Bool>(
        flag: Setting(
            "limits.enabled", .flag, fallback: true, "Whether requests are limited.",
            aliases: ["api.rate_limiting.enabled"]))
    package static let requestsPerMinute = SettingKey<Int>(
        number: Setting(
            "limits.requests_per_minute", .number(1...1_000_000), fallback: 600,
            "Requests of one caller a minute, beside the limits of --rate-limit.",
            aliases: ["api.rate_limiting.requests_per_minute"]))
    package static let burst = SettingKey<Int>(
        number: Setting(
            "limits.burst", .number(1...100_000), fallback: 60, "Of those, how many may come at once.",
            aliases: ["api.rate_limiting.burst"]))

    static let limits = [limitsRequests.setting, requestsPerMinute.setting, burst.setting]

    package static let logLevel = SettingKey<String>(
        text: Setting(
            "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            fallback: "warning", "The least that is logged.",
            environment: ["BUREAU_LOG_LEVEL", "AIA_LOG_LEVEL", "LOG_LEVEL"], flag: "--log-level", reload: .live))
    package static let debug = SettingKey<Bool>(
        flag: Setting(
            "log.debug", .flag, fallback: false, "Logs at debug whatever log.level says.",
            environment: ["BUREAU_DEBUG", "AIA_DEBUG"], flag: "--debug", reload: .live))

    static let log = [logLevel.setting, debug.setting]
}
