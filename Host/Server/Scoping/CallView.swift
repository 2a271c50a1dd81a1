import HTTPTypes
import Journal
import Kernel

/// How much there is for one caller of what one operation is about. Operators belong to no tenant and see all; a
/// tenant's people see its own, as far as their permission reaches; what is another's is to them as if it were not
/// there.
struct CallView: Sendable {
    let caller: Principal
    let reach: Reach

    /// For questions that are answered by rows of runs.
    var scope: RowScope {
        switch reach {
        case .tenant: RowScope(tenant: caller.tenant)
        case .team: RowScope(tenant: caller.tenant, users: caller.colleagues.union([caller.name]))
        case .own: RowScope(tenant: caller.tenant, users: [caller.name])
        case .none: RowScope(tenant: caller.tenant, users: [])
        }
    }

    var isOperator: Bool { caller.tenant == nil }

    func sees(_ run: RunRecord) -> Bool { caller.sees(owner: run.user, tenant: run.tenant, reach) }

    func sees(tenant: String) -> Bool { caller.sees(tenant: tenant) }

    /// What takes events belongs to the one tenant whose events it takes; what takes those of several, or of all, is
    /// the operators'.
    func sees(_ filter: EventFilter) -> Bool { caller.tenant.map { filter.tenants == [$0] } ?? true }

    /// A budget's node by its name; a run's belongs to whom the run does, which its record says.
    func sees(_ node: BudgetNode) -> Bool {
        guard let tenant = caller.tenant else { return true }
        switch node {
        case .organisation, .run: return false
        case .tenant(let name): return name == tenant && reach == .tenant
        case .department(let other, _), .agent(let other, _, _): return other == tenant && reach == .tenant
        case .user(let other, let user): return caller.sees(owner: user, tenant: other, reach)
        }
    }

    /// Where something is counted; departments, agents and queues are everybody's.
    func sees(_ scope: ClaimScope) -> Bool {
        switch scope {
        case .tenant(let tenant), .key(let tenant, _): sees(tenant: tenant)
        case .queue, .department, .agent: true
        }
    }

    /// What is left of a wish for events: a filter of one's own tenant.
    ///
    /// - Throws: 403 for one that names another.
    func narrowed(_ filter: EventFilter) throws -> EventFilter {
        guard let tenant = caller.tenant else { return filter }
        guard filter.tenants.isEmpty || filter.tenants == [tenant] else {
            throw Problem(.forbidden, "forbidden", "the filter names other tenants than yours")
        }
        var own = filter
        own.tenants = [tenant]
        return own
    }
}
