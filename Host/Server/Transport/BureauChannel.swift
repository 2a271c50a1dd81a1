import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import NIOTLS

typealias HTTP2Connection = HTTP2Channel.Value

/// What all connections of a listener share.
struct Listening: Sendable {
    var settings: TransportSettings
    var gate: DrainGate
    var connections: ConnectionTable
    /// Nil: plain.
    var certificates: Certificates?
    /// Decides on WebSockets; nil: there are none here.
    var decide: FirstRequestGate.Decide?
}

/// One connection: TLS where there is a certificate, then HTTP/2 or HTTP/1.1 as the client chose, a WebSocket where
/// it asks for one.
struct BureauChannel: ServerChildChannel, HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<Negotiated>
        let channel: any Channel
    }

    let responder: HTTPChannelHandler.Responder
    private let listening: Listening
    private let http2: HTTP2Channel
    private let answers: AnswerHeaders

    init(responder: @escaping HTTPChannelHandler.Responder, listening: Listening) {
        self.responder = responder
        self.listening = listening
        let answers = AnswerHeaders(isSecure: listening.certificates != nil)
        self.answers = answers
        http2 = HTTP2Channel(
            responder: responder,
            configuration: .init(
                idleTimeout: .seconds(listening.settings.times.idleSeconds), gracefulCloseTimeout: .seconds(10),
                streamConfiguration: .init(
                    additionalChannelHandlers: [StreamMeter(listening: listening, answers: answers)])))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let negotiated = channel.eventLoop.makePromise(of: Negotiated.self)
        let peer = channel.remoteAddress?.ipAddress, address = ClientAddress(peer), table = listening.connections
        guard table.enter(address, isProxy: listening.settings.trust.trusts(peer)) else {
            negotiated.succeed(.handled)
            channel.close(promise: nil)
            return channel.eventLoop.makeSucceededFuture(
                Value(negotiated: negotiated.futureResult, channel: channel))
        }
        channel.closeFuture.whenComplete { _ in
            table.leave(address)
            // Nobody waits for what a connection would have become.
            negotiated.fail(ChannelError.eof)
        }
        return channel.eventLoop.makeCompletedFuture {
            let watch = ConnectionWatch(channel: channel, limits: listening.settings.times)
            try channel.pipeline.syncOperations.addHandler(ConnectionMeter(watch))
            if let certificates = listening.certificates {
                try secure(channel, certificates, watch, negotiated, logger)
            } else {
                try becomeHTTP1(channel, watch, negotiated)
            }
            return Value(negotiated: negotiated.futureResult, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        switch try? await value.negotiated.get() {
        case .http1(let channel): await handleHTTP(asyncChannel: channel, logger: logger)
        case .http2(let connection): await http2.handle(value: connection, logger: logger)
        case .handled, nil: return
        }
    }

    private func secure(
        _ channel: any Channel, _ certificates: Certificates, _ watch: ConnectionWatch,
        _ negotiated: EventLoopPromise<Negotiated>, _ logger: Logger
    ) throws {
        let watch = NIOLoopBound(watch, eventLoop: channel.eventLoop)
        let chosen = ApplicationProtocolNegotiationHandler { result, channel in
            guard result == .negotiated("h2") else {
                return channel.eventLoop.makeCompletedFuture {
                    try becomeHTTP1(channel, watch.value, negotiated)
                }
            }
            // From here on each stream has a watch of its own, and the connection's end is HTTP/2's to say.
            let pipeline = channel.pipeline.syncOperations
            if let meter = try? pipeline.handler(type: ConnectionMeter.self) {
                pipeline.removeHandler(meter, promise: nil)
            }
            return http2.setup(channel: channel, logger: logger).map { negotiated.succeed(.http2($0)) }
        }
        try channel.pipeline.syncOperations.addHandlers([
            NIOSSLServerHandler(context: certificates.context), chosen,
        ])
    }

    private func becomeHTTP1(
        _ channel: any Channel, _ watch: ConnectionWatch, _ negotiated: EventLoopPromise<Negotiated>
    ) throws {
        let settings = listening.settings
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = settings.maximumHeadBytes
        limits.maxHeaderListSize = settings.maximumHeadBytes
        limits.maxHeaderFieldCount = settings.maximumHeaderFields
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
        let gate = FirstRequestGate(
            negotiated: negotiated, decoder: decoder, encoder: encoder, decide: listening.decide ?? Self.refusing
        ) {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([
                HTTP1ToHTTPServerCodec(secure: listening.certificates != nil),
                ExchangeHandler(watch: watch, answers: answers, gate: listening.gate, isHTTP1: true),
            ])
            return .http1(
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
        }
        try channel.pipeline.syncOperations.addHandlers([encoder, decoder, gate])
    }

    private static let refusing: FirstRequestGate.Decide = { channel, _ in
        channel.eventLoop.makeSucceededFuture(.refuse(.notFound, headers: [:], body: ByteBuffer()))
    }
}

/// Puts a watch and an ``ExchangeHandler`` into an HTTP/2 stream once it is on its event loop, and goes.
private final class StreamMeter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    private let listening: Listening
    private let answers: AnswerHeaders

    init(listening: Listening, answers: AnswerHeaders) {
        self.listening = listening
        self.answers = answers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let watch = ConnectionWatch(channel: context.channel, limits: listening.settings.times)
        let handler = ExchangeHandler(watch: watch, answers: answers, gate: listening.gate, isHTTP1: false)
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(handler, position: .after(self))
        } catch {
            context.close(promise: nil)
        }
        pipeline.removeHandler(self, promise: nil)
    }
}
