import Hummingbird
import HTTPTypes
import Identity
import Kernel

extension Problem {
    init(_ error: IdentityError, at now: Instant) {
        switch error.code {
        case .unauthenticated: self.init(.unauthorized, "unauthenticated", error.message)
        case .forbidden: self.init(.forbidden, "forbidden", error.message)
        case .notFound: self.init(.notFound, "not_found", error.message)
        case .conflict: self.init(.conflict, "conflict", error.message)
        case .invalid: self.init(.unprocessableContent, "invalid", error.message)
        case .mustChangePassword: self.init(.forbidden, "password_must_change", error.message)
        case .locked(let until):
            let seconds = (until.unixMilliseconds - now.unixMilliseconds + 999) / 1_000
            self.init(
                .tooManyRequests, "locked", error.message, retryAfterSeconds: Int(max(1, min(seconds, 86_400))))
        case .busy: self.init(.serviceUnavailable, "busy", error.message, retryAfterSeconds: 1)
        case .storage: self = .storage
        case .full: self = .storageFull(error.message)
        }
    }
}

/// Counts what is refused, for the log: one leaf for a minute and a network, however many come.
struct RefusalMiddleware: RouterMiddleware {
    typealias Context = APIContext
    let desk: IdentityDesk

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            let response = try await next(request, context)
            await note(response.status, context)
            return response
        } catch let problem as Problem {
            await note(problem.status, context)
            throw problem
        }
    }

    private func note(_ status: HTTPResponse.Status, _ context: APIContext) async {
        let kind: IdentityDesk.Refusal
        switch status {
        case .unauthorized: kind = .unauthenticated
        case .forbidden: kind = .forbidden
        case .tooManyRequests: kind = .limited
        default: return
        }
        await desk.note(kind, from: context.peer?.ipAddress ?? "")
    }
}

extension APICall {
    var client: Client {
        Client(address: context.peer?.ipAddress ?? "", userAgent: request.headers[.userAgent])
    }

    /// The caller's own account.
    func requireAccount() throws -> RunID {
        guard let id = RunID(caller.id) else {
            throw Problem(.forbidden, "account_needed", "\(operation.id) is for accounts; you have none")
        }
        return id
    }

    /// What somebody of another tenant would get too.
    func id(_ name: String, _ what: String) throws -> RunID {
        guard let id = RunID(text(name)) else {
            throw Problem(.notFound, "not_found", "there is no \(what) \(text(name))")
        }
        return id
    }
}
