import Glibc
package import PluginKit

/// Grades sources and statements by the Admiralty code (NATO AJP-2.1, annex on evaluation of information): a letter for
/// the source, a number for the statement, each for itself.
///
/// The letters are words in the standard; the points by which they are given here are this project's, and in the
/// README. Numbers follow from who confirms whom.
package enum SourceQuality {
    package static func evaluate(_ input: SourceQualityInput) throws(TaskFailure) -> SourceQualityOutput {
        let today = try input.asOf.map { text throws(TaskFailure) in try day(text, "/as_of") }
        let halfLife = Double(input.halfLifeDays ?? 730)
        guard halfLife >= 1 else { throw .invalid("/half_life_days: must be at least 1") }
        var graded: [GradedSource] = [], owners: [String: String] = [:]
        for (index, source) in input.sources.enumerated() {
            guard owners.updateValue(source.owner ?? source.id, forKey: source.id) == nil else {
                throw .invalid("/sources/\(index)/id: \(source.id) is there twice")
            }
            var freshness: Double?
            if let date = source.date {
                let written = try day(date, "/sources/\(index)/date")
                if let today {
                    guard written <= today else {
                        throw .invalid("/sources/\(index)/date: \(date) lies after \(input.asOf ?? "")")
                    }
                    freshness = pow(0.5, Double(today - written) / halfLife)
                }
            }
            graded.append(try grade(source, freshness, at: index))
        }
        let letters = Dictionary(graded.map { ($0.id, $0.reliability) }, uniquingKeysWith: { first, _ in first })
        var statements: [GradedStatement] = [], ids: Set<String> = []
        for (index, statement) in (input.statements ?? []).enumerated() {
            guard ids.insert(statement.id).inserted else {
                throw .invalid("/statements/\(index)/id: \(statement.id) is there twice")
            }
            statements.append(try judge(statement, letters, owners, at: index))
        }
        return SourceQualityOutput(sources: graded, statements: statements, evidence: note(input))
    }

    private static func grade(
        _ source: SourceProfile, _ freshness: Double?, at index: Int
    ) throws(TaskFailure) -> GradedSource {
        let right = source.confirmedBefore ?? 0, wrong = source.refutedBefore ?? 0
        guard right >= 0, wrong >= 0 else { throw .invalid("/sources/\(index): counts are not below 0") }
        var score = base(source.kind), reasons = ["\(source.kind.rawValue): \(base(source.kind))"]
        func add(_ points: Int, _ why: String) {
            score += points
            reasons.append("\(why): \(points > 0 ? "+" : "")\(points)")
        }
        if source.hasAuthor == true { add(10, "answers by name") }
        if source.hasAuthor == false { add(-10, "nobody answers by name") }
        if source.citesItsSources == true { add(10, "says where it knows from") }
        if source.citesItsSources == false { add(-10, "does not say where it knows from") }
        if right + wrong >= 5 {
            // From −30 for always wrong to +30 for always right, by the rule of succession.
            let share = Double(right + 1) / Double(right + wrong + 2)
            add(Int((60 * (share - 0.5)).rounded()), "\(right) of \(right + wrong) statements proved right")
        }
        if let freshness, freshness < 0.5 { add(freshness < 0.25 ? -20 : -10, "older than a half-life") }
        score = min(100, max(0, score))
        let isUnknown = source.kind == .anonymous && right + wrong < 5
        let letter =
            isUnknown ? "F" : score >= 85 ? "A" : score >= 70 ? "B" : score >= 50 ? "C" : score >= 30 ? "D" : "E"
        if isUnknown { reasons.append("anonymous and without a record of five statements: cannot be judged") }
        return GradedSource(id: source.id, reliability: letter, score: score, freshness: freshness, reasons: reasons)
    }

    private static func base(_ kind: SourceKind) -> Int {
        switch kind {
        case .officialStatistics, .standard: 75
        case .peerReviewed: 70
        case .primaryDocument: 65
        case .specialistPress: 55
        case .generalPress: 45
        case .vendor: 35
        case .personal: 30
        case .anonymous: 20
        }
    }

    private static func judge(
        _ statement: SourceStatement, _ letters: [String: String], _ owners: [String: String], at index: Int
    ) throws(TaskFailure) -> GradedStatement {
        let against = statement.contradictedBy ?? []
        for id in statement.supportedBy + against where letters[id] == nil {
            throw .invalid("/statements/\(index): \(id) is none of the sources")
        }
        if let both = statement.supportedBy.first(where: against.contains) {
            throw .invalid("/statements/\(index): \(both) cannot say both")
        }
        func voices(_ ids: [String]) -> Int {
            Set(ids.filter { ["A", "B", "C", "D"].contains(letters[$0] ?? "F") }.compactMap { owners[$0] }).count
        }
        let support = voices(statement.supportedBy), contradiction = voices(against)
        let number: Int
        switch (support, contradiction) {
        case (0, 0): number = 6
        case (3..., 0): number = 1
        case (2, 0): number = 2
        case (1, 0): number = 3
        default: number = contradiction > support ? 5 : 4
        }
        let best = statement.supportedBy.compactMap { letters[$0] }.min() ?? "F"
        return GradedStatement(
            id: statement.id, credibility: number, grade: "\(best)\(number)", meaning: meanings[number - 1],
            independentSupport: support, independentContradiction: contradiction)
    }

    private static let meanings = [
        "confirmed by other sources", "probably true", "possibly true", "doubtful", "improbable",
        "truth cannot be judged",
    ]

    /// Days since 1970-01-01 (Hinnant's `days_from_civil`).
    private static func day(_ text: String, _ pointer: String) throws(TaskFailure) -> Int {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard text.utf8.count == 10, parts.count == 3, (1...12).contains(parts[1]) else {
            throw .invalid("\(pointer): \(text) is not a day of the calendar")
        }
        let (year, month, day) = (parts[0], parts[1], parts[2])
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[month - 1]).contains(day) else {
            throw .invalid("\(pointer): \(text) is not a day of the calendar")
        }
        let shifted = month <= 2 ? year - 1 : year, era = shifted / 400, yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func note(_ input: SourceQualityInput) -> MethodNote {
        MethodNote(
            method: "Admiralty code: points to letters for sources, independent voices to numbers for statements",
            source: "NATO AJP-2.1; the points are those of this department's README",
            inputs: ["\(input.sources.count) sources, \(input.statements?.count ?? 0) statements"],
            assumptions: ["sources of different owners are independent", "the given facts about sources are right"],
            uncertainty: "neighbouring letters differ little: read the reasons")
    }
}
