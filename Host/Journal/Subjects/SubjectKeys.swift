import Crypto
import Foundation
package import Kernel
import Synchronization

/// Files that belong to a store and stand outside it: who copies or restores the store does not copy these.
package struct SubjectFiles: Hashable, Sendable {
    /// The keys that subjects' keys are wrapped with.
    package var keys: String
    /// Who was erased: applied to every store that is opened with it, whatever its age.
    package var erased: String

    package init(keys: String, erased: String) {
        self.keys = keys
        self.erased = erased
    }

    package static func beside(_ storeFolder: String) -> SubjectFiles {
        var folder = storeFolder[...]
        while folder.count > 1, folder.hasSuffix("/") { folder = folder.dropLast() }
        return SubjectFiles(keys: folder + ".subject-keys", erased: folder + ".erased")
    }
}

/// An entry of the list of the erased.
package struct ErasureEntry: Hashable, Sendable {
    package var subject: SubjectID
    package var at: Instant
    package var request: String?

    var line: String {
        let fields: [String: JSONValue?] = [
            "subject": .string(subject.description), "at_ms": .integer(at.unixMilliseconds),
            "request": request.map { .string($0) },
        ]
        return JSONValue.object(fields.compactMapValues { $0 }).serialized() + "\n"
    }

    init(subject: SubjectID, at: Instant, request: String?) {
        self.subject = subject
        self.at = at
        self.request = request
    }

    init?(_ line: Substring) {
        guard let json = try? JSONParser.parse(String(line)),
            let subject = json["subject"]?.stringValue.flatMap({ SubjectID($0) }), let at = json["at_ms"]?.integerValue
        else { return nil }
        self.init(subject: subject, at: Instant(unixMilliseconds: at), request: json["request"]?.stringValue)
    }
}

/// The keys that wrap: a file of its own, as the host had it when it last looked.
///
///     {"version":1,"current":"<id>","keys":[{"id":"…","key":"<64 hex>","made_at_ms":…,"retired_at_ms":…}]}
final class SubjectKeys: Sendable {
    struct WrappingKey {
        var id: String
        var key: SymmetricKey
        var madeAt: Int64
        /// Since when another one is current: copies of the store may still need it.
        var retiredAt: Int64?
    }

    struct Ring {
        var current: String
        var keys: [WrappingKey]

        subscript(id: String) -> WrappingKey? { keys.first { $0.id == id } }
        var currentKey: WrappingKey? { self[current] }
    }

    private struct State {
        var ring: Ring?
        var erased: [SubjectID: ErasureEntry] = [:]
        var hasSubjects = true
    }

    static let keyBytes = 32
    let files: SubjectFiles
    private let state: Mutex<State>

    init(_ files: SubjectFiles) throws(JournalError) {
        self.files = files
        state = Mutex(State())
        try reload()
    }

    /// For questions that are about nobody.
    static let none = SubjectKeys()

    private init() {
        files = SubjectFiles(keys: "/dev/null", erased: "/dev/null")
        state = Mutex(State(hasSubjects: false))
    }

    /// False for a store that never had a subject: then nothing is looked up.
    var hasSubjects: Bool { state.withLock { $0.hasSubjects } }
    func noteSubjects(_ flag: Bool) { state.withLock { $0.hasSubjects = flag } }

    var ring: Ring? { state.withLock { $0.ring } }
    var erased: [ErasureEntry] { state.withLock { $0.erased.values.sorted { $0.subject < $1.subject } } }
    func isErased(_ subject: SubjectID) -> Bool { state.withLock { $0.erased[subject] != nil } }

    func reload() throws(JournalError) {
        let ring = try Self.read(files.keys), erased = try Self.readErased(files.erased)
        state.withLock { state in
            state.ring = ring
            state.erased = erased
        }
    }

    // MARK: Wrapping

    /// Each under a nonce of its own; the wrapping key lives for few of them.
    static func wrap(
        _ key: SymmetricKey, of subject: SubjectID, tenant: String, with wrapping: WrappingKey
    ) throws(JournalError) -> [UInt8] {
        let plain = key.withUnsafeBytes { Array($0) }
        do {
            let box = try AES.GCM.seal(
                plain, using: wrapping.key, authenticating: context(subject, tenant, wrapping.id))
            return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw JournalError(.storage, "the key of \(subject) cannot be wrapped: \(error)")
        }
    }

    static func unwrap(
        _ wrapped: [UInt8], of subject: SubjectID, tenant: String, with wrapping: WrappingKey
    ) -> SymmetricKey? {
        guard let box = try? AES.GCM.SealedBox(combined: wrapped),
            let plain = try? AES.GCM.open(
                box, using: wrapping.key, authenticating: context(subject, tenant, wrapping.id)),
            plain.count == keyBytes
        else { return nil }
        return SymmetricKey(data: plain)
    }

