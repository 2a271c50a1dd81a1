package import PluginKit
import Glibc

/// What a portfolio has returned: time-weighted (of the manager), money-weighted (of the owner).
package enum Performance {
    package static func evaluate(_ input: PerformanceInput) throws(TaskFailure) -> PerformanceOutput {
        let rows = input.valuations
        let dates = try dates(rows)
        guard rows[rows.count - 1].flowMinor ?? 0 == 0 else {
            throw .invalid("/valuations/\(rows.count - 1)/flow_minor: no time follows the last valuation")
        }
        var growth = 0.0, flows = 0
        for index in rows.indices.dropLast() {
            let base = try Amount.sum(rows[index].valueMinor, rows[index].flowMinor ?? 0)
            guard base > 0 else {
                throw .invalid("/valuations/\(index): nothing is invested after the flow, so no return is defined")
            }
            growth += log(Double(rows[index + 1].valueMinor) / Double(base))
            flows = try Amount.sum(flows, rows[index].flowMinor ?? 0)
        }
        let end = rows[rows.count - 1].valueMinor, start = rows[0].valueMinor
        let days = dates[rows.count - 1].dayNumber - dates[0].dayNumber
        // Very many changes of direction are too many to search for rates; the other figures stand without it.
        let money = try? moneyWeighted(rows, dates)
        return PerformanceOutput(
            timeWeighted: expm1(growth), timeWeightedAnnual: days >= 365 ? expm1(growth * 365 / Double(days)) : nil,
            moneyWeightedAnnual: money?.rate, moneyWeightedStatus: money?.status.rawValue ?? "not_searched",
            modifiedDietz: dietz(rows, dates), gainMinor: try Amount.sum(end, -start, -flows), days: days,
            evidence: evidence(rows.count))
    }

    private static func dates(_ rows: [Valuation]) throws(TaskFailure) -> [CivilDate] {
        guard rows.count >= 2 else { throw .invalid("/valuations: two or more are needed") }
        var dates: [CivilDate] = []
        for (index, row) in rows.enumerated() {
            let date = try CivilDate.parse(row.date, at: "/valuations/\(index)/date")
            if let last = dates.last, date <= last { throw .invalid("/valuations/\(index)/date: dates must ascend") }
            guard row.valueMinor >= 0 else { throw .invalid("/valuations/\(index)/value_minor: is negative") }
            dates.append(date)
        }
        return dates
    }

    private static func moneyWeighted(_ rows: [Valuation], _ dates: [CivilDate]) throws(TaskFailure) -> RateOfReturn {
        var amounts = rows.map { -Double($0.flowMinor ?? 0) }
        amounts[0] -= Double(rows[0].valueMinor)
        amounts[rows.count - 1] += Double(rows[rows.count - 1].valueMinor)
        return try .checked(Discounting.dated(amounts, on: dates), at: "/valuations")
    }

    /// Gain over average capital, each flow weighted by the days that it stayed.
    private static func dietz(_ rows: [Valuation], _ dates: [CivilDate]) -> Double? {
        let first = dates[0].dayNumber, last = dates[rows.count - 1].dayNumber
        var capital = Double(rows[0].valueMinor), gain = Double(rows[rows.count - 1].valueMinor) - capital
        for (row, date) in zip(rows, dates) {
            let flow = Double(row.flowMinor ?? 0)
            gain -= flow
            capital += flow * Double(last - date.dayNumber) / Double(last - first)
        }
        return capital > 0 ? gain / capital : nil
    }

    private static func evidence(_ count: Int) -> Evidence {
        Evidence(
            method: "chain-linked time-weighted return; XIRR; modified Dietz",
            source: "CFA Institute, Global Investment Performance Standards 2020; Bacon, Practical Portfolio"
                + " Performance Measurement and Attribution, ch. 2",
            inputs: ["\(count) valuations"],
            assumptions: ["A flow comes right after the valuation of its day.", "A year has 365 days."],
            uncertainty: "As good as the valuations; figures are about 12 digits.")
    }
}
