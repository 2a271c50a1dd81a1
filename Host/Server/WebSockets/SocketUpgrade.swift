import Crypto
import Hummingbird
import Kernel
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Decides on requests to speak WebSocket: the path, the page that asks, who asks, and whether there is room.
struct SocketUpgrade: Sendable {
    static let paths = ["/ws", "/ws/system"]
    /// How a browser shows its token, since a page cannot set header fields here: `bearer, TOKEN`.
    static let tokenProtocol = "bearer"

    let hub: SocketHub
    let settings: TransportSettings
    let gate: DrainGate
    let isSecure: Bool
    /// Everybody may do everything: then this host answers to its own names only, as in ``FrontResponder``.
    let isOpen: Bool

    func decide(_ channel: any Channel, _ head: HTTPRequestHead) -> EventLoopFuture<SocketDecision> {
        let peer = channel.remoteAddress?.ipAddress
        return channel.eventLoop.makeFutureWithTask {
            do {
                return try await accepted(channel, head, peer: peer)
            } catch let problem as Problem {
                return Self.refusal(problem)
            } catch {
                return Self.refusal(Problem(.internalServerError, "internal", "the host failed to answer"))
            }
        }
    }

    private func accepted(
        _ channel: any Channel, _ head: HTTPRequestHead, peer: String?
    ) async throws -> SocketDecision {
        if isOpen { for host in head.headers["Host"] { try settings.checkOwnName(host) } }
        let path = String(head.uri.prefix { $0 != "?" })
        guard Self.paths.contains(path) else {
            throw Problem(.notFound, "not_found", "sockets are at \(Self.paths.joined(separator: " and "))")
        }
        guard gate.isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
        let handshake = try Self.handshake(head)
        let origin = settings.trust.origin(
            peer: peer, fields: head.headers[settings.trust.field.rawValue],
            proto: head.headers.first(name: "X-Forwarded-Proto"))
        if let page = head.headers.first(name: "Origin") {
            let scheme = origin.scheme ?? (isSecure ? "https" : "http")
            guard settings.origins.admits(page, host: head.headers.first(name: "Host"), scheme: scheme) else {
                throw Problem(.forbidden, "origin_not_allowed", "pages of this origin may not open sockets here")
            }
        }
        let (credentials, showsToken) = Self.credentials(head, address: origin.address.text)
        let caller = try await caller(of: credentials)
        var headers = handshake
        if showsToken { headers.add(name: "Sec-WebSocket-Protocol", value: Self.tokenProtocol) }
        let start: Int64
        do {
            start = try await hub.reader.lastPosition()
        } catch {
            throw Problem(error)
        }
        return .accept(headers: headers) { [hub, settings] channel in
            try Self.install(
                on: channel, hub: hub, limits: settings.sockets, isSystem: path == "/ws/system",
                credentials: credentials, caller: caller, start: start)
        }
    }

    /// Nil: somebody who says so in the first message.
    private func caller(of credentials: Credentials) async throws -> Principal? {
        do throws(AuthenticationFailure) {
            let caller = try await hub.authenticator.principal(of: credentials)
            return caller.kind == .anonymous ? nil : caller
        } catch {
            guard !error.isStoreFailure else { throw Problem.storage }
            hub.noteAuthenticationFailure()
            throw Problem(.unauthorized, "unauthenticated", error.message)
        }
    }

    private static func credentials(_ head: HTTPRequestHead, address: String) -> (Credentials, showsToken: Bool) {
        let authorization = head.headers.first(name: "Authorization"), scheme = "bearer "
        var bearer =
            authorization?.lowercased().hasPrefix(scheme) == true
            ? authorization.map { String($0.dropFirst(scheme.count)) } : nil
        let protocols = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
        let showsToken = protocols.count == 2 && protocols.first == tokenProtocol[...]
        if bearer == nil, showsToken { bearer = protocols.last.map(String.init) }
        let credentials = Credentials(
            bearer: bearer, key: head.headers.first(name: "X-API-Key"),
            claimedName: head.headers.first(name: "X-Bureau-User"), address: address,
            userAgent: head.headers.first(name: "User-Agent"))
        return (credentials, showsToken)
    }

    /// RFC 6455, section 4.2.1.
    private static func handshake(_ head: HTTPRequestHead) throws -> HTTPHeaders {
        guard head.headers["Sec-WebSocket-Version"] == ["13"] else {
            var problem = Problem(
                .init(code: 426, reasonPhrase: "Upgrade Required"), "websocket_version",
                "this host speaks version 13 of the WebSocket protocol")
            problem.headers[.known("Sec-WebSocket-Version")] = "13"
            throw problem
        }
        let keys = head.headers["Sec-WebSocket-Key"]
        guard keys.count == 1, let accept = acceptValue(keys[0]) else {
            throw Problem(.badRequest, "websocket_key", "Sec-WebSocket-Key is 16 bytes in base64")
        }
        return ["Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept]
    }

    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    private static let keyBytes = 16

    /// SHA-1 shows that the host read this request, and protects nothing.
    static func acceptValue(_ key: String) -> String? {
        guard Base64.decode(key)?.count == keyBytes else { return nil }
        return Base64.encode(Array(Insecure.SHA1.hash(data: Array((key + guid).utf8))))
    }

    private static func install(
        on channel: any Channel, hub: SocketHub, limits: SocketLimits, isSystem: Bool, credentials: Credentials,
        caller: Principal?, start: Int64
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        // Sockets are looked at together, every few seconds.
        if let meter = try? pipeline.handler(type: ConnectionMeter.self) {
            pipeline.removeHandler(meter, promise: nil)
        }
        try channel.syncOptions?.setOption(
            .writeBufferWaterMark, value: .init(low: limits.queueBytes / 4, high: limits.queueBytes))
        // The kernel's own queue would grow to megabytes for a client that does not read.
        try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: 2 * limits.queueBytes)
        // What clients send is short, and ten thousand of them are waited for.
        try channel.syncOptions?.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1_024))
        try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        let shard = hub.shard(of: channel.eventLoop)
        try pipeline.addHandlers([
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limits.maximumMessageBytes)),
            SocketHandler(
                hub: hub, shard: shard, isSystem: isSystem, credentials: credentials, caller: caller, start: start),
        ])
    }

    private static func refusal(_ problem: Problem) -> SocketDecision {
        var headers: HTTPHeaders = [
            "Content-Type": "application/problem+json", "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        ]
        if let seconds = problem.retryAfterSeconds { headers.add(name: "Retry-After", value: String(seconds)) }
        for field in problem.headers { headers.add(name: field.name.canonicalName, value: field.value) }
        return .refuse(
            .init(statusCode: problem.status.code, reasonPhrase: problem.status.reasonPhrase), headers: headers,
            body: ByteBuffer(bytes: problem.json.bytes))
    }
}
