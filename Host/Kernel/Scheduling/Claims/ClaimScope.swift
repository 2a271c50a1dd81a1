/// What runs have in common that can be limited.
package enum ClaimScope: Hashable, Sendable {
    case tenant(String)
    case queue(String)
    /// For all tenants together.
    case department(String)
    case agent(department: String, String)
    /// A concurrency key of the tenant's own.
    case key(tenant: String, String)
}

extension ClaimScope: CustomStringConvertible {
    package static let forms = "tenant:NAME, queue:NAME, department:NAME, agent:DEPARTMENT/NAME or key:TENANT/KEY"

    package var description: String {
        switch self {
        case .tenant(let name): "tenant:\(name)"
        case .queue(let name): "queue:\(name)"
        case .department(let name): "department:\(name)"
        case .agent(let department, let name): "agent:\(department)/\(name)"
        case .key(let tenant, let key): "key:\(tenant)/\(key)"
        }
    }

    /// Nil for anything but ``forms``.
    package init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[text.index(after: colon)...])
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch text[..<colon] {
        case "tenant" where Name.isValid(rest): self = .tenant(rest)
        case "queue" where Name.isValid(rest): self = .queue(rest)
        case "department" where Name.isValid(rest): self = .department(rest)
        case "agent" where parts.count == 2 && parts.allSatisfy { Name.isValid($0) }:
            self = .agent(department: parts[0], parts[1])
        case "key"
        where parts.count == 2 && Name.isValid(parts[0]) && !parts[1].isEmpty
            && parts[1].utf8.count <= RunScheduling.maximumKeyBytes:
            self = .key(tenant: parts[0], parts[1])
        default: return nil
        }
    }
}
