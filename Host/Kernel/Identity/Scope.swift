/// What an operation asks for: `runs.write`. Both words are ASCII, lower case, of letters, digits, `_` and `-`.
package struct Permission: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let resource: String
    package let verb: String

    package init?(_ text: String) {
        guard let scope = Scope(text), scope.resource != Scope.any, scope.verb != Scope.any else { return nil }
        self.resource = scope.resource
        self.verb = scope.verb
    }

    package init(_ resource: Resource, _ verb: Verb) {
        self.resource = resource.rawValue
        self.verb = verb.rawValue
    }

    package var description: String { resource + "." + verb }

    package static func < (left: Permission, right: Permission) -> Bool {
        (left.resource, left.verb) < (right.resource, right.verb)
    }
}

/// What a role, a key or a token gives: `resource.verb`, either of which may be `*`. `verb:resource`, the other form
/// in which operators write it, is read as an alias. A scope without a verb is none: `read` covers nothing.
package struct Scope: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let any = "*"
    package static let everything = Scope(resource: any, verb: any)
    private static let maximumBytes = 64

    package let resource: String
    package let verb: String

    private init(resource: String, verb: String) {
        self.resource = resource
        self.verb = verb
    }

    package init(_ permission: Permission) {
        self.init(resource: permission.resource, verb: permission.verb)
    }

    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let isAlias = text.utf8.contains(UInt8(ascii: ":"))
        let parts = text.split(separator: isAlias ? ":" : ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy(Self.isWord) else { return nil }
        let resource = parts[isAlias ? 1 : 0]
        self.init(resource: Self.synonyms[resource] ?? resource, verb: parts[isAlias ? 0 : 1])
    }

    /// What some lists of roles call a resource that has another name here.
    private static let synonyms = ["audit_logs": "audit"]

    /// What both cover; nil: nothing.
    package func meet(_ other: Scope) -> Scope? {
        guard let resource = Self.meet(resource, other.resource), let verb = Self.meet(verb, other.verb) else {
            return nil
        }
        return Scope(resource: resource, verb: verb)
    }

    private static func meet(_ left: String, _ right: String) -> String? {
        if left == any { return right }
        return right == any || left == right ? left : nil
    }

    package func covers(_ permission: Permission) -> Bool {
        (resource == Self.any || resource == permission.resource) && (verb == Self.any || verb == permission.verb)
    }

    /// Whether everything that the other one covers is covered by this one.
    package func covers(_ other: Scope) -> Bool {
        (resource == Self.any || resource == other.resource) && (verb == Self.any || verb == other.verb)
    }

    package var description: String { resource + "." + verb }

    package static func < (left: Scope, right: Scope) -> Bool {
        (left.resource, left.verb) < (right.resource, right.verb)
    }

    private static func isWord(_ text: String) -> Bool {
        if text == any { return true }
        return !text.isEmpty
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}

/// The resources that this program's own operations speak of. Departments and plugins add theirs by name.
package enum Resource: String, Hashable, Sendable, CaseIterable {
    case runs, agents, departments, plans, approvals, decisions, life, events, schedules, webhooks, triggers
    case budgets, costs, limits, models, policies, audit, subjects, oversight, artifacts
    case users, roles, teams, tenants, keys, sessions, system, logs, metrics, analytics, admin, ml
}

extension Resource {
    /// Whether rights over what has this name are rights over a department, and not over a part of the host.
    package static func isDepartment(_ name: String) -> Bool {
        Resource(rawValue: name).map { [.life, .analytics].contains($0) } ?? true
    }
}

package enum Verb: String, Hashable, Sendable, CaseIterable {
    case read, write, execute, approve
    /// Only what the caller started, or what the caller's teams did.
    case readOwn = "read_own"
    case readTeam = "read_team"
    case writeOwn = "write_own"
    case writeTeam = "write_team"
}

/// How far a permission reaches.
package enum Reach: Int, Hashable, Sendable, Comparable {
    case none, own, team, tenant

    package static func < (left: Reach, right: Reach) -> Bool { left.rawValue < right.rawValue }
}

extension Set<Scope> {
    /// What both sets cover: rights that a key or a token narrows.
    package func meet(_ other: Set<Scope>) -> Set<Scope> {
        Set(flatMap { mine in other.compactMap { mine.meet($0) } })
    }

    /// Whether one of them covers all of it. Several that cover it together do not count: who gives rights has them
    /// in one piece.
    package func covers(_ scope: Scope) -> Bool { contains { $0.covers(scope) } }

    package func covers(_ scopes: Set<Scope>) -> Bool { scopes.allSatisfy { covers($0) } }
}
