import Foundation
import Kernel
import TestSupport
import Testing

@Suite("One-time codes, recovery codes, and the limits of guessing")
struct OneTimePasswordTests {
    private static let twenty = Array("12345678901234567890".utf8)

    @Test("the published vectors of RFC 4226 hold")
    func counters() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
        ]
        let password = OneTimePassword(secret: Self.twenty)
        #expect((0..<10).map { password.code(counter: UInt64($0)) } == expected)
    }

    @Test(
        "the published vectors of RFC 6238 hold, for each hash",
        arguments: [
            (59, "94287082", "46119246", "90693936"), (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"), (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"), (20_000_000_000, "65353130", "77737706", "47863826"),
        ])
    func times(second: Int64, sha1: String, sha256: String, sha512: String) {
        let at = Instant(unixMilliseconds: second * 1000)
        for (algorithm, length, code) in [
            (OneTimePassword.Algorithm.sha1, 20, sha1), (.sha256, 32, sha256), (.sha512, 64, sha512),
        ] {
            let secret = Array((Self.twenty + Self.twenty + Self.twenty + Self.twenty).prefix(length))
            #expect(OneTimePassword(secret: secret, algorithm: algorithm, digits: 8).code(at: at) == code)
        }
    }

    @Test("a code is taken one step early or late, no more, once, and never after a clock that was set back")
    func window() throws {
        let password = OneTimePassword(secret: Self.twenty)
        let now = Instant(unixMilliseconds: 1_800_000_000_000)
        let step = try #require(password.step(at: now))
        for offset in Int64(-3)...3 {
            let code = password.code(counter: UInt64(step + offset))
            let accepted = password.acceptedStep(of: code, at: now, after: nil)
            #expect(accepted == (abs(offset) <= 1 ? step + offset : nil))
        }
        let code = password.code(counter: UInt64(step))
        #expect(password.acceptedStep(of: code, at: now, after: step) == nil)
        #expect(password.acceptedStep(of: code, at: now, after: step - 1) == step)
        #expect(password.acceptedStep(of: password.code(counter: UInt64(step - 1)), at: now, after: step) == nil)
        let before = now.advanced(byMilliseconds: -3_600_000)
        let old = try #require(password.code(at: before))
        #expect(password.acceptedStep(of: old, at: before, after: step) == nil)
        for wrong in ["", "12345", "1234567", code + "0", " " + code.dropFirst()] {
            #expect(password.acceptedStep(of: wrong, at: now, after: nil) == nil)
        }
        #expect(password.acceptedStep(of: code, at: Instant(unixMilliseconds: -1), after: nil) == nil)
    }

    @Test("texts are equal where every byte is")
    func equality() {
        func isEqual(_ left: String, _ right: String) -> Bool {
            ConstantTime.isEqual(Array(left.utf8), Array(right.utf8))
        }
        #expect(isEqual("", "") && isEqual("123456", "123456"))
        for wrong in ["023456", "123457", "12345", "1234567", "ab3456", "\u{0}23456"] {
            #expect(!isEqual("123456", wrong) && !isEqual(wrong, "123456"))
        }
        var random = SplitMix64(seed: TestSeed.next())
        for _ in 0..<1_000 {
            let texts = (0..<2).map { _ in (0..<4).map { _ in random.next() % 2 == 0 ? "a" : "b" }.joined() }
            #expect(isEqual(texts[0], texts[1]) == (texts[0] == texts[1]))
        }
    }

    @Test("Base32 as RFC 4648 says, read in the ways that people copy it, and nothing else")
    func base32() {
        let vectors = [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ]
        for (plain, text) in vectors {
            #expect(Base32.encode(Array(plain.utf8)) == text)
            #expect(Base32.decode(text) == Array(plain.utf8))
            #expect(Base32.decode(text.lowercased()) == Array(plain.utf8))
        }
        #expect(Base32.decode("mzxw 6ytb oi======") == Array("foobar".utf8))
        for wrong in ["M", "MZ1", "MZ", "MZXW6YTBOJ", "é", "MZXW6YTBOI=A"] { #expect(Base32.decode(wrong) == nil) }
    }

    @Test("each recovery code opens once, for its account alone, however it is typed")
    func recovery() throws {
        var random = SplitMix64(seed: TestSeed.next())
        let bytes = (0..<RecoveryCodes.count * RecoveryCodes.randomBytes).map { _ in
            UInt8(truncatingIfNeeded: random.next())
        }
        let (codes, kept) = RecoveryCodes.make(random: bytes, account: "a")
        #expect(Set(codes).count == 10 && codes.allSatisfy { $0.utf8.count == 19 } && kept.left == 10)
        var rest = try #require(RecoveryCodes(stored: kept.stored))
        for (index, code) in codes.enumerated() {
            #expect(rest.using(code, account: "b") == nil)
            let typed = index % 2 == 0 ? code.uppercased() : code.filter { $0 != "-" }
            rest = try #require(rest.using(typed, account: "a"))
            #expect(rest.using(code, account: "a") == nil)
            #expect(rest.left == 9 - index)
        }
        #expect(rest.using("", account: "a") == nil && RecoveryCodes(stored: [1]) == nil)
        let stored = String(decoding: kept.stored, as: UTF8.self)
        #expect(codes.allSatisfy { !stored.contains($0) })
    }

    @Test("after five wrong ones the account rests, each time again, and after a hundred only a person helps")
    func trials() {
        var trial = FactorTrial()
        var now = Instant(unixMilliseconds: 1_800_000_000_000)
        var tries = 0
        while trial.standing(at: now) != .locked {
            if case .resting(let until) = trial.standing(at: now) {
                #expect(trial.standing(at: until.advanced(byMilliseconds: -1)) == .resting(until: until))
                now = until
            }
            #expect(trial.standing(at: now) == .open)
            trial = trial.afterFailure(at: now)
            tries += 1
            #expect((trial.restsUntil != nil) == (tries % 5 == 0))
        }
        #expect(tries == FactorTrial.maximumFailures)
        // Of a million codes, three of which are good at a time: less than one in three thousand.
        #expect(tries * 3 * 3_000 < 1_000_000)
    }

    private static func caller(
        _ methods: Set<String>, ageSeconds: Int64?, _ now: Instant, _ credential: Principal.Credential = .session("s"),
        kind: Principal.Kind = .user
    ) -> Principal {
        Principal(
            kind: kind, id: "a", name: "ana", tenant: "acme", scopes: [], credential: credential,
            authenticatedAt: ageSeconds.map { now.advanced(byMilliseconds: -1000 * $0) }, methods: methods)
    }

    @Test("a proof counts while it is recent, and a password only for who has nothing else")
    func stepUp() {
        let rule = StepUpRule.standard, now = Instant(unixMilliseconds: 1_800_000_000_000)
        func verdict(_ caller: Principal, _ factors: Set<StepUpRule.Method> = []) -> StepUpRule.Verdict {
            rule.verdict(on: caller, factors: factors, at: now)
        }
        #expect(verdict(Self.caller(["pwd"], ageSeconds: 600, now)) == .met)
        #expect(verdict(Self.caller(["pwd"], ageSeconds: 601, now)) == .needed([.federation, .password]))
        #expect(verdict(Self.caller(["pwd"], ageSeconds: -1, now)) == .needed([.federation, .password]))
        #expect(verdict(Self.caller(["pwd"], ageSeconds: nil, now)) == .needed([.federation, .password]))
        #expect(verdict(Self.caller(["pwd"], ageSeconds: 0, now), [.oneTimeCode]) == .needed([.oneTimeCode]))
        #expect(verdict(Self.caller(["pwd", "otp"], ageSeconds: 0, now), [.oneTimeCode]) == .met)
        #expect(
            verdict(Self.caller(["otp"], ageSeconds: 0, now), [.hardwareKey, .textMessage])
                == .needed([.hardwareKey, .textMessage]))
        #expect(verdict(Self.caller(["pwd"], ageSeconds: 0, now, .key("k"))) == .impossible)
        #expect(verdict(Self.caller(["pwd"], ageSeconds: 0, now, kind: .service)) == .impossible)
        #expect(verdict(.anonymous) == .impossible)
        #expect(verdict(.local(name: "root")) == .met && verdict(.open(name: nil)) == .met)
    }

    @Test("other programs agree: pyotp on codes from the address, zxing on QR codes of every size")
    func peers() async throws {
        let peer = try await Peer.start("authenticator.py")
        let secret = (0..<20).map { UInt8($0 * 11) }
        for algorithm in OneTimePassword.Algorithm.allCases {
            for digits in [6, 8] {
                let password = OneTimePassword(secret: secret, algorithm: algorithm, digits: digits)
                let uri = password.uri(issuer: "Bureau & Söhne", account: "ana:x@example.org")
                let code = try peer.post("/totp", ["uri": .string(uri), "at": 1_800_000_015])["code"]?.stringValue
                #expect(code == password.code(at: Instant(unixMilliseconds: 1_800_000_015_000)))
            }
        }
        for length in [1, 14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 213, 214, 251, 331, 412, 500, 560, 624, 666] {
            let text = String((0..<length).map { Character(Unicode.Scalar(UInt8(97 + $0 * 7 % 26))) })
            let code = try #require(QRCode(Array(text.utf8)))
            let rows = (0..<code.size).map { y in
                JSONValue.string((0..<code.size).map { code.isDark($0, y) ? "1" : "0" }.joined())
            }
            let read = try peer.post("/qr", ["rows": .array(rows)])
            #expect(read["texts"] == [.string(text)], "\(length) bytes: \(read)")
        }
        #expect(QRCode([UInt8](repeating: 65, count: 667)) == nil)
        let code = try #require(QRCode(Array("hello".utf8)))
        #expect(code.svg.hasPrefix("<svg") && code.terminalLines.count == (code.size + 4 + 1) / 2)
    }
}
