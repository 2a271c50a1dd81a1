import Glibc

/// A package as `debian.search` answers it.
struct CataloguePackage: Codable, Hashable, Sendable {
    var name: String
    var version: String
    var section: String
    var summary: String
    var description: String
    var homepage: String
    var tags: String
    var installed: Bool
    /// The catalogue that it comes from; absent: Debian.
    var source: String?
}

/// Ranks packages by BM25F: term frequencies are weighted by field and normalised by the field's length before one
/// saturation (Robertson, Zaragoza & Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004).
///
/// Field weights: name 3, summary 2.5, tags 1.5, description 1. The score of a concept is its best term's, times
/// that term's weight; the score of a package is the sum over concepts, times the square of the share of concepts
/// that it holds: "AI" and "development" together beat much of one of them. N and n are those of the whole
/// catalogue, not of the answer, which holds matches only.
struct ToolRanking {
    struct Scored: Hashable, Sendable {
        var package: CataloguePackage
        var score: Double
        /// For each concept that the package holds: its best term, and where.
        var matches: [Match]
    }

    struct Match: Hashable, Sendable {
        var concept: String
        var term: String
        var field: Field
        var isSynonym: Bool
    }

    enum Field: String, CaseIterable, Hashable, Sendable {
        case name, summary, tags, description

        var weight: Double {
            switch self {
            case .name: 3
            case .summary: 2.5
            case .tags: 1.5
            case .description: 1
            }
        }
    }

    private static let k1 = 1.2
    private static let b = 0.75

    let concepts: [Concept]
    let packageCount: Int
    /// Packages that hold a term, by the term.
    let documentFrequencies: [String: Int]

    func rank(_ packages: [CataloguePackage]) -> [Scored] {
        let fields = packages.map { package in Field.allCases.map { Self.stems($0, of: package) } }
        let means = Field.allCases.indices.map { field in
            max(1, fields.reduce(0.0) { $0 + Double($1[field].count) } / Double(max(1, fields.count)))
        }
        return zip(packages, fields).compactMap { score($0, fields: $1, means: means) }.sorted {
            $0.score == $1.score ? $0.package.name < $1.package.name : $0.score > $1.score
        }
    }

    /// "(development files)" and the like say which part of a program a package holds, not what the program is for;
    /// they do not rank.
    private static func stems(_ field: Field, of package: CataloguePackage) -> [String] {
        var words = Words.stems(text(field, of: package))
        guard field == .summary else { return words }
        let isPart = package.name.hasSuffix("-dev") || words.contains { ["file", "header"].contains($0) }
        words.removeAll { (isPart && $0 == "development") || $0 == "dev" }
        return words
    }

    static func text(_ field: Field, of package: CataloguePackage) -> String {
        switch field {
        case .name: package.name
        case .summary: package.summary
        case .tags: package.tags
        case .description: package.description
        }
    }

    private func score(_ package: CataloguePackage, fields: [[String]], means: [Double]) -> Scored? {
        var sum = 0.0
        var matches: [Match] = []
        for concept in concepts {
            var best: (score: Double, match: Match)?
            for term in concept.terms {
                guard let (score, field) = score(of: term, fields: fields, means: means) else { continue }
                if score > best?.score ?? 0 {
                    best = (
                        score,
                        Match(concept: concept.name, term: term.text, field: field, isSynonym: term.weight < 1)
                    )
                }
            }
            guard let best else { continue }
            sum += best.score
            matches.append(best.match)
        }
        guard !matches.isEmpty else { return nil }
        let coverage = Double(matches.count) / Double(concepts.count)
        return Scored(package: package, score: sum * coverage * coverage, matches: matches)
    }

    /// The term's weighted BM25F score, and the heaviest field that holds it.
    private func score(of term: Concept.Term, fields: [[String]], means: [Double]) -> (Double, Field)? {
        let words = Words.stems(term.text)
        var frequency = 0.0
        var heaviest: (Double, Field)?
        for (index, field) in Field.allCases.enumerated() {
            let count = Double(Self.occurrences(of: words, in: fields[index]))
            guard count > 0 else { continue }
            let norm = 1 - Self.b + Self.b * Double(fields[index].count) / means[index]
            let part = field.weight * count / norm
            frequency += part
            if part > heaviest?.0 ?? 0 { heaviest = (part, field) }
        }
        guard let (_, field) = heaviest else { return nil }
        let holders = Double(max(1, documentFrequencies[term.text] ?? 1))
        let idf = log(1 + (Double(max(packageCount, 1)) - holders + 0.5) / (holders + 0.5))
        return (term.weight * idf * frequency * (Self.k1 + 1) / (frequency + Self.k1), field)
    }

    static func occurrences(of words: [String], in text: [String]) -> Int {
        guard !words.isEmpty, words.count <= text.count else { return 0 }
        return (0...(text.count - words.count)).count { start in
            words.indices.allSatisfy { text[start + $0] == words[$0] }
        }
    }
}
