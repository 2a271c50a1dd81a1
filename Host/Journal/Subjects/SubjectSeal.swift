import Crypto
import Foundation
import Kernel

/// Where sealed content stands. It opens nowhere else.
struct SealPlace {
    /// Which row, in words: the key is derived for it.
    var row: String
    /// Which of its columns.
    var column: String

    init(_ row: String, _ column: String) {
        self.row = row
        self.column = column
    }

    static func run(_ id: RunID, _ column: String) -> SealPlace { SealPlace("run \(id)", column) }
}

/// Seals and opens what belongs to one subject: AES-256-GCM with a random nonce, under a key that HKDF-SHA256 derives
/// from the subject's own for each row, so that the number of nonces under one key stays small. Subject, tenant, row
/// and column are authenticated.
///
///     B5 01 · subject (16) · nonce (12) · ciphertext · tag (16)
///
/// A text stands as `sealed:` and the same in Base64. Without the key a row can still be compared with its leaf, which
/// holds the digest of these bytes.
struct SubjectSeal {
    enum Key {
        case open(SymmetricKey)
        case erased
        /// Why it cannot be opened here.
        case locked(String)
    }

    static let textPrefix = "sealed:"
    private static let magic: [UInt8] = [0xB5, 0x01]
    /// What is written for a subject that was erased meanwhile: nothing of the content.
    private static let nothing: [UInt8] = [0xB5, 0x00]
    private static let nonceBytes = 12
    private static let headBytes = 18

    let subject: SubjectID
    let tenant: String
    let key: Key

    // MARK: Sealing

    func seal(_ plain: [UInt8], _ place: SealPlace) throws(JournalError) -> [UInt8] {
        try seal(plain, place, nonce: { _ in AES.GCM.Nonce() })
    }

    func sealText(_ text: String, _ place: SealPlace) throws(JournalError) -> String {
        Self.textPrefix + Base64.encode(try seal(Array(text.utf8), place))
    }

    /// The same text at the same place gives the same bytes, so that it can be found and must be unique. Its nonce is
    /// a keyed digest of the text: it comes twice for the same text only.
    func sealName(_ text: String, _ place: SealPlace) throws(JournalError) -> String {
        let plain = Array(text.utf8)
        let sealed = try seal(plain, place) { [self] row in
            let namer = Self.derived(row, "nonce of a name")
            let digest = HMAC<SHA256>.authenticationCode(for: plain + context(place), using: namer)
            return try AES.GCM.Nonce(data: Array(digest).prefix(Self.nonceBytes))
        }
        return Self.textPrefix + Base64.encode(sealed)
    }

    private func seal(
        _ plain: [UInt8], _ place: SealPlace, nonce: (SymmetricKey) throws -> AES.GCM.Nonce
    ) throws(JournalError) -> [UInt8] {
        let subjectKey: SymmetricKey
        switch key {
        case .open(let key): subjectKey = key
        case .erased: return Self.nothing + subject.bytes
        case .locked(let reason): throw JournalError(.denied, "the data of \(subject) cannot be sealed: \(reason)")
        }
        let row = Self.derived(subjectKey, place.row)
        do {
            let box = try AES.GCM.seal(plain, using: row, nonce: nonce(row), authenticating: context(place))
            return Self.magic + subject.bytes + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw JournalError(.storage, "the data of \(subject) cannot be sealed: \(error)")
        }
    }

    // MARK: Opening

    func open(_ sealed: [UInt8], _ place: SealPlace) -> Result<[UInt8], SealedFailure> {
        let subjectKey: SymmetricKey
        switch key {
        case .open(let key): subjectKey = key
        case .erased: return .failure(.erased)
        case .locked: return .failure(.locked)
        }
        if sealed == Self.nothing + subject.bytes { return .failure(.erased) }
        guard Self.subject(of: sealed) == subject,
            let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst(Self.headBytes)),
            let plain = try? AES.GCM.open(
                box, using: Self.derived(subjectKey, place.row), authenticating: context(place))
        else { return .failure(.altered) }
        return .success(Array(plain))
    }

    /// Each sealed piece of a text; what is not sealed is the host's own words and stays.
    func openText(_ text: String, _ place: SealPlace) -> Result<String, SealedFailure> {
        var opened = "", rest = text[...]
        while let start = rest.range(of: Self.textPrefix) {
            let digits = rest[start.upperBound...].prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "+/=".contains($0))
            }
            opened += rest[..<start.lowerBound]
            guard let sealed = Base64.decode(String(digits)) else { return .failure(.altered) }
            switch open(sealed, place) {
            case .success(let bytes): opened += String(decoding: bytes, as: UTF8.self)
            case .failure(let failure): return .failure(failure)
            }
            rest = rest[digits.endIndex...]
        }
        return .success(opened + rest)
    }

    /// Whose it is; nil for what is not sealed.
    static func subject(of sealed: [UInt8]) -> SubjectID? {
        guard sealed.count >= headBytes, sealed.starts(with: magic) || sealed.starts(with: nothing) else { return nil }
        return SubjectID(bytes: Array(sealed[2..<headBytes]))
    }

    static func subject(ofText text: String) -> SubjectID? {
        guard text.hasPrefix(textPrefix) else { return nil }
        return Base64.decode(String(text.dropFirst(textPrefix.count))).flatMap { subject(of: $0) }
    }

    // MARK: Keys

    private static func derived(_ key: SymmetricKey, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("bureau.subject/1 \(purpose)".utf8), outputByteCount: 32)
    }

    private func context(_ place: SealPlace) -> [UInt8] {
        var encoding = Encoding()
        for part in ["bureau.sealed/1", tenant, subject.description, place.row, place.column] { encoding.add(part) }
        return encoding.bytes
    }
}

/// Why content cannot be shown.
enum SealedFailure: Error {
    case erased, locked, altered

    var state: SealedState {
        switch self {
        case .erased: .erased
        case .locked: .locked
        case .altered: .altered
        }
    }
}

/// Opens the columns of one row, and remembers what it could not.
struct SealReader {
    let seal: SubjectSeal
    let row: String
    private(set) var state = SealedState.open

    init(_ seal: SubjectSeal, row: String) {
        self.seal = seal
        self.row = row
    }

    mutating func bytes(_ sealed: [UInt8], _ column: String) -> [UInt8] {
        switch seal.open(sealed, SealPlace(row, column)) {
        case .success(let plain): return plain
        case .failure(let failure):
            state = failure.state
            return failure.state.bytes
        }
    }

    mutating func text(_ sealed: String, _ column: String) -> String {
        switch seal.openText(sealed, SealPlace(row, column)) {
        case .success(let plain): return plain
        case .failure(let failure):
            state = failure.state
            return failure.state.rawValue
        }
    }

    mutating func failure(_ failure: Failure?, _ column: String) -> Failure? {
        failure.map { Failure($0.status, text($0.message, column)) }
    }
}
