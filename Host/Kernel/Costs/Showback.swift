/// A month's statement for those whose money it was: what each department used, beside the month before.
package struct Showback: Hashable, Sendable {
    package static let topCount = 3
    package static let dimensions: [CostDimension] = [.tenant, .department]

    package struct Top: Hashable, Sendable {
        package var name: String
        package var sums: CostReport.Sums
    }

    package struct Statement: Hashable, Sendable {
        /// Nil for charges without one.
        package var tenant: String?
        package var department: String?
        package var sums: CostReport.Sums
        package var costBefore: Nanodollars
        /// Of all costs of the month, in thousandths, rounded down; nil when there are none.
        package var shareOfThousand: Int?
        package var models: [Top]
        package var agents: [Top]

        package var change: Nanodollars { sums.cost - costBefore }
        /// Of the month before, in thousandths, rounded toward zero; nil when that cost nothing.
        package var changeOfThousand: Int? {
            costBefore == .zero
                ? nil : Int(clamping: Int128(change.value) * 1_000 / Int128(costBefore.value))
        }
    }

    /// The first day.
    package var month: CivilDate
    package var zone: String
    /// The dearest first.
    package var statements: [Statement]
    package var total: CostReport.Sums
    package var totalBefore: Nanodollars

    /// What a month's statement is made from: that month and the one before by department, and the month by
    /// department and model, and by department and agent.
    package struct Queries: Sendable {
        package var month: CostQuery
        package var before: CostQuery
        package var models: CostQuery
        package var agents: CostQuery

        package init(month first: CivilDate, zone: String) {
            let next = first.month(offset: 1, anchor: 1)
            month = CostQuery(by: dimensions, from: first, to: next, zone: zone)
            before = CostQuery(by: dimensions, from: first.month(offset: -1, anchor: 1), to: first, zone: zone)
            models = CostQuery(by: dimensions + [.provider, .model], from: first, to: next, zone: zone)
            agents = CostQuery(by: dimensions + [.agent], from: first, to: next, zone: zone)
        }
    }

    package init(
        month: CivilDate, zone: String, current: CostReport, before: CostReport, models: CostReport,
        agents: CostReport
    ) {
        self.month = month
        self.zone = zone
        total = current.total
        totalBefore = before.total.cost
        var old = Dictionary(uniqueKeysWithValues: before.rows.map { ($0.key, $0.sums.cost) })
        statements = []
        for row in current.rows {
            statements.append(
                Self.statement(row.key, row.sums, old.removeValue(forKey: row.key) ?? .zero, of: total, models, agents))
        }
        for (key, cost) in old where cost != .zero {
            statements.append(Self.statement(key, CostReport.Sums(), cost, of: total, models, agents))
        }
        statements.sort { left, right in
            left.sums.cost != right.sums.cost
                ? left.sums.cost > right.sums.cost
                : (left.tenant ?? "", left.department ?? "") < (right.tenant ?? "", right.department ?? "")
        }
    }

    private static func statement(
        _ key: [String?], _ sums: CostReport.Sums, _ before: Nanodollars, of total: CostReport.Sums,
        _ models: CostReport, _ agents: CostReport
    ) -> Statement {
        Statement(
            tenant: key[0], department: key[1], sums: sums, costBefore: before,
            shareOfThousand: total.cost > .zero
                ? Int(clamping: Int128(sums.cost.value) * 1_000 / Int128(total.cost.value)) : nil,
            models: top(models, of: key), agents: top(agents, of: key))
    }

    /// The dearest, and then those that were called most.
    private static func top(_ report: CostReport, of key: [String?]) -> [Top] {
        let rows = report.rows.filter { $0.key.starts(with: key) && $0.key.last != .some(nil) }
        return rows.sorted { left, right in
            (left.sums.cost, left.sums.calls) > (right.sums.cost, right.sums.calls)
        }.prefix(topCount).map { row in
            Top(name: row.key.dropFirst(key.count).compactMap { $0 }.joined(separator: "/"), sums: row.sums)
        }
    }
}
