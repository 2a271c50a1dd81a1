package import Journal
package import Kernel

extension ClaimLimit {
    package func json(of scope: ClaimScope) -> JSONValue {
        var members: [String: JSONValue] = ["scope": .string(scope.description)]
        members["concurrency"] = concurrency.map { .integer(Int64($0)) }
        members["starts_per_minute"] = starts.map { .integer($0.limit) }
        members["burst"] = starts.map { .integer($0.burst) }
        return .object(members)
    }
}

extension ClaimWeight {
    package var json: JSONValue {
        ["tenant": .string(tenant), "department": .init(department), "weight": .integer(Int64(weight))]
    }
}

extension MaintenanceRecord {
    package func json(at now: Instant) -> JSONValue {
        [
            "name": .string(name), "scope": .string(scope.description), "window": window.json,
            "open": .bool(window.isOpen(at: now)), "next_change": .init(window.nextChange(after: now)?.timestamp),
            "created_at": .string(createdAt.timestamp),
        ]
    }
}
