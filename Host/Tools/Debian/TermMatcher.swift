/// Finds which search terms occur in a text. A term is one or more words; all of them must occur. Words are runs of
/// ASCII letters, digits and `+` (for C++), compared without case and without a plural s.
struct TermMatcher: Sendable {
    /// The terms that can match: those that hold a word.
    let terms: [String]
    private let wordIndex: [UInt64: Int]
    private let wordsOfTerm: [[Int]]

    /// Bits of the words that a text holds.
    typealias Words = UInt64

    static let maximumWords = 64

    init(_ terms: [String]) {
        var index: [UInt64: Int] = [:]
        var kept: [String] = []
        var words: [[Int]] = []
        for term in terms {
            var own: [Int] = []
            Array(term.utf8).withUnsafeBufferPointer { bytes in
                Self.forEachWord(bytes) { word in
                    let number = index[word] ?? index.count
                    guard number < Self.maximumWords else { return }
                    index[word] = number
                    own.append(number)
                }
            }
            guard !own.isEmpty else { continue }
            kept.append(term)
            words.append(own)
        }
        self.terms = kept
        wordIndex = index
        wordsOfTerm = words
    }

    func words(in text: UnsafeBufferPointer<UInt8>) -> Words {
        var found: Words = 0
        Self.forEachWord(text) { word in
            if let number = wordIndex[word] { found |= 1 << Words(number) }
        }
        return found
    }

    func words(in text: String) -> Words {
        var text = text
        return text.withUTF8 { words(in: $0) }
    }

    /// Indices into ``terms``.
    func terms(of words: Words) -> [Int] {
        guard words != 0 else { return [] }
        return wordsOfTerm.indices.filter { term in wordsOfTerm[term].allSatisfy { words & (1 << Words($0)) != 0 } }
    }

    /// Words as 64-bit FNV-1a sums (Fowler, Noll & Vo) of their lower-case bytes: no allocation for each word of a
    /// catalogue. Among 64 search words and 100,000 different words a false match has a chance below 1e-12.
    private static func forEachWord(_ text: UnsafeBufferPointer<UInt8>, _ body: (UInt64) -> Void) {
        let basis: UInt64 = 0xCBF2_9CE4_8422_2325
        var sum = basis
        // The sum without the last byte, to leave a plural s out.
        var shorter = basis
        var length = 0
        var last: UInt8 = 0
        var beforeLast: UInt8 = 0
        for index in 0...text.count {
            let byte = index < text.count ? text[index] : 0
            let isUpper = byte >= 0x41 && byte <= 0x5A
            let isWordy = isUpper || (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x30 && byte <= 0x39) || byte == 0x2B
            if isWordy {
                shorter = sum
                beforeLast = last
                last = isUpper ? byte | 0x20 : byte
                sum = (sum ^ UInt64(last)) &* 0x0000_0100_0000_01B3
                length += 1
            } else if length > 0 {
                let s = UInt8(ascii: "s")
                body(length > 3 && last == s && beforeLast != s ? shorter : sum)
                sum = basis
                length = 0
                last = 0
            }
        }
    }
}
