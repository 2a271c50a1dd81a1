import Crypto
import Foundation
import Glibc
package import Kernel
import Synchronization

/// A file of encrypted keys: each is sealed with AES-256-GCM under the vault's own key, together with its name, so that
/// entries cannot be exchanged. The vault's key stands in the environment (`BUREAU_VAULT_KEY`, 64 hexadecimal digits)
/// or in a file of its own, which backups of the store should leave out.
///
///     {"version":1,"keys":{"<name>":"<base64 of nonce, ciphertext and tag>"}}
package struct KeyVault: Sendable {
    package static let keyVariable = "BUREAU_VAULT_KEY"
    private static let maximumKeys = 1000
    private static let keyBytes = 32

    package let path: String
    package let keyPath: String

    /// - Parameters:
    ///   - path: of the vault; made with the first entry.
    ///   - keyPath: of the key, where the environment has none; made with the vault.
    package init(path: String, keyPath: String) {
        self.path = path
        self.keyPath = keyPath
    }

    /// - Throws: `.notFound` for a name that is not in the vault, `.denied` when it cannot be opened.
    package func value(of name: String) throws(Failure) -> String {
        guard let sealed = try entries()[name] else {
            throw Failure(
                .notFound, "there is no key \"\(name)\" in the key store; set it with bureau keys set \(name)")
        }
        let key = try vaultKey()
        guard let bytes = Base64.decode(sealed), let box = try? AES.GCM.SealedBox(combined: bytes),
            let plain = try? AES.GCM.open(box, using: key, authenticating: Self.context(name))
        else {
            throw Failure(.denied, "the key \"\(name)\" cannot be opened: another vault key, or a changed file")
        }
        return String(decoding: plain, as: UTF8.self)
    }

    package func names() throws(Failure) -> [String] { try entries().keys.sorted() }

    /// By name, the digest of each key as it is sealed: another for each setting of a key, and nothing about the key.
    package func fingerprints() throws(Failure) -> [String: Kernel.Digest] {
        try entries().mapValues { Kernel.Digest.sha256($0.utf8) }
    }

    package func set(_ name: String, to value: String) throws(Failure) {
        guard Name.isValid(name) else {
            throw Failure(.invalid, "\"\(name)\" is no name for a key: lower-case letters, digits and hyphens")
        }
        var entries = try entries()
        guard entries[name] != nil || entries.count < Self.maximumKeys else {
            throw Failure(.tooLarge, "the key store holds \(Self.maximumKeys) keys already")
        }
        let key = try vaultKey(making: true)
        do {
            let box = try AES.GCM.seal(Data(value.utf8), using: key, authenticating: Self.context(name))
            entries[name] = Base64.encode(Array(box.combined ?? Data()))
        } catch {
            throw Failure(.internal, "the key cannot be sealed: \(error)")
        }
        try write(entries)
    }

    /// - Throws: `.notFound` for a name that is not in the vault.
    package func remove(_ name: String) throws(Failure) {
        var entries = try entries()
        guard entries.removeValue(forKey: name) != nil else {
            throw Failure(.notFound, "there is no key \"\(name)\" in the key store")
        }
        try write(entries)
    }

    private func entries() throws(Failure) -> [String: String] {
        guard access(path, F_OK) == 0 else { return [:] }
        let bytes = try SecretFile.read(path, called: "the key store \(path)")
        guard let file = try? JSONParser.parse(bytes), file["version"] == 1, let keys = file["keys"]?.objectValue else {
            throw Failure(.denied, "the key store \(path) is damaged")
        }
        return keys.compactMapValues(\.stringValue)
    }

    private func write(_ entries: [String: String]) throws(Failure) {
        let file: JSONValue = ["version": 1, "keys": .object(entries.mapValues(JSONValue.string))]
        try SecretFile.write(file.bytes, to: path, called: "the key store \(path)")
    }

    private func vaultKey(making isAllowed: Bool = false) throws(Failure) -> SymmetricKey {
        var text = ProcessInfo.processInfo.environment[Self.keyVariable] ?? ""
        var place = Self.keyVariable
        if text.isEmpty {
            place = "the vault's key file \(keyPath)"
            if isAllowed, access(keyPath, F_OK) != 0, access(path, F_OK) != 0 {
                let fresh = SymmetricKey(size: .bits256).withUnsafeBytes { Hex.encode(Array($0)) }
                try SecretFile.write(Array((fresh + "\n").utf8), to: keyPath, called: place)
            }
            text = String(decoding: try SecretFile.read(keyPath, called: place), as: UTF8.self)
        }
        let digits = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        guard let bytes = Hex.decode(digits), bytes.count == Self.keyBytes else {
            throw Failure(.denied, "\(place) does not hold 64 hexadecimal digits")
        }
        return SymmetricKey(data: bytes)
    }

    private static func context(_ name: String) -> Data { Data("bureau.vault/1 \(name)".utf8) }
}
