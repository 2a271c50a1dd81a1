import HTTPTypes
import Kernel
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Requests and answers of one HTTP/1.1 connection or one HTTP/2 stream: tells the watch what happens, adds what every
/// answer carries, refuses what is no HTTP, and ends the connection when the host does.
final class ExchangeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let watch: ConnectionWatch
    private let answers: AnswerHeaders
    private let gate: DrainGate
    private let isHTTP1: Bool
    /// Of an answer on a stream, so that it shows how much of it the client has taken.
    private static let pieceBytes = 64 << 10
    /// After the answers that are owed.
    private var closes = false
    private var hasEnded = false
    /// An answer has begun and is not complete: nothing else may be written.
    private var isAnswering = false
    /// Of a stream: all of the answer was written, if not yet taken.
    private var hasAnswered = false
    private var isGone = false

    init(watch: ConnectionWatch, answers: AnswerHeaders, gate: DrainGate, isHTTP1: Bool) {
        self.watch = watch
        self.answers = answers
        self.gate = gate
        self.isHTTP1 = isHTTP1
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        watch.onTimeout = {
            let (handler, context) = bound.value
            handler.refuse(context, .requestTimeout, "timeout", "the request took too long to arrive")
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isGone = true
        watch.end()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        watch.end()
        context.fireChannelInactive()
    }

    func read(context: ChannelHandlerContext) {
        // Of an HTTP/1.1 connection the meter below sees every byte; a stream has none.
        if !isHTTP1 { watch.update { $0.waits(true, at: $1) } }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        let part = unwrapInboundIn(data)
        if isHTTP1, case .head(let head) = part, head.headerFields[.connection] == "close" { closes = true }
        watch.update { [isHTTP1] rules, now in
            if !isHTTP1 { rules.waits(false, at: now) }
            switch part {
            case .head: rules.headCame(at: now)
            case .body(let bytes): rules.bodyCame(bytes: bytes.readableBytes)
            case .end: rules.requestEnded(at: now)
            }
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if !isHTTP1, watch.rules.isPressed { watch.arm() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasEnded else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            isAnswering = head.status.kind != .informational
            answers.add(to: &head)
            if isHTTP1 {
                if !gate.isOpen { closes = true }
                if head.headerFields[.connection]?.lowercased() == "close" { closes = true }
                if closes { head.headerFields[.connection] = "close" }
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let bytes):
            if isHTTP1 {
                context.write(data, promise: promise)
            } else {
                writePieces(bytes, context, promise)
            }
        case .end:
            isAnswering = false
            hasAnswered = !isHTTP1
            // A stream has one answer, and is not idle after it: it ends once the client has taken it.
            if isHTTP1 { watch.update { $0.answered(at: $1) } }
            guard closes, !watch.rules.hasUnanswered else {
                context.write(data, promise: promise)
                return
            }
            context.writeAndFlush(data, promise: promise)
            end(context)
        }
    }

    // MARK: What the client of a stream takes

    // Of an HTTP/1.1 connection the meter below sees whether the client takes what is sent. A stream has a window of
    // its own: a client that never opens it would keep each answer here, and the stream with it.

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if !isHTTP1, !isGone {
            let isStalled = !context.channel.isWritable
            watch.update { $0.stalled(isStalled || hasAnswered, at: $1) }
            if isStalled { watch.arm() }
        }
        context.fireChannelWritabilityChanged()
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        // Mostly the client has taken it by now, and the stream is gone.
        guard hasAnswered, !isGone else { return }
        watch.update { $0.stalled(true, at: $1) }
        watch.arm()
    }

    private func writePieces(
        _ bytes: ByteBuffer, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
    ) {
        var bytes = bytes
        while bytes.readableBytes > Self.pieceBytes, let piece = bytes.readSlice(length: Self.pieceBytes) {
            let taken = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound(watch, eventLoop: context.eventLoop)
            taken.futureResult.whenSuccess { bound.value.update { $0.progressed(at: $1) } }
            context.write(wrapOutboundOut(.body(piece)), promise: taken)
        }
        context.write(wrapOutboundOut(.body(bytes)), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output { noteEnd() }
        context.close(mode: mode, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard isHTTP1, event is ChannelShouldQuiesceEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        if watch.rules.isIdle {
            end(context)
        } else {
            closes = true
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard isHTTP1, !(error is IOError), !(error is ChannelError) else {
            context.fireErrorCaught(error)
            return
        }
        switch error as? HTTPParserError {
        case .some(.headerOverflow):
            refuse(
                context, .init(code: 431, reasonPhrase: "Request Header Fields Too Large"), "head_too_large",
                "the request's address and header fields are too long")
        case .some(.invalidVersion):
            refuse(context, .httpVersionNotSupported, "http_version", "this host speaks HTTP/1.1 and HTTP/2")
        default: refuse(context, .badRequest, "not_http", "the request is not HTTP")
        }
    }

    /// Answers in the application's stead and ends; only ends where an answer has begun, or others are owed before.
    private func refuse(
        _ context: ChannelHandlerContext, _ status: HTTPResponse.Status, _ code: String, _ detail: String
    ) {
        guard !hasEnded else { return }
        guard isHTTP1, !isAnswering else {
            hasEnded = true
            context.close(promise: nil)
            return
        }
        let body = Problem(status, code, detail).json.bytes
        var head = HTTPResponse(status: status)
        head.headerFields[.contentType] = "application/problem+json"
        head.headerFields[.contentLength] = String(body.count)
        head.headerFields[.connection] = "close"
        answers.add(to: &head)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        end(context)
    }

    /// Sends nothing more, and waits a little for the client to have read it: closing at once would reset the
    /// connection under the answer while bytes of the client's are unread.
    private func end(_ context: ChannelHandlerContext) {
        guard !hasEnded else { return }
        hasEnded = true
        noteEnd()
        context.close(mode: .output, promise: nil)
    }

    private func noteEnd() {
        watch.update { $0.ended(at: $1) }
        watch.arm()
    }
}
