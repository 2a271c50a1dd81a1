package import PluginKit

/// How far several raters who put the same things into categories agree.
package struct AgreementInput: Codable, Sendable, SchemaDescribing {
    /// One row a thing, one column a category: how many raters put it there. Each row has the same sum.
    package var counts: [[Int]]

    package init(counts: [[Int]]) { self.counts = counts }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("counts", "A row for each thing, a column for each category.", minItems: 1, maxItems: 100_000)
    }
}

package struct AgreementOutput: Codable, Sendable {
    /// 1 is agreement in all, 0 what chance gives.
    package var kappa: Double
    package var observed: Double
    package var expected: Double
}

extension AgreementInput {
    private static let maximumRaters = 1_000_000

    package func measured() throws(TaskFailure) -> AgreementOutput {
        for (row, values) in counts.enumerated() {
            for (column, value) in values.enumerated() where !(0...Self.maximumRaters).contains(value) {
                throw .invalid("/counts/\(row)/\(column): \(value) is not between 0 and \(Self.maximumRaters)")
            }
        }
        guard let result = Agreement(counts: counts) else {
            throw .invalid("/counts: each row needs as many columns and raters as the first, and at least two raters")
        }
        return AgreementOutput(kappa: result.kappa, observed: result.observed, expected: result.expected)
    }
}
