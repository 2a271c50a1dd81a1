import Identity
import Kernel
import TestSupport
import Testing

@Suite("Rules of sign-ins")
struct RuleTests {
    private static let start = Instant(unixMilliseconds: 1_800_000_000_000)
    private func at(_ milliseconds: Int64) -> Instant { Self.start.advanced(byMilliseconds: milliseconds) }

    @Test("so many failures within the window lock, a lock is not made longer, and is over when it is over")
    func lockout() {
        let rule = LockoutRule(failures: 3, windowMilliseconds: 1_000, lockMilliseconds: 500)
        var count: LockoutRule.Count?
        for moment in [0, 900, 1_001] { count = rule.after(failureAt: at(Int64(moment)), count) }
        #expect(count?.failures == 1, "the window began anew")
        count = rule.after(failureAt: at(1_100), count)
        #expect(rule.lockedUntil(count, at: at(1_100)) == nil)
        count = rule.after(failureAt: at(1_200), count)
        #expect(rule.lockedUntil(count, at: at(1_200)) == at(1_700))
        #expect(rule.after(failureAt: at(1_500), count) == count)
        #expect(rule.lockedUntil(count, at: at(1_700)) == nil)
        #expect(rule.after(failureAt: at(1_700), count).failures == 1)
    }

    @Test("no sequence of failures gets more tries than the rule allows in any of its windows")
    func lockoutBound() {
        var random = SplitMix64(seed: TestSeed.next())
        let rule = LockoutRule(failures: 5, windowMilliseconds: 1_000, lockMilliseconds: 1_000)
        var count: LockoutRule.Count?, now: Int64 = 0, tried: [Int64] = []
        for _ in 0..<5_000 {
            now += Int64.random(in: 0...400, using: &random)
            guard rule.lockedUntil(count, at: at(now)) == nil else { continue }
            tried.append(now)
            count = rule.after(failureAt: at(now), count)
        }
        // Fixed windows: at most twice the number in any span as long as one.
        for (index, moment) in tried.enumerated() {
            let inside = tried[index...].prefix { $0 < moment + 1_000 }.count
            #expect(inside <= 2 * rule.failures)
        }
        #expect(tried.count < 5_000)
    }

    @Test("of a family of refresh tokens the newest rotates, the one before answers again, any other ends it")
    func refresh() {
        let rule = SessionRule(idleMilliseconds: 1_000_000, absoluteMilliseconds: 2_000_000)
        func decide(_ generation: Int64, same: Bool = true, alive: Bool = true, after: Int64 = 0) -> SessionRule.Refresh
        {
            rule.refresh(
                generation: generation, current: 7, rotated: Self.start, isSameClient: same, isAlive: alive,
                at: at(after))
        }
        #expect(decide(7) == .rotate && decide(7, same: false) == .endFamily)
        #expect(decide(6, after: 9_999) == .answerAgain && decide(6, after: 10_000) == .endFamily)
        #expect(decide(6, same: false) == .endFamily)
        for old in 0..<6 { #expect(decide(Int64(old)) == .endFamily) }
        #expect(decide(8) == .refuse && decide(-1) == .refuse && decide(7, alive: false) == .refuse)
    }

    @Test("a session ends by rest and by age, whichever comes first")
    func sessionEnd() {
        let rule = SessionRule(idleMilliseconds: 100, absoluteMilliseconds: 250)
        #expect(
            rule.isAlive(began: at(0), used: at(0), at: at(99)) && !rule.isAlive(began: at(0), used: at(0), at: at(100))
        )
        #expect(rule.isAlive(began: at(0), used: at(200), at: at(249)))
        #expect(!rule.isAlive(began: at(0), used: at(200), at: at(250)))
    }

    @Test("clients are told apart by what they call themselves and by network, not by address")
    func marks() {
        let mark = ClientMark(userAgent: "a", address: "192.0.2.7")
        #expect(mark == ClientMark(userAgent: "a", address: "192.0.2.200"))
        #expect(mark == ClientMark(userAgent: "a", address: "::ffff:192.0.2.9"))
        #expect(mark != ClientMark(userAgent: "b", address: "192.0.2.7"))
        #expect(mark.network != ClientMark(userAgent: "a", address: "192.0.3.7").network)
        let six = ClientMark(userAgent: nil, address: "2001:db8:1:2::3").network
        #expect(six == ClientMark(userAgent: nil, address: "2001:db8:1:ffff::1").network)
        #expect(six != ClientMark(userAgent: nil, address: "2001:db8:2::1").network)
    }

