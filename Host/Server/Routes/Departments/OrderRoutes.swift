import Engine
import Hummingbird
import Journal
import Kernel

/// What the operator decides about the order of runs: limits, weights, and windows in which nothing begins. A tenant's
/// people see what holds for them, and what holds for everybody.
struct OrderRoutes: Sendable {
    let runtime: HostRuntime
    private let zones = ZoneDirectory()

    init(runtime: HostRuntime) { self.runtime = runtime }

    private static let scope: JSONValue = ["type": "string", "maxLength": 300]
    private static let count = Schema.count(1, 1_000_000_000)
    private static let limit = Schema.input(
        ["scope": scope],
        optional: [
            "concurrency": Schema.count(0, 1_000_000), "starts_per_minute": count, "burst": count, "by": Schema.by,
        ], least: 2)
    private static let weight = Schema.input(
        ["tenant": Schema.text(64), "weight": Schema.count(1, 10_000)],
        optional: ["department": Schema.text(64), "by": Schema.by])
    private static let window = Schema.input(
        ["scope": scope, "window": Schema.anyObject], optional: ["by": Schema.by])
    private static let name = Operation.Parameter.path("name", "The window's name", Schema.text(64))

    private static func change(
        _ id: String, _ method: HTTPMethod, _ path: String, _ summary: String,
        parameters: [Operation.Parameter] = [], body: Operation.Body, answer: Operation.Answer
    ) -> Operation {
        Operation(
            id, method, path, summary, tag: "Order", access: .needs(.limits, .write), parameters: parameters,
            body: body, answers: [answer]
        ).forOperators()
    }

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "limits.list", .get, "/limits", "Limits and weights", tag: "Order", access: .needs(.limits, .read),
                answers: [
                    .ok(
                        "Those in force",
                        Schema.answer([
                            "limits": Schema.list(Schema.claimLimit), "weights": Schema.list(Schema.claimWeight),
                        ]))
                ])
        ) { try await list($0) }
        api.add(
            Self.change(
                "limits.set", .put, "/limits", "Limits what runs at once, or begins in a minute",
                body: .json(Self.limit, example: ["scope": "department:research", "concurrency": 4]),
                answer: .ok("It", Schema.claimLimit))
        ) { try await setLimit($0) }
        api.add(
            Self.change(
                "limits.remove", .delete, "/limits", "Lifts a limit",
                body: .json(
                    Schema.input(["scope": Self.scope], optional: ["by": Schema.by]),
                    example: ["scope": "department:research"]), answer: .noContent("It is lifted"))
        ) { call in
            try await runtime.setLimit(nil, of: try scope(call.body), by: call.by)
            return Response(status: .noContent)
        }
        api.add(
            Self.change(
                "weights.set", .put, "/weights", "How much a tenant gets in proportion to others",
                body: .json(Self.weight, example: ["tenant": "acme", "weight": 2]),
                answer: .ok("It", Schema.claimWeight))
        ) { try await setWeight($0) }
        addWindows(to: api)
    }

    private func addWindows(to api: APIRouter) {
        api.add(
            Operation(
                "maintenance.list", .get, "/maintenance", "Windows in which nothing begins", tag: "Order",
                access: .needs(.limits, .read),
                answers: [.ok("They", Schema.named("windows", Schema.maintenance))])
        ) { call in
            let view = call.view
            let windows = try await call.read { scoped throws(JournalError) in
                try scoped.journal.maintenances().filter { view.sees($0.scope) }
            }
            let now = runtime.now
            return Response.json(["windows": .array(windows.map { $0.json(at: now) })])
        }
        api.add(
            Self.change(
                "maintenance.set", .put, "/maintenance/{name}", "Makes or changes a window", parameters: [Self.name],
                body: .json(
                    Self.window,
                    example: ["scope": "department:research", "window": ["from": "2026-12-24T00:00:00Z"]]),
                answer: .ok("It", Schema.maintenance))
        ) { try await setWindow($0) }
        api.add(
            Self.change(
                "maintenance.remove", .delete, "/maintenance/{name}", "Takes a window away", parameters: [Self.name],
                body: .by, answer: .noContent("It is gone"))
        ) { call in
            try await runtime.removeMaintenance(call.text("name"), by: call.by)
            return Response(status: .noContent)
        }
    }

    private func scope(_ body: JSONValue) throws -> ClaimScope {
        let text = body["scope"]?.stringValue ?? ""
        guard let scope = ClaimScope(text) else {
            throw Problem(.unprocessableContent, "invalid_scope", "\"\(text)\" is none of \(ClaimScope.forms)")
        }
        return scope
    }

    private func list(_ call: APICall) async throws -> Response {
        let view = call.view
        let (limits, weights) = try await call.read { scoped throws(JournalError) in
            (
                try scoped.journal.claimLimits().filter { view.sees($0.key) },
                try scoped.journal.claimWeights().filter { view.sees(tenant: $0.tenant) }
            )
        }
        let sorted = limits.sorted { $0.key.description < $1.key.description }
        return Response.json([
            "limits": .array(sorted.map { $0.value.json(of: $0.key) }), "weights": .array(weights.map(\.json)),
        ])
    }

    private func setLimit(_ call: APICall) async throws -> Response {
        let body = call.body, scope = try scope(body)
        let starts = body["starts_per_minute"]?.integerValue
        guard starts != nil || body["burst"] == nil else {
            throw Problem(.unprocessableContent, "invalid_body", "burst goes with starts_per_minute")
        }
        guard starts != nil || body["concurrency"] != nil else {
            throw Problem(.unprocessableContent, "invalid_body", "give concurrency, starts_per_minute or both")
        }
        let limit = ClaimLimit(
            concurrency: body["concurrency"]?.integerValue.map(Int.init),
            starts: starts.map {
                TrafficLimits.PerMinute(limit: $0, burst: body["burst"]?.integerValue ?? max(1, $0 / 10))
            })
        try await runtime.setLimit(limit, of: scope, by: call.by)
        return Response.json(limit.json(of: scope))
    }

    private func setWeight(_ call: APICall) async throws -> Response {
        let weight = ClaimWeight(
            tenant: call.body["tenant"]?.stringValue ?? "", department: call.body["department"]?.stringValue,
            weight: Int(call.body["weight"]?.integerValue ?? 1))
        try await runtime.setWeight(weight, by: call.by)
        return Response.json(weight.json)
    }

    private func setWindow(_ call: APICall) async throws -> Response {
        let window: MaintenanceWindow
        do throws(Failure) {
            window = try MaintenanceWindow(json: call.body["window"] ?? [:]) { [zones] name throws(TimeZoneError) in
                try zones.rules(name)
            }
        } catch {
            throw Problem(.unprocessableContent, "invalid_window", error.message)
        }
        let record = MaintenanceRecord(
            name: call.text("name"), scope: try scope(call.body), window: window, createdAt: runtime.now)
        try await runtime.setMaintenance(record, by: call.by)
        return Response.json(record.json(at: runtime.now))
    }
}
