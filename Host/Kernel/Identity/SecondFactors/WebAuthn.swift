/// What a relying party checks of an authenticator's answers (W3C Web Authentication Level 3, §7.1 and §7.2).
package struct RelyingParty: Hashable, Sendable {
    package static let challengeBytes = 32
    private static let maximumBytes = 64 << 10
    private static let maximumCredentialBytes = 1023

    /// A domain that the page's is or ends with.
    package var id: String
    /// Where the pages come from, as browsers write it: `https://bureau.example.org`.
    package var origins: Set<String>
    /// The authenticator must have asked for a PIN or a finger.
    package var requiresVerification: Bool
    package var algorithms: Set<SignatureKey.Algorithm>

    package init(
        id: String, origins: Set<String>, requiresVerification: Bool = false,
        algorithms: Set<SignatureKey.Algorithm> = Set(SignatureKey.Algorithm.allCases)
    ) {
        self.id = id
        self.origins = origins
        self.requiresVerification = requiresVerification
        self.algorithms = algorithms
    }
}

/// Why an answer of an authenticator is not taken.
package enum WebAuthnRefusal: String, Error, Hashable, Sendable {
    case malformed, type, challenge, origin, algorithm, signature, counter
    case crossOrigin = "cross_origin"
    case relyingParty = "rp_id"
    case presence = "user_presence"
    case verification = "user_verification"
    case backupFlags = "backup_flags"
    case credential = "credential_id"
    case publicKey = "public_key"
    case attestation = "attestation"
    case userHandle = "user_handle"
}

/// A key that an authenticator made for an account.
package struct WebAuthnCredential: Hashable, Sendable {
    package var id: [UInt8]
    /// In COSE, as the authenticator wrote it.
    package var publicKey: [UInt8]
    /// 0 where the authenticator does not count.
    package var counter: UInt32
    /// It may be, or is, on other devices too.
    package var canBeBackedUp: Bool

    package init(id: [UInt8], publicKey: [UInt8], counter: UInt32, canBeBackedUp: Bool) {
        self.id = id
        self.publicKey = publicKey
        self.counter = counter
        self.canBeBackedUp = canBeBackedUp
    }
}

/// An answer as browsers send it (`PublicKeyCredential.toJSON()`), each part in Base64url.
package struct WebAuthnAnswer: Hashable, Sendable {
    package var id: [UInt8]
    package var clientData: [UInt8]
    /// Of a registration.
    package var attestation: [UInt8]?
    /// Of an assertion.
    package var authenticatorData: [UInt8]?
    package var signature: [UInt8]?
    package var userHandle: [UInt8]?

    package init(json: JSONValue) throws(WebAuthnRefusal) {
        func bytes(_ value: JSONValue?) throws(WebAuthnRefusal) -> [UInt8]? {
            guard let value, value != .null else { return nil }
            guard let text = value.stringValue, let bytes = UnpaddedBase64.decode(text) else {
                throw .malformed
            }
            return bytes
        }
        guard json["type"] == "public-key", let id = try bytes(json["id"]), try bytes(json["rawId"]) ?? id == id,
            let response = json["response"], let clientData = try bytes(response["clientDataJSON"])
        else { throw .malformed }
        self.id = id
        self.clientData = clientData
        attestation = try bytes(response["attestationObject"])
        authenticatorData = try bytes(response["authenticatorData"])
        signature = try bytes(response["signature"])
        userHandle = try bytes(response["userHandle"])
    }
}

extension RelyingParty {
    /// - Returns: the new credential. That its id is nobody's yet is for the caller to see.
    package func register(
        _ answer: WebAuthnAnswer, challenge: [UInt8]
    ) throws(WebAuthnRefusal) -> WebAuthnCredential {
        try checkClientData(answer.clientData, type: "webauthn.create", challenge)
        guard let bytes = answer.attestation, bytes.count <= Self.maximumBytes,
            let (object, count) = CBORValue.decode(bytes), count == bytes.count,
            let data = object["authData"]?.byteString, let format = object["fmt"]?.textString,
            let statement = object["attStmt"]
        else { throw .malformed }
        let authenticator = try AuthenticatorData(data)
        try check(authenticator)
        guard let attested = authenticator.attested else { throw .credential }
        guard attested.id == answer.id, (16...Self.maximumCredentialBytes).contains(attested.id.count) else {
            throw .credential
        }
        guard let number = attested.key[3]?.integer, algorithms.contains(where: { $0.coseNumber == number }) else {
            throw .algorithm
        }
        guard let key = SignatureKey(cose: attested.key) else { throw .publicKey }
        try check(format, statement, key, signed: data + Digest.sha256(answer.clientData).bytes)
        return WebAuthnCredential(
            id: attested.id, publicKey: attested.keyBytes, counter: authenticator.counter,
            canBeBackedUp: authenticator.canBeBackedUp)
    }

