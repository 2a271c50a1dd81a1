import Kernel
import NIOCore
import NIOWebSocket

/// One WebSocket, at the end of its pipeline and on its event loop.
final class SocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = ByteBuffer

    /// What one socket hears of one channel.
    final class Subscription {
        let channel: SocketChannel
        let key: SocketShard.Key
        let socket: SocketHandler
        var reach: Reach
        /// Up to here nothing is missing; what is older was there before, or came while catching up.
        fileprivate(set) var seen: Int64
        fileprivate(set) var isCatchingUp: Bool

        init(_ channel: SocketChannel, _ key: SocketShard.Key, of socket: SocketHandler, reach: Reach, seen: Int64) {
            self.channel = channel
            self.key = key
            self.socket = socket
            self.reach = reach
            self.seen = seen
            isCatchingUp = false
        }

        func deliver(_ event: SocketEvent) {
            guard !isCatchingUp, event.position > seen, wants(event) else { return }
            socket.send(event, of: channel.family)
        }

        /// Whether it may be told; that its name fits is known.
        fileprivate func wants(_ event: SocketEvent) -> Bool {
            guard let caller = socket.caller else { return false }
            if let sensitivity = event.sensitivity, sensitivity > caller.clearance { return false }
            guard let tenant = event.tenant else { return caller.tenant == nil }
            return reach == .tenant
                ? caller.sees(tenant: tenant) : caller.sees(owner: event.owner, tenant: tenant, reach)
        }
    }

    private enum Phase { case open, closing }

    private let hub: SocketHub
    private let shard: NIOLoopBound<SocketShard>
    private let isSystem: Bool
    private let limits: SocketLimits
    private var credentials: Credentials
    private(set) var caller: Principal?
    /// Of the log when the socket came.
    private let start: Int64

    private var context: ChannelHandlerContext?
    private var phase = Phase.open
    private(set) var subscriptions: [String: Subscription] = [:]
    private var fragments: (count: Int, bytes: ByteBuffer)?
    private var arrival: Tick?
    private let openedAt = MonotonicClock.now
    private var heardAt = MonotonicClock.now
    private var pingedAt = MonotonicClock.now
    private var checkedAt = MonotonicClock.now
    private var stalledAt: Tick?
    private var isAuthenticating = false
    private var mustFlush = false
    /// The last event of the fan-out that was told, so that it is told once whatever it fits.
    private var lastLive: Int64
    /// `after`: before the first of them nothing is missing.
    private var dropped: (count: Int64, after: Int64)?
    /// Waits until the client has taken what was sent.
    private var paused: SocketHub.CatchUp?
    /// How far catching up has come, while it goes on.
    private var catchUpPosition: Int64?
    private var isCounted = false

    init(
        hub: SocketHub, shard: NIOLoopBound<SocketShard>, isSystem: Bool, credentials: Credentials,
        caller: Principal?, start: Int64
    ) {
        self.hub = hub
        self.shard = shard
        self.isSystem = isSystem
        self.credentials = credentials
        self.caller = caller
        self.start = start
        limits = hub.limits
        lastLive = start
    }

    // MARK: Pipeline

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        shard.value.add(self, context.eventLoop)
        isCounted = hub.enter(caller, position: start)
        guard isCounted else { return fail(.tryLater, "too many sockets") }
        if let caller {
            say(SocketMessage.welcome(caller, position: start))
        } else {
            say(SocketMessage.authenticate(seconds: limits.authenticationSeconds))
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .seconds(limits.authenticationSeconds)) {
                if bound.value.caller == nil { bound.value.fail(.policy, "nobody said who this is") }
            }
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { gone() }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    private func gone() {
        guard context != nil else { return }
        context = nil
        phase = .closing
        paused = nil
        for subscription in subscriptions.values { count(subscription, by: -1) }
        shard.value.remove(self)
        subscriptions = [:]
        if isCounted { hub.leave(caller) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            say(SocketMessage.closing(resumeAfter: resumePosition))
            fail(.goingAway, "the host is ending")
        } else if case .some(.inputClosed) = event as? ChannelEvent {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stalledAt = nil
            if let dropped {
                self.dropped = nil
                say(SocketMessage.dropped(count: dropped.count, resumeAfter: dropped.after))
            }
            if let paused {
                self.paused = nil
                hub.begin(paused)
            }
        } else {
            stalledAt = stalledAt ?? MonotonicClock.now
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error as? NIOWebSocketError {
        case .some(.invalidFrameLength): fail(.tooBig, "a message has at most \(limits.maximumMessageBytes) bytes")
        case .some: fail(.protocolError, "a frame is not as RFC 6455 has it")
        case .none: context.close(promise: nil)
        }
    }

    // MARK: What the client says

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .open = phase else { return }
        let frame = unwrapInboundIn(data), now = MonotonicClock.now
        heardAt = now
        guard frame.maskKey != nil else { return fail(.protocolError, "frames from clients are masked") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return fail(.protocolError, "no extension is in use") }
        guard case .passed(let arrival, _) = limits.messages.decide(arrival, at: now) else {
            return fail(.policy, "too many messages")
        }
        self.arrival = arrival
        switch frame.opcode {
        case .text:
            guard fragments == nil else { return fail(.protocolError, "the message before has no end") }
            take(frame, ByteBuffer(), count: 0)
        case .continuation:
            guard let (count, bytes) = fragments else { return fail(.protocolError, "nothing to go on with") }
            fragments = nil
            take(frame, bytes, count: count)
        case .binary: fail(.notText, "messages are JSON in text")
        case .ping: if context.channel.isWritable { write(SocketFrame.pong(frame.unmaskedData)) }
        case .pong: break
        case .connectionClose: closed(frame.unmaskedData)
        default: fail(.protocolError, "an unknown kind of frame")
        }
    }

    private func take(_ frame: WebSocketFrame, _ before: ByteBuffer, count: Int) {
        var bytes = before
        bytes.writeImmutableBuffer(frame.unmaskedData)
        guard bytes.readableBytes <= limits.maximumMessageBytes else {
            return fail(.tooBig, "a message has at most \(limits.maximumMessageBytes) bytes")
        }
        guard frame.fin else {
            guard count < limits.maximumFragments else { return fail(.policy, "too many fragments") }
            fragments = (count + 1, bytes)
            return
        }
        let text = Array(bytes.readableBytesView)
        guard String(validating: text, as: UTF8.self) != nil else { return fail(.notUTF8, "the text is not UTF-8") }
        shard.value.statistics.messages += 1
        do throws(SocketRequest.Invalid) {
            let (request, id) = try SocketRequest.read(text)
            take(request, id)
        } catch {
            say(SocketMessage.error(error.code, error.message))
        }
    }

    private func closed(_ data: ByteBuffer) {
        var data = data
        guard data.readableBytes > 0 else { return end(ByteBuffer(bytes: [0x88, 0])) }
        guard let code = data.readInteger(as: UInt16.self), SocketFrame.isValid(closeCode: code) else {
            return fail(.protocolError, "no such reason to close")
        }
        guard String(validating: data.readableBytesView, as: UTF8.self) != nil else {
            return fail(.notUTF8, "the reason is not UTF-8")
        }
        end(SocketFrame.close(code, ""))
    }

    private func take(_ request: SocketRequest, _ id: JSONValue?) {
        if case .authenticate(let token) = request { return authenticate(token, id) }
        guard let caller else {
            return say(SocketMessage.error("unauthenticated", "say who you are first: auth with a token", id: id))
        }
        switch request {
        case .authenticate: break
        case .ping: say(SocketMessage.pong(id: id))
        case .subscribe(let channels, let after): subscribe(channels, after: after, caller, id)
        case .unsubscribe(let channels): unsubscribe(channels, id)
        }
    }

    // MARK: Subscriptions

    private func subscribe(_ channels: [SocketChannel], after: Int64?, _ caller: Principal, _ id: JSONValue?) {
        let new = channels.filter { subscriptions[$0.name] == nil }
        guard subscriptions.count + new.count <= limits.maximumSubscriptions else {
            return say(
                SocketMessage.error(
                    "too_many", "a socket has at most \(limits.maximumSubscriptions) subscriptions", id: id))
        }
        guard after == nil || catchUpPosition == nil else {
            return say(SocketMessage.error("busy", "this socket is still catching up: wait for caught_up", id: id))
        }
        if isSystem, let other = channels.first(where: { $0.family != .system }) {
            return say(SocketMessage.error("unknown_channel", "\(other) is not on /ws/system", id: id))
        }
        if let denied = channels.first(where: { $0.reach(of: caller) == .none }) {
            return say(SocketMessage.error("forbidden", "you may not listen to \(denied)", id: id))
        }
        let position = max(shard.value.position, start)
        for channel in channels {
            if let known = subscriptions[channel.name] {
                known.isCatchingUp = after != nil && channel.family != .system
                continue
            }
            let key = SocketShard.Key(
                tenant: channel.family == .system ? nil : caller.tenant, channel: channel.name)
            let subscription = Subscription(channel, key, of: self, reach: channel.reach(of: caller), seen: position)
            subscription.isCatchingUp = after != nil && channel.family != .system
            subscriptions[channel.name] = subscription
            shard.value.subscribe(subscription)
            count(subscription, by: 1)
        }
        say(SocketMessage.subscribed(channels, position: after ?? position, id: id))
        guard let after, let context, subscriptions.values.contains(where: \.isCatchingUp) else { return }
        catchUpPosition = after
        hub.begin(
            SocketHub.CatchUp(
                loop: context.eventLoop, socket: NIOLoopBound(self, eventLoop: context.eventLoop),
                needsOwners: subscriptions.values.contains { $0.isCatchingUp && $0.reach != .tenant },
                position: after))
    }

    private func unsubscribe(_ channels: [SocketChannel], reason: String? = nil, _ id: JSONValue? = nil) {
        let known = channels.filter { subscriptions[$0.name] != nil }
        for channel in known {
            guard let subscription = subscriptions.removeValue(forKey: channel.name) else { continue }
            shard.value.unsubscribe(subscription)
            count(subscription, by: -1)
        }
        say(SocketMessage.unsubscribed(known, reason: reason, id: id))
    }

    private func count(_ subscription: Subscription, by change: Int) {
        hub.listeners(
            partial: subscription.reach == .tenant ? 0 : change,
            metrics: subscription.channel.family == .system ? change : 0)
    }

    /// A batch of what was committed before; on the event loop, so that nothing comes between the last one and what
    /// is live.
    func caughtUp(with events: [SocketEvent], to position: Int64, _ job: SocketHub.CatchUp) {
        guard case .open = phase, let context else { return }
        let waiting = subscriptions.values.filter(\.isCatchingUp)
        for event in events {
            let first = waiting.first {
                ($0.key.tenant == nil || $0.key.tenant == event.tenant) && event.lookup.contains($0.key.channel)
                    && $0.wants(event)
            }
            // However much waits: this batch is all there is until the client has taken it.
            if let first { tell(event.frame, of: first.channel.family, context) }
        }
        flush()
        catchUpPosition = position
        var job = job
        job.position = position
        // Less than a batch: at that moment there was no more, and what came since is live for whoever is behind it.
        if waiting.isEmpty || events.count < EventReader.batch && position >= shard.value.position {
            catchUpPosition = nil
            for subscription in waiting {
                subscription.isCatchingUp = false
                subscription.seen = position
            }
            return say(SocketMessage.caughtUp(waiting.map(\.channel), position: position))
        }
        if context.channel.isWritable { hub.begin(job) } else { paused = job }
    }

    // MARK: Who it is

    private func authenticate(_ token: String, _ id: JSONValue?) {
        guard caller == nil else {
            return say(SocketMessage.error("invalid", "this socket knows who you are", id: id))
        }
        guard !isAuthenticating else { return fail(.policy, "one try") }
        credentials.bearer = token
        check()
    }

    /// Asks who the credentials prove, now; the answer comes later.
    private func check() {
        guard let loop = context?.eventLoop, !isAuthenticating else { return }
        isAuthenticating = true
        checkedAt = MonotonicClock.now
        let bound = NIOLoopBound(self, eventLoop: loop)
        loop.makeFutureWithTask { [hub, credentials] () async -> Result<Principal, AuthenticationFailure> in
            do throws(AuthenticationFailure) {
                return .success(try await hub.authenticator.principal(of: credentials))
            } catch {
                return .failure(error)
            }
        }.whenSuccess { result in bound.value.checked(result) }
    }

    private func checked(_ result: Result<Principal, AuthenticationFailure>) {
        isAuthenticating = false
        guard case .open = phase, context != nil else { return }
        if case .failure(let failure) = result, failure.isStoreFailure {
            return fail(.tryLater, Problem.storage.detail)
        }
        guard case .success(let principal) = result, principal.kind != .anonymous else {
            hub.noteAuthenticationFailure()
            return fail(.policy, caller == nil ? "the token proves nobody" : "the credentials are no longer valid")
        }
        guard let before = caller else {
            guard hub.become(principal) else { return fail(.policy, "too many sockets of one caller") }
            caller = principal
            return say(SocketMessage.welcome(principal, position: start))
        }
        guard before.id == principal.id, before.tenant == principal.tenant else {
            return fail(.policy, "the credentials are somebody else's now")
        }
        caller = principal
        for subscription in Array(subscriptions.values) {
            let reach = subscription.channel.reach(of: principal)
            guard reach != .none else {
                unsubscribe([subscription.channel], reason: "forbidden")
                continue
            }
            count(subscription, by: -1)
            subscription.reach = reach
            count(subscription, by: 1)
        }
    }

    // MARK: What the host says

    /// Once for all subscriptions that it fits.
    fileprivate func send(_ event: SocketEvent, of family: SocketChannel.Family) {
        guard event.position > lastLive else { return }
        lastLive = event.position
        guard !send(event.frame, of: family) else { return }
        dropped = (dropped.map { $0.count + 1 } ?? 1, dropped?.after ?? event.position - 1)
    }

    /// - Returns: false: too much waits for the client, and this will not.
    @discardableResult
    func send(_ frame: ByteBuffer, of family: SocketChannel.Family) -> Bool {
        guard case .open = phase, let context else { return false }
        guard context.channel.isWritable else {
            shard.value.statistics.counts[family, default: .init()].dropped += 1
            return false
        }
        tell(frame, of: family, context)
        return true
    }

    private func tell(_ frame: ByteBuffer, of family: SocketChannel.Family, _ context: ChannelHandlerContext) {
        shard.value.statistics.counts[family, default: .init()].sent += 1
        context.write(wrapOutboundOut(frame), promise: nil)
        guard !mustFlush else { return }
        mustFlush = true
        shard.value.flushLater(self)
    }

    func flush() {
        mustFlush = false
        context?.flush()
    }

    private func say(_ message: JSONValue) { write(SocketFrame.text(message)) }

    private func write(_ frame: ByteBuffer) {
        guard case .open = phase else { return }
        context?.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// Up to there nothing is missing that was subscribed to.
    private var resumePosition: Int64 { catchUpPosition ?? dropped?.after ?? max(shard.value.position, start) }

    // MARK: Time, and the end

    /// Every few seconds.
    func look(at now: Tick) {
        guard case .open = phase, let context else { return }
        if let stalledAt, now.nanoseconds(since: stalledAt) > limits.stalledSeconds * 1_000_000_000 {
            shard.value.statistics.slowClosed += 1
            return fail(.tryLater, "too slow: come back and go on where you were")
        }
        let silence = now.nanoseconds(since: heardAt)
        if silence > limits.silenceSeconds * 1_000_000_000 {
            shard.value.statistics.silentClosed += 1
            return fail(.goingAway, "no answer to pings")
        }
        let pause = limits.pingSeconds * 1_000_000_000
        if silence > pause, now.nanoseconds(since: pingedAt) > pause, context.channel.isWritable {
            pingedAt = now
            write(SocketFrame.ping)
        }
        if caller != nil, now.nanoseconds(since: checkedAt) > limits.recheckSeconds * 1_000_000_000 { check() }
    }

    /// Says why, and is gone a little later: at once where the client does its part.
    func fail(_ code: SocketFrame.CloseCode, _ reason: String) {
        // A client that was slow gets longer to see what it was told.
        end(SocketFrame.close(code.rawValue, reason), graceSeconds: code == .tryLater ? 10 : 2)
    }

    private func end(_ closeFrame: ByteBuffer, graceSeconds: Int64 = 2) {
        guard case .open = phase, let context else { return }
        write(closeFrame)
        phase = .closing
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .seconds(graceSeconds)) { channel.close(promise: nil) }
    }
}
