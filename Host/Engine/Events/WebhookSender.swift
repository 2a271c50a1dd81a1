import Gateway
import Journal
import Kernel
import Synchronization

/// Tells webhooks of events: signed, again by schedule, in parallel, with the fetcher's guards against addresses
/// inside.
final class WebhookSender: Sendable {
    /// Of one webhook at the same time.
    private static let messagesAtOnce = 8
    private static let timeoutMilliseconds: UInt64 = 15_000
    private static let answerBytes: UInt64 = 64 << 10

    let core: EngineCore
    private let underWay = Mutex<[String: Int]>([:])

    init(core: EngineCore) { self.core = core }

    /// What there is room for now.
    func take(_ webhook: WebhookRecord) async -> [StreamDelivery] {
        let room = Self.messagesAtOnce - underWay.withLock { $0[webhook.name] ?? 0 }
        guard room > 0 else { return [] }
        let given = try? await core.journal.write { journal throws(JournalError) in
            try journal.streamRead(webhook.group, consumer: EventPump.consumer, limit: room)
        }
        underWay.withLock { $0[webhook.name, default: 0] += given?.count ?? 0 }
        return given ?? []
    }

    func send(_ delivery: StreamDelivery, to webhook: WebhookRecord) async {
        defer { underWay.withLock { $0[webhook.name, default: 1] -= 1 } }
        let began = core.clock()
        let result: Result<EffectResult, Failure>
        switch await refusal(of: delivery, to: webhook) {
        case .given: result = await post(delivery, to: webhook)
        case .withheld(let reason): return await withhold(delivery, webhook, reason, at: began)
        case .unknown(let failure): result = .failure(failure)
        }
        // The next host takes it up.
        if Task.isCancelled { return }
        let now = core.clock()
        var attempt = WebhookAttempt(
            webhook: webhook.name, position: delivery.event.position, attempt: delivery.deliveries, at: began,
            milliseconds: now.unixMilliseconds - began.unixMilliseconds, status: nil, error: nil)
        var retryAfter: Int64?
        switch result {
        case .success(let answer):
            attempt.status = Int(clamping: answer.value)
            retryAfter = Self.retryAfterMilliseconds(answer)
        case .failure(let failure): attempt.error = failure.message
        }
        await note(attempt, retryAfter, webhook)
    }

    /// One message that no event stands behind, to see whether it arrives.
    func test(_ webhook: WebhookRecord) async -> Result<EffectResult, Failure> {
        let now = core.clock()
        let event = CloudEvent(
            position: 0, type: "webhook.test", time: now.timestamp, subject: nil, tenant: nil, department: nil,
            correlation: nil, causation: nil, data: ["webhook": .string(webhook.name)])
        return await post(event, id: "msg_test_\(now.unixMilliseconds)", to: webhook)
    }

    private func note(_ attempt: WebhookAttempt, _ retryAfter: Int64?, _ webhook: WebhookRecord) async {
        let verdict = WebhookSchedule.verdict(
            status: attempt.status, attempt: attempt.attempt, retryAfterMilliseconds: retryAfter,
            random: UInt64.random(in: .min ... .max))
        let reason = attempt.error ?? "the receiver answered \(attempt.status ?? 0)"
        _ = try? await core.journal.write { journal throws(JournalError) in
            try journal.webhookAttemptAppend(attempt)
            switch verdict {
            case .delivered: _ = try journal.streamAcknowledge(webhook.group, [attempt.position])
            case .again(let wait):
                _ = try journal.streamReject(
                    webhook.group, attempt.position, reason: reason,
                    retryAt: journal.now.advanced(byMilliseconds: wait))
            case .givenUp:
                _ = try journal.streamReject(webhook.group, attempt.position, reason: reason, retryAt: nil)
            case .disable:
                _ = try journal.streamReject(webhook.group, attempt.position, reason: reason, retryAt: nil)
                guard var current = try journal.webhooks().first(where: { $0.name == webhook.name }) else { return }
                current.disabledReason = "the receiver answered 410: it is gone"
                try journal.webhookSet(current, by: EventPump.consumer)
            }
        }
    }

    private func post(_ delivery: StreamDelivery, to webhook: WebhookRecord) async -> Result<EffectResult, Failure> {
        // The same for each attempt, and for a replay: receivers drop what they have seen.
        await post(
            CloudEvent(delivery.event, delivery.origin), id: "msg_\(delivery.event.position)", to: webhook)
    }

    private func post(_ event: CloudEvent, id: String, to webhook: WebhookRecord) async -> Result<EffectResult, Failure>
    {
        let now = core.clock()
        do {
            // `timestamp` beside `time`: one name of each specification.
            var body = event.json.objectValue ?? [:]
            body["timestamp"] = .string(event.time)
            let message = WebhookMessage(id: id, timestamp: now, body: JSONValue.object(body).bytes)
            let headers = try message.headers(secrets: try secrets(of: webhook, at: now))
            let fields = Dictionary(headers.map { ($0.name, JSONValue.string($0.value)) }, uniquingKeysWith: { $1 })
            let request = HTTPRequest(
                method: "POST", url: webhook.url, headers: JSONValue.object(fields).bytes, body: message.body,
                timeoutMilliseconds: Self.timeoutMilliseconds, maximumResponseBytes: Self.answerBytes)
            let policy = try FetchPolicy.only(webhook.url, webhook.fetches(of: core.settings.fetches))
            return await core.fetcher.fetch(
                request, policy: policy, department: webhook.group, followsRedirects: false)
        } catch {
            return .failure(error)
        }
    }

    private func secrets(of webhook: WebhookRecord, at now: Instant) throws(Failure) -> [String] {
        guard let vault = core.settings.vault else {
            throw Failure(.unsupported, "this host has no key store for the secrets of webhooks")
        }
        let newest = try vault.value(of: webhook.secretName(version: webhook.secretVersion))
        guard let until = webhook.overlapUntil, now < until else { return [newest] }
        return [newest, try vault.value(of: webhook.secretName(version: webhook.secretVersion - 1))]
    }

    /// Seconds only; a date is as good as no word, as the schedule waits by itself.
    private static func retryAfterMilliseconds(_ answer: EffectResult) -> Int64? {
        guard let headers = try? JSONParser.parse(answer.text),
            let seconds = headers["retry-after"]?.stringValue.flatMap({ Int64($0) }), (0...86_400).contains(seconds)
        else { return nil }
        return seconds * 1000
    }
}
