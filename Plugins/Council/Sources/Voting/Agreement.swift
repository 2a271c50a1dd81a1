/// How far raters agree beyond what chance alone would give.
///
/// Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters", *Psychological Bulletin* 76(5), 1971.
package struct Agreement: Equatable, Sendable {
    package let observed: Double
    package let expected: Double

    /// 1 is agreement in all, 0 what chance gives; where everybody always says the same there is nothing to measure: 1.
    package var kappa: Double { expected < 1 ? (observed - expected) / (1 - expected) : 1 }

    /// - Parameter counts: one row a question, one column an answer, how many gave it. Nil unless there is a question,
    ///   and all of them had the same number, at least two, of raters.
    package init?(counts: [[Int]]) {
        guard let raters = counts.first?.reduce(0, +), raters > 1,
            counts.allSatisfy({ row in row.allSatisfy { $0 >= 0 } && row.reduce(0, +) == raters }),
            Set(counts.map(\.count)).count == 1
        else { return nil }
        let questions = Double(counts.count), each = Double(raters)
        observed =
            counts.reduce(0) { sum, row in
                sum + (row.reduce(0) { $0 + Double($1) * Double($1) } - each) / (each * (each - 1))
            } / questions
        expected = (0..<counts[0].count).reduce(0) { sum, column in
            let share = counts.reduce(0) { $0 + Double($1[column]) } / (questions * each)
            return sum + share * share
        }
    }
}
