import Crypto
import Foundation
import Identity
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Attacks on tokens")
struct TokenAttackTests {
    /// A fixture, with a session's token and its claims as text.
    private func victim() async throws -> (DeskFixture, TokenAnswer, [String: JSONValue]) {
        let fixture = try await DeskFixture.populated()
        let answer = try await fixture.signIn("ada@example.org")
        let payload = answer.accessToken.split(separator: ".")[1]
        let claims = try JSONParser.parse(try #require(UnpaddedBase64.decode(payload))).objectValue
        return (fixture, answer, try #require(claims))
    }

    private func text(_ claims: [String: JSONValue]) -> String { JSONValue.object(claims).serialized() }

    @Test("the token itself, made again by the same key, is taken: what is refused below is refused for its content")
    func control() async throws {
        let (fixture, _, claims) = try await victim()
        #expect(await !fixture.isRefused(bearer: try fixture.forge(claims: text(claims))))
    }

    @Test(
        "J1 to J6: headers that choose an algorithm, a key or an extension",
        arguments: [
            #"{"alg":"none","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"None","kid":"KID","typ":"at+jwt"}"#,
            #"{"alg":"nOnE","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"HS256","kid":"KID","typ":"at+jwt"}"#,
            #"{"alg":"eddsa","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"EdDSA","typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"k-0000000000000000","typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"../../dev/null","typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"x' OR '1'='1","typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"KID\u0000","typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"KÍD","typ":"at+jwt"}"#, #"{"alg":"EdDSA","kid":7,"typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"KID","typ":"at+jwt","crit":["x"],"x":1}"#,
            #"{"alg":"EdDSA","kid":"KID","typ":"at+jwt","b64":false}"#,
            #"{"alg":"EdDSA","kid":"KID","typ":"at+jwt","jku":"https://evil.example/jwks"}"#,
            #"{"alg":"EdDSA","kid":"KID","typ":"at+jwt","x5u":"https://evil.example/x"}"#,
            #"{"alg":"EdDSA","kid":"KID","typ":"at+jwt","zip":"DEF"}"#,
            #"{"alg":"EdDSA","alg":"EdDSA","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"EdDSA","kid":"KID","typ":"JWT"}"#,
            #"{"alg":"EdDSA","kid":"KID","typ":"mfa+jwt"}"#, #"{"alg":"EdDSA","kid":"KID","typ":"AT+JWT"}"#,
            #"{"alg":"EdDSA","kid":"KID"}"#, "[]", "7", "",
        ])
    func headers(header: String) async throws {
        let (fixture, _, claims) = try await victim()
        #expect(await fixture.isRefused(bearer: try fixture.forge(header: header, claims: text(claims))))
    }

    @Test("J1, J2, J3: no signature, a MAC by the public key, a signature by a key of one's own that is brought along")
    func signatures() async throws {
        let (fixture, answer, claims) = try await victim()
        let parts = answer.accessToken.split(separator: ".").map(String.init), (id, seed) = try fixture.seed()
        let body = text(claims).base64URL
        #expect(await fixture.isRefused(bearer: "\(parts[0]).\(parts[1])."))
        #expect(await fixture.isRefused(bearer: "\(parts[0]).\(parts[1])"))
        let none = #"{"alg":"none","kid":"\#(id)","typ":"at+jwt"}"#.base64URL
        #expect(await fixture.isRefused(bearer: "\(none).\(body)."))
        let publicKey = try Curve25519.Signing.PrivateKey(rawRepresentation: seed).publicKey.rawRepresentation
        let confused = #"{"alg":"HS256","kid":"\#(id)","typ":"at+jwt"}"#.base64URL + "." + body
        let code = HMAC<SHA256>.authenticationCode(for: Data(confused.utf8), using: SymmetricKey(data: publicKey))
        #expect(await fixture.isRefused(bearer: confused + "." + UnpaddedBase64.encode(Array(code))))
        let own = Curve25519.Signing.PrivateKey(), x = UnpaddedBase64.encode(Array(own.publicKey.rawRepresentation))
        for header in [
            #"{"alg":"EdDSA","kid":"\#(id)","typ":"at+jwt"}"#, #"{"alg":"EdDSA","kid":"k-1","typ":"at+jwt"}"#,
            #"{"alg":"EdDSA","kid":"\#(id)","typ":"at+jwt","jwk":{"kty":"OKP","crv":"Ed25519","x":"\#(x)"}}"#,
        ] {
            let signed = header.base64URL + "." + body
            let signature = UnpaddedBase64.encode(Array(try own.signature(for: Data(signed.utf8))))
            #expect(await fixture.isRefused(bearer: signed + "." + signature))
        }
        for (number, part) in parts.enumerated() {
            for place in [0, part.count / 2] {
                var changed = Array(part)
                changed[place] = changed[place] == "A" ? "B" : "A"
                var whole = parts
                whole[number] = String(changed)
                #expect(await fixture.isRefused(bearer: whole.joined(separator: ".")))
            }
        }
    }

    @Test("J6: other forms: padding, other alphabets, bits that mean nothing, JSON, five parts, too long")
    func forms() async throws {
        let (fixture, answer, claims) = try await victim()
        let token = answer.accessToken, parts = token.split(separator: ".").map(String.init)
        let json = #"{"payload":"\#(parts[1])","protected":"\#(parts[0])","signature":"\#(parts[2])"}"#
        var loose = Array(parts[2])
        // 64 bytes are 86 digits: the last has four bits of no meaning.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let tail = try #require(loose.last)
        let last = try #require(alphabet.firstIndex(of: tail))
        loose[loose.count - 1] = alphabet[last + 1]
        var long = claims
        long["x"] = .string(String(repeating: "x", count: 4_096))
        let wrong = [
            token + "=", token + "==", token + ".", "." + token, token + "\n", " " + token, token + "\u{0}", json,
            "\(token).\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).\(String(loose))",
            parts.joined(separator: ".").replacingOccurrences(of: "-", with: "+") + (token.contains("-") ? "" : "+"),
            try fixture.forge(claims: text(long)), String(repeating: "a.", count: 1 << 20), "..", "",
            try fixture.forge(
                header: #"{"alg":"EdDSA","kid":"KID","typ":"at+jwt"}"# + String(repeating: " ", count: 512),
                claims: text(claims)),
        ]
        for bearer in wrong where !bearer.isEmpty {
            #expect(await fixture.isRefused(bearer: bearer), "\(bearer.prefix(80))")
        }
    }

    @Test("J7, J8, J9: claims that are missing, of another type, of another time or for somebody else")
    func claims() async throws {
        let (fixture, _, claims) = try await victim()
        let now = fixture.clock.now.unixMilliseconds / 1_000
        var edits: [(String, JSONValue?)] = [
            "iss", "aud", "exp", "nbf", "iat", "jti", "sub", "sv",
        ].flatMap { [($0, nil), ($0, .null), ($0, .bool(true))] }
        edits += [
            ("exp", .integer(now - 31)), ("exp", .string("\(now + 60)")), ("exp", .integer(-1)),
            ("exp", .double(1e300)),
            ("exp", .integer(.max)), ("nbf", .integer(now + 60)), ("iat", .integer(now + 60)),
            ("aud", ["urn:bureau:api"]), ("aud", "urn:bureau:other"), ("aud", "urn:bureau:api:mfa"),
            ("iss", "urn:else"),
            ("sub", "00000000-0000-7000-8000-000000000000"), ("sub", "ada@example.org"), ("sv", 0), ("sv", 99),
            ("sid", "00000000-0000-7000-8000-000000000000"), ("sid", 7), ("scope", "not a scope"), ("scope", ["*.*"]),
            ("tenant", 7), ("jti", ""), ("auth_time", "now"),
        ]
        for (name, value) in edits {
            var changed = claims
            changed[name] = value
            #expect(
                await fixture.isRefused(bearer: try fixture.forge(claims: text(changed))),
                "\(name): \(String(describing: value))")
        }
        let whole = text(claims), opened = String(whole.dropLast())
        for extra in [
            opened + #","sub":"x"}"#, opened + #","exp":1e400}"#, whole + " x", "[\(whole)]", "\u{FEFF}" + whole,
            opened + ",}", "",
        ] { #expect(await fixture.isRefused(bearer: try fixture.forge(claims: extra)), "\(extra)") }
    }

    @Test("a token gives nothing that its account lacks, whatever scopes or tenant it claims")
    func claimsOfRights() async throws {
        let (fixture, _, claims) = try await victim()
        var changed = claims
        changed["scope"] = "*.*"
        changed["tenant"] = "other"
        let caller = try await fixture.caller(bearer: try fixture.forge(claims: text(changed)))
        #expect(!caller.may(.users, .write) && caller.tenant == "acme")
    }

    @Test("J12: keys overlap: a token of a retired key is good until it expires; immediate withdraws everything")
    func rotation() async throws {
        let fixture = try await DeskFixture.populated(), desk = fixture.desk
        let old = try await fixture.signIn("ada@example.org")
        _ = try await desk.ring.rotate(isImmediate: false, at: desk.now, by: "ana")
        #expect(desk.ring.published(at: desk.now)["keys"]?.arrayValue?.count == 2, "published before it signs")
        func key(of token: String) throws -> JSONValue? {
            let header = try #require(token.split(separator: ".").first.flatMap { UnpaddedBase64.decode($0) })
            return try JSONParser.parse(header)["kid"]
        }
        let between = try await fixture.signIn("ada@example.org")
        #expect(try key(of: between.accessToken) == key(of: old.accessToken))
        fixture.clock.advance(seconds: 301)
        let new = try await fixture.signIn("ada@example.org")
        #expect(try key(of: new.accessToken) != key(of: old.accessToken))
        #expect(await !fixture.isRefused(bearer: old.accessToken))
        let again = try await fixture.reopened()
        for token in [new, old] { #expect(await !again.isRefused(bearer: token.accessToken)) }
        _ = try await again.desk.ring.rotate(isImmediate: true, at: again.desk.now, by: "ana")
        for token in [old, between, new] {
            #expect(await again.isRefused(bearer: token.accessToken))
            #expect(
                await refusal { try await again.desk.refresh(token.refreshToken, client: DeskFixture.client) }
                    == .unauthenticated)
        }
        let after = try await again.signIn("ada@example.org")
        #expect(await !again.isRefused(bearer: after.accessToken))
        #expect(again.desk.ring.overdueDays(at: again.desk.now) == nil)
        again.clock.advance(seconds: 31 * 86_400)
        #expect(again.desk.ring.overdueDays(at: again.desk.now) == 31)
        #expect(try await again.mismatches() == [])
    }

    @Test("a shared secret signs with HS256; changing it ends the old tokens, unless it is named as the one before")
    func sharedSecret() async throws {
        var settings = DeskFixture.settings
        settings.sharedSecret = Array(repeating: 1, count: 31)
        #expect(settings.problem != nil, "shorter than its hash")
        settings.sharedSecret = Array(repeating: 1, count: 32)
        let fixture = try await DeskFixture.populated(settings: settings)
        let old = try await fixture.signIn("ada@example.org")
        #expect(await !fixture.isRefused(bearer: old.accessToken))
        var next = settings
        (next.sharedSecret, next.previousSecret) = (Array(repeating: 2, count: 32), settings.sharedSecret)
        let overlapping = try await fixture.reopened(settings: next)
        #expect(await !overlapping.isRefused(bearer: old.accessToken))
        next.previousSecret = nil
        let switched = try await overlapping.reopened(settings: next)
        #expect(await switched.isRefused(bearer: old.accessToken))
        let new = try await switched.signIn("ada@example.org")
        #expect(await !switched.isRefused(bearer: new.accessToken))
    }

    @Test("RFC 7515, A.1: the signature of the example, and of nothing else; the example itself is no token of ours")
    func vector() async throws {
        let encoded = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        let secret = try #require(UnpaddedBase64.decode(encoded))
        let key = TokenKey(id: "a-1", secret: secret)
        let signed =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(key.sign(Array(signed.utf8)).map(UnpaddedBase64.encode) == signature)
        let bytes = try #require(UnpaddedBase64.decode(signature[...]))
        #expect(key.isValid(bytes, for: Array(signed.utf8)) && !key.isValid(bytes, for: Array(signed.utf8) + [0]))
        var settings = DeskFixture.settings
        settings.sharedSecret = secret
        let fixture = try await DeskFixture(settings: settings)
        #expect(await fixture.isRefused(bearer: signed + "." + signature))
    }

    @Test("PyJWT and joserfc read our tokens by the published keys, and what they sign is taken when it is right")
    func independent() async throws {
        let (fixture, answer, claims) = try await victim()
        let (id, seed) = try fixture.seed()
        var settings = DeskFixture.settings
        settings.sharedSecret = Array("0123456789abcdef0123456789abcdef".utf8)
        let shared = try await DeskFixture.populated(settings: settings)
        let symmetric = try await shared.signIn("ada@example.org")
        let input: JSONValue = [
            "token": .string(answer.accessToken), "jwks": fixture.desk.ring.published(at: fixture.clock.now),
            "kid": .string(id), "seed": .string(Hex.encode(seed)), "claims": .object(claims),
            "now": .integer(fixture.clock.now.unixMilliseconds / 1_000),
            "hs_token": .string(symmetric.accessToken), "hs_secret": "0123456789abcdef0123456789abcdef",
        ]
        let file = try fixture.folder.write(input.bytes, to: "input.json"), output = fixture.folder.folder("output")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("jose.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, file, output]
        try process.runAlone()
        #expect(process.waitUntilExit(upTo: 300) && process.terminationStatus == 0)
        let made = try JSONParser.parse(Array(try Data(contentsOf: URL(fileURLWithPath: output))))
        for (name, isRight) in [("pyjwt", true), ("joserfc", true), ("pyjwt_other_key", false), ("pyjwt_hs", false)] {
            let token = try #require(made[name]?.stringValue)
            #expect(await fixture.isRefused(bearer: token) != isRight, "\(name)")
        }
    }
}
