import Crypto
import Journal
import Kernel

/// Seals what must be read again: secrets of one-time codes, and telephone numbers. AES-256-GCM under a key that stands
/// outside the store, with the factor that it belongs to authenticated: rows cannot be exchanged.
struct FactorSeal: Sendable {
    static let keyBytes = 32
    private let key: SymmetricKey

    init(key bytes: [UInt8]) throws(ProofError) {
        guard bytes.count == Self.keyBytes else {
            throw ProofError(.unavailable, "the key of second factors does not have \(Self.keyBytes) bytes")
        }
        key = SymmetricKey(data: bytes)
    }

    func seal(_ plain: [UInt8], _ factor: FactorRecord) throws(ProofError) -> [UInt8] {
        guard let box = try? AES.GCM.seal(plain, using: key, authenticating: Self.context(factor)),
            let combined = box.combined
        else { throw ProofError(.unavailable, "the factor's secret cannot be sealed") }
        return Array(combined)
    }

    /// Nil for another key, or another factor's secret.
    func open(_ factor: FactorRecord) -> [UInt8]? {
        guard let sealed = factor.secret, let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Self.context(factor))
        else { return nil }
        return Array(plain)
    }

    private static func context(_ factor: FactorRecord) -> [UInt8] {
        Array("bureau.factor/1 \(factor.tenant) \(factor.account) \(factor.id) \(factor.kind.rawValue)".utf8)
    }
}
