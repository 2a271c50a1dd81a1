import Kernel

/// The private parts: seeds of Ed25519, and the secret that refresh tokens are made with.
///
///     {"version":1,"refresh":"<64 hex>","keys":[{"kid":"k-…","seed":"<64 hex>","made_at_ms":…}]}
struct KeyFile: Sendable {
    struct Entry: Sendable {
        var id: String
        var seed: [UInt8]
        var madeAt: Int64
    }

    private static let keyBytes = 32
    static let maximumKeys = 64

    var refresh: [UInt8]
    var entries: [Entry]

    /// A store's first.
    init() {
        refresh = RandomBytes.make(Self.keyBytes)
        entries = []
    }

    /// Nil when there is no file.
    init?(path: String) throws(IdentityError) {
        guard let bytes = try SecretFile.read(path) else { return nil }
        guard let document = try? JSONParser.parse(bytes), document["version"] == 1,
            let refresh = document["refresh"]?.stringValue.flatMap(Hex.decode), refresh.count == Self.keyBytes,
            let keys = document["keys"]?.arrayValue, keys.count <= Self.maximumKeys
        else { throw IdentityError(.storage, "\(path) is no file of token keys") }
        self.refresh = refresh
        entries = keys.compactMap { key in
            guard let id = key["kid"]?.stringValue, let madeAt = key["made_at_ms"]?.integerValue,
                let seed = key["seed"]?.stringValue.flatMap(Hex.decode), seed.count == Self.keyBytes
            else { return nil }
            return Entry(id: id, seed: seed, madeAt: madeAt)
        }
        guard entries.count == keys.count else { throw IdentityError(.storage, "\(path) holds what is no key") }
    }

    /// - Returns: the id of the new key.
    mutating func add(at now: Instant) -> Entry {
        let entry = Entry(
            id: "k-" + Hex.encode(RandomBytes.make(8)), seed: RandomBytes.make(Self.keyBytes),
            madeAt: now.unixMilliseconds)
        entries.append(entry)
        return entry
    }

    mutating func renewRefresh() { refresh = RandomBytes.make(Self.keyBytes) }

    func write(_ path: String) throws(IdentityError) {
        let keys = entries.map { entry -> JSONValue in
            [
                "kid": .string(entry.id), "seed": .string(Hex.encode(entry.seed)),
                "made_at_ms": .integer(entry.madeAt),
            ]
        }
        let document: JSONValue = [
            "version": 1, "refresh": .string(Hex.encode(refresh)), "keys": .array(keys),
        ]
        try SecretFile.replace(path, with: document.bytes)
    }
}
