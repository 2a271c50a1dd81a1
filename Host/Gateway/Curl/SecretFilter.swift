/// Takes a secret out of bytes that come in pieces: providers quote a wrong key in their refusals. Performs no I/O.
///
/// What may be the secret's beginning is held back until the next bytes show whether it is, so a secret that is cut
/// between two pieces does not pass either.
package struct SecretFilter: Sendable {
    private static let replacement = Array("(key)".utf8)

    private let secret: [UInt8]
    private var held: [UInt8] = []

    /// - Precondition: `secret` is not empty.
    package init(_ secret: String) {
        precondition(!secret.isEmpty)
        self.secret = Array(secret.utf8)
    }

    package mutating func push(_ bytes: [UInt8]) -> [UInt8] {
        guard !held.isEmpty || bytes.contains(secret[0]) else { return bytes }
        let all = held + bytes
        var passed: [UInt8] = []
        passed.reserveCapacity(all.count)
        var index = 0
        while index < all.count {
            let rest = all[index...].prefix(secret.count)
            if !secret.starts(with: rest) {
                passed.append(all[index])
                index += 1
            } else if rest.count == secret.count {
                passed += Self.replacement
                index += secret.count
            } else {
                break
            }
        }
        held = Array(all[index...])
        return passed
    }

    /// What was held back, once nothing follows.
    package mutating func finish() -> [UInt8] {
        defer { held = [] }
        return held
    }

    package func redacting(_ text: String) -> String {
        text.replacing(String(decoding: secret, as: UTF8.self), with: String(decoding: Self.replacement, as: UTF8.self))
    }
}
