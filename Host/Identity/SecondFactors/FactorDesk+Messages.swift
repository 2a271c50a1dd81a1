package import Journal
package import Kernel
import Synchronization

/// Codes by text message, through the operator's own gateway. Weaker than the others: numbers can be taken over.
extension FactorDesk {
    private static let digits = 6

    /// The number counts once the code that is sent to it came back.
    package func addNumber(
        _ account: AccountMark, label: String, number: String
    ) async throws(ProofError) -> FactorRecord {
        guard Self.isNumber(number) else {
            throw ProofError(.invalid, "a number is written as +, country and number: +4915112345678")
        }
        var factor = newFactor(.sms, account, label)
        factor.secret = try seal().seal(Array(number.utf8), factor)
        try await add(factor, by: account.name)
        try await sendCode(to: factor)
        return factor
    }

    /// To the account's number, or to the one that waits to be confirmed where there is no other.
    package func sendCode(of account: String) async throws(ProofError) {
        let numbers = try await factors(of: account).filter { $0.kind == .sms }
        guard let factor = numbers.first(where: { $0.confirmedAt != nil }) ?? numbers.last else {
            throw ProofError(.conflict, "the account has no telephone number")
        }
        try await sendCode(to: factor)
    }

    private func sendCode(to factor: FactorRecord) async throws(ProofError) {
        guard let send = settings.send else {
            throw ProofError(
                .unavailable, "there is no gateway for text messages: bureau notify set NAME --kind sms --url …")
        }
        guard let number = try seal().open(factor) else {
            _ = try ProofOutcome.broken.method()
            return
        }
        let now = settings.clock()
        let code = newCode()
        if let wait = messages.keep(code, factor, at: now) {
            throw ProofError(.tooMany(seconds: wait), "too many codes were sent; again in \(wait) seconds")
        }
        let text = "\(code) is your code for \(settings.issuer). It is good for ten minutes. Tell it to nobody."
        let id = "otp_\(factor.id)_\(now.unixMilliseconds)"
        if let failure = await send(String(decoding: number, as: UTF8.self), text, id) {
            messages.drop(factor.account)
            throw ProofError(.unavailable, "the gateway for text messages did not take it: \(failure.message)")
        }
    }

    /// Every one as likely as the next: a number beyond the last whole million is drawn again.
    private func newCode() -> String {
        let limit = UInt32.max - UInt32.max % 1_000_000
        while true {
            let number = settings.random(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            guard number < limit else { continue }
            let text = String(number % 1_000_000)
            return String(repeating: "0", count: Self.digits - text.utf8.count) + text
        }
    }

    /// E.164.
    private static func isNumber(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.hasPrefix("+") && (7...15).contains(digits.count) && digits.allSatisfy { (48...57).contains($0) }
            && digits.first != 48
    }
}

/// Codes on their way, one for each account, and how many were sent to it. As digests, in this process only.
final class SentCodes: Sendable {
    static let lifeMilliseconds: Int64 = 10 * 60_000
    private static let shortestPause: Int64 = 30_000
    private static let hour: Int64 = 3_600_000
    private static let perHour = 5
    private static let capacity = 10_000

    private struct Entry {
        var code: Digest?
        var factor: RunID
        var until: Instant
        /// Of the last hour.
        var sent: [Instant]
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// - Returns: in how many seconds another one may be sent; nil: this one may.
    func keep(_ code: String, _ factor: FactorRecord, at now: Instant) -> Int? {
        entries.withLock { entries in
            if entries.count >= Self.capacity { entries = entries.filter { Self.isRecent($0.value.sent.last, now) } }
            let sent = entries[factor.account]?.sent.filter { Self.isRecent($0, now) } ?? []
            func wait(from instant: Instant, _ milliseconds: Int64) -> Int {
                Int(clamping: max(1, (instant.unixMilliseconds + milliseconds - now.unixMilliseconds + 999) / 1000))
            }
            if let last = sent.last, now < last.advanced(byMilliseconds: Self.shortestPause) {
                return wait(from: last, Self.shortestPause)
            }
            if sent.count >= Self.perHour { return wait(from: sent[0], Self.hour) }
            guard entries.count < Self.capacity || entries[factor.account] != nil else { return 60 }
            entries[factor.account] = Entry(
                code: Self.digest(code, factor.account), factor: factor.id,
                until: now.advanced(byMilliseconds: Self.lifeMilliseconds), sent: sent + [now])
            return nil
        }
    }

    /// What was sent still counts as sent.
    func drop(_ account: String) { entries.withLock { $0[account]?.code = nil } }

    /// The factor that the code was sent to. It opens once.
    func take(_ code: String, of account: String, at now: Instant) -> RunID? {
        entries.withLock { entries in
            guard let entry = entries[account], let kept = entry.code, now < entry.until,
                kept == Self.digest(code, account)
            else { return nil }
            entries[account]?.code = nil
            return entry.factor
        }
    }

    private static func isRecent(_ instant: Instant?, _ now: Instant) -> Bool {
        instant.map { now < $0.advanced(byMilliseconds: hour) } ?? false
    }

    private static func digest(_ code: String, _ account: String) -> Digest {
        Digest.sha256("bureau.sms/1\n\(account)\n\(code)".utf8)
    }
}
