package import PluginKit

/// The retention triangle: cohorts by first event, ages in whole periods.
package enum Cohorts {
    package static func evaluate(_ input: CohortInput) throws(TaskFailure) -> CohortOutput {
        let period = input.period ?? .month
        var numbers: [(customer: String, period: Int, amount: Int)] = [], last = Int.min
        numbers.reserveCapacity(input.events.count)
        var cache: [String: CivilDate] = [:]
        for (index, event) in input.events.enumerated() {
            let date: CivilDate
            if let known = cache[event.date] {
                date = known
            } else {
                date = try CivilDate.parse(event.date, at: "/events/\(index)/date")
                cache[event.date] = date
            }
            last = max(last, date.dayNumber)
            let amount = event.amountMinor ?? 0
            guard amount.magnitude <= 1_000_000_000_000 else {
                throw .invalid("/events/\(index)/amount_minor: passes ±10^12 minor units")
            }
            numbers.append((event.customer, period.number(date), amount))
        }
        let asOf = try input.asOf.map { text throws(TaskFailure) in try CivilDate.parse(text, at: "/as_of") }
        let end = asOf ?? CivilDate(dayNumber: last)
        guard end.dayNumber >= last else {
            throw .invalid("/as_of: \(end.text) lies before the last event, \(CivilDate(dayNumber: last).text)")
        }
        let next = period.number(CivilDate(dayNumber: end.dayNumber + 1))
        let lastWhole = asOf == nil ? period.number(end) : next - 1
        guard lastWhole - (numbers.map(\.period).min() ?? lastWhole) < 1_000 else {
            throw .invalid("/period: more than 1,000 of them; choose a longer one")
        }
        let table = Table(numbers, lastWhole: lastWhole)
        guard !table.cohorts.isEmpty else { throw .invalid("/as_of: no period with an event had ended by then") }
        let z = Distributions.normalQuantile((1 + (input.confidence ?? 0.95)) / 2)
        return try output(table, period, z: z, lastWhole: lastWhole, isOpen: asOf == nil)
    }

    /// Who was active when, and what it brought.
    private struct Table {
        var cohorts: [Int: [(active: Set<Int>, revenue: Int)]] = [:]
        var sizes: [Int: Int] = [:]
        var events = 0

        init(_ events: [(customer: String, period: Int, amount: Int)], lastWhole: Int) {
            var first: [String: (cohort: Int, id: Int)] = [:]
            for event in events {
                let known = first[event.customer]
                first[event.customer] = (min(known?.cohort ?? event.period, event.period), known?.id ?? first.count)
            }
            for (cohort, _) in first.values where cohort <= lastWhole { sizes[cohort, default: 0] += 1 }
            for cohort in sizes.keys {
                cohorts[cohort] = Array(repeating: ([], 0), count: lastWhole - cohort + 1)
            }
            for event in events where event.period <= lastWhole {
                guard let (cohort, id) = first[event.customer] else { continue }
                cohorts[cohort]?[event.period - cohort].active.insert(id)
                cohorts[cohort]?[event.period - cohort].revenue += event.amount
                self.events += 1
            }
        }
    }

    private static func output(
        _ table: Table, _ period: CohortPeriod, z: Double, lastWhole: Int, isOpen: Bool
    ) throws(TaskFailure) -> CohortOutput {
        var cohorts: [Cohort] = []
        for number in table.cohorts.keys.sorted() {
            let size = table.sizes[number] ?? 0
            var sum = 0
            let cells = (table.cohorts[number] ?? []).enumerated().map { age, cell in
                sum += cell.revenue
                let share = Proportion(cell.active.count, of: size)
                return CohortCell(
                    age: age, active: cell.active.count, retention: share.rate, interval: share.wilson(z: z),
                    revenueMinor: cell.revenue, cumulativeRevenueMinor: sum)
            }
            cohorts.append(Cohort(cohort: period.text(number), customers: size, cells: cells))
        }
        let customers = table.sizes.values.reduce(0, +)
        return CohortOutput(
            cohorts: cohorts, ages: ages(cohorts), customers: customers, events: table.events,
            evidence: Evidence(
                method: "retention by cohort; ages pooled over the cohorts that have reached them",
                source: "Wilson 1927 for the intervals",
                inputs: ["\(table.events) events of \(customers) customers", "up to \(period.text(lastWhole))"],
                assumptions: [
                    "a customer's first event in the data is his first one",
                    isOpen
                        ? "the last period is complete; say as_of if it is not"
                        : "a period that had not ended is left out, so no cell is too small only for lack of time",
                ],
                uncertainty: "intervals hold for single cells; later ages rest on fewer and older cohorts"))
    }

    private static func ages(_ cohorts: [Cohort]) -> [CohortAge] {
        (0..<(cohorts.map(\.cells.count).max() ?? 0)).map { age in
            let reached = cohorts.filter { $0.cells.count > age }
            let customers = reached.reduce(0) { $0 + $1.customers }
            let active = reached.reduce(0) { $0 + $1.cells[age].active }
            let revenue = reached.reduce(0) { $0 + $1.cells[age].revenueMinor }
            return CohortAge(
                age: age, cohorts: reached.count, customers: customers, active: active,
                retention: Double(active) / Double(customers),
                revenuePerCustomer: Double(revenue) / Double(customers))
        }
    }
}

extension CohortPeriod {
    func number(_ date: CivilDate) -> Int {
        switch self {
        case .day: date.dayNumber
        case .week: date.weekNumber
        case .month: date.monthNumber
        }
    }

    func text(_ number: Int) -> String {
        switch self {
        case .day: CivilDate(dayNumber: number).text
        case .week: CivilDate.text(ofWeek: number)
        case .month: CivilDate.text(ofMonth: number)
        }
    }
}
