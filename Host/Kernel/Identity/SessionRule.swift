/// How long a session lives, what a refresh token may do, and what another client with its tokens means.
package struct SessionRule: Hashable, Sendable {
    /// Since the last refresh.
    package var idleMilliseconds: Int64
    /// Since it began, however it is used.
    package var absoluteMilliseconds: Int64
    /// How long a client that missed the answer to a refresh gets the same answer again.
    package var retryMilliseconds: Int64

    package init(idleMilliseconds: Int64, absoluteMilliseconds: Int64, retryMilliseconds: Int64 = 10_000) {
        self.idleMilliseconds = idleMilliseconds
        self.absoluteMilliseconds = absoluteMilliseconds
        self.retryMilliseconds = retryMilliseconds
    }

    /// A working day without use, a month at most.
    package static let usual = SessionRule(
        idleMilliseconds: 12 * 3_600_000, absoluteMilliseconds: 30 * 86_400_000)

    package func end(began: Instant, used: Instant) -> Instant {
        min(
            began.advanced(byMilliseconds: absoluteMilliseconds), used.advanced(byMilliseconds: idleMilliseconds))
    }

    package func isAlive(began: Instant, used: Instant, at now: Instant) -> Bool {
        now < end(began: began, used: used)
    }

    /// What to do with a refresh token that was once made for this session.
    package enum Refresh: Hashable, Sendable {
        /// The next one takes its place.
        case rotate
        /// The answer was lost: the same one again.
        case answerAgain
        /// Somebody uses a token that was used before: nobody can tell who is the thief, so the whole family ends.
        case endFamily
        /// Over, or of a store that was put back.
        case refuse
    }

    /// - Parameters:
    ///   - generation: of the token that is shown; `current` is the newest that was made.
    ///   - isSameClient: the client of the rotation before.
    package func refresh(
        generation: Int64, current: Int64, rotated: Instant, isSameClient: Bool, isAlive: Bool, at now: Instant
    ) -> Refresh {
        guard isAlive, generation <= current, generation >= 0 else { return .refuse }
        guard generation < current else { return isSameClient ? .rotate : .endFamily }
        let isFresh = now < rotated.advanced(byMilliseconds: retryMilliseconds)
        return generation == current - 1 && isSameClient && isFresh ? .answerAgain : .endFamily
    }
}

/// The client of a session, as far as a request shows it: what it calls itself, and the network it comes from.
package struct ClientMark: Hashable, Sendable {
    /// SHA-256 of its `User-Agent`.
    package var agent: Digest
    /// `192.0.2.0/24`, `20010db80000/48`: phones and offices change addresses, seldom networks.
    package var network: String

    package init(agent: Digest, network: String) {
        self.agent = agent
        self.network = network
    }

    package init(userAgent: String?, address: String) {
        agent = Digest.sha256((userAgent ?? "").utf8)
        network = Self.network(of: address)
    }

    /// A text that is no address stands for itself.
    static func network(of address: String) -> String {
        guard let bytes = IPAddress(address)?.bytes else { return address }
        // An IPv4 address inside an IPv6 one, as dual sockets tell it.
        let isMapped = bytes.count == 16 && bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
        let parts = isMapped ? bytes.suffix(4) : bytes[...]
        guard parts.count == 4 else { return Hex.encode(parts.prefix(6)) + "/48" }
        return parts.prefix(3).map { String($0) }.joined(separator: ".") + ".0/24"
    }
}
