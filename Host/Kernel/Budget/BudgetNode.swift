/// A node of the budget tree: organisation, tenant, department, agent, run. A user is a side node of a tenant.
package enum BudgetNode: Hashable, Sendable, CustomStringConvertible {
    case organisation
    case tenant(String)
    case department(tenant: String, String)
    case agent(tenant: String, department: String, String)
    case user(tenant: String, String)
    case run(RunID)

    /// The stable name used in storage, on the command line and in refusals.
    package var description: String {
        switch self {
        case .organisation: "organisation"
        case .tenant(let tenant): "tenant:\(tenant)"
        case .department(let tenant, let name): "department:\(tenant)/\(name)"
        case .agent(let tenant, let department, let name): "agent:\(tenant)/\(department)/\(name)"
        case .user(let tenant, let name): "user:\(tenant)/\(name)"
        case .run(let id): "run:\(id)"
        }
    }

    package init?(_ text: String) {
        if text == "organisation" {
            self = .organisation
            return
        }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[text.index(after: colon)...])
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if text[..<colon] == "user" {
            guard parts.count == 2, Name.isValid(parts[0]), Name.isUser(parts[1]) else { return nil }
            self = .user(tenant: parts[0], parts[1])
            return
        }
        guard parts.allSatisfy(Name.isValid) else { return nil }
        switch (text[..<colon], parts.count) {
        case ("tenant", 1): self = .tenant(rest)
        case ("department", 2): self = .department(tenant: parts[0], parts[1])
        case ("agent", 3): self = .agent(tenant: parts[0], department: parts[1], parts[2])
        case ("run", 1):
            guard let id = RunID(rest) else { return nil }
            self = .run(id)
        default: return nil
        }
    }

    /// The node that a name is written under; nil for the organisation, and for a run, whose place its record says.
    package var parent: BudgetNode? {
        switch self {
        case .organisation, .run: nil
        case .tenant: .organisation
        case .department(let tenant, _), .user(let tenant, _): .tenant(tenant)
        case .agent(let tenant, let department, _): .department(tenant: tenant, department)
        }
    }
}

/// Whose money a run spends: what its path through the tree follows from.
package struct BudgetPayer: Hashable, Sendable {
    package var tenant: String
    package var department: String
    package var agent: String
    package var user: String?

    package init(tenant: String, department: String, agent: String, user: String? = nil) {
        self.tenant = tenant
        self.department = department
        self.agent = agent
        self.user = user
    }

    /// From the organisation down, without runs: those have a node only when they have a cap of their own.
    package var nodes: [BudgetNode] {
        let tree: [BudgetNode] = [
            .organisation, .tenant(tenant), .department(tenant: tenant, department),
            .agent(tenant: tenant, department: department, agent),
        ]
        return tree + (user.map { [.user(tenant: tenant, $0)] } ?? [])
    }
}
