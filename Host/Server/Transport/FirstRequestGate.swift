import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// What a connection turned out to be.
enum Negotiated: Sendable {
    case http1(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
    case http2(HTTP2Connection)
    /// A socket's handler has it, or it was refused and is being closed.
    case handled
}

/// What becomes of a request to speak WebSocket.
enum SocketDecision: Sendable {
    /// - Parameters:
    ///   - headers: for the answer 101.
    ///   - install: puts the socket's handlers at the end of the pipeline, on the event loop.
    case accept(headers: HTTPHeaders, install: @Sendable (any Channel) throws -> Void)
    case refuse(HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer)
}

/// Looks at the first request of an HTTP/1.1 connection: one that asks for a WebSocket is decided on here, with
/// everything that HTTP put into the pipeline taken out again; with any other one the connection stays HTTP.
///
/// NIO's own upgrade handler loses a request that asks for an upgrade which it does not know (`Upgrade: h2c`, which
/// curl sends) or which is refused. This one answers the one and lets the other pass, without its upgrade.
final class FirstRequestGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    typealias Decide = @Sendable (any Channel, HTTPRequestHead) -> EventLoopFuture<SocketDecision>

    private enum State {
        case waiting
        /// The decision and the request's end are awaited, in either order.
        case deciding(SocketDecision?, hasEnded: Bool)
        /// HTTP is leaving the pipeline; what arrives meanwhile is the client's first frames.
        case handingOver([NIOAny])
        case http
        case over
    }

    private let negotiated: EventLoopPromise<Negotiated>
    private let decoder: any RemovableChannelHandler
    private let encoder: any RemovableChannelHandler
    private let decide: Decide
    /// Puts the rest of HTTP behind this handler.
    private let becomeHTTP: () throws -> Negotiated
    private var state = State.waiting

    init(
        negotiated: EventLoopPromise<Negotiated>, decoder: any RemovableChannelHandler,
        encoder: any RemovableChannelHandler, decide: @escaping Decide,
        becomeHTTP: @escaping () throws -> Negotiated
    ) {
        self.negotiated = negotiated
        self.decoder = decoder
        self.encoder = encoder
        self.decide = decide
        self.becomeHTTP = becomeHTTP
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .handingOver(let buffered): state = .handingOver(buffered + [data])
        case .over: break
        case .waiting, .deciding, .http: read(unwrapInboundIn(data), context)
        }
    }

    private func read(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.waiting, .head(let head)) where head.asksForWebSocket:
            state = .deciding(nil, hasEnded: false)
            let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
            decide(context.channel, head).hop(to: context.eventLoop).whenComplete { result in
                let (gate, context) = bound.value
                gate.decided((try? result.get()) ?? .failed, context)
            }
        case (.waiting, _):
            do {
                let outcome = try becomeHTTP()
                state = .http
                negotiated.succeed(outcome)
            } catch {
                state = .over
                negotiated.fail(error)
                context.close(promise: nil)
                return
            }
            read(part, context)
        case (.deciding(let decision, _), .end):
            state = .deciding(decision, hasEnded: true)
            if let decision { decided(decision, context) }
        case (.deciding, _):
            refuse(.badRequest, [:], ByteBuffer(), context)
        case (.http, .head(let head)):
            context.fireChannelRead(wrapInboundOut(.head(head.withoutUpgrade)))
        case (.http, _):
            context.fireChannelRead(wrapInboundOut(part))
        case (.handingOver, _), (.over, _): break
        }
    }

    private func decided(_ decision: SocketDecision, _ context: ChannelHandlerContext) {
        guard case .deciding(_, let hasEnded) = state else { return }
        guard hasEnded else {
            state = .deciding(decision, hasEnded: false)
            return
        }
        switch decision {
        case .refuse(let status, let headers, let body): refuse(status, headers, body, context)
        case .accept(let headers, let install): handOver(headers, install, context)
        }
    }

    private func refuse(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        state = .over
        var head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        head.headers.replaceOrAdd(name: "Content-Length", value: String(body.readableBytes))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        negotiated.succeed(.handled)
        // The client reads the answer, then the end; a client that never goes away is cut off.
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }

    private func handOver(
        _ headers: HTTPHeaders, _ install: @escaping @Sendable (any Channel) throws -> Void,
        _ context: ChannelHandlerContext
    ) {
        state = .handingOver([])
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: context.eventLoop)
        // Bytes that the decoder holds come here as it leaves.
        pipeline.removeHandler(decoder).flatMap { [encoder = NIOLoopBound(encoder, eventLoop: context.eventLoop)] in
            bound.value.context.pipeline.syncOperations.removeHandler(encoder.value)
        }.whenComplete { result in
            let (gate, context) = bound.value
            gate.handedOver(result, install, context)
        }
    }

    private func handedOver(
        _ result: Result<Void, any Error>, _ install: @Sendable (any Channel) throws -> Void,
        _ context: ChannelHandlerContext
    ) {
        guard case .handingOver(let buffered) = state else { return }
        state = .over
        do {
            try result.get()
            try install(context.channel)
        } catch {
            negotiated.fail(error)
            context.close(promise: nil)
            return
        }
        negotiated.succeed(.handled)
        for data in buffered { context.fireChannelRead(data) }
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .http, .over: context.fireErrorCaught(error)
        case .waiting:
            guard error is HTTPParserError, let outcome = try? becomeHTTP() else {
                context.close(promise: nil)
                return
            }
            // HTTP's own handlers say what is wrong with it.
            state = .http
            negotiated.succeed(outcome)
            context.fireErrorCaught(error)
        case .deciding, .handingOver: context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .http = state {} else { negotiated.fail(ChannelError.eof) }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A connection that has not said anything yet goes when the host does.
        if case .waiting = state, event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
        if case .waiting = state, case .some(.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}

extension SocketDecision {
    fileprivate static let failed = SocketDecision.refuse(.internalServerError, headers: [:], body: ByteBuffer())
}

extension HTTPRequestHead {
    private func names(_ field: String, _ token: String) -> Bool {
        headers[canonicalForm: field].contains { $0.lowercased() == token }
    }

    fileprivate var asksForWebSocket: Bool {
        method == .GET && version == .http1_1 && names("upgrade", "websocket") && names("connection", "upgrade")
    }

    /// As the application gets it. The decoder stops after a request that asks for an upgrade, so that the connection
    /// ends there.
    fileprivate var withoutUpgrade: HTTPRequestHead {
        let stopsHere = headers.contains(name: "upgrade") && names("connection", "upgrade")
        guard stopsHere || !isKeepAlive else { return self }
        var head = self
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        return head
    }
}
