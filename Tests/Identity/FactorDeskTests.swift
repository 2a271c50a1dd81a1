import Foundation
import Identity
import Journal
import Kernel
import Synchronization
import TestSupport
import Testing

@Suite("Second factors of accounts")
struct FactorDeskTests {
    private static let ana = IdentityHouse.ana

    @Test("an authenticator program counts once it is confirmed, and each code opens once, also after a restart")
    func codes() async throws {
        var house = try await IdentityHouse()
        let made = try await house.factors.addTOTP(Self.ana, label: "telephone")
        let password = OneTimePassword(secret: try #require(Base32.decode(made.secret)))
        #expect(made.code != nil && made.uri.contains(made.secret))
        #expect(try await house.factors.methods(of: Self.ana.id) == [])
        let first = try #require(password.code(at: house.now))
        #expect(await house.refusal(Self.ana.id, .code(first)) == .wrong)
        try await house.factors.confirmTOTP(made.factor.id, Self.ana, code: first)
        #expect(try await house.factors.methods(of: Self.ana.id) == [.oneTimeCode])
        // The code that confirmed it is used.
        #expect(await house.refusal(Self.ana.id, .code(first)) == .wrong)
        house.advance(seconds: 30)
        let second = try #require(password.code(at: house.now))
        #expect(try await house.factors.prove(Self.ana.id, by: .code(second)) == .oneTimeCode)
        house = try await house.reopened()
        #expect(await house.refusal(Self.ana.id, .code(second)) == .wrong)
        house.advance(seconds: -300)
        let early = try #require(password.code(at: house.now))
        #expect(await house.refusal(Self.ana.id, .code(early)) == .wrong)
        await house.journal.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: house.folder.folder("store/journal.sqlite")))
        #expect(bytes.range(of: Data(password.secret)) == nil && bytes.range(of: Data(made.secret.utf8)) == nil)
    }

    @Test("of many who show the same code at once, one gets in")
    func parallel() async throws {
        let house = try await IdentityHouse()
        let password = try await house.totp()
        house.advance(seconds: 60)
        let code = try #require(password.code(at: house.now))
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { await house.refusal(Self.ana.id, .code(code)) == nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == 1)
        await house.journal.close()
    }

    @Test("guessing ends after five: the right code does not help then, nor a restart, and an administrator does")
    func guessing() async throws {
        var house = try await IdentityHouse()
        let password = try await house.totp()
        house.advance(seconds: 60)
        let right = try #require(password.code(at: house.now))
        let wrong = right == "000000" ? "000001" : "000000"
        for _ in 0..<5 { #expect(await house.refusal(Self.ana.id, .code(wrong)) == .wrong) }
        #expect(await house.refusal(Self.ana.id, .code(right)) == .resting(seconds: 900))
        house = try await house.reopened()
        #expect(await house.refusal(Self.ana.id, .code(right)) == .resting(seconds: 900))
        // Others are not in its way.
        #expect(await house.refusal(IdentityHouse.bob.id, .code(wrong)) == .wrong)
        house.advance(seconds: 900)
        let later = try #require(password.code(at: house.now))
        #expect(await house.refusal(Self.ana.id, .code(later)) == nil)
        let trial = try await house.journal.read { tx throws(JournalError) in try tx.factorTrial(of: Self.ana.id) }
        #expect(trial == FactorTrial())
        for _ in 0..<100 {
            if case .resting(let seconds) = await house.refusal(Self.ana.id, .code(wrong)) {
                house.advance(seconds: Int64(seconds))
                _ = await house.refusal(Self.ana.id, .code(wrong))
            }
        }
        house.advance(seconds: 100_000)
        #expect(await house.refusal(Self.ana.id, .code(try #require(password.code(at: house.now)))) == .locked)
        let elsewhere = await Self.code { () async throws(ProofError) in
            _ = try await house.factors.reset(Self.ana.id, tenant: "globex", by: "root")
        }
        #expect(elsewhere == .notFound)
        #expect(try await house.factors.reset(Self.ana.id, tenant: "acme", by: "root") == 1)
        _ = try await house.totp()
        #expect(try await house.factors.methods(of: Self.ana.id) == [.oneTimeCode])
        try await Self.sound(house)
    }

    private static func code(_ body: () async throws(ProofError) -> Void) async -> ProofError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }

    /// The log and the rows agree.
    private static func sound(_ house: IdentityHouse) async throws {
        let mismatches = try await house.journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(mismatches == [])
        await house.journal.close()
    }

    @Test("recovery codes stand in for a lost factor, each once, and go when the last factor goes")
    func recovery() async throws {
        let house = try await IdentityHouse()
        let none = await Self.code { () async throws(ProofError) in
            _ = try await house.factors.makeRecoveryCodes(Self.ana)
        }
        #expect(none == .conflict)
        _ = try await house.totp()
        let old = try await house.factors.makeRecoveryCodes(Self.ana)
        let codes = try await house.factors.makeRecoveryCodes(Self.ana)
        #expect(await house.refusal(Self.ana.id, .recovery(old[0])) == .wrong)
        #expect(await house.refusal(IdentityHouse.bob.id, .recovery(codes[0])) == .wrong)
        #expect(try await house.factors.prove(Self.ana.id, by: .recovery(codes[0])) == .recoveryCode)
        #expect(await house.refusal(Self.ana.id, .recovery(codes[0])) == .wrong)
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { await house.refusal(Self.ana.id, .recovery(codes[1])) == nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == 1)
        let totp = try #require(try await house.factors.factors(of: Self.ana.id).first { $0.kind == .totp })
        let foreign = await Self.code { () async throws(ProofError) in
            try await house.factors.remove(totp.id, of: IdentityHouse.bob)
        }
        #expect(foreign == .notFound)
        try await house.factors.remove(totp.id, of: Self.ana)
        #expect(try await house.factors.factors(of: Self.ana.id) == [])
        try await Self.sound(house)
    }

    @Test("a key registers once in the world, proves its owner by a fresh challenge, and a copy of it is noticed")
    func keys() async throws {
        let peer = try await Peer.start("authenticator.py")
        let house = try await IdentityHouse()
        let origin = JSONValue.string(IdentityHouse.publicURL)
        let options = try await house.factors.beginKey(Self.ana)
        let made = try peer.post("/create", ["options": options, "origin": origin, "algorithm": -8])
        let foreign = await Self.code { () async throws(ProofError) in
            _ = try await house.factors.addKey(IdentityHouse.bob, label: "key", answer: made)
        }
        #expect(foreign == .wrong)
        // That try has used up the challenge.
        let again = try await house.factors.beginKey(Self.ana)
        let own = try peer.post("/create", ["options": again, "origin": origin, "algorithm": -8])
        _ = try await house.factors.addKey(Self.ana, label: "key", answer: own)
        let twice = await Self.code { () async throws(ProofError) in
            _ = try await house.factors.addKey(Self.ana, label: "key", answer: own)
        }
        #expect(twice == .wrong)
        func answer(_ change: JSONValue = [:]) async throws -> WebAuthnAnswer {
            let asked = try await house.factors.askKey(of: Self.ana.id)
            return try WebAuthnAnswer(
                json: try peer.post("/get", ["options": asked, "origin": origin, "change": change]))
        }
        let good = try await answer(["counter": 10])
        #expect(try await house.factors.prove(Self.ana.id, by: .key(good)) == .hardwareKey)
        #expect(await house.refusal(Self.ana.id, .key(good)) == .wrong)
        #expect(await house.refusal(Self.ana.id, .key(try await answer(["counter": 10]))) == .wrong)
        #expect(await house.refusal(IdentityHouse.bob.id, .key(try await answer(["counter": 12]))) == .wrong)
        let late = try await answer(["counter": 13])
        house.advance(seconds: 301)
        #expect(await house.refusal(Self.ana.id, .key(late)) == .wrong)
        #expect(await house.refusal(Self.ana.id, .key(try await answer(["counter": 14]))) == nil)
        // The same credential for another account: it is somebody's already.
        let stolen = try #require(try await house.factors.factors(of: Self.ana.id).first)
        let refused = await Self.code { () async throws(ProofError) in
            do {
                try await house.journal.write { tx throws(JournalError) in
                    var copy = stolen
                    copy.id = RunID(unixMilliseconds: 1, random: [UInt8](repeating: 1, count: 10))
                    copy.account = IdentityHouse.bob.id
                    try tx.factorAdd(copy, by: "bob")
                }
            } catch {
                throw ProofError(.conflict, "\(error)")
            }
        }
        #expect(refused == .conflict)
        try await Self.sound(house)
    }

    @Test("codes by text message: for ten minutes, once, a few an hour, to a number that was proved")
    func messages() async throws {
        let house = try await IdentityHouse()
        for wrong in ["12345678", "+0123456789", "+49 151 1234", "+1234567890123456", "+4915112345\r\n6"] {
            let code = await Self.code { () async throws(ProofError) in
                _ = try await house.factors.addNumber(Self.ana, label: "n", number: wrong)
            }
            #expect(code == .invalid, "\(wrong)")
        }
        _ = try await house.factors.addNumber(Self.ana, label: "mobile", number: "+4915112345678")
        #expect(house.outbox.all.map(\.number) == ["+4915112345678"])
        #expect(try await house.factors.methods(of: Self.ana.id) == [])
        let first = house.outbox.lastCode
        #expect(first.utf8.count == 6 && Int(first) != nil)
        #expect(await house.refusal(IdentityHouse.bob.id, .message(first)) == .wrong)
        #expect(try await house.factors.prove(Self.ana.id, by: .message(first)) == .textMessage)
        #expect(try await house.factors.methods(of: Self.ana.id) == [.textMessage])
        #expect(await house.refusal(Self.ana.id, .message(first)) == .wrong)
        func send() async -> ProofError.Code? {
            await Self.code { () async throws(ProofError) in try await house.factors.sendCode(of: Self.ana.id) }
        }
        #expect(await send() == .tooMany(seconds: 30))
        for _ in 0..<4 {
            house.advance(seconds: 30)
            #expect(await send() == nil)
        }
        house.advance(seconds: 30)
        #expect(await send() == .tooMany(seconds: 3_600 - 150))
        let last = house.outbox.lastCode
        house.advance(seconds: 600)
        #expect(await house.refusal(Self.ana.id, .message(last)) == .wrong)
        house.advance(seconds: 3_600)
        house.outbox.fail(Failure(.io, "no network"))
        #expect(await send() == .unavailable)
        #expect(await house.refusal(Self.ana.id, .message(house.outbox.lastCode)) == .wrong)
        try await Self.sound(house)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: house.folder.folder("store/journal.sqlite")))
        #expect(bytes.range(of: Data("4915112345678".utf8)) == nil)
    }
}
