import Kernel

/// A JWS in its compact form (RFC 7515, 7.1), read as strictly as RFC 8725 asks: three parts in their one spelling, a
/// header of exactly `alg`, `kid` and `typ`, JSON without duplicates. What asks for more (`crit`, `b64`, `jku`, `jwk`,
/// `x5u`, `zip`, …) is no token of this host, whoever signed it.
struct CompactToken {
    static let maximumBytes = 4_096
    private static let maximumHeaderBytes = 512
    private static let maximumKeyIDBytes = 64

    let algorithm: String
    let keyID: String
    let type: String
    let claims: [String: JSONValue]
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// Nil for anything else. Nothing is looked up while it is read.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts.contains(where: \.isEmpty), parts[0].utf8.count <= Self.maximumHeaderBytes,
            let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = UnpaddedBase64.decode(parts[2]), Set(header.keys) == ["alg", "kid", "typ"],
            let algorithm = header["alg"]?.stringValue, let type = header["typ"]?.stringValue,
            let keyID = header["kid"]?.stringValue, Self.isKeyID(keyID)
        else { return nil }
        (self.algorithm, self.keyID, self.type, self.claims) = (algorithm, keyID, type, claims)
        self.signature = signature
        signed = Array(text.utf8.dropLast(parts[2].utf8.count + 1))
    }

    func isSigned(by key: TokenKey) -> Bool {
        // Compared as they are written: "none", "None" and "hs256" are no algorithms.
        algorithm.utf8.elementsEqual(key.algorithm.rawValue.utf8) && key.isValid(signature, for: signed)
    }

    private static func object(_ part: Substring) -> [String: JSONValue]? {
        guard let bytes = UnpaddedBase64.decode(part), let document = try? JSONParser.parse(bytes) else { return nil }
        return document.objectValue
    }

    private static func isKeyID(_ text: String) -> Bool {
        (1...maximumKeyIDBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    /// Nil when the key cannot sign, or the claims are too many.
    static func write(_ claims: [String: JSONValue], type: String, key: TokenKey) -> String? {
        let header: JSONValue = [
            "alg": .string(key.algorithm.rawValue), "kid": .string(key.id), "typ": .string(type),
        ]
        let signed = UnpaddedBase64.encode(header.bytes) + "." + UnpaddedBase64.encode(JSONValue.object(claims).bytes)
        guard let signature = key.sign(Array(signed.utf8)) else { return nil }
        let token = signed + "." + UnpaddedBase64.encode(signature)
        return token.utf8.count <= maximumBytes ? token : nil
    }
}
