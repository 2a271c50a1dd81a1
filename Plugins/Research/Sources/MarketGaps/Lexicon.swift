/// What a sentence says about a need, and about something that already meets it. Both from 0 to 1.
struct Signal: Hashable, Sendable {
    var demand: Double
    var supply: Double
}

/// Cue words and phrases with weights, applied to one sentence at a time.
///
/// Rules, in order:
/// 1. Each cue counts once, where its words stand next to each other.
/// 2. A supply cue with a negation in the four words before it ("no vendor offers") is a demand cue of weight 1.
/// 3. A demand cue with a negation in the three words before it ("not a problem") is left out, unless the cue itself
///    begins with the negation.
/// 4. A side's strength is `1 − 2^(−sum of weights)`: each cue halves what is missing to 1.
enum Lexicon {
    struct Cue: Hashable, Sendable {
        var words: [String]
        var weight: Double
    }

    static func signal(of words: [Word]) -> Signal {
        let texts = words.map(\.text)
        var demand = 0.0
        var supply = 0.0
        for cue in demandCues {
            guard let position = position(of: cue.words, in: texts) else { continue }
            if !isNegated(texts, before: position, within: 3) { demand += cue.weight }
        }
        for cue in supplyCues {
            guard let position = position(of: cue.words, in: texts) else { continue }
            if isNegated(texts, before: position, within: 4) { demand += 1 } else { supply += cue.weight }
        }
        return Signal(demand: strength(demand), supply: strength(supply))
    }

    /// Words of cues part candidate phrases, so that a gap is named by its topic and not by the complaint.
    static func isCueWord(_ word: String) -> Bool { cueWords.contains(word) }

    private static func strength(_ weight: Double) -> Double {
        // 2^(-weight) for weights in halves, without a library call: exact and the same on every machine.
        var rest = 1.0
        var left = weight
        while left >= 1 {
            rest /= 2
            left -= 1
        }
        return 1 - (left >= 0.5 ? rest * 0.7071067811865476 : rest)
    }

    private static func position(of cue: [String], in words: [String]) -> Int? {
        guard cue.count <= words.count else { return nil }
        return (0...(words.count - cue.count)).first { start in
            cue.indices.allSatisfy { words[start + $0] == cue[$0] }
        }
    }

    private static func isNegated(_ words: [String], before position: Int, within distance: Int) -> Bool {
        words[max(0, position - distance)..<position].contains { negations.contains($0) }
    }

    private static let negations: Set<String> = [
        "no", "not", "none", "nobody", "never", "neither", "nor", "without", "isn't", "aren't", "wasn't", "don't",
        "doesn't", "didn't", "won't", "cannot", "can't", "couldn't", "hardly", "nothing", "lacks", "lack",
    ]

    private static func cues(_ weight: Double, _ text: String) -> [Cue] {
        text.split(separator: ",").map { cue in
            Cue(words: cue.split(whereSeparator: \.isWhitespace).map(String.init), weight: weight)
        }
    }

    private static let demandCues: [Cue] =
        cues(
            2,
            """
            would pay, willing to pay, we would buy, nobody offers, no one offers, no vendor, no product, \
            there is no, no way to, wish there were, wish there was, unmet need, in desperate need
            """)
        + cues(
            1,
            """
            need, needs, needed, want, wants, wanted, wish, wished, lack, lacks, lacking, missing, cannot, can't, \
            impossible, frustrated, frustrating, frustration, painful, complain, complained, complaint, complaints, \
            struggle, struggles, struggling, unable, unsolved, demand, requested, request, requests, asked for, \
            gave up, give up, workaround, workarounds, by hand, manually, manual, spreadsheet, paper log, \
            too expensive, too slow, too complicated, too late, too many, too hard, not enough, lost, loss, losses, \
            waste, wasted, wastes, discarded, failed, fails, failure, failures, fear, afraid, worried, worry, \
            worries, fine, fined, must, required, requires
            """)
        + cues(
            0.5,
            """
            problem, problems, issue, issues, difficult, hard, expensive, costly, slow, late, delay, delays, \
            risk, risks, forgot, forget, forgotten, missed, error, errors, unreliable, annoying, hours, gap, gaps, \
            confusing, overdue, alone, nobody, growing
            """)

    private static let supplyCues: [Cue] =
        cues(
            2,
            """
            market leader, comes standard, included in every plan, widely available, off the shelf, \
            already solved, well served
            """)
        + cues(
            1,
            """
            offers, offer, offered, provides, provide, provided, includes, included, supports, sells, sell, sold, \
            ships, shipped, launched, released, available, integrates, integrated, built in, delivers, competitor, \
            competitors, vendors, suppliers, incumbents, incumbent, product line, our platform, customers use, \
            satisfied, happy with, works well, certified, bundle, bundled, bundles, subscription includes
            """)
        + cues(
            0.5,
            """
            feature, features, existing, standard, solution, solutions, market share, supplier, vendor, priced at, \
            plan, plans, version, catalogue, installed, dashboard, reliable, cheap, commodity
            """)

    private static let cueWords: Set<String> = {
        let singles = (demandCues + supplyCues).filter { $0.words.count == 1 }.flatMap(\.words)
        // These cues also name topics.
        return Set(singles).union(negations).subtracting(["dashboard", "version", "bundle", "paper", "subscription"])
    }()
}
