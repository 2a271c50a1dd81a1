import Engine
import Hummingbird
import Journal
import Kernel
import Logging

/// An error as RFC 9457 problem details (`application/problem+json`), with one entry in `errors` for each field
/// that is wrong, by JSON pointer.
struct Problem: HTTPResponseError {
    var status: HTTPResponse.Status
    /// The stable word that programs compare.
    var code: String
    var detail: String
    var errors: [JSONValue] = []
    var retryAfterSeconds: Int?

    init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, errors: [JSONValue] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retryAfterSeconds = retryAfterSeconds
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "type": .string("about:blank"), "title": .string(status.reasonPhrase),
            "status": .integer(Int64(status.code)), "code": .string(code), "detail": .string(detail),
        ]
        if !errors.isEmpty { members["errors"] = .array(errors) }
        return .object(members)
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = Response.json(json, status: status)
        response.headers[.contentType] = "application/problem+json"
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        return response
    }
}

extension Problem {
    init(_ error: EngineError) {
        switch error.code {
        case .unknownDepartment: self.init(.notFound, "unknown_department", error.message)
        case .unknownTask: self.init(.notFound, "unknown_task", error.message)
        case .notFound: self.init(.notFound, "not_found", error.message)
        case .invalidInput(let violations):
            self.init(
                .unprocessableContent, "invalid_input", error.message,
                errors: violations.map { $0.json(under: "/parameters") })
        case .invalid: self.init(.badRequest, "invalid", error.message)
        case .pluginRefused: self.init(.conflict, "plugin_refused", error.message)
        case .reloadFailed: self.init(.conflict, "reload_failed", error.message)
        case .reloadBusy: self.init(.conflict, "reload_busy", error.message, retryAfterSeconds: 5)
        case .disabled: self.init(.conflict, "disabled", error.message)
        case .needsGrant: self.init(.conflict, "needs_grant", error.message)
        case .budget: self.init(.init(code: 402, reasonPhrase: "Payment Required"), "budget", error.message)
        case .conflict: self.init(.conflict, "conflict", error.message)
        case .denied: self.init(.forbidden, "denied", error.message)
        case .draining: self.init(.serviceUnavailable, "draining", error.message, retryAfterSeconds: 5)
        case .storageFull: self = .storageFull(error.message)
        case .auditBroken: self.init(.serviceUnavailable, "audit", error.message)
        case .inUse, .storage:
            self.init(.serviceUnavailable, "storage", error.message, retryAfterSeconds: 5)
        }
    }

    static func storageFull(_ detail: String) -> Problem {
        Problem(
            .init(code: 507, reasonPhrase: "Insufficient Storage"), "storage_full", detail, retryAfterSeconds: 30)
    }

    init(_ error: JournalError) {
        guard error.code != .full else {
            self = .storageFull(error.message)
            return
        }
        guard error.code != .notFound else {
            self.init(.notFound, "not_found", error.message)
            return
        }
        self.init(.serviceUnavailable, "storage", error.message, retryAfterSeconds: 5)
    }

    /// Hummingbird's own refusals (no such route, body too large) in the same form.
    init(_ error: HTTPError) {
        let code =
            switch error.status {
            case .notFound: "not_found"
            case .contentTooLarge: "body_too_large"
            default: "http"
            }
        self.init(error.status, code, error.body ?? error.status.reasonPhrase)
    }
}

extension Response {
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        let bytes = value.bytes
        return Response(
            status: status,
            headers: [
                .contentType: "application/json", .contentLength: String(bytes.count), .cacheControl: "no-store",
                .xContentTypeOptions: "nosniff",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// Turns every error into a problem; what is nobody's fault but the host's says so without details.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return try problem.response(from: request, context: context)
        } catch let error as EngineError {
            return try Problem(error).response(from: request, context: context)
        } catch let error as JournalError {
            return try Problem(error).response(from: request, context: context)
        } catch let error as HTTPError {
            return try Problem(error).response(from: request, context: context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.error("request failed", metadata: ["error": "\(error)"])
            return try Problem(.internalServerError, "internal", "the host failed to answer; its log says why")
                .response(from: request, context: context)
        }
    }
}
