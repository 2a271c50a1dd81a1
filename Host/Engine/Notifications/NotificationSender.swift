import Audit
import Journal
import Kernel
import Synchronization

/// Tells people of events: once for each event and channel, again by schedule while it fails, then as a dead letter.
/// The channel is a group of consumers, so what was told survives restarts. A crash between the other side's word and
/// the commit tells it twice: a webhook's and a mail's id is then the same.
final class NotificationSender: Sendable {
    /// Of one channel at the same time.
    private static let messagesAtOnce = 4

    let core: EngineCore
    private let post: NotificationPost
    private let underWay = Mutex<[String: Int]>([:])

    init(core: EngineCore) {
        self.core = core
        post = core.notificationPost
    }

    /// What there is room for now.
    func take(_ channel: NotificationChannel) async -> [StreamDelivery] {
        let room = Self.messagesAtOnce - underWay.withLock { $0[channel.name] ?? 0 }
        guard room > 0 else { return [] }
        let given = try? await core.journal.write { journal throws(JournalError) in
            try journal.streamRead(channel.group, consumer: EventPump.consumer, limit: room)
        }
        underWay.withLock { $0[channel.name, default: 0] += given?.count ?? 0 }
        return given ?? []
    }

    func send(_ delivery: StreamDelivery, to channel: NotificationChannel) async {
        defer { underWay.withLock { $0[channel.name, default: 1] -= 1 } }
        let began = core.clock()
        let result: Result<Int, Failure>
        do {
            let text = try await text(of: delivery, for: channel)
            result = await post.send(
                text, id: "evt_\(delivery.event.position)", topic: delivery.event.event.topic, to: channel)
        } catch {
            // Nobody knows how far it may go: it waits.
            result = .failure(Failure(.io, error.message))
        }
        // The next host takes it up.
        if Task.isCancelled { return }
        let now = core.clock()
        var attempt = NotificationAttempt(
            channel: channel.name, position: delivery.event.position, attempt: delivery.deliveries, at: began,
            milliseconds: now.unixMilliseconds - began.unixMilliseconds, status: nil, error: nil)
        switch result {
        case .success(let status): attempt.status = status
        case .failure(let failure): attempt.error = String(failure.message.prefix(500))
        }
        await note(attempt, result, delivery, channel)
    }

    // MARK: What is said

    /// The run's class and whom it is about decide what a channel may see.
    private func text(
        of delivery: StreamDelivery, for channel: NotificationChannel
    ) async throws(JournalError) -> NotificationText {
        let event = delivery.event.event
        let (sensitivity, isAboutSomebody) = try await core.journal.read { journal throws(JournalError) in
            (try journal.sensitivity(ofEventsOf: event.run), try journal.run(event.run)?.subject != nil)
        }
        let clearance = core.settings.policy.classification.webhooks.clearance(of: channel.name)
        let mayShow = !isAboutSomebody && sensitivity.map { $0 <= clearance } ?? true
        return NotificationText(
            topic: event.topic, body: event.body, department: delivery.origin?.department,
            tenant: delivery.origin?.tenant, run: event.run == .nobody ? nil : event.run, mayShow: mayShow)
    }

    // MARK: What came of it

    private func note(
        _ attempt: NotificationAttempt, _ result: Result<Int, Failure>, _ delivery: StreamDelivery,
        _ channel: NotificationChannel
    ) async {
        let verdict = Self.verdict(result, attempt.attempt, isMail: channel.way.kind == "smtp")
        let reason = attempt.error ?? "the receiver answered \(attempt.status ?? 0)"
        let event = delivery.event.event
        var fields: [String: JSONValue] = [
            "channel": .leafText(channel.name), "event": .integer(attempt.position), "topic": .leafText(event.topic),
            "attempt": .integer(Int64(attempt.attempt)),
        ]
        if event.run != .nobody { fields["run"] = .string(event.run.description) }
        let told = fields
        _ = try? await core.journal.write { journal throws(JournalError) in
            try journal.notificationAttemptAppend(attempt)
            switch verdict {
            case .delivered:
                _ = try journal.auditAppend(type: "notification.sent", fields: told)
                _ = try journal.streamAcknowledge(channel.group, [attempt.position])
            case .again(let wait):
                _ = try journal.streamReject(
                    channel.group, attempt.position, reason: reason,
                    retryAt: journal.now.advanced(byMilliseconds: wait))
            case .givenUp, .disable:
                _ = try journal.auditAppend(type: "notification.given_up", fields: told)
                _ = try journal.streamReject(channel.group, attempt.position, reason: reason, retryAt: nil)
                guard verdict == .disable,
                    var current = try journal.notificationChannels().first(where: { $0.name == channel.name })
                else { return }
                current.disabledReason = "the receiver answered 410: it is gone"
                try journal.notificationChannelSet(current, by: EventPump.consumer)
            }
        }
    }

    private static func verdict(
        _ result: Result<Int, Failure>, _ attempt: Int, isMail: Bool
    ) -> WebhookSchedule.Verdict {
        if case .failure(let failure) = result, isMail, failure.status == .denied { return .givenUp }
        let status: Int? = if case .success(let code) = result { isMail ? 200 : code } else { nil }
        return WebhookSchedule.verdict(status: status, attempt: attempt, random: UInt64.random(in: .min ... .max))
    }
}
