import CCrypt
import Crypto
import Foundation
import Kernel

/// Password hashes as libcrypt makes them: `$2b$12$` with salt and hash.
package enum Bcrypt {
    private static let prefix = "$2b$"
    private static let saltBytes = 16
    /// What bcrypt looks at; the rest it would drop without a word.
    private static let maximumBytes = 72

    /// In NFKC: the same password typed on two keyboards is one. Nil for what no password is: more bytes than
    /// ``PasswordPolicy/maximumBytes``, or a NUL in it.
    package static func normalised(_ password: String) -> String? {
        // Before it is worked on, so that a megabyte costs nothing.
        guard password.utf8.count <= PasswordPolicy.maximumBytes else { return nil }
        let normal = password.precomposedStringWithCompatibilityMapping
        guard normal.utf8.count <= PasswordPolicy.maximumBytes, !normal.utf8.contains(0) else { return nil }
        return normal
    }

    /// What is given to bcrypt: the password itself, up to 72 bytes of UTF-8. A longer one is never cut: it is
    /// replaced by the Base64 of HMAC-SHA-384 over it, under a label that keeps the result apart from any SHA-384 that
    /// another system might have stored.
    static func phrase(_ password: String) -> String {
        let bytes = Array(password.utf8)
        guard bytes.count > maximumBytes else { return password }
        let label = SymmetricKey(data: Array("bureau/long-password/1".utf8))
        return Base64.encode(Array(HMAC<SHA384>.authenticationCode(for: bytes, using: label)))
    }

    /// - Parameter password: from ``normalised(_:)``.
    package static func hash(_ password: String, cost: Int) -> String? {
        let random = RandomBytes.make(saltBytes)
        var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        let text = random.withUnsafeBytes { raw in
            crypt_gensalt_rn(
                prefix, UInt(cost), raw.bindMemory(to: CChar.self).baseAddress, CInt(raw.count), &setting,
                CInt(setting.count)
            ).map { String(cString: $0) }
        }
        return text.flatMap { crypt(phrase(password), $0) }
    }

    /// - Parameter hash: `$2a$`, `$2b$` or `$2y$`; anything else is never right.
    package static func verify(_ password: String, _ hash: String) -> Bool {
        guard cost(of: hash) != nil, let found = crypt(phrase(password), hash) else { return false }
        return ConstantTime.isEqual(Array(found.utf8), Array(hash.utf8))
    }

    /// log2 of its rounds; nil for what is no hash of bcrypt.
    package static func cost(of hash: String) -> Int? {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, ["2a", "2b", "2y"].contains(parts[1]), parts[2].utf8.count == 2,
            parts[3].utf8.count == 53, let cost = Int(parts[2]), (4...31).contains(cost)
        else { return nil }
        return cost
    }

    /// crypt(3) on memory of this call alone.
    static func crypt(_ phrase: String, _ setting: String) -> String? {
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer {
            explicit_bzero(memory, size)
            memory.deallocate()
        }
        guard let result = crypt_rn(phrase, setting, memory, CInt(size)) else { return nil }
        return String(cString: result)
    }
}
