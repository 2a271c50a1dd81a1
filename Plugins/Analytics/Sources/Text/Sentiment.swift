import Glibc

/// VADER's rules (Hutto and Gilbert 2014, §3.3; version 3.3.2), equal to the authors' program on text without emoji.
struct Sentiment: Codable, Sendable {
    var negative: Double
    var neutral: Double
    var positive: Double
    /// −1 to 1.
    var compound: Double

    private static let capitals = 0.733
    private static let negated = -0.74

    init(_ text: String) {
        let analysis = Words(text)
        let valences = Self.afterBut(analysis.lower.indices.map(analysis.valence), analysis.lower)
        guard !valences.isEmpty else {
            (negative, neutral, positive, compound) = (0, 0, 0, 0)
            return
        }
        let emphasis = Self.emphasis(text)
        var sum = valences.reduce(0, +)
        if sum > 0 { sum += emphasis } else if sum < 0 { sum -= emphasis }
        // Each word counts one more than its valence, since a neutral one counts one.
        var up = valences.filter { $0 > 0 }.reduce(0) { $0 + $1 + 1 }
        var down = valences.filter { $0 < 0 }.reduce(0) { $0 - $1 + 1 }
        if up > down { up += emphasis } else if up < down { down += emphasis }
        let none = Double(valences.count { $0 == 0 }), total = up + down + none
        func rounded(_ value: Double, _ digits: Double) -> Double {
            (value * digits).rounded(.toNearestOrEven) / digits
        }
        negative = rounded(down / total, 1000)
        neutral = rounded(none / total, 1000)
        positive = rounded(up / total, 1000)
        compound = rounded(sum / (sum * sum + 15).squareRoot(), 10_000)
    }

    /// What stands before "but" counts half, what follows one and a half. The reference looks a word up by its
    /// valence, so the first of equals is changed; its published figures depend on that, and so it is done here.
    private static func afterBut(_ valences: [Double], _ words: [String]) -> [Double] {
        guard let but = words.firstIndex(of: "but") else { return valences }
        var result = valences
        for index in result.indices {
            guard let place = result.firstIndex(of: result[index]) else { continue }
            if place < but { result[place] *= 0.5 } else if place > but { result[place] *= 1.5 }
        }
        return result
    }

    private static func emphasis(_ text: String) -> Double {
        let exclamations = text.utf8.count { $0 == UInt8(ascii: "!") }
        let questions = text.utf8.count { $0 == UInt8(ascii: "?") }
        let asked = questions <= 1 ? 0 : questions <= 3 ? Double(questions) * 0.18 : 0.96
        return Double(min(exclamations, 4)) * 0.292 + asked
    }

    private struct Words {
        let lower: [String]
        private let isUpper: [Bool]
        private let hasMixedCase: Bool

        init(_ text: String) {
            let tokens = text.split(whereSeparator: \.isWhitespace).map(Self.stripped)
            lower = tokens.map { $0.lowercased() }
            isUpper = tokens.map { $0.contains(where: \.isUppercase) && !$0.contains(where: \.isLowercase) }
            hasMixedCase = isUpper.contains(true) && isUpper.contains(false)
        }

        /// Without punctuation at its ends; what is then so short was an emoticon.
        private static func stripped(_ token: Substring) -> String {
            func isPunctuation(_ character: Character) -> Bool {
                guard let code = character.asciiValue else { return false }
                return (33...47).contains(code) || (58...64).contains(code) || (91...96).contains(code)
                    || (123...126).contains(code)
            }
            var inner = token
            while let first = inner.first, isPunctuation(first) { inner.removeFirst() }
            while let last = inner.last, isPunctuation(last) { inner.removeLast() }
            return String(inner.count <= 2 ? token : inner)
        }

        private func known(_ index: Int) -> Double? { SentimentLexicon.valences[lower[index]] }

        func valence(_ index: Int) -> Double {
            let word = lower[index]
            guard SentimentLexicon.degrees[word] == nil, let own = known(index) else { return 0 }
            if word == "kind", index + 1 < lower.count, lower[index + 1] == "of" { return 0 }
            var valence = own
            if word == "no", index + 1 < lower.count, known(index + 1) != nil { valence = 0 }
            if isAfterNo(index) { valence = own * Sentiment.negated }
            if isUpper[index], hasMixedCase { valence += valence > 0 ? Sentiment.capitals : -Sentiment.capitals }
            for distance in 1...3 where index >= distance && known(index - distance) == nil {
                valence += degree(index - distance, valence) * [1, 0.95, 0.9][distance - 1]
                valence = negation(index, distance, valence)
                if distance == 3 { valence = idiom(index, valence) }
            }
            return least(index, valence)
        }

        private func isAfterNo(_ index: Int) -> Bool {
            (index > 0 && lower[index - 1] == "no") || (index > 1 && lower[index - 2] == "no")
                || (index > 2 && lower[index - 3] == "no" && ["or", "nor"].contains(lower[index - 1]))
        }

        private func degree(_ index: Int, _ valence: Double) -> Double {
            guard var scalar = SentimentLexicon.degrees[lower[index]] else { return 0 }
            if valence < 0 { scalar = -scalar }
            if isUpper[index], hasMixedCase { scalar += valence > 0 ? Sentiment.capitals : -Sentiment.capitals }
            return scalar
        }

        private func isNegation(_ word: String) -> Bool {
            SentimentLexicon.negations.contains(word) || word.contains("n't")
        }

        private func negation(_ index: Int, _ distance: Int, _ valence: Double) -> Double {
            let word = lower[index - distance], isTurned = isNegation(word)
            let emphasised = ["so", "this"], near = lower[index - 1]
            switch distance {
            case 2 where word == "never" && emphasised.contains(near): return valence * 1.25
            case 2 where word == "without" && near == "doubt": return valence
            case 3 where (word == "never" && emphasised.contains(lower[index - 2])) || emphasised.contains(near):
                return valence * 1.25
            case 3 where word == "without" && (lower[index - 2] == "doubt" || near == "doubt"): return valence
            default: return isTurned ? valence * Sentiment.negated : valence
            }
        }

        private func idiom(_ index: Int, _ valence: Double) -> Double {
            func phrase(_ range: ClosedRange<Int>) -> String { lower[range].joined(separator: " ") }
            var result = valence
            let before = [
                index - 1...index, index - 2...index, index - 2...index - 1, index - 3...index - 1,
                index - 3...index - 2,
            ]
            if let found = before.lazy.compactMap({ SentimentLexicon.idioms[phrase($0)] }).first { result = found }
            for length in 1...2 where index + length < lower.count {
                if let found = SentimentLexicon.idioms[phrase(index...index + length)] { result = found }
            }
            for range in [index - 3...index - 1, index - 3...index - 2, index - 2...index - 1] {
                result += SentimentLexicon.degrees[phrase(range)] ?? 0
            }
            return result
        }

        private func least(_ index: Int, _ valence: Double) -> Double {
            guard index > 0, lower[index - 1] == "least", known(index - 1) == nil else { return valence }
            if index > 1, ["at", "very"].contains(lower[index - 2]) { return valence }
            return valence * Sentiment.negated
        }
    }
}
