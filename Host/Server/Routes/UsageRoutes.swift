import Hummingbird
import Journal
import Kernel

/// Who asked for what, how often.
struct UsageRoutes: Sendable {
    func add(to api: APIRouter) {
        api.add(
            Operation(
                "usage.report", .get, "/usage", "Requests by day, client, version, operation and status", tag: "Host",
                access: .needs(.analytics, .read),
                parameters: [
                    .query("from", "The first day (UTC)", Schema.date),
                    .query("to", "The last day", Schema.date),
                    .query("client", "Of this client", Schema.text(200)),
                    .query("operation", "Of this operation", Schema.text(64)),
                ],
                answers: [.ok("The counts", Schema.named("usage", Schema.usageRow))])
        ) { call in
            func day(_ name: String) throws -> CivilDate? {
                guard let text = call.parameters[name]?.stringValue else { return nil }
                guard let day = CivilDate(text) else {
                    throw Problem(.badRequest, "invalid", "\(name): \(text) is no day")
                }
                return day
            }
            await call.services.usage.flush()
            let query = UsageQuery(
                from: try day("from"), through: try day("to"), client: call.parameters["client"]?.stringValue,
                operation: call.parameters["operation"]?.stringValue)
            let rows = try await call.read { journal throws(JournalError) in try journal.usage(query) }
            return Response.json(["usage": .array(rows.map(\.json))])
        }
    }
}

extension UsageRow {
    fileprivate var json: JSONValue {
        [
            "day": .string(key.day.description), "tenant": key.tenant.isEmpty ? .null : .string(key.tenant),
            "client": .string(key.client), "version": .string(key.version), "operation": .string(key.operation),
            "status": .integer(Int64(key.status)), "requests": .integer(requests),
            "milliseconds": .integer(milliseconds),
        ]
    }
}
