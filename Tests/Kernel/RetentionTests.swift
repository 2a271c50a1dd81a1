import Kernel
import Testing

@Suite("Retention policy")
struct RetentionTests {
    @Test("what is not named is kept for ever; days are whole and bounded")
    func days() throws {
        let policy = try RetentionPolicy(json: ["runs": 90, "crashes": 7])
        let now = Instant(unixMilliseconds: 100 * 86_400_000)
        #expect(policy.horizon(of: .runs, now: now) == Instant(unixMilliseconds: 10 * 86_400_000))
        #expect(policy.horizon(of: .archives, now: now) == nil)
        #expect(policy.json == ["runs": 90, "crashes": 7])
        #expect(RetentionPolicy.keepAll.isEmpty)
        for wrong in [0, -1, 36_501] as [JSONValue] {
            #expect(throws: Failure.self) { try RetentionPolicy(json: ["runs": wrong]) }
        }
        #expect(throws: Failure.self) { try RetentionPolicy(json: ["runs": "90"]) }
    }

    @Test("the audit log, money and events have no end", arguments: ["audit_leaves", "ledger", "events", "nothing"])
    func kept(name: String) {
        #expect(throws: Failure.self) { try RetentionPolicy(json: .object([name: 1])) }
    }
}
