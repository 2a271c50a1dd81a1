import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What every request passes before the operations are looked at: where it comes from, whether it may come from there,
/// whether it is too large, too often, or takes too long. The order is the one of this file.
struct FrontResponder<Inner: HTTPResponder>: HTTPResponder where Inner.Context == APIContext {
    let inner: Inner
    let settings: TransportSettings
    let limiter: RequestLimiter
    let deadlines: Deadlines
    /// Whether this listener speaks TLS itself.
    let isSecure: Bool
    /// Everybody may do everything: then a web page that the operator happens to look at must not reach this host by
    /// a name that resolves to it.
    let isOpen: Bool

    func respond(to request: Request, context: APIContext) async throws -> Response {
        // Asked often, by programs that count milliseconds, and answered from memory.
        if request.method == .get, let path = request.head.path, path == "/health" || path == "/readyz" {
            return try await inner.respond(to: request, context: context)
        }
        var context = context
        do {
            let (origin, scheme) = source(of: request, &context)
            context.maximumBodyBytes = settings.maximumBodyBytes
            context.recheckSeconds = settings.sockets.recheckSeconds
            try checkTarget(request)
            if let preflight = try preflight(request) { return preflight }
            try checkPage(request, scheme)
            try limiter.admit(address: origin.address, isLogin: isLogin(request))
            var response = try await inTime(try bounded(request), context)
            allow(request, &response)
            return response
        } catch let problem as Problem {
            var response = try problem.response(from: request, context: context)
            allow(request, &response)
            return response
        }
    }

    // MARK: Where it comes from

    private func source(of request: Request, _ context: inout APIContext) -> (ProxyTrust.Origin, scheme: String) {
        let peer = context.peer?.ipAddress
        let name: HTTPField.Name = settings.trust.field == .forwarded ? .forwarded : .xForwardedFor
        let origin = settings.trust.origin(
            peer: peer, fields: settings.trust.proxies.isEmpty ? [] : request.headers[values: name],
            proto: request.headers[.xForwardedProto])
        if origin.cameByProxy { context.peer = try? SocketAddress(ipAddress: origin.address.text, port: 0) }
        return (origin, origin.scheme ?? (isSecure ? "https" : "http"))
    }

    private func checkTarget(_ request: Request) throws {
        guard (request.head.path?.utf8.count ?? 0) <= settings.maximumTargetBytes else {
            throw Problem(
                .init(code: 414, reasonPhrase: "URI Too Long"), "target_too_long",
                "the address has more than \(settings.maximumTargetBytes) bytes")
        }
        if isOpen, let host = request.head.authority { try settings.checkOwnName(host) }
    }

    // MARK: Pages of other origins

