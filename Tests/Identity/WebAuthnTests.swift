import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Keys of authenticators")
struct WebAuthnTests {
    private static let origin = "https://bureau.example.org"
    private static let party = RelyingParty(id: "bureau.example.org", origins: [origin])
    private static let handle = Array("account-1".utf8)

    private static func options(_ challenge: [UInt8]) -> JSONValue {
        [
            "challenge": .string(UnpaddedBase64.encode(challenge)), "rp": ["id": .string(party.id), "name": "Bureau"],
            "user": ["id": .string(UnpaddedBase64.encode(handle)), "name": "ana"],
            "pubKeyCredParams": [["type": "public-key", "alg": -7]],
        ]
    }

    private static func request(_ challenge: [UInt8], _ id: [UInt8]) -> JSONValue {
        [
            "challenge": .string(UnpaddedBase64.encode(challenge)), "rpId": .string(party.id),
            "allowCredentials": [["type": "public-key", "id": .string(UnpaddedBase64.encode(id))]],
        ]
    }

    private static let challenge = [UInt8](repeating: 7, count: 32)

    private func create(_ peer: Peer, _ more: [String: JSONValue] = [:]) throws -> JSONValue {
        var question: [String: JSONValue] = [
            "options": Self.options(Self.challenge), "origin": .string(Self.origin),
        ]
        question.merge(more, uniquingKeysWith: { $1 })
        return try peer.post("/create", .object(question))
    }

    private func registered(
        _ json: JSONValue, by party: RelyingParty = party
    ) -> Result<WebAuthnCredential, WebAuthnRefusal> {
        Result { () throws(WebAuthnRefusal) in
            try party.register(try WebAuthnAnswer(json: json), challenge: Self.challenge)
        }
    }

    private func asserted(
        _ json: JSONValue, _ credential: WebAuthnCredential, by party: RelyingParty = party
    ) -> Result<WebAuthnCredential, WebAuthnRefusal> {
        Result { () throws(WebAuthnRefusal) in
            try party.assert(
                try WebAuthnAnswer(json: json), by: credential, account: Self.handle, challenge: Self.challenge)
        }
    }

    @Test("keys of three algorithms register, with no attestation and with their own, and prove their owner")
    func sound() async throws {
        let peer = try await Peer.start("authenticator.py")
        for algorithm in SignatureKey.Algorithm.allCases {
            for format in ["none", "packed"] {
                let made = try create(
                    peer, ["algorithm": .integer(algorithm.coseNumber), "format": .string(format)])
                let credential = try registered(made).get()
                #expect(SignatureKey(cose: credential.publicKey)?.algorithm == algorithm)
                let answer = try peer.post(
                    "/get",
                    ["options": Self.request(Self.challenge, credential.id), "origin": .string(Self.origin)])
                let current = try asserted(answer, credential).get()
                #expect(current.counter == 1 && current.id == credential.id)
                // The same answer again: its counter is not beyond the stored one.
                #expect(asserted(answer, current) == .failure(.counter))
            }
        }
        // The device of soft-webauthn as it is: without a PIN, and without what newer browsers add.
        let made = try peer.post("/soft", ["options": Self.options(Self.challenge), "origin": .string(Self.origin)])
        let credential = try registered(made).get()
        var strict = Self.party
        strict.requiresVerification = true
        #expect(registered(made, by: strict) == .failure(.verification))
        let answer = try peer.post(
            "/soft", ["options": Self.request(Self.challenge, credential.id), "origin": .string(Self.origin)])
        #expect(try asserted(answer, credential).get().counter == 1)
        #expect(asserted(answer, credential, by: strict) == .failure(.verification))
    }

    @Test("every altered registration is refused by its name")
    func alteredRegistrations() async throws {
        let peer = try await Peer.start("authenticator.py")
        let changes: [(JSONValue, [String: JSONValue], WebAuthnRefusal)] = [
            (["client": ["type": "webauthn.get"]], [:], .type), (["client": ["challenge": "AAAA"]], [:], .challenge),
            (["client": ["origin": "https://evil.example"]], [:], .origin),
            (["client": ["origin": "https://bureau.example.org:444"]], [:], .origin),
            (["client": ["crossOrigin": true]], [:], .crossOrigin),
            (["client": ["topOrigin": "https://evil.example"]], [:], .crossOrigin),
            (["rp_id": "evil.example"], [:], .relyingParty), (["flags": 0x44], [:], .presence),
            (["flags": 0x55], [:], .backupFlags), (["flags": 0x05], [:], .malformed),
            (["trailing": [1]], [:], .malformed), (["flags": 0xC5], [:], .malformed),
            (["attestation_signature": true], ["format": "packed"], .signature),
            (["x5c": true], ["format": "packed"], .attestation), ([:], ["format": "tpm"], .attestation),
        ]
        for (change, more, refusal) in changes {
            var members = more
            members["change"] = change
            #expect(registered(try create(peer, members)) == .failure(refusal), "\(change)")
        }
        var noRSA = Self.party
        noRSA.algorithms = [.es256]
        #expect(registered(try create(peer, ["algorithm": -257]), by: noRSA) == .failure(.algorithm))
        let sound = try create(peer)
        var other = sound.objectValue ?? [:]
        other["id"] = .string(UnpaddedBase64.encode([UInt8](repeating: 1, count: 32)))
        other["rawId"] = other["id"]
        #expect(registered(.object(other)) == .failure(.credential))
        other = sound.objectValue ?? [:]
        other["type"] = "password"
        #expect(registered(.object(other)) == .failure(.malformed))
        other["type"] = "public-key"
        other["id"] = .string((sound["id"]?.stringValue ?? "") + "=")
        #expect(registered(.object(other)) == .failure(.malformed))
    }

