import Kernel
import NIOCore

/// All sockets of one event loop, and who of them wants what. Used on that loop only, so that nothing is locked; the
/// fan-out gives each loop the same events.
final class SocketShard {
    /// Of a tenant, or (nil) of operators, who hear all of them. Nobody finds another tenant's key.
    struct Key: Hashable {
        var tenant: String?
        var channel: String
    }

    struct Counts: Sendable {
        var sent: Int64 = 0
        var dropped: Int64 = 0
    }

    struct Statistics: Sendable {
        var sockets = 0
        var subscriptions: [SocketChannel.Family: Int] = [:]
        var counts: [SocketChannel.Family: Counts] = [:]
        var slowClosed: Int64 = 0
        var silentClosed: Int64 = 0
        var messages: Int64 = 0
        /// From commit to write, of the last event and of the slowest.
        var lagMilliseconds: Int64 = 0
        var worstLagMilliseconds: Int64 = 0
    }

    private static let sweepSeconds: Int64 = 5

    private(set) var sockets: [ObjectIdentifier: SocketHandler] = [:]
    private var index: [Key: [ObjectIdentifier: SocketHandler.Subscription]] = [:]
    private var waitingToFlush: [SocketHandler] = []
    private var sweep: RepeatedTask?
    /// Of the last event that was given to the sockets here.
    private(set) var position: Int64 = 0
    var statistics = Statistics()

    func add(_ socket: SocketHandler, _ loop: any EventLoop) {
        sockets[ObjectIdentifier(socket)] = socket
        guard sweep == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        sweep = loop.scheduleRepeatedTask(
            initialDelay: .seconds(Self.sweepSeconds), delay: .seconds(Self.sweepSeconds)
        ) { _ in
            let now = MonotonicClock.now
            for socket in Array(bound.value.sockets.values) { socket.look(at: now) }
        }
    }

    func remove(_ socket: SocketHandler) {
        guard sockets.removeValue(forKey: ObjectIdentifier(socket)) != nil else { return }
        for subscription in socket.subscriptions.values { unsubscribe(subscription) }
        if sockets.isEmpty {
            sweep?.cancel()
            sweep = nil
        }
    }

    func subscribe(_ subscription: SocketHandler.Subscription) {
        index[subscription.key, default: [:]][ObjectIdentifier(subscription.socket)] = subscription
        statistics.subscriptions[subscription.channel.family, default: 0] += 1
    }

    func unsubscribe(_ subscription: SocketHandler.Subscription) {
        let socket = ObjectIdentifier(subscription.socket)
        guard index[subscription.key]?.removeValue(forKey: socket) != nil else { return }
        if index[subscription.key]?.isEmpty == true { index[subscription.key] = nil }
        statistics.subscriptions[subscription.channel.family, default: 1] -= 1
    }

    /// Events that were committed, in order.
    func deliver(_ events: [SocketEvent], now: Instant) {
        for event in events {
            position = max(position, event.position)
            let tenants: [String?] = event.tenant == nil ? [nil] : [event.tenant, nil]
            for tenant in tenants {
                for name in event.lookup {
                    guard let wanting = index[Key(tenant: tenant, channel: name)] else { continue }
                    for subscription in wanting.values { subscription.deliver(event) }
                }
            }
            statistics.lagMilliseconds = max(0, now.unixMilliseconds - event.at.unixMilliseconds)
            statistics.worstLagMilliseconds = max(statistics.worstLagMilliseconds, statistics.lagMilliseconds)
        }
        flush()
    }

    /// Of this host, and of no tenant.
    func publish(metric name: String, _ frame: ByteBuffer) {
        for channel in ["system." + name, "system.*"] {
            guard let wanting = index[Key(tenant: nil, channel: channel)] else { continue }
            for subscription in wanting.values { subscription.socket.send(frame, of: .system) }
        }
        flush()
    }

    func flushLater(_ socket: SocketHandler) { waitingToFlush.append(socket) }

    private func flush() {
        let sockets = waitingToFlush
        waitingToFlush.removeAll(keepingCapacity: true)
        for socket in sockets { socket.flush() }
    }
}
