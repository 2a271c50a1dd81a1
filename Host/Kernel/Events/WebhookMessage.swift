import Crypto

/// A message to a webhook, signed as the Standard Webhooks specification 1.0 says
/// (https://github.com/standard-webhooks/standard-webhooks): HMAC-SHA256 over `id.timestamp.body`.
package struct WebhookMessage: Hashable, Sendable {
    package static let secretPrefix = "whsec_"
    package static let secretBytes = 32

    /// The same for each attempt: receivers drop what they have seen.
    package var id: String
    /// Of this attempt.
    package var timestamp: Instant
    package var body: [UInt8]

    package init(id: String, timestamp: Instant, body: [UInt8]) {
        self.id = id
        self.timestamp = timestamp
        self.body = body
    }

    /// - Parameter secrets: each `whsec_` and Base64; during a rotation the new one and the old one.
    /// - Throws: `.invalid` for a secret of another form. It does not say the secret.
    package func headers(secrets: [String]) throws(Failure) -> [HTTPHeader] {
        let seconds = String(timestamp.unixMilliseconds / 1000)
        var signatures: [String] = []
        for secret in secrets {
            guard secret.hasPrefix(Self.secretPrefix), let key = Base64.decode(String(secret.dropFirst(6))),
                key.count >= 24
            else { throw Failure(.invalid, "a webhook's secret is whsec_ and the Base64 of 24 bytes or more") }
            var code = HMAC<SHA256>(key: SymmetricKey(data: key))
            code.update(data: Array("\(id).\(seconds).".utf8))
            code.update(data: body)
            signatures.append("v1," + Base64.encode(Array(code.finalize())))
        }
        return [
            HTTPHeader(name: "content-type", value: "application/json"),
            HTTPHeader(name: "webhook-id", value: id), HTTPHeader(name: "webhook-timestamp", value: seconds),
            HTTPHeader(name: "webhook-signature", value: signatures.joined(separator: " ")),
        ]
    }

    package static func secret(from random: [UInt8]) -> String { secretPrefix + Base64.encode(random) }
}

/// When a message is tried again, and when not: the schedule that Standard Webhooks recommends, about three days in
/// all, each wait up to a fifth longer by chance.
package enum WebhookSchedule {
    private static let minute: Int64 = 60_000
    private static let hour: Int64 = 60 * minute
    static let waits: [Int64] = [
        5_000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour,
    ]
    package static var maximumAttempts: Int { waits.count + 1 }

    package enum Verdict: Hashable, Sendable {
        case delivered
        case again(afterMilliseconds: Int64)
        /// The last attempt has failed.
        case givenUp
        /// The receiver says that it is gone (410).
        case disable
    }

    /// - Parameters:
    ///   - status: nil when there was no answer.
    ///   - attempt: from 1 on.
    ///   - retryAfterMilliseconds: as the receiver asks, of which at most a day counts.
    ///   - random: any number; the same number gives the same wait.
    package static func verdict(
        status: Int?, attempt: Int, retryAfterMilliseconds: Int64? = nil, random: UInt64
    ) -> Verdict {
        if let status, (200..<300).contains(status) { return .delivered }
        if status == 410 { return .disable }
        guard attempt >= 1, attempt <= waits.count else { return .givenUp }
        let wait = waits[attempt - 1]
        let longer = wait + Int64(random % UInt64(wait / 5 + 1))
        return .again(afterMilliseconds: max(longer, min(retryAfterMilliseconds ?? 0, 24 * hour)))
    }
}
