import Crypto
package import Journal
package import Kernel
import Synchronization

/// The keys that sign this host's tokens. The newest that is active signs; one that was retired is good for what it
/// signed until that expires; one that was withdrawn is good for nothing.
package final class KeyRing: Sendable {
    /// How long a new key is published before it signs: as long as others may keep the list of keys.
    static let publishedMilliseconds: Int64 = 300_000
    /// When a key should be replaced.
    package static let reminderDays: Int64 = 30

    private struct State {
        var keys: [String: TokenKey] = [:]
        var records: [SigningKeyRecord] = []
        var refresh: [UInt8]
    }

    private let path: String
    private let journal: any JournalStore
    private let shared: TokenKey?
    private let previous: TokenKey?
    private let state: Mutex<State>

    /// Opens the file of keys, makes it and a first key where there is none, and enters in the journal what it does
    /// not know.
    static func open(
        _ path: String, journal: any JournalStore, settings: IdentitySettings, now: Instant, by: String
    ) async throws(IdentityError) -> KeyRing {
        var file = try KeyFile(path: path) ?? KeyFile()
        let known = try await journal.ask { journal throws(JournalError) in try journal.signingKeys() }
        let usable = known.filter { $0.withdrawnAt == nil && $0.retiredAt == nil }
        if !file.entries.contains(where: { entry in usable.contains { $0.id == entry.id } }) {
            // A copy of the store without its file of keys, or a new store.
            if file.entries.allSatisfy({ entry in known.contains { $0.id == entry.id } }) { _ = file.add(at: now) }
            try file.write(path)
        }
        let fresh = file.entries.filter { entry in !known.contains { $0.id == entry.id } }
        let lost = usable.filter { record in !file.entries.contains { $0.id == record.id } }
        if !fresh.isEmpty || !lost.isEmpty {
            try await journal.change { journal throws(JournalError) in
                for var record in lost {
                    record.withdrawnAt = now
                    try journal.signingKeySet(record, by: by)
                }
                for entry in fresh {
                    let key = TokenKey(id: entry.id, seed: entry.seed)
                    let made = Instant(unixMilliseconds: entry.madeAt)
                    try journal.signingKeySet(
                        SigningKeyRecord(
                            id: entry.id, algorithm: TokenKey.Algorithm.edDSA.rawValue,
                            publicKey: key?.publicKey ?? [], madeAt: made, activeAt: made), by: by)
                }
            }
        }
        let ring = KeyRing(path, journal, settings, refresh: file.refresh)
        try await ring.reload(file)
        return ring
    }

    private init(_ path: String, _ journal: any JournalStore, _ settings: IdentitySettings, refresh: [UInt8]) {
        self.path = path
        self.journal = journal
        shared = settings.sharedSecret.map(Self.sharedKey)
        previous = settings.previousSecret.map(Self.sharedKey)
        state = Mutex(State(refresh: refresh))
    }

    /// Named by the secret, so that a token of another one is known as such.
    private static func sharedKey(_ secret: [UInt8]) -> TokenKey {
        let name = HMAC<SHA256>.authenticationCode(
            for: Array("bureau/kid/1".utf8), using: SymmetricKey(data: secret))
        return TokenKey(id: "hs-" + Hex.encode(Array(name).prefix(8)), secret: secret)
    }

    private func reload(_ file: KeyFile) async throws(IdentityError) {
        let records = try await journal.ask { journal throws(JournalError) in try journal.signingKeys() }
        let keys = file.entries.compactMap { TokenKey(id: $0.id, seed: $0.seed) }
        state.withLock { state in
            state.records = records
            state.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            state.refresh = file.refresh
        }
    }

    // MARK: Using keys

    /// The one that signs now.
    func signing(at now: Instant) -> TokenKey? {
        if let shared { return shared }
        return state.withLock { state in
            let active = state.records.filter { $0.withdrawnAt == nil && $0.activeAt <= now }
            // A clock that stepped back leaves no key active: then the oldest.
            let record =
                active.max { ($0.activeAt, $0.id) < ($1.activeAt, $1.id) }
                ?? state.records.first { $0.withdrawnAt == nil }
            return record.flatMap { state.keys[$0.id] }
        }
    }

    /// By its id, and nothing else.
    func checking(_ id: String, at now: Instant) -> TokenKey? {
        for key in [shared, previous].compactMap({ $0 }) where key.id == id { return key }
        return state.withLock { state in
            guard let record = state.records.first(where: { $0.id == id }), Self.isGood(record, at: now) else {
                return nil
            }
            return state.keys[id]
        }
    }

    private static func isGood(_ record: SigningKeyRecord, at now: Instant) -> Bool {
        guard record.withdrawnAt == nil else { return false }
        let longest = 1_000 * (IdentitySettings.maximumMintSeconds + 60)
        return record.retiredAt.map { now < $0.advanced(byMilliseconds: longest) } ?? true
    }

    /// For who checks this host's tokens elsewhere (RFC 7517).
    package func published(at now: Instant) -> JSONValue {
        let keys = state.withLock { state in
            state.records.filter { Self.isGood($0, at: now) }.compactMap { state.keys[$0.id]?.jwk }
        }
        return ["keys": .array(keys)]
    }

    package var records: [SigningKeyRecord] { state.withLock { $0.records } }
    package var sharedKeyID: String? { shared?.id }

    /// Days since the key that signs was made, when it is time for another.
    package func overdueDays(at now: Instant) -> Int64? {
        guard shared == nil, let key = signing(at: now), let record = records.first(where: { $0.id == key.id }) else {
            return nil
        }
        let days = (now.unixMilliseconds - record.madeAt.unixMilliseconds) / 86_400_000
        return days >= Self.reminderDays ? days : nil
    }

    // MARK: Refresh tokens

    /// The token of one generation of a session: who has the file of keys and the session's id could make it, nobody
    /// else, and who has a token cannot make the next one.
    func refreshToken(_ session: RunID, generation: Int64) -> String {
        let secret = state.withLock { $0.refresh }
        var input = Array("bureau/refresh/1".utf8) + session.bytes
        input += withUnsafeBytes(of: generation.bigEndian) { Array($0) }
        let code = Array(HMAC<SHA256>.authenticationCode(for: input, using: SymmetricKey(data: secret)))
        return RefreshToken(session: session, generation: generation, code: code).text
    }

    // MARK: Changing keys

    /// A new key. The usual way it is published first, and what the others signed stays good until it expires; in an
    /// emergency all others are withdrawn at once, and so is what refresh tokens were made with.
    package func rotate(isImmediate: Bool, at now: Instant, by: String) async throws(IdentityError) -> SigningKeyRecord
    {
        guard shared == nil else {
            throw IdentityError(
                .conflict, "tokens are signed with JWT_SECRET: change it, with the old one in JWT_SECRET_PREVIOUS")
        }
        var file = try KeyFile(path: path) ?? KeyFile()
        let known = records
        // What nothing can be signed with any more.
        file.entries.removeAll { entry in
            known.first { $0.id == entry.id }.map { isImmediate || !Self.isGood($0, at: now) } ?? false
        }
        guard file.entries.count < KeyFile.maximumKeys else {
            throw IdentityError(.conflict, "there are \(KeyFile.maximumKeys) keys that are still needed")
        }
        let entry = file.add(at: now)
        if isImmediate { file.renewRefresh() }
        guard let key = TokenKey(id: entry.id, seed: entry.seed) else {
            throw IdentityError(.storage, "no key could be made")
        }
        let active = isImmediate ? now : now.advanced(byMilliseconds: Self.publishedMilliseconds)
        let record = SigningKeyRecord(
            id: entry.id, algorithm: key.algorithm.rawValue, publicKey: key.publicKey, madeAt: now, activeAt: active)
        // The file first: a key that the journal does not know is entered at the next start.
        try file.write(path)
        try await journal.change { journal throws(JournalError) in
            for var old in known where old.withdrawnAt == nil {
                if isImmediate {
                    old.withdrawnAt = now
                } else if old.retiredAt == nil {
                    old.retiredAt = active
                } else {
                    continue
                }
                try journal.signingKeySet(old, by: by)
            }
            try journal.signingKeySet(record, by: by)
        }
        try await reload(file)
        return record
    }
}

/// `bureau_rt_<session, generation and code>`: one long word, that scanners of repositories can find.
struct RefreshToken {
    static let prefix = "bureau_rt_"

    let session: RunID
    let generation: Int64
    let code: [UInt8]

    init(session: RunID, generation: Int64, code: [UInt8]) {
        self.session = session
        self.generation = generation
        self.code = code
    }

    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count <= 128,
            let bytes = UnpaddedBase64.decode(text.dropFirst(Self.prefix.count)), bytes.count == 16 + 8 + 32,
            let session = RunID(bytes: Array(bytes.prefix(16)))
        else { return nil }
        let generation = bytes[16..<24].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(
            session: session, generation: Int64(bitPattern: generation), code: Array(bytes.suffix(32)))
    }

    var text: String {
        let number = withUnsafeBytes(of: generation.bigEndian) { Array($0) }
        return Self.prefix + UnpaddedBase64.encode(session.bytes + number + code)
    }
}
