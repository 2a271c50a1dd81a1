import Kernel
import Testing
import TestSupport

@Suite("What is cached")
struct CacheRuleTests {
    private func key(
        _ rule: CacheRule = CacheRule(), messages: String = #"[{"role":"user","content":"Hi"}]"#,
        options: String = #"{"temperature_milli":0}"#, model: String = "a/1", output: Int = 100,
        scope: CacheScope = CacheScope(tenant: "acme", promptVersion: "1")
    ) -> Digest? {
        rule.key(
            ModelRequest(model: "x", messages: Array(messages.utf8), options: Array(options.utf8)), model: model,
            maximumOutputTokens: output, in: scope)
    }

    @Test("everything that may change the answer, or who may see it, changes the key")
    func differences() {
        var open = CacheScope(tenant: "acme", promptVersion: "1")
        open.clearance = .public
        let keys = [
            key(), key(messages: #"[{"role":"user","content":"Ho"}]"#), key(options: #"{"seed":1}"#),
            key(options: #"{"temperature_milli":0,"tools":[{"name":"t"}]}"#), key(model: "a/2"), key(output: 101),
            key(scope: CacheScope(tenant: "other", promptVersion: "1")),
            key(scope: CacheScope(tenant: "acme", promptVersion: "2")), key(scope: open),
        ]
        #expect(!keys.contains(nil))
        #expect(Set(keys).count == keys.count)
    }

    @Test("spelling changes nothing")
    func spelling() {
        #expect(key() == key(messages: #"[ {"content":"H\u0069", "role":"user"} ]"#))
        #expect(
            key(options: #"{"seed":1,"temperature_milli":5}"#) == key(options: #"{"temperature_milli":5, "seed":1}"#))
    }

    @Test("only what repeats is cached, unless the operator wants all; restricted data never")
    func modes() {
        #expect(key(options: "") == nil)
        #expect(key(options: #"{"temperature_milli":700}"#) == nil)
        #expect(key(options: #"{"temperature_milli":700,"seed":3}"#) != nil)
        #expect(key(CacheRule(mode: .always), options: "") != nil)
        #expect(key(CacheRule(mode: .off)) == nil)
        var restricted = CacheScope(tenant: "acme", promptVersion: "1")
        restricted.clearance = .restricted
        #expect(key(CacheRule(mode: .always), scope: restricted) == nil)
        #expect(key(messages: "nonsense") == nil)
    }
}

@Suite("The index of a cache")
struct CacheIndexTests {
    private func digest(_ number: Int) -> Digest { Digest.sha256("\(number)".utf8) }
    private func at(_ milliseconds: Int64) -> Instant { Instant(unixMilliseconds: milliseconds) }

    @Test("it agrees with a plain list, however it is used")
    func model() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        let room: Int64 = 20 * (CacheIndex<Int>.overheadBytes + 50)
        var index = CacheIndex<Int>(maximumBytes: room)
        // Oldest use first.
        var list: [(number: Int, content: Int, bytes: Int64, expiresAt: Int64)] = []
        for step in 0..<20_000 {
            let number = Int.random(in: 0..<60, using: &random)
            let now = Int64(step)
            let place = list.firstIndex { $0.number == number }
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                index.remove(digest(number))
                if let place { list.remove(at: place) }
            case 1...4:
                let size = Int64.random(in: 0...100, using: &random)
                let expiry = now + Int64.random(in: 1...3000, using: &random)
                _ = index.insert(digest(number), step, bytes: size, expiresAt: at(expiry))
                if let place { list.remove(at: place) }
                list.append((number, step, size + CacheIndex<Int>.overheadBytes, expiry))
                while list.reduce(0, { $0 + $1.bytes }) > room { list.removeFirst() }
            default:
                let found = index.find(digest(number), at: at(now))
                if let place, list[place].expiresAt > now {
                    #expect(found == list[place].content, "seed \(seed)")
                    list.append(list.remove(at: place))
                } else {
                    #expect(found == nil, "seed \(seed)")
                    if let place { list.remove(at: place) }
                }
            }
            #expect(index.count == list.count, "seed \(seed)")
        }
        #expect(index.bytes == list.reduce(0) { $0 + $1.bytes }, "seed \(seed)")
        #expect(index.counters.evictions > 0)
        #expect(index.counters.expirations > 0)
    }

    @Test("what is larger than all the room is not kept")
    func tooLarge() {
        var index = CacheIndex<Int>(maximumBytes: 1000)
        _ = index.insert(digest(1), 1, bytes: 10, expiresAt: at(100))
        #expect(index.insert(digest(2), 2, bytes: 5000, expiresAt: at(100)) == [digest(2)])
        #expect(index.find(digest(1), at: at(0)) == 1)
        #expect(index.find(digest(2), at: at(0)) == nil)
    }
}
