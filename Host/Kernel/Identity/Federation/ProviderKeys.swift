/// The keys of an identity provider (RFC 7517), as far as they sign by algorithms that are taken here.
package struct ProviderKeys: Hashable, Sendable {
    private static let maximumKeys = 64

    private var keys: [(id: String?, key: SignatureKey)]

    /// Keys of other kinds, for other uses, or too weak ones are left out; nil for what is no set.
    package init?(json: JSONValue) {
        guard let entries = json["keys"]?.arrayValue, entries.count <= Self.maximumKeys else { return nil }
        keys = entries.compactMap { entry in
            guard entry["use"] ?? "sig" == "sig", let key = Self.key(entry) else { return nil }
            if let algorithm = entry["alg"]?.stringValue, algorithm != key.algorithm.rawValue { return nil }
            return (entry["kid"]?.stringValue, key)
        }
    }

    private static func key(_ entry: JSONValue) -> SignatureKey? {
        func bytes(_ name: String) -> [UInt8]? { entry[name]?.stringValue.flatMap { UnpaddedBase64.decode($0) } }
        switch (entry["kty"]?.stringValue, entry["crv"]?.stringValue) {
        case ("RSA", nil):
            guard let n = bytes("n"), let e = bytes("e") else { return nil }
            return .rs256(n: n, e: e)
        case ("EC", "P-256"):
            guard let x = bytes("x"), let y = bytes("y") else { return nil }
            return .es256(x: x, y: y)
        case ("OKP", "Ed25519"): return bytes("x").flatMap { .ed25519(raw: $0) }
        default: return nil
        }
    }

    /// By its id; without one only where there is no choice. There is no default key.
    package func key(id: String?, algorithm: SignatureKey.Algorithm) -> SignatureKey? {
        let fitting = keys.filter { $0.key.algorithm == algorithm && (id == nil || $0.id == id) }
        return fitting.count == 1 ? fitting[0].key : nil
    }

    package static func == (left: ProviderKeys, right: ProviderKeys) -> Bool {
        left.keys.elementsEqual(right.keys) { $0.id == $1.id && $0.key == $1.key }
    }

    package func hash(into hasher: inout Hasher) {
        for entry in keys {
            hasher.combine(entry.id)
            hasher.combine(entry.key)
        }
    }
}
