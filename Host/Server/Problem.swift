import Engine
import HTTPTypes
import Hummingbird
import Identity
import Journal
import Kernel

/// An error as RFC 9457 problem details (`application/problem+json`), with one entry in `errors` for each field
/// that is wrong, by JSON pointer.
struct Problem: HTTPResponseError {
    var status: HTTPResponse.Status
    /// The stable word that programs compare.
    var code: String
    var detail: String
    var errors: [JSONValue] = []
    var retryAfterSeconds: Int?
    /// Further fields of the answer.
    var headers: HTTPFields = [:]
    /// What this problem says beyond the usual members.
    var members: [String: JSONValue] = [:]

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
        var all: [String: JSONValue] = [
            "type": .string("about:blank"), "title": .string(status.reasonPhrase),
            "status": .integer(Int64(status.code)), "code": .string(code), "detail": .string(detail),
        ]
        if !errors.isEmpty { all["errors"] = .array(errors) }
        return .object(all.merging(members) { own, _ in own })
    }

    func response(from request: Request, context: some RequestContext) throws -> Response { response(request: nil) }

    /// - Parameter request: its id, by which the host's log and the client's speak of the same.
    func response(request: String?) -> Response {
        var members = json.objectValue ?? [:]
        members["request_id"] = request.map { .string($0) }
        var response = Response.json(.object(members), status: status)
        response.headers[.contentType] = "application/problem+json"
        // RFC 9110, 11.6.1: a 401 says how to come back.
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer realm=\"bureau\"" }
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        response.headers.append(contentsOf: headers)
        return response
    }
}

extension Problem {
    /// - Parameter log: is told of what is no refusal, since the problem does not say it.
    init(anything error: any Error, log: (any Error) -> Void) {
        switch error {
        case let problem as Problem: self = problem
        case let error as EngineError: self.init(error)
        case let error as JournalError: self.init(error)
        case let error as HTTPError: self.init(error)
        case let error as IdentityError: self.init(error, at: SystemClock.now())
        case let error as ProofError: self.init(error)
        default: self.init(.internalServerError, "internal", "the host failed to answer; its log says why")
        }
        if code == "internal" || code == "storage" { log(error) }
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
        case .inUse, .storage: self = .storage
        }
    }

    /// What the store says of its files and statements is the operator's, and in the host's log.
    static let storage = Problem(
        .serviceUnavailable, "storage", "the host's store does not answer; try again later", retryAfterSeconds: 5)

    /// Somebody else did not answer as they should; this host did.
    static func noAnswer(_ failure: Failure) -> Problem {
        Problem(.init(code: 424, reasonPhrase: "Failed Dependency"), "no_answer", failure.message)
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
        switch error.code {
        case .notFound: self.init(.notFound, "not_found", error.message)
        case .conflict, .duplicate: self.init(.conflict, "conflict", error.message)
        case .denied: self.init(.forbidden, "denied", error.message)
        case .invalid: self.init(.badRequest, "invalid", error.message)
        default: self = .storage
        }
    }

    /// Hummingbird's own refusals (no such route, body too large) in the same form.
    init(_ error: HTTPError) {
        let code =
            switch error.status {
            case .notFound: "not_found"
            case .contentTooLarge: "body_too_large"
            case .methodNotAllowed: "method_not_allowed"
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
