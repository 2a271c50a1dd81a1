/// Whose rows a question is about, decided where they are read: a page is then full of what may be seen, and its end
/// says nothing of others.
package struct RowScope: Hashable, Sendable {
    package static let all = RowScope()

    /// Nil: of all tenants, and of none.
    package var tenant: String?
    /// Those whose runs they are; nil: everybody's.
    package var users: Set<String>?

    package init(tenant: String? = nil, users: Set<String>? = nil) {
        self.tenant = tenant
        self.users = users
    }

    /// On the columns of a run, by its table's name in the statement.
    func conditions(on run: String) -> (sql: [String], arguments: [SQLValue]) {
        var sql: [String] = [], arguments: [SQLValue] = []
        if let tenant {
            sql.append("\(run).tenant = ?")
            arguments.append(.text(tenant))
        }
        if let users {
            sql.append("\(run).user IN (\(users.map { _ in "?" }.joined(separator: ", ")))")
            arguments += users.sorted().map { .text($0) }
        }
        return (sql, arguments)
    }
}
