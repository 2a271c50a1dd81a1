import Gateway
import TestSupport
import Testing

@Suite("A secret does not pass the filter, however its bytes are cut")
struct SecretFilterTests {
    @Test("every cut of a text with the secret in it gives the same text without it")
    func cuts() {
        let text = Array("no sk-sk-1 here, but sk-1sk-1, s, sk and sk-".utf8)
        let expected = "no sk-(key) here, but (key)(key), s, sk and sk-"
        for first in 0...text.count {
            for second in first...text.count {
                var filter = SecretFilter("sk-1")
                var passed = filter.push(Array(text[..<first])) + filter.push(Array(text[first..<second]))
                passed += filter.push(Array(text[second...])) + filter.finish()
                #expect(String(decoding: passed, as: UTF8.self) == expected, "cut at \(first) and \(second)")
            }
        }
    }

    @Test("byte by byte, nothing that is not the secret is lost or changed")
    func bytewise() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let text = (0..<60).map { _ in UInt8.random(in: 97...98, using: &random) }
            var filter = SecretFilter("abcab")
            let passed = text.reduce(into: [UInt8]()) { $0 += filter.push([$1]) } + filter.finish()
            #expect(passed == text, "seed \(seed)")
        }
    }
}