    /// Finds an alias without keeping it: a keyed digest, of no use without the file of keys.
    static func tag(of alias: String, tenant: String, with wrapping: WrappingKey) -> [UInt8] {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: wrapping.key, info: Array("bureau.alias/1".utf8), outputByteCount: 32)
        var encoding = Encoding()
        encoding.add(tenant)
        encoding.add(alias)
        return Array(HMAC<SHA256>.authenticationCode(for: encoding.bytes, using: key))
    }

    private static func context(_ subject: SubjectID, _ tenant: String, _ id: String) -> [UInt8] {
        var encoding = Encoding()
        for part in ["bureau.subject-key/1", tenant, subject.description, id] { encoding.add(part) }
        return encoding.bytes
    }

    // MARK: Files

    /// The one that wraps now, by the file as it is; the first one is made where there is none.
    func currentKey(at now: Instant) throws(JournalError) -> WrappingKey {
        try reload()
        if ring == nil { try addKey(at: now) }
        guard let key = ring?.currentKey else { throw JournalError(.denied, "there is no key in \(files.keys)") }
        return key
    }

    /// A new current key beside those there are.
    func addKey(at now: Instant) throws(JournalError) {
        var keys = ring?.keys ?? []
        for index in keys.indices where keys[index].retiredAt == nil { keys[index].retiredAt = now.unixMilliseconds }
        let id = "kek-" + Hex.encode(SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) }.prefix(6))
        keys.append(WrappingKey(id: id, key: SymmetricKey(size: .bits256), madeAt: now.unixMilliseconds))
        try store(Ring(current: id, keys: keys))
    }

    /// - Returns: the keys that are no more.
    func forget(except used: Set<String>) throws(JournalError) -> [String] {
        guard var ring else { return [] }
        let gone = ring.keys.map(\.id).filter { $0 != ring.current && !used.contains($0) }
        guard !gone.isEmpty else { return [] }
        ring.keys.removeAll { gone.contains($0.id) }
        try store(ring)
        return gone
    }

    private func store(_ ring: Ring) throws(JournalError) {
        let keys = ring.keys.map { key -> JSONValue in
            let fields: [String: JSONValue?] = [
                "id": .string(key.id), "key": .string(key.key.withUnsafeBytes { Hex.encode(Array($0)) }),
                "made_at_ms": .integer(key.madeAt), "retired_at_ms": key.retiredAt.map { .integer($0) },
            ]
            return .object(fields.compactMapValues { $0 })
        }
        let json: JSONValue = ["version": 1, "current": .string(ring.current), "keys": .array(keys)]
        try SecretStore.write(json.bytes + [10], to: files.keys)
        state.withLock { $0.ring = ring }
    }

    private static func read(_ path: String) throws(JournalError) -> Ring? {
        guard let bytes = try SecretStore.read(path) else { return nil }
        guard let json = try? JSONParser.parse(bytes), json["version"] == 1,
            let current = json["current"]?.stringValue, let entries = json["keys"]?.arrayValue
        else { throw JournalError(.storage, "the file of keys \(path) is damaged") }
        var keys: [WrappingKey] = []
        for entry in entries {
            guard let id = entry["id"]?.stringValue, let hex = entry["key"]?.stringValue.flatMap({ Hex.decode($0) }),
                hex.count == keyBytes, let made = entry["made_at_ms"]?.integerValue
            else { throw JournalError(.storage, "the file of keys \(path) is damaged") }
            keys.append(
                WrappingKey(
                    id: id, key: SymmetricKey(data: hex), madeAt: made,
                    retiredAt: entry["retired_at_ms"]?.integerValue))
        }
        let ring = Ring(current: current, keys: keys)
        guard ring.currentKey != nil else { throw JournalError(.storage, "the file of keys \(path) is damaged") }
        return ring
    }

    private static func readErased(_ path: String) throws(JournalError) -> [SubjectID: ErasureEntry] {
        guard let bytes = try SecretStore.read(path) else { return [:] }
        var erased: [SubjectID: ErasureEntry] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let entry = ErasureEntry(line) else {
                throw JournalError(.storage, "the list of the erased \(path) is damaged")
            }
            erased[entry.subject] = entry
        }
        return erased
    }

    /// Names stay in the list for ever: they are no names of persons, and any old copy may come back.
    func noteErased(_ entries: [ErasureEntry]) throws(JournalError) {
        let all = state.withLock { state in
            for entry in entries where state.erased[entry.subject] == nil { state.erased[entry.subject] = entry }
            return state.erased.values.sorted { ($0.at, $0.subject) < ($1.at, $1.subject) }
        }
        try SecretStore.write(Array(all.map(\.line).joined().utf8), to: files.erased)
    }
}

/// Small files that only their owner may use, replaced whole.
enum SecretStore {
    private static let maximumBytes = 64 << 20

    /// Nil when there is none.
    static func read(_ path: String) throws(JournalError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumBytes
        else { throw JournalError(.storage, "\(path) is not a plain file of a usual size") }
        guard status.st_mode & 0o077 == 0 else {
            throw JournalError(.storage, "\(path) may be used by others than its owner: run chmod 600 on it")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            guard count > 0 else { throw failure(path) }
            done += count
        }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) throws(JournalError) {
        let draft = path + ".part"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
            }
            guard count > 0 else { break }
            done += count
        }
        let isWritten = done == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard isWritten, rename(draft, path) == 0, DurableFile.sync(folder) else {
            let problem = failure(path)
            unlink(draft)
            throw problem
        }
    }

    private static func failure(_ path: String) -> JournalError {
        JournalError(.storage, "\(path): \(String(cString: strerror(errno)))")
    }
}
