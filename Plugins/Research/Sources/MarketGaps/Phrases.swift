/// A candidate topic: two to four words that stand together.
struct Phrase: Hashable, Sendable {
    /// Sorted stems: phrases that differ in order or number only are one.
    var key: [String]
    /// The most frequent way in which it is written.
    var title: String
    /// Mean degree-to-frequency ratio of its words.
    var coherence: Double
    /// Indices of the passages that hold all its words.
    var passages: [Int]
}

/// Finds candidate phrases as RAKE does: stop words, cue words and punctuation part a sentence; what stands between
/// is a candidate; a word's score is its degree (words that it stands with, itself included) divided by its
/// frequency. Here a phrase scores the mean of its words, so that length alone is no merit.
///
/// Source: Rose, Engel, Cramer & Cowley, "Automatic Keyword Extraction from Individual Documents", 2010.
enum Phrases {
    static let maximumWords = 4
    /// What stands together once may do so by chance.
    private static let minimumOccurrences = 2

    static func find(in passages: [Passage]) -> [Phrase] {
        var frequency: [String: Double] = [:]
        var degree: [String: Double] = [:]
        var forms: [[String]: [String: Int]] = [:]
        for passage in passages {
            for run in runs(of: passage.words) {
                for word in run {
                    frequency[word.stem, default: 0] += 1
                    degree[word.stem, default: 0] += Double(run.count)
                }
                for part in parts(of: run) {
                    let surface = part.map(\.text).joined(separator: " ")
                    forms[Set(part.map(\.stem)).sorted(), default: [:]][surface, default: 0] += 1
                }
            }
        }
        let index = passageIndex(passages)
        return forms.compactMap { key, surfaces in
            guard surfaces.values.reduce(0, +) >= minimumOccurrences else { return nil }
            let found = key.map { index[$0] ?? [] }
            guard var common = found.first else { return nil }
            for other in found.dropFirst() { common.formIntersection(other) }
            let sum = key.reduce(0.0) { $0 + (degree[$1] ?? 0) / (frequency[$1] ?? 1) }
            let title = surfaces.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? key.joined(separator: " ")
            return Phrase(
                key: key, title: title, coherence: sum / Double(key.count), passages: common.sorted())
        }
    }

    private static func runs(of words: [Word]) -> [[Word]] {
        var runs: [[Word]] = []
        var current: [Word] = []
        for word in words {
            let isNumber = word.text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            let isParting =
                isNumber || word.text.utf8.count < 2 || StopWords.contains(word.text) || Lexicon.isCueWord(word.text)
            if word.followsBreak || isParting {
                if !current.isEmpty { runs.append(current) }
                current = []
            }
            if !isParting { current.append(word) }
        }
        if !current.isEmpty { runs.append(current) }
        return runs
    }

    /// The parts of two words or more: a single word is too wide to be a topic.
    private static func parts(of run: [Word]) -> [ArraySlice<Word>] {
        guard run.count > 1 else { return [] }
        var parts: [ArraySlice<Word>] = []
        for length in 2...min(maximumWords, run.count) {
            for start in 0...(run.count - length) { parts.append(run[start..<(start + length)]) }
        }
        return parts.filter { Set($0.map(\.stem)).count == $0.count }
    }

    private static func passageIndex(_ passages: [Passage]) -> [String: Set<Int>] {
        var index: [String: Set<Int>] = [:]
        for (number, passage) in passages.enumerated() {
            for word in passage.words { index[word.stem, default: []].insert(number) }
        }
        return index
    }
}
