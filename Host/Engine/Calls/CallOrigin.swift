package import Journal
package import Kernel

/// Who pays for a call that belongs to no run.
package struct CallOrigin: Hashable, Sendable {
    package static let defaultTenant = "default"
    /// What calls are booked under that name no department.
    package static let defaultDepartment = "api"

    package let tenant: String
    package let department: String
    /// For whom the call is made, where that is known.
    package let user: String?

    /// - Throws: `.invalid` for what cannot be the name of one of them.
    package init(
        tenant: String = defaultTenant, department: String = defaultDepartment, user: String? = nil
    ) throws(Failure) {
        if let user, !Name.isUser(user) {
            throw Failure(.invalid, "\"\(user.prefix(Name.maximumBytes))\" is no user: use \(Name.userForm)")
        }
        for (kind, name) in [("tenant", tenant), ("department", department)] where !Name.isValid(name) {
            throw Failure(
                .invalid,
                "\"\(name.prefix(Name.maximumBytes))\" is no name for a \(kind): use lower-case letters, digits, '.', "
                    + "'_' and '-'")
        }
        self.tenant = tenant
        self.department = department
        self.user = user
    }

    /// A user is beside the path, as for runs.
    package var budgetPath: [BudgetNode] {
        [.organisation, .tenant(tenant), .department(tenant: tenant, department)]
            + (user.map { [.user(tenant: tenant, $0)] } ?? [])
    }
}
