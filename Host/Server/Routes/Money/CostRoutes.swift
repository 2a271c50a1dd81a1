import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// What was paid for, added up.
struct CostRoutes: Sendable {
    private static let csv = "text/csv"

    func add(to api: APIRouter) {
        var answer = Operation.Answer.ok("The report", Schema.costReport)
        answer.otherMediaTypes = [Self.csv]
        api.add(
            Operation(
                "costs.report", .get, "/costs", "What was paid for, added up by dimensions", tag: "Money",
                access: .needs(.costs, .read),
                parameters: [
                    .query("by", "Dimensions, such as department,model", Schema.text(200)),
                    .query("from", "The first day", Schema.date),
                    .query("to", "The first day that does not belong to it", Schema.date),
                    .query("zone", "In which days begin and end", Schema.text(64)),
                    .query("where", "dimension=value, each", Schema.list(Schema.text(200), nil, 32)),
                ],
                answers: [answer])
        ) { try await report($0) }
    }

    private func report(_ call: APICall) async throws -> Response {
        let query = try Self.query(call)
        let report = try await call.read { journal throws(JournalError) in try journal.costs(query) }
        guard Self.wantsCSV(call.request) else { return Response.json(report.json(of: query)) }
        return .bytes(Array(report.csv.utf8), "text/csv; charset=utf-8; header=present")
    }

    private static func query(_ call: APICall) throws -> CostQuery {
        func text(_ name: String) -> String? { call.parameters[name]?.stringValue }
        do throws(Failure) {
            var query = CostQuery(by: try CostWords.dimensions(text("by") ?? "department"))
            query.from = try text("from").map { text throws(Failure) in try CostWords.day(text) }
            query.to = try text("to").map { text throws(Failure) in try CostWords.day(text) }
            query.zone = text("zone") ?? query.zone
            query.filters = try CostWords.filters(call.parameters["where"]?.arrayValue?.compactMap(\.stringValue) ?? [])
            return query
        } catch {
            throw Problem(.badRequest, "invalid", error.message)
        }
    }

    /// Where the client puts CSV before JSON. Weights apart from the order are not read.
    private static func wantsCSV(_ request: Request) -> Bool {
        let accepted = request.headers[.accept] ?? ""
        let types = accepted.split(separator: ",").map { $0.drop { $0 == " " }.lowercased() }
        let known = types.first { type in [csv, "application/json", "*/*"].contains { type.hasPrefix($0) } }
        return known?.hasPrefix(csv) ?? false
    }
}