    @Test("every altered answer is refused by its name, and so is any flipped bit")
    func alteredAnswers() async throws {
        let peer = try await Peer.start("authenticator.py")
        var credential = try registered(try create(peer)).get()
        credential.counter = 5
        let request = Self.request(Self.challenge, credential.id)
        let changes: [(JSONValue, WebAuthnRefusal?)] = [
            (["counter": 6], nil), (["counter": 5], .counter), (["counter": 0], .counter),
            (["client": ["type": "webauthn.create"], "counter": 9], .type),
            (["client": ["challenge": "AAAA"], "counter": 9], .challenge),
            (["client": ["origin": "http://bureau.example.org"], "counter": 9], .origin),
            (["client": ["crossOrigin": true], "counter": 9], .crossOrigin),
            (["rp_id": "evil.example", "counter": 9], .relyingParty), (["flags": 0x04, "counter": 9], .presence),
            (["flags": 0x0D, "counter": 9], .backupFlags), (["signature": true, "counter": 9], .signature),
            (["user_handle": "somebody else", "counter": 9], .userHandle),
        ]
        for (change, refusal) in changes {
            let answer = try peer.post(
                "/get", ["options": request, "origin": .string(Self.origin), "change": change])
            switch asserted(answer, credential) {
            case .success: #expect(refusal == nil, "\(change)")
            case .failure(let found): #expect(found == refusal, "\(change)")
            }
        }
        let sound = try peer.post(
            "/get", ["options": request, "origin": .string(Self.origin), "change": ["counter": 9]])
        _ = try asserted(sound, credential).get()
        var random = SplitMix64(seed: TestSeed.next())
        for part in ["clientDataJSON", "authenticatorData", "signature"] {
            for _ in 0..<20 {
                var members = sound.objectValue ?? [:], response = sound["response"]?.objectValue ?? [:]
                var bytes = try #require(response[part]?.stringValue.flatMap { UnpaddedBase64.decode($0) })
                bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
                response[part] = .string(UnpaddedBase64.encode(bytes))
                members["response"] = .object(response)
                let result = asserted(.object(members), credential)
                #expect(throws: WebAuthnRefusal.self) { try result.get() }
            }
        }
    }

    @Test("CBOR that is not written the one short way, has no end, or says a key twice is none")
    func cbor() {
        #expect(CBORValue.decode([0xA1, 0x01, 0x18, 0x18])?.value == .map([.unsigned(1): .unsigned(24)]))
        #expect(CBORValue.decode([0x38, 0xFF])?.value == .negative(255))
        let wrong: [[UInt8]] = [
            [], [0x18, 0x17], [0x19, 0x00, 0xFF], [0x1A, 0, 0, 0xFF, 0xFF], [0x58, 0x05, 1], [0x5F, 0x41, 1, 0xFF],
            [0xA2, 1, 1, 1, 2], [0x62, 0xC3, 0x28], [0xC0, 0x00], [0xF9, 0, 0],
            [0x9B, 255, 255, 255, 255, 255, 255, 255, 255],
            [UInt8](repeating: 0x81, count: 100_000),
        ]
        for bytes in wrong { #expect(CBORValue.decode(bytes) == nil, "\(bytes.prefix(10))") }
        var random = SplitMix64(seed: TestSeed.next())
        for _ in 0..<20_000 {
            let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if let (_, count) = CBORValue.decode(bytes) { #expect((1...bytes.count).contains(count)) }
        }
    }

    @Test("weak keys are none: short moduli, other exponents, points of small order or beside the curve")
    func weakKeys() {
        let modulus = [0xC1] + [UInt8](repeating: 0x55, count: 254) + [0x01]
        #expect(SignatureKey.rs256(n: modulus, e: [1, 0, 1]) != nil)
        #expect(SignatureKey.rs256(n: Array(modulus.dropFirst(128)), e: [1, 0, 1]) == nil)
        #expect(SignatureKey.rs256(n: modulus, e: [3]) == nil)
        #expect(SignatureKey.es256(x: [UInt8](repeating: 1, count: 32), y: [UInt8](repeating: 1, count: 32)) == nil)
        for first: UInt8 in [0, 1] {
            #expect(SignatureKey.ed25519(raw: [first] + [UInt8](repeating: 0, count: 31)) == nil)
        }
        let ofEight = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
        #expect(Hex.decode(ofEight).flatMap { SignatureKey.ed25519(raw: $0) } == nil)
    }
}
