import Engine
import Hummingbird
import Journal
import Kernel

/// What the operator decides about the order of runs: limits, weights, and windows in which nothing begins.
struct OrderRoutes: Sendable {
    let runtime: HostRuntime
    private let zones = ZoneDirectory()

    init(runtime: HostRuntime) { self.runtime = runtime }

    private static let by: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
    private static let scope: JSONValue = ["type": "string", "maxLength": 300]
    private static let count: JSONValue = ["type": "integer", "minimum": 1, "maximum": 1_000_000_000]
    private static let limitSchema: JSONValue = [
        "type": "object", "required": ["scope", "by"], "additionalProperties": false, "minProperties": 3,
        "properties": [
            "scope": scope, "concurrency": ["type": "integer", "minimum": 0, "maximum": 1_000_000],
            "starts_per_minute": count, "burst": count, "by": by,
        ],
    ]
    private static let weightSchema: JSONValue = [
        "type": "object", "required": ["tenant", "weight", "by"], "additionalProperties": false,
        "properties": [
            "tenant": ["type": "string", "maxLength": 64], "department": ["type": "string", "maxLength": 64],
            "weight": ["type": "integer", "minimum": 1, "maximum": 10_000], "by": by,
        ],
    ]
    private static let windowSchema: JSONValue = [
        "type": "object", "required": ["scope", "window", "by"], "additionalProperties": false,
        "properties": ["scope": scope, "window": ["type": "object"], "by": by],
    ]
    private static let scopeSchema: JSONValue = [
        "type": "object", "required": ["scope", "by"], "additionalProperties": false,
        "properties": ["scope": scope, "by": by],
    ]
    private static let bySchema: JSONValue = [
        "type": "object", "required": ["by"], "additionalProperties": false, "properties": ["by": by],
    ]

    func add(to router: Router<APIContext>) {
        router.get("limits") { _, _ in try await list() }
        router.put("limits") { request, _ in try await setLimit(try await body(request, Self.limitSchema)) }
        router.delete("limits") { request, _ in
            let body = try await body(request, Self.scopeSchema)
            try await runtime.setLimit(nil, of: try scope(body), by: body["by"]?.stringValue ?? "")
            return Response(status: .noContent)
        }
        router.put("weights") { request, _ in try await setWeight(try await body(request, Self.weightSchema)) }
        router.get("maintenance") { _, _ in
            let windows = try await runtime.journal.read { journal throws(JournalError) in
                try journal.maintenances()
            }
            let now = runtime.now
            return Response.json(["windows": .array(windows.map { $0.json(at: now) })])
        }
        router.put("maintenance/{name}") { request, context in
            let name = try context.parameters.require("name")
            return try await setWindow(name, try await body(request, Self.windowSchema))
        }
        router.delete("maintenance/{name}") { request, context in
            let name = try context.parameters.require("name")
            let by = try await body(request, Self.bySchema)["by"]?.stringValue ?? ""
            try await runtime.removeMaintenance(name, by: by)
            return Response(status: .noContent)
        }
    }

    private func body(_ request: Request, _ schema: JSONValue) async throws -> JSONValue {
        try await BodyReader(own: schema).read(request)
    }

    private func scope(_ body: JSONValue) throws -> ClaimScope {
        let text = body["scope"]?.stringValue ?? ""
        guard let scope = ClaimScope(text) else {
            throw Problem(.unprocessableContent, "invalid_scope", "\"\(text)\" is none of \(ClaimScope.forms)")
        }
        return scope
    }

    private func list() async throws -> Response {
        let (limits, weights) = try await runtime.journal.read { journal throws(JournalError) in
            (try journal.claimLimits(), try journal.claimWeights())
        }
        let sorted = limits.sorted { $0.key.description < $1.key.description }
        return Response.json([
            "limits": .array(sorted.map { $0.value.json(of: $0.key) }), "weights": .array(weights.map(\.json)),
        ])
    }

    private func setLimit(_ body: JSONValue) async throws -> Response {
        let scope = try scope(body)
        let starts = body["starts_per_minute"]?.integerValue
        if starts == nil, body["burst"] != nil {
            throw Problem(.unprocessableContent, "invalid_body", "burst goes with starts_per_minute")
        }
        let limit = ClaimLimit(
            concurrency: body["concurrency"]?.integerValue.map(Int.init),
            starts: starts.map {
                TrafficLimits.PerMinute(limit: $0, burst: body["burst"]?.integerValue ?? max(1, $0 / 10))
            })
        try await runtime.setLimit(limit, of: scope, by: body["by"]?.stringValue ?? "")
        return Response.json(limit.json(of: scope))
    }

    private func setWeight(_ body: JSONValue) async throws -> Response {
        let weight = ClaimWeight(
            tenant: body["tenant"]?.stringValue ?? "", department: body["department"]?.stringValue,
            weight: Int(body["weight"]?.integerValue ?? 1))
        try await runtime.setWeight(weight, by: body["by"]?.stringValue ?? "")
        return Response.json(weight.json)
    }

    private func setWindow(_ name: String, _ body: JSONValue) async throws -> Response {
        let window: MaintenanceWindow
        do throws(Failure) {
            window = try MaintenanceWindow(json: body["window"] ?? [:]) { [zones] name throws(TimeZoneError) in
                try zones.rules(name)
            }
        } catch {
            throw Problem(.unprocessableContent, "invalid_window", error.message)
        }
        let record = MaintenanceRecord(
            name: name, scope: try scope(body), window: window, createdAt: runtime.now)
        try await runtime.setMaintenance(record, by: body["by"]?.stringValue ?? "")
        return Response.json(record.json(at: runtime.now))
    }
}
