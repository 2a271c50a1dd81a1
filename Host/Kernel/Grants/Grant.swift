/// The operator's decision about one department at one set of wishes. What may be done is what both the plugin asks
/// for and the operator granted.
package struct Grant: Hashable, Sendable {
    /// Who decided, by which act.
    package enum Origin: String, Hashable, Sendable, CaseIterable {
        /// `bureau departments enable`, or the same over HTTP.
        case enable
        /// `bureau run --plugins`: naming the file for one run.
        case run
        /// `bureau serve --grant-all`, for development.
        case grantAll = "grant_all"
        /// The department came with the host.
        case bundled
    }

    package var department: String
    package var plugin: String
    /// All wishes that the operator was shown.
    package var asked: Manifest.Wants
    package var granted: Manifest.Wants
    package var origin: Origin
    package var by: String

    package init(
        department: String, plugin: String, asked: Manifest.Wants, granted: Manifest.Wants, origin: Origin, by: String
    ) {
        self.department = department
        self.plugin = plugin
        self.asked = asked
        self.granted = granted
        self.origin = origin
        self.by = by
    }

    /// Whether this decision is about this plugin and everything it asks for now. Fewer wishes need no new decision.
    package func decides(_ wants: Manifest.Wants, of plugin: String) -> Bool {
        plugin == self.plugin && asked.extra(in: wants).isEmpty
    }
}

/// What a department may do now.
package struct Permissions: Hashable, Sendable {
    package enum List: String, Hashable, Sendable, CaseIterable {
        case models, tools, hosts, departments
    }

    package static let defaultStateBytes: Int64 = 16 << 20

    package var asked: Manifest.Wants
    package var granted: Manifest.Wants

    package init(asked: Manifest.Wants, granted: Manifest.Wants) {
        self.asked = asked
        self.granted = granted
    }

    /// Everything that is asked for.
    package static func all(of wants: Manifest.Wants) -> Permissions { Permissions(asked: wants, granted: wants) }

    /// Which side lacks `name`; nil when it may be used.
    package func refusal(of name: String, in list: List) -> GrantRefusal? {
        if !Manifest.Wants.matches(name, asked[list]) { return .notAsked }
        return Manifest.Wants.matches(name, granted[list]) ? nil : .notGranted
    }

    /// Over all keys of the department in one tenant.
    package var stateBytes: Int64 {
        min(asked.stateBytes ?? Self.defaultStateBytes, granted.stateBytes ?? Self.defaultStateBytes)
    }
    /// Nil: only the host's own limit.
    package var concurrency: Int? { Self.least(asked.concurrency, granted.concurrency) }
    package var memoryBytes: Int64? { Self.least(asked.memoryBytes, granted.memoryBytes) }
    package var cpuSeconds: Int? { Self.least(asked.cpuSeconds, granted.cpuSeconds) }

    private static func least<Number: Comparable>(_ one: Number?, _ other: Number?) -> Number? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }
}

/// Which side does not let something be used.
package enum GrantRefusal: Hashable, Sendable {
    /// The manifest.
    case notAsked
    /// The operator.
    case notGranted
    /// The operator, who allows this host with TLS only.
    case notEncrypted
}
