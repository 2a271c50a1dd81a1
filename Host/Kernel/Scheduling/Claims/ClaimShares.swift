/// Who is ahead of its share, and how far: all that an order must remember over a restart. Small, since it names only
/// tenants and departments that were served lately.
package struct ClaimShares: Hashable, Sendable {
    package struct Tenant: Hashable, Sendable {
        /// In parts of a claim by a node of weight 1: ``ClaimShares/parts`` are one.
        package var ahead: Int64 = 0
        package var departments: [String: Int64] = [:]

        package init() {}
    }

    package static let parts = ShareTree.quantum
    /// More than any node can honestly be ahead; a larger number in a file is cut to it.
    static let maximumAhead = parts * 2

    package var tenants: [String: Tenant]

    package init(tenants: [String: Tenant] = [:]) { self.tenants = tenants }

    package var json: JSONValue {
        .object(
            tenants.mapValues { tenant in
                [
                    "ahead": .integer(tenant.ahead),
                    "departments": .object(tenant.departments.mapValues { .integer($0) }),
                ]
            })
    }

    /// Nil for another form.
    package init?(json: JSONValue) {
        guard let members = json.objectValue else { return nil }
        tenants = [:]
        for (name, value) in members {
            guard let ahead = value["ahead"]?.integerValue, let departments = value["departments"]?.objectValue
            else { return nil }
            var tenant = Tenant()
            tenant.ahead = ahead
            for (department, value) in departments {
                guard let ahead = value.integerValue else { return nil }
                tenant.departments[department] = ahead
            }
            tenants[name] = tenant
        }
    }
}

extension ClaimOrder {
    package var sharesAhead: ClaimShares {
        var state = ClaimShares()
        for (path, ahead) in shares.ahead {
            if let department = path.department {
                state.tenants[path.tenant, default: .init()].departments[department] = ahead
            } else {
                state.tenants[path.tenant, default: .init()].ahead = ahead
            }
        }
        return state
    }

    /// To be called before the first run.
    package mutating func restore(_ state: ClaimShares) {
        for (name, tenant) in state.tenants {
            shares.setAhead(tenant.ahead, of: ShareTree.Path(tenant: name, department: nil))
            for (department, ahead) in tenant.departments {
                shares.setAhead(ahead, of: ShareTree.Path(tenant: name, department: department))
            }
        }
    }
}

extension ShareTree {
    /// Of those that are.
    fileprivate var ahead: [Path: Int64] {
        var found: [Path: Int64] = [:]
        for node in nodes.values {
            guard let parent = nodes[node.parent], node.pass > parent.virtualTime else { continue }
            found[node.path] = node.pass - parent.virtualTime
        }
        return found
    }
}
