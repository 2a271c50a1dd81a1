/// A way to tell people: whom, over what, about which events.
package struct NotificationChannel: Hashable, Sendable {
    /// What is told where nothing else is said: that somebody is asked to decide, and that something broke.
    package static let usualTopics = [
        EventTopic.approvalRequested, EventTopic.dead, "budget.threshold", "budget.exhausted", "budget.bound_violated",
    ]

    package enum Security: String, Hashable, Sendable, CaseIterable {
        /// From the first byte (`smtps`).
        case tls
        /// STARTTLS, and nothing is sent where the server has none.
        case startTLS = "starttls"
        /// Within this machine or a network that the operator trusts.
        case none
    }

    package struct Mail: Hashable, Sendable {
        package var host: String
        package var port: Int
        package var security: Security
        /// With a password in the vault; nil: no authentication.
        package var user: String?
        package var from: MailAddress
        package var to: [MailAddress]
    }

    package enum Way: Hashable, Sendable {
        case mail(Mail)
        /// The address is the secret, so it stands in the vault.
        case slack(origin: String)
        /// Signed as Standard Webhooks says.
        case webhook(url: String)
        /// The same, to the operator's gateway for text messages: not for events, but for codes.
        case sms(url: String)

        package var kind: String {
            switch self {
            case .mail: "smtp"
            case .slack: "slack"
            case .webhook: "webhook"
            case .sms: "sms"
            }
        }
    }

    package var name: String
    package var way: Way
    package var filter: EventFilter
    /// Of people's view of this host, put before the path of a request: `https://bureau.example.org`.
    package var baseURL: String?
    /// Nil while it is told of events.
    package var disabledReason: String?
    package var createdAt: Instant

    package init(
        name: String, way: Way, filter: EventFilter = EventFilter(topics: usualTopics), baseURL: String? = nil,
        disabledReason: String? = nil, createdAt: Instant
    ) {
        self.name = name
        self.way = way
        self.filter = filter
        self.baseURL = baseURL
        self.disabledReason = disabledReason
        self.createdAt = createdAt
    }

    package var group: String { "notify:\(name)" }
    /// In the key vault: the password, the address of Slack's kind, or what signs.
    package var secretName: String { "notify.\(name)" }

    /// Codes are sent when they are asked for, not on events.
    package var followsEvents: Bool {
        if case .sms = way { return false }
        return disabledReason == nil
    }
}

// MARK: JSON

extension NotificationChannel {
    /// All but the secret.
    package var settings: JSONValue {
        var members: [String: JSONValue] = ["kind": .string(way.kind)]
        switch way {
        case .mail(let mail):
            members["host"] = .string(mail.host)
            members["port"] = .integer(Int64(mail.port))
            members["security"] = .string(mail.security.rawValue)
            members["user"] = mail.user.map { .string($0) }
            members["from"] = .string(mail.from.description)
            members["to"] = .array(mail.to.map { .string($0.description) })
        case .slack(let origin): members["origin"] = .string(origin)
        case .webhook(let url), .sms(let url): members["url"] = .string(url)
        }
        members["base_url"] = baseURL.map { .string($0) }
        return .object(members)
    }

    /// - Throws: `.invalid` with the member that is wrong.
    package init(
        name: String, settings: JSONValue, filter: EventFilter, disabledReason: String? = nil, createdAt: Instant
    ) throws(Failure) {
        guard Name.isValid(name), name.utf8.count <= 50 else {
            throw Failure(
                .invalid, "\"\(name)\" is no name for a channel: use lower-case letters, digits, '.', '_' and '-'")
        }
        var base: String?
        if let text = settings["base_url"]?.stringValue {
            _ = try FetchURL(text)
            base = text.hasSuffix("/") ? String(text.dropLast()) : text
        }
        self.init(
            name: name, way: try Self.way(settings), filter: filter, baseURL: base, disabledReason: disabledReason,
            createdAt: createdAt)
    }

    private static func way(_ settings: JSONValue) throws(Failure) -> Way {
        switch settings["kind"]?.stringValue {
        case "smtp": return .mail(try Mail(settings))
        case "slack":
            guard let origin = settings["origin"]?.stringValue else {
                throw Failure(.invalid, "a channel to Slack has an origin, and its address in the vault")
            }
            return .slack(origin: try FetchURL(origin).origin)
        case "webhook": return .webhook(url: try url(settings))
        case "sms": return .sms(url: try url(settings))
        default: throw Failure(.invalid, "a channel's kind is smtp, slack, webhook or sms")
        }
    }

    private static func url(_ settings: JSONValue) throws(Failure) -> String {
        guard let url = settings["url"]?.stringValue else { throw Failure(.invalid, "the channel's url is missing") }
        return try FetchURL(url).description
    }
}

extension NotificationChannel.Mail {
    fileprivate static let maximumReceivers = 50

    fileprivate init(_ json: JSONValue) throws(Failure) {
        func bad(_ what: String) -> Failure { Failure(.invalid, "the channel's \(what)") }
        guard let host = json["host"]?.stringValue, (try? HostName(host)) != nil else {
            throw bad("host is the name or address of a mail server")
        }
        let word = json["security"]?.stringValue ?? NotificationChannel.Security.startTLS.rawValue
        guard let security = NotificationChannel.Security(rawValue: word) else {
            throw bad("security is \(NotificationChannel.Security.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let usual: Int64 = security == .tls ? 465 : 587
        guard let port = Int(exactly: json["port"]?.integerValue ?? usual), (1...65_535).contains(port) else {
            throw bad("port is a number from 1 to 65535")
        }
        guard let from = json["from"]?.stringValue.flatMap(MailAddress.init) else { throw bad("from is an address") }
        let texts = json["to"]?.arrayValue ?? []
        let to = texts.compactMap { $0.stringValue.flatMap(MailAddress.init) }
        guard (1...Self.maximumReceivers).contains(to.count), to.count == texts.count else {
            throw bad("to holds 1 to \(Self.maximumReceivers) addresses")
        }
        let user = json["user"]?.stringValue
        if let user {
            guard (1...200).contains(user.utf8.count), user.utf8.allSatisfy({ $0 > 31 && $0 != 127 }) else {
                throw bad("user has 1 to 200 bytes and no control characters")
            }
            guard security != .none else { throw bad("password would go in the clear: say security tls or starttls") }
        }
        self.init(host: host, port: port, security: security, user: user, from: from, to: to)
    }
}