    /// - Returns: the credential with its counter as it is now.
    package func assert(
        _ answer: WebAuthnAnswer, by credential: WebAuthnCredential, account handle: [UInt8], challenge: [UInt8]
    ) throws(WebAuthnRefusal) -> WebAuthnCredential {
        guard answer.id == credential.id else { throw .credential }
        guard answer.userHandle ?? handle == handle else { throw .userHandle }
        try checkClientData(answer.clientData, type: "webauthn.get", challenge)
        guard let data = answer.authenticatorData, let signature = answer.signature else { throw .malformed }
        let authenticator = try AuthenticatorData(data)
        try check(authenticator)
        guard authenticator.canBeBackedUp == credential.canBeBackedUp else { throw .backupFlags }
        guard let key = SignatureKey(cose: credential.publicKey) else { throw .publicKey }
        guard key.verifies(signature, of: data + Digest.sha256(answer.clientData).bytes, .der) else {
            throw .signature
        }
        // One that counts must have counted: otherwise there are two of it.
        guard (authenticator.counter == 0 && credential.counter == 0) || authenticator.counter > credential.counter
        else { throw .counter }
        var current = credential
        current.counter = authenticator.counter
        return current
    }

    private func checkClientData(
        _ bytes: [UInt8], type: String, _ challenge: [UInt8]
    ) throws(WebAuthnRefusal) {
        guard bytes.count <= Self.maximumBytes, let data = try? JSONParser.parse(bytes), data.objectValue != nil else {
            throw .malformed
        }
        guard data["type"]?.stringValue == type else { throw .type }
        guard let text = data["challenge"]?.stringValue, UnpaddedBase64.decode(text) == challenge else {
            throw .challenge
        }
        guard let origin = data["origin"]?.stringValue, origins.contains(where: { $0.utf8.elementsEqual(origin.utf8) })
        else { throw .origin }
        guard data["crossOrigin"] ?? false == false, data["topOrigin"] == nil else { throw .crossOrigin }
    }

    private func check(_ data: AuthenticatorData) throws(WebAuthnRefusal) {
        guard data.relyingParty == Digest.sha256(id.utf8).bytes else { throw .relyingParty }
        guard data.isPresent else { throw .presence }
        guard data.isVerified || !requiresVerification else { throw .verification }
        guard data.canBeBackedUp || !data.isBackedUp else { throw .backupFlags }
    }

    /// Nothing is asked of an authenticator's make: `none`, or `packed` signed by the new key itself.
    private func check(
        _ format: String, _ statement: CBORValue, _ key: SignatureKey, signed message: [UInt8]
    ) throws(WebAuthnRefusal) {
        switch format {
        case "none": guard statement == .map([:]) else { throw .attestation }
        case "packed":
            guard statement["x5c"] == nil, statement["alg"]?.integer == key.algorithm.coseNumber,
                let signature = statement["sig"]?.byteString
            else { throw .attestation }
            guard key.verifies(signature, of: message, .der) else { throw .signature }
        default: throw .attestation
        }
    }
}

/// §6.1: the hash of the relying party's id, flags, the counter, and with a registration the new credential.
struct AuthenticatorData {
    private static let headBytes = 37
    private static let identifierBytes = 16

    struct Attested {
        var id: [UInt8]
        var key: CBORValue
        var keyBytes: [UInt8]
    }

    let relyingParty: [UInt8]
    let counter: UInt32
    let attested: Attested?
    private let flags: UInt8

    var isPresent: Bool { flags & 0x01 != 0 }
    var isVerified: Bool { flags & 0x04 != 0 }
    var canBeBackedUp: Bool { flags & 0x08 != 0 }
    var isBackedUp: Bool { flags & 0x10 != 0 }

    init(_ bytes: [UInt8]) throws(WebAuthnRefusal) {
        guard bytes.count >= Self.headBytes else { throw .malformed }
        relyingParty = Array(bytes[..<32])
        flags = bytes[32]
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = bytes[Self.headBytes...]
        var found: Attested?
        if flags & 0x40 != 0 {
            guard rest.count >= Self.identifierBytes + 2 else { throw .malformed }
            rest = rest.dropFirst(Self.identifierBytes)
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard rest.count > length else { throw .malformed }
            let id = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            guard let (key, count) = CBORValue.decode(rest) else { throw .malformed }
            found = Attested(id: id, key: key, keyBytes: Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        attested = found
        if flags & 0x80 != 0 {
            guard let (extensions, count) = CBORValue.decode(rest), extensions.members != nil else { throw .malformed }
            rest = rest.dropFirst(count)
        }
        guard rest.isEmpty else { throw .malformed }
    }
}
