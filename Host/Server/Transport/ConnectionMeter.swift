import Kernel
import NIOCore

/// One connection's ``ConnectionRules`` on its event loop: the handlers of the pipeline tell it what happens.
final class ConnectionWatch {
    private let context: Unbound
    private(set) var rules: ConnectionRules
    private var timer: Scheduled<Void>?
    private var armed = Tick(nanoseconds: .max)
    /// What is done when the client took too long: it may still get an answer where none has begun.
    var onTimeout: (() -> Void)?

    /// The channel; nothing else of the pipeline lives as long as the watch.
    private struct Unbound { let channel: any Channel }

    init(channel: any Channel, limits: ConnectionRules.Limits) {
        context = Unbound(channel: channel)
        rules = ConnectionRules(limits, at: MonotonicClock.now)
    }

    func update(_ change: (inout ConnectionRules, Tick) -> Void) { change(&rules, MonotonicClock.now) }

    /// Looks again, now if the client owes something, and when the rules say.
    func arm() {
        let now = MonotonicClock.now
        switch rules.check(at: now) {
        case .keep(let until):
            guard timer == nil || until < armed else { return }
            timer?.cancel()
            armed = until
            let loop = context.channel.eventLoop
            let bound = NIOLoopBound(self, eventLoop: loop)
            timer = loop.scheduleTask(in: .nanoseconds(max(1_000_000, until.nanoseconds(since: now)))) {
                bound.value.timer = nil
                bound.value.arm()
            }
        case .timeout:
            if let onTimeout { onTimeout() } else { context.channel.close(promise: nil) }
        case .close:
            context.channel.close(promise: nil)
        }
    }

    func end() {
        timer?.cancel()
        timer = nil
        onTimeout = nil
    }
}

/// Sees bytes come and go, below TLS and HTTP.
final class ConnectionMeter: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private let watch: ConnectionWatch

    init(_ watch: ConnectionWatch) { self.watch = watch }

    func handlerAdded(context: ChannelHandlerContext) { watch.arm() }
    func handlerRemoved(context: ChannelHandlerContext) { watch.end() }

    func read(context: ChannelHandlerContext) {
        watch.update { $0.waits(true, at: $1) }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        watch.update { rules, now in
            rules.waits(false, at: now)
            rules.bytesCame(at: now)
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if watch.rules.isPressed { watch.arm() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isStalled = !context.channel.isWritable
        watch.update { $0.stalled(isStalled, at: $1) }
        if isStalled { watch.arm() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch.end()
        context.fireChannelInactive()
    }
}
