/// Why an ID token proves nothing.
package enum IDTokenRefusal: String, Error, Hashable, Sendable {
    case malformed, header, algorithm, key, signature, issuer, audience, subject, nonce, expired
    case notYetValid = "not_yet_valid"
    case authorizedParty = "authorized_party"
}

/// What an identity provider says about somebody, once all that OpenID Connect Core 1.0 §3.1.3.7 asks for is checked.
package struct IDToken: Hashable, Sendable {
    private static let maximumBytes = 16 << 10
    private static let leewaySeconds: Int64 = 30
    /// A provider's clock and the way here.
    private static let maximumAgeSeconds: Int64 = 600

    package struct Expectation: Hashable, Sendable {
        package var issuer: String
        package var audience: String
        package var nonce: String
        package var algorithms: Set<SignatureKey.Algorithm>

        package init(issuer: String, audience: String, nonce: String, algorithms: Set<SignatureKey.Algorithm>) {
            self.issuer = issuer
            self.audience = audience
            self.nonce = nonce
            self.algorithms = algorithms
        }
    }

    package var subject: String
    package var claims: [String: JSONValue]

    package init(
        _ text: String, by keys: ProviderKeys, expecting expected: Expectation, at now: Instant
    ) throws(IDTokenRefusal) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maximumBytes, parts.count == 3, let header = Self.object(parts[0]),
            let claims = Self.object(parts[1]), let signature = UnpaddedBase64.decode(parts[2])
        else { throw .malformed }
        // What would change how the rest is read: none of it is known here.
        guard Set(header.keys).isDisjoint(with: ["crit", "b64", "jku", "jwk", "x5u", "x5c", "zip", "enc"]),
            ["JWT", nil].contains(header["typ"]?.stringValue), header["typ"] == nil || header["typ"]?.stringValue != nil
        else { throw .header }
        guard let algorithm = header["alg"]?.stringValue.flatMap(SignatureKey.Algorithm.init(rawValue:)),
            expected.algorithms.contains(algorithm)
        else { throw .algorithm }
        guard header["kid"] == nil || header["kid"]?.stringValue != nil,
            let key = keys.key(id: header["kid"]?.stringValue, algorithm: algorithm)
        else { throw .key }
        guard key.verifies(signature, of: Array((parts[0] + "." + parts[1]).utf8), .fixed) else { throw .signature }
        guard let subject = claims["sub"]?.stringValue, (1...255).contains(subject.utf8.count) else { throw .subject }
        self.subject = subject
        self.claims = claims
        try check(expected, now.unixMilliseconds / 1000)
    }

    private func check(_ expected: Expectation, _ now: Int64) throws(IDTokenRefusal) {
        guard Self.same(claims["iss"]?.stringValue, expected.issuer) else { throw .issuer }
        let audiences =
            claims["aud"]?.stringValue.map { [$0] } ?? claims["aud"]?.arrayValue?.map { $0.stringValue ?? "" }
        guard let audiences, audiences.contains(where: { Self.same($0, expected.audience) }) else { throw .audience }
        if let party = claims["azp"] {
            guard Self.same(party.stringValue, expected.audience) else { throw .authorizedParty }
        } else if audiences.count > 1 {
            throw .authorizedParty
        }
        guard let end = claims["exp"]?.integerValue, end > 0, now - Self.leewaySeconds < end else { throw .expired }
        guard let issued = claims["iat"]?.integerValue, issued > 0 else { throw .malformed }
        guard issued <= now + Self.leewaySeconds else { throw .notYetValid }
        guard now - issued <= Self.maximumAgeSeconds else { throw .expired }
        if let start = claims["nbf"] {
            guard let start = start.integerValue, start <= now + Self.leewaySeconds else { throw .notYetValid }
        }
        guard let nonce = claims["nonce"]?.stringValue,
            ConstantTime.isEqual(Array(nonce.utf8), Array(expected.nonce.utf8))
        else { throw .nonce }
    }

    /// Byte by byte: `==` on texts also takes other spellings of Unicode.
    private static func same(_ left: String?, _ right: String) -> Bool {
        left.map { $0.utf8.elementsEqual(right.utf8) } ?? false
    }

    private static func object(_ part: Substring) -> [String: JSONValue]? {
        guard let bytes = UnpaddedBase64.decode(part), let json = try? JSONParser.parse(bytes) else { return nil }
        return json.objectValue
    }
}
