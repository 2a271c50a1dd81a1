/// Ranks the topics of a corpus by how much they are asked for and how little they are offered.
///
/// 1. Sentences get a demand and a supply strength from ``Lexicon``.
/// 2. Candidate topics come from ``Phrases``: two to four words that stand together at least twice, in two sentences,
///    of which at least one has more demand than supply.
/// 3. A document speaks once: its strongest sentence counts. `d` and `s` are the sums over documents; importance is
///    `10 · d / (d + 2)`, satisfaction `10 · s / (s + 2)`, so that four strong witnesses reach about 6.7.
/// 4. Opportunity is `importance + max(importance − satisfaction, 0)`, 0 to 20 (Ulwick, "What Customers Want", 2005).
/// 5. Relevance is the mean BM25 of the topic's sentences for the question, as a share of the best topic's; the
///    topic's coherence is its RAKE score, as a share of the best. The score is
///    `opportunity · (0.4 + 0.4 · relevance + 0.2 · coherence)`; without a shared word with the question, relevance
///    is 1 for all.
/// 6. Topics whose demand sentences overlap by 60 % or more of the smaller set are one; the better scored names it.
struct GapFinder {
    private let documents: [SourceDocument]
    private let question: String
    private let passages: [Passage]
    private let signals: [Signal]
    private let relevances: [Double]

    private static let maximumQuoteBytes = 400
    private static let overlapOfOne = 0.6

    init(documents: [SourceDocument], question: String) {
        self.documents = documents
        self.question = question
        let passages = documents.enumerated().flatMap { Passages.split($1.text, document: $0) }
        self.passages = passages
        signals = passages.map { Lexicon.signal(of: $0.words) }
        let query = Words.split(question).filter { !StopWords.contains($0.text) }.map(\.stem)
        relevances = BM25(passages.map { $0.words.map(\.stem) }).scores(query)
    }

    func output(maximumGaps: Int, warnings: [String]) -> MarketGapsOutput {
        let candidates = ranked(Phrases.find(in: passages))
        let merged = merge(candidates)
        let gaps = merged.prefix(maximumGaps).enumerated().map { gap($1, rank: $0 + 1) }
        var warnings = warnings
        if gaps.isEmpty { warnings.append("no topic of the corpus has two sentences and a demand signal") }
        return MarketGapsOutput(
            question: question, gaps: gaps, documents: documents.count, passages: passages.count,
            candidates: candidates.count, method: "RAKE phrases, cue lexicon, BM25, Ulwick opportunity score",
            warnings: warnings)
    }

    private struct Candidate {
        var phrase: Phrase
        var demand: Double
        var supply: Double
        var relevance = 0.0
        var score = 0.0
        var aliases: [String] = []
        var demandPassages: Set<Int>
    }

    private func ranked(_ phrases: [Phrase]) -> [Candidate] {
        var candidates = phrases.compactMap(candidate)
        let means = candidates.map { candidate in
            candidate.phrase.passages.reduce(0) { $0 + relevances[$1] } / Double(candidate.phrase.passages.count)
        }
        let bestMean = means.max() ?? 0
        let bestCoherence = candidates.map(\.phrase.coherence).max() ?? 1
        for index in candidates.indices {
            let opportunity =
                candidates[index].demand + max(candidates[index].demand - candidates[index].supply, 0)
            let relevance = bestMean > 0 ? means[index] / bestMean : 1
            let coherence = candidates[index].phrase.coherence / bestCoherence
            candidates[index].relevance = relevance
            candidates[index].score = opportunity * (0.4 + 0.4 * relevance + 0.2 * coherence)
        }
        return candidates.sorted { ($1.score, $0.phrase.title) < ($0.score, $1.phrase.title) }
    }

    private func candidate(_ phrase: Phrase) -> Candidate? {
        guard phrase.passages.count >= 2 else { return nil }
        let demanding = phrase.passages.filter { signals[$0].demand > signals[$0].supply }
        guard !demanding.isEmpty else { return nil }
        return Candidate(
            phrase: phrase, demand: onScale(strength(phrase.passages, \.demand)),
            supply: onScale(strength(phrase.passages, \.supply)), demandPassages: Set(demanding))
    }

    /// The sum over documents of each document's strongest sentence.
    private func strength(_ numbers: [Int], _ side: KeyPath<Signal, Double>) -> Double {
        var best: [Int: Double] = [:]
        for number in numbers {
            let document = passages[number].document
            best[document] = max(best[document] ?? 0, signals[number][keyPath: side])
        }
        return best.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
    }

    private func onScale(_ sum: Double) -> Double { 10 * sum / (sum + 2) }

    private func merge(_ candidates: [Candidate]) -> [Candidate] {
        var kept: [Candidate] = []
        for candidate in candidates {
            let twin = kept.firstIndex { other in
                let shared = other.demandPassages.intersection(candidate.demandPassages).count
                let smaller = min(other.demandPassages.count, candidate.demandPassages.count)
                return Double(shared) >= Self.overlapOfOne * Double(smaller)
            }
            if let twin {
                kept[twin].aliases.append(candidate.phrase.title)
            } else {
                kept.append(candidate)
            }
        }
        return kept
    }

    private func gap(_ candidate: Candidate, rank: Int) -> Gap {
        let title = candidate.phrase.title
        let quotes =
            evidence(candidate.phrase.passages, \.demand, "demand", limit: 3)
            + evidence(candidate.phrase.passages, \.supply, "supply", limit: 2)
        return Gap(
            rank: rank, title: title.prefix(1).uppercased() + title.dropFirst(), score: rounded(candidate.score),
            demand: rounded(candidate.demand), supply: rounded(candidate.supply),
            relevance: rounded(candidate.relevance),
            documents: Set(candidate.phrase.passages.map { passages[$0].document }).count,
            aliases: Array(candidate.aliases.prefix(5)), evidence: quotes)
    }

    /// The sentences in which `side` prevails, strongest first, one a document.
    private func evidence(_ numbers: [Int], _ side: KeyPath<Signal, Double>, _ name: String, limit: Int) -> [Evidence] {
        let prevailing = numbers.filter { number in
            let signal = signals[number]
            return signal[keyPath: side] > 0 && signal[keyPath: side] == max(signal.demand, signal.supply)
        }
        let ordered = prevailing.sorted {
            let left = signals[$0][keyPath: side]
            let right = signals[$1][keyPath: side]
            return left == right ? (relevances[$1], $0) < (relevances[$0], $1) : left > right
        }
        var used: Set<Int> = []
        return ordered.filter { used.insert(passages[$0].document).inserted }.prefix(limit).map { number in
            let passage = passages[number]
            let quote = Quote.cut(passage.quote, maximumBytes: Self.maximumQuoteBytes)
            return Evidence(
                documentID: documents[passage.document].id, quote: quote, start: passage.start,
                end: passage.start + quote.utf8.count, signal: name)
        }
    }

    /// Four decimals: more would be noise in a report.
    private func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}

enum Quote {
    /// The beginning of a text up to a limit, cut after a whole word, or, where a word fills it, a whole character.
    static func cut(_ text: String, maximumBytes: Int) -> String {
        guard text.utf8.count > maximumBytes else { return text }
        var cut = text.utf8.index(text.startIndex, offsetBy: maximumBytes)
        while cut > text.startIndex, cut.samePosition(in: text) == nil { cut = text.utf8.index(before: cut) }
        let head = text[..<cut]
        guard let blank = head.lastIndex(of: " "), blank > head.startIndex else { return String(head) }
        return String(head[..<blank])
    }
}
