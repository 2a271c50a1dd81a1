/// Finds the sentences that most others have words in common with: TextRank (Mihalcea and Tarau 2004) with the Dice
/// coefficient of their content words as similarity. Only sums, products and quotients of IEEE 754 doubles in a fixed
/// order, so the result is the same on every machine.
package enum SentenceRank {
    /// More sentences than this are thinned to those with the most frequent words first: ranking is quadratic.
    static let maximumSentences = 400
    private static let damping = 0.85
    private static let iterations = 30

    private static let stopWords: Set<String> = [
        "about", "after", "all", "also", "and", "any", "are", "because", "been", "but", "can", "could", "did", "does",
        "each", "for", "from", "had", "has", "have", "her", "his", "how", "into", "its", "just", "may", "more", "most",
        "not", "one", "only", "other", "our", "out", "over", "per", "she", "should", "some", "such", "than", "that",
        "the", "their", "them", "then", "there", "these", "they", "this", "those", "was", "were", "what", "when",
        "which", "while", "who", "will", "with", "would", "you", "your",
    ]

    /// The positions of the `count` most central sentences, in order of appearance. Ties go to the earlier one.
    package static func mostCentral(_ sentences: [String], count: Int) -> [Int] {
        let words = sentences.map(contentWords)
        let candidates = thinned(words)
        let scores = rank(candidates.map { words[$0] })
        let best = candidates.indices.sorted { left, right in
            scores[left] == scores[right] ? left < right : scores[left] > scores[right]
        }
        return best.prefix(max(0, count)).map { candidates[$0] }.sorted()
    }

    static func contentWords(_ sentence: String) -> Set<String> {
        let words = sentence.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return Set(words.filter { $0.count > 2 && !stopWords.contains($0) })
    }

    private static func thinned(_ words: [Set<String>]) -> [Int] {
        guard words.count > maximumSentences else { return Array(words.indices) }
        var frequency = [String: Int]()
        for set in words { for word in set { frequency[word, default: 0] += 1 } }
        let weights = words.map { $0.reduce(0) { $0 + frequency[$1, default: 0] } }
        let heaviest = words.indices.sorted { left, right in
            weights[left] == weights[right] ? left < right : weights[left] > weights[right]
        }
        return heaviest.prefix(maximumSentences).sorted()
    }

    private static func rank(_ words: [Set<String>]) -> [Double] {
        let similarity = words.indices.map { left in
            words.indices.map { right in left == right ? 0 : dice(words[left], words[right]) }
        }
        let outgoing = similarity.map { $0.reduce(0, +) }
        var scores = [Double](repeating: 1, count: words.count)
        for _ in 0..<iterations {
            scores = words.indices.map { target in
                let votes = words.indices.reduce(0.0) { sum, source in
                    outgoing[source] == 0
                        ? sum : sum + similarity[source][target] / outgoing[source] * scores[source]
                }
                return (1 - damping) + damping * votes
            }
        }
        return scores
    }

    private static func dice(_ left: Set<String>, _ right: Set<String>) -> Double {
        let total = left.count + right.count
        return total == 0 ? 0 : Double(2 * left.intersection(right).count) / Double(total)
    }
}
