import Foundation
import Kernel
import SwiftASN1
import X509

/// The first certificate of a chain: what a server shows.
struct CertificateFile {
    private let leaf: Certificate

    init(pem: String) throws(Failure) {
        let end = "-----END CERTIFICATE-----"
        guard let range = pem.range(of: end) else { throw Failure(.invalid, "has no certificate in PEM") }
        do {
            leaf = try Certificate(pemEncoded: String(pem[..<range.upperBound]) + "\n")
        } catch {
            throw Failure(.invalid, "is no certificate: \(error)")
        }
    }

    /// Unix seconds.
    var notBefore: Int64 { Int64(leaf.notValidBefore.timeIntervalSince1970) }
    var notAfter: Int64 { Int64(leaf.notValidAfter.timeIntervalSince1970) }

    /// Nil when that is no key.
    func isOf(key pem: String) -> Bool? {
        guard let key = try? Certificate.PrivateKey(pemEncoded: pem) else { return nil }
        return key.publicKey == leaf.publicKey
    }
}
