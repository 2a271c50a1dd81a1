import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// What was paid for, added up.
struct CostRoutes: Sendable {
    let runtime: HostRuntime

    func add(to router: Router<APIContext>) {
        router.get("costs") { request, _ in try await report(request) }
    }

    private func report(_ request: Request) async throws -> Response {
        let query = try Self.query(request)
        let report: CostReport
        do throws(JournalError) {
            report = try await runtime.journal.read { journal throws(JournalError) in try journal.costs(query) }
        } catch {
            throw error.code == .invalid ? Problem(.badRequest, "invalid", error.message) : Problem(error)
        }
        guard Self.wantsCSV(request) else { return Response.json(report.json(of: query)) }
        return Response(
            status: .ok, headers: [.contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: report.csv)))
    }

    private static func query(_ request: Request) throws -> CostQuery {
        let parameters = request.uri.queryParameters
        do throws(Failure) {
            var query = CostQuery(by: try CostWords.dimensions(String(parameters["by"] ?? "department")))
            query.from = try parameters["from"].map { text throws(Failure) in try CostWords.day(String(text)) }
            query.to = try parameters["to"].map { text throws(Failure) in try CostWords.day(String(text)) }
            query.zone = parameters["zone"].map(String.init) ?? query.zone
            query.filters = try CostWords.filters(parameters[values: "where"].map(String.init))
            return query
        } catch {
            throw Problem(.badRequest, "invalid", error.message)
        }
    }

    /// Where the client puts CSV before JSON. Weights apart from the order are not read.
    private static func wantsCSV(_ request: Request) -> Bool {
        let accepted = request.headers[.accept] ?? ""
        let types = accepted.split(separator: ",").map { $0.drop { $0 == " " }.lowercased() }
        let known = types.first { type in ["text/csv", "application/json", "*/*"].contains { type.hasPrefix($0) } }
        return known?.hasPrefix("text/csv") ?? false
    }
}
