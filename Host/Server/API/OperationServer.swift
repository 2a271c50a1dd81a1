import HTTPTypes
import Hummingbird
import Kernel
import Logging

/// Answers the requests for one operation: gate, handler, and what is said and counted around them.
struct OperationServer: Sendable {
    let gate: OperationGate
    let services: APIServices
    let limits: any RequestLimiting
    let handler: APIRouter.Handler

    private var operation: Operation { gate.operation }

    func respond(to request: Request, _ context: APIContext, _ version: APIVersion) async throws -> Response {
        let start = ContinuousClock.now
        var caller = Principal.anonymous
        var response: Response
        do {
            caller = try await gate.caller(of: request, context)
            response = try await limits.serve(operation, caller) { [caller] in
                try await answer(try await gate.admit(caller, request, context, services))
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let problem = Problem(anything: error) {
                context.logger.error(
                    "request failed",
                    metadata: ["error": "\($0)", "request": "\(context.requestID)", "operation": "\(operation.id)"])
            }
            response = operation.refusal?(problem) ?? problem.response(request: context.requestID)
        }
        await services.usage.note(
            operation.id, by: caller, version, status: Int(response.status.code), since: start)
        response.headers.append(
            contentsOf: version.announcements(String(request.uri.path.dropFirst(version.prefix.count))))
        return response
    }

    private func answer(_ call: APICall) async throws -> Response {
        guard let key = try call.idempotencyKey() else { return try await handler(call) }
        return try await services.answers.answer(call, key: key) { try await handler(call) }
    }
}
