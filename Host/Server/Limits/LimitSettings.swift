import HTTPTypes
import Kernel

/// How often this host is asked at most, and how much at once. Callers at the machine itself (the local operator, and
/// everybody while the secure mode is off) are not counted by name; requests from loopback are not by address.
package struct LimitSettings: Hashable, Sendable {
    /// What a request is counted as.
    package enum RouteClass: String, Hashable, Sendable, CaseIterable {
        /// Tries to prove who one is: counted by address, since the sender is nobody yet.
        case login
        case read
        /// Starts or changes something.
        case write
        /// Changes who may do what, or how the host runs.
        case admin
    }

    /// By client address; IPv6 by its /64. Nil: no limit.
    package var address: CellRate? = CellRate(perMinute: 30_000, burst: 3_000)
    package var login: CellRate? = CellRate(perMinute: 20, burst: 10)
    /// By caller, each class on its own.
    package var read: CellRate? = CellRate(perMinute: 6_000, burst: 600)
    package var write: CellRate? = CellRate(perMinute: 1_200, burst: 200)
    package var admin: CellRate? = CellRate(perMinute: 300, burst: 60)
    /// By caller, all classes together.
    package var user: CellRate?
    /// By tenant, all its callers together.
    package var tenant: CellRate? = CellRate(perMinute: 60_000, burst: 6_000)
    /// Tenants with a rate of their own.
    package var tenants: [String: CellRate] = [:]
    /// Operations of which only so many run at once.
    package var atOnce: [String: Int] = ["decisions.create": 50]
    package var maximumKeys = 65_536

    package init() {}

    package static let unlimited: LimitSettings = {
        var settings = LimitSettings()
        (settings.address, settings.login, settings.read, settings.write) = (nil, nil, nil, nil)
        (settings.admin, settings.user, settings.tenant) = (nil, nil, nil)
        settings.atOnce = [:]
        return settings
    }()

    package static let names = ["address", "login", "read", "write", "admin", "user", "tenant", "tenant:NAME"]

    /// Reads `user=60/10`, `address=off` or `tenant:acme=600/60`.
    ///
    /// - Returns: false for what is none of these.
    package mutating func set(_ assignment: String) -> Bool {
        let parts = assignment.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, let rate = parts[1] == "off" ? .some(nil) : CellRate(parts[1]).map(Optional.some) else {
            return false
        }
        switch parts[0] {
        case "address": address = rate
        case "login": login = rate
        case "read": read = rate
        case "write": write = rate
        case "admin": admin = rate
        case "user": user = rate
        case "tenant": tenant = rate
        case let name where name.hasPrefix("tenant:") && name.utf8.count > 7: tenants[String(name.dropFirst(7))] = rate
        default: return false
        }
        return true
    }

    func rate(of routeClass: RouteClass) -> CellRate? {
        switch routeClass {
        case .login: login
        case .read: read
        case .write: write
        case .admin: admin
        }
    }
}

extension Operation {
    private static let adminResources: Set<Resource> = [
        .users, .roles, .teams, .tenants, .keys, .sessions, .policies, .limits, .system, .admin,
    ]

    var routeClass: LimitSettings.RouteClass {
        if method == .get || method == .head { return .read }
        if case .needs(let resource, _) = access, Self.adminResources.contains(resource) { return .admin }
        return .write
    }
}