    private func preflight(_ request: Request) throws -> Response? {
        guard request.method == .options, let origin = request.headers[.origin],
            request.headers[.accessControlRequestMethod] != nil
        else { return nil }
        guard settings.origins.allows(origin) else { throw Self.refusedPage(origin) }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: "GET, HEAD, POST, PUT, PATCH, DELETE",
                .accessControlAllowHeaders:
                    "Authorization, Content-Type, X-API-Key, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
                    + "X-Request-ID, X-Bureau-Tenant",
                .accessControlMaxAge: "600", .accessControlAllowOrigin: origin, .vary: "Origin",
            ])
    }

    /// A page elsewhere can send simple requests without asking first; what they change must not happen.
    private func checkPage(_ request: Request, _ scheme: String) throws {
        guard let origin = request.headers[.origin], ![.get, .head, .options].contains(request.method) else { return }
        guard settings.origins.admits(origin, host: request.head.authority, scheme: scheme) else {
            throw Self.refusedPage(origin)
        }
    }

    private static func refusedPage(_ origin: String) -> Problem {
        Problem(.forbidden, "origin_not_allowed", "pages of this origin may not use this API")
    }

    private func allow(_ request: Request, _ response: inout Response) {
        guard !settings.origins.allowed.isEmpty else { return }
        response.headers.append(.init(name: .vary, value: "Origin"))
        guard let origin = request.headers[.origin], settings.origins.allows(origin) else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] =
            "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-ID"
    }

    // MARK: Size and time

    private func isLogin(_ request: Request) -> Bool {
        let path = Self.components(request)
        guard path.count > 1, path.first == "auth" else { return false }
        // A way by an identity provider begins and ends with what browsers send as GET.
        return request.method == .post || path.dropFirst().first == "oidc" && path.count > 2
    }

    /// Without the version before it. As the router reads a path, which skips empty components: `//auth//login` is
    /// served as `/auth/login`, and must count as it.
    private static func components(_ request: Request) -> ArraySlice<Substring> {
        let all = request.uri.path.split(separator: "/")[...]
        guard let first = all.first, ["v1", "v2", "v3"].contains(first) else { return all }
        return all.dropFirst()
    }

    /// HTTP/2 bodies need no field that announces them.
    private static func mayHaveBody(_ request: Request) -> Bool {
        ![.get, .head].contains(request.method) || request.headers[.contentLength] != nil
            || request.headers[.transferEncoding] != nil
    }

    private func bounded(_ request: Request) throws -> Request {
        if let coding = request.headers[.contentEncoding]?.lowercased(), coding != "identity" {
            throw Problem(
                .unsupportedMediaType, "content_encoding", "bodies are taken as they are, and not compressed")
        }
        let maximum = isLogin(request) ? settings.maximumLoginBytes : settings.maximumBodyBytes
        let tooLarge = Problem(.contentTooLarge, "body_too_large", "the body has more than \(maximum) bytes")
        if let length = request.headers[.contentLength] {
            guard let length = Int(length), length <= maximum else { throw tooLarge }
            return request
        }
        guard Self.mayHaveBody(request) else { return request }
        var bounded = request
        bounded.body = RequestBody(asyncSequence: BoundedBody(base: request.body, maximum: maximum, tooLarge: tooLarge))
        return bounded
    }

    private func inTime(_ request: Request, _ context: APIContext) async throws -> Response {
        let path = Self.components(request)
        let isModel = path == ["chat", "completions"] || path == ["messages"]
        let seconds = isModel ? settings.modelSeconds : settings.requestSeconds
        let outcome = FirstOutcome<Response>()
        var guarded = request
        if Self.mayHaveBody(request) {
            guarded.body = RequestBody(asyncSequence: GuardedBody(base: request.body, outcome: outcome))
        }
        let task = Task { [inner, guarded] in
            do {
                outcome.decide(.success(try await inner.respond(to: guarded, context: context)))
            } catch {
                outcome.decide(.failure(error))
            }
        }
        let deadline = deadlines.add(seconds: seconds) {
            // The connection ends with it: what is left of the request is not waited for.
            var problem = Problem(
                .gatewayTimeout, "timeout", "the request took longer than \(seconds) s; what it began may go on")
            problem.headers = [.connection: "close"]
            outcome.decide(.failure(problem))
            task.cancel()
        }
        defer { deadlines.remove(deadline) }
        return try await withTaskCancellationHandler {
            try await outcome.value()
        } onCancel: {
            task.cancel()
        }
    }
}

/// Ends with a problem once it is too long.
private struct BoundedBody: AsyncSequence, Sendable {
    let base: RequestBody
    let maximum: Int
    let tooLarge: Problem

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        var left: Int
        let tooLarge: Problem

        mutating func next() async throws -> ByteBuffer? {
            guard let part = try await base.next() else { return nil }
            left -= part.readableBytes
            guard left >= 0 else { throw tooLarge }
            return part
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), left: maximum, tooLarge: tooLarge)
    }
}

/// Not read any more once the request was answered without it: the connection's own task reads on from there.
private struct GuardedBody: AsyncSequence, Sendable {
    let base: RequestBody
    let outcome: FirstOutcome<Response>

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        let outcome: FirstOutcome<Response>

        mutating func next() async throws -> ByteBuffer? {
            guard !outcome.isDecided else { throw CancellationError() }
            return try await base.next()
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), outcome: outcome)
    }
}

extension HTTPField.Name {
    static let xForwardedFor = known("X-Forwarded-For")
    static let xForwardedProto = known("X-Forwarded-Proto")
    static let forwarded = known("Forwarded")
}
