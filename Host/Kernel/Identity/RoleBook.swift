/// The roles of one tenant: those that come with the program, and its own.
package struct RoleBook: Hashable, Sendable {
    private static let maximumDepth = 8

    private var own: [String: Role] = [:]

    /// - Parameter roles: of a store, which took each by ``problem(with:)``.
    package init(_ roles: [Role] = []) {
        for role in roles { own[role.name] = role }
    }

    package subscript(name: String) -> Role? { Role.preset(name) ?? own[name] }

    /// By name, the presets that have names of their own first.
    package var all: [Role] {
        Role.presets + own.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// All that these roles give, with what they are based on. A name that is no role gives nothing.
    package func scopes(of names: some Sequence<String>) -> Set<Scope> {
        var scopes: Set<Scope> = [], seen: Set<String> = [], open = Array(names)
        while let name = open.popLast() {
            guard seen.insert(name).inserted, let role = self[name] else { continue }
            scopes.formUnion(role.scopes)
            open += role.parents
        }
        return scopes
    }

    /// Those of the names that are no roles.
    package func unknown(_ names: some Sequence<String>) -> [String] { names.filter { self[$0] == nil } }

    /// Why a role cannot be added or replaced; nil: it can.
    package func problem(with role: Role) -> String? {
        if !Name.isValid(role.name) || role.name.contains(".") {
            return "\"\(role.name)\" is no name for a role: lower-case letters, digits, '_' and '-'"
        }
        if Role.preset(role.name) != nil { return "\"\(role.name)\" comes with the program and stays as it is" }
        if role.parents.count > Role.maximumParents || role.scopes.count > Role.maximumScopes {
            return "a role is based on up to \(Role.maximumParents) others and has up to \(Role.maximumScopes) scopes"
        }
        if let unknown = role.parents.first(where: { self[$0] == nil && $0 != role.name }) {
            return "there is no role \"\(unknown)\" to be based on"
        }
        var next = self
        next.own[role.name] = role
        return next.depth(of: role.name, under: []) == nil
            ? "a role cannot be based on itself, nor on more than \(Self.maximumDepth) others in a row" : nil
    }

    /// The roles of its own that are based on one.
    package func children(of name: String) -> [String] {
        own.values.filter { $0.parents.contains(name) }.map(\.name).sorted()
    }

    /// Nil for a cycle, and for what is too deep.
    private func depth(of name: String, under path: [String]) -> Int? {
        guard !path.contains(name), path.count < Self.maximumDepth else { return nil }
        var deepest = 0
        for parent in self[name]?.parents ?? [] {
            guard let depth = depth(of: parent, under: path + [name]) else { return nil }
            deepest = max(deepest, depth)
        }
        return deepest + 1
    }
}