    @Test(
        "what everybody tries is refused, by its reason",
        arguments: [
            ("short", PasswordPolicy.Problem.short(12)), ("", .short(12)), ("elevenchars", .short(12)),
            ("Password2024!!", .common), ("!!!!dragon!!!!", .common), ("QWERTY123456", .common),
            ("123456789012", .pattern), ("aaaaaaaaaaaaaaa", .pattern), ("abcabcabcabcabc", .pattern),
            ("abcdefghijklmn", .pattern), ("dragondragon", .pattern), ("ada.lovelace12", .personal),
            ("lovelace12345", .personal),
            ("tab\tin between it", .control),
        ])
    func refused(password: String, problem: PasswordPolicy.Problem) {
        #expect(PasswordPolicy().problem(password, names: ["ada.lovelace@example.org"]) == problem)
    }

    @Test(
        "what is long and nobody else's is taken, in any script",
        arguments: ["correct horse battery staple", "Zwölf Boxkämpfer jagen", "пароль из многих слов", "🐴🔋📎🐴🔋📎🐎🔌🧷🦄🪫🖇"])
    func taken(password: String) { #expect(PasswordPolicy().problem(password, names: ["ada@example.org"]) == nil) }

    @Test("classes of characters are asked for only where an operator wants them; length is bounded in bytes")
    func classes() {
        let text = "nothing but lower case"
        #expect(PasswordPolicy().problem(text) == nil)
        #expect(PasswordPolicy(minimumClasses: 3).problem(text) == .classes(3))
        #expect(PasswordPolicy(minimumClasses: 4).problem("Upper lower 7 !") == nil)
        #expect(PasswordPolicy().problem(String(repeating: "xy ", count: 400)) == .long)
    }

    @Test("an e-mail address has one spelling, and none that could be mistaken for something else")
    func emails() {
        #expect(EmailAddress.normalised("Ada@Example.ORG") == "ada@example.org")
        for text in [
            "", "ada", "@x", "a@", "a@b@c", "a b@c.d", "a@b\r\nBcc: x", "a@b..c", ".a@b", "\"a\"@b", "ä@b.c",
            "a/b@c.d", "a#b@c.d",
        ] {
            #expect(EmailAddress.normalised(text) == nil, "\(text)")
        }
    }
}

@Suite("Password hashes")
struct BcryptTests {
    @Test(
        "the vectors of crypt_blowfish hold, under each of its names",
        arguments: [
            ("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
            ("$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"),
            ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"),
            ("$2y$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", ""),
        ])
    func vectors(hash: String, password: String) {
        #expect(Bcrypt.verify(password, hash))
        #expect(!Bcrypt.verify(password + "x", hash) && !Bcrypt.verify(password, hash + "x"))
        #expect(Bcrypt.cost(of: hash) == 5)
    }

    @Test("more than 72 bytes are never cut: as Python's bcrypt has it, over the documented digest")
    func long() throws {
        let long = String(repeating: "x", count: 73)
        #expect(Bcrypt.verify(long, "$2b$04$CCCCCCCCCCCCCCCCCCCCC.IYy73uWykJDisuq.gJ8wLb89zflFRa2"))
        let hash = try #require(Bcrypt.hash(long, cost: 4))
        #expect(hash.hasPrefix("$2b$04$") && Bcrypt.verify(long, hash))
        #expect(!Bcrypt.verify(String(long.dropLast()), hash) && !Bcrypt.verify(long + "x", hash))
        let edge = String(repeating: "y", count: 72)
        let edged = try #require(Bcrypt.hash(edge, cost: 4))
        #expect(Bcrypt.verify(edge, edged) && !Bcrypt.verify(edge + "y", edged))
    }

    @Test("one password in two forms of Unicode is one; a NUL and a megabyte are none")
    func normalised() {
        #expect(Bcrypt.normalised("Zwo\u{308}lf") == Bcrypt.normalised("Zw\u{F6}lf"))
        #expect(Bcrypt.normalised("\u{FB01}sh") == "fish")
        #expect(Bcrypt.normalised("a\u{0}b") == nil)
        #expect(Bcrypt.normalised(String(repeating: "a", count: 1 << 20)) == nil)
        // U+FDFA grows elevenfold.
        #expect(Bcrypt.normalised(String(repeating: "\u{FDFA}", count: 200)) == nil)
    }

    @Test(
        "what is no hash of bcrypt lets nobody in",
        arguments: ["", "*", "*0", "x", "$2b$05$short", "$1$abc$def", "$y$j9T$"])
    func notHashes(hash: String) { #expect(!Bcrypt.verify("", hash) && Bcrypt.cost(of: hash) == nil) }
}
