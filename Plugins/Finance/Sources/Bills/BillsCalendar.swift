package import PluginKit

/// When what is due, and what it leaves at hand.
package enum BillsCalendar {
    package static func evaluate(_ input: BillsInput) throws(TaskFailure) -> BillsOutput {
        let start = try CivilDate.parse(input.start, at: "/start")
        let end = try CivilDate.parse(input.end, at: "/end")
        guard start <= end, end.dayNumber - start.dayNumber <= 3_660 else {
            throw .invalid("/end: must not lie before start, nor more than ten years after it")
        }
        let rule = try BusinessDays(rule: input.rule ?? .none, holidays: input.holidays ?? [])
        var dues = try dues(input.bills, from: start, to: end, rule: rule)
        var balance = try Amount.sum(input.openingMinor ?? 0), lowest = balance, lowestDate = start
        var shortfall: CivilDate? = balance < 0 ? start : nil
        var months: [String: BillMonth] = [:]
        for index in dues.indices {
            let due = dues[index]
            balance = try Amount.sum(balance, -due.bill.amountMinor)
            dues[index].balance = balance
            if balance < lowest { (lowest, lowestDate) = (balance, due.date) }
            if balance < 0, shortfall == nil { shortfall = due.date }
            let month = String(due.date.text.prefix(7))
            var sums = months[month] ?? BillMonth(month: month, paidMinor: 0, receivedMinor: 0)
            sums.paidMinor = try Amount.sum(sums.paidMinor, max(0, due.bill.amountMinor))
            sums.receivedMinor = try Amount.sum(sums.receivedMinor, max(0, -due.bill.amountMinor))
            months[month] = sums
        }
        return BillsOutput(
            dues: dues.map(\.form), months: months.values.sorted { $0.month < $1.month }, closingMinor: balance,
            lowestMinor: lowest, lowestDate: lowestDate.text, firstShortfall: shortfall?.text,
            evidence: evidence(input))
    }

    /// By day; on one day incomes first, then in the order of the list.
    static func dues(
        _ bills: [RecurringBill], from start: CivilDate, to end: CivilDate, rule: BusinessDays
    ) throws(TaskFailure) -> [Due] {
        var dues: [Due] = [], names: Set<String> = []
        for (index, bill) in bills.enumerated() {
            let pointer = "/bills/\(index)"
            guard names.insert(bill.name).inserted else {
                throw .invalid("\(pointer)/name: \(bill.name) occurs twice")
            }
            _ = try Amount.sum(bill.amountMinor)
            let first = try CivilDate.parse(bill.firstDue, at: "\(pointer)/first_due")
            var last = end.adding(days: 60)
            if let text = bill.lastDue { last = min(last, try CivilDate.parse(text, at: "\(pointer)/last_due")) }
            for day in bill.every.days(from: first, near: start, to: last) {
                let date = try rule.adjust(day)
                if start <= date, date <= end {
                    dues.append(Due(date: date, unadjusted: day, bill: bill, order: index))
                }
            }
        }
        return dues.sorted { left, right in
            if left.date != right.date { return left.date < right.date }
            let leftIsIncome = left.bill.amountMinor < 0, rightIsIncome = right.bill.amountMinor < 0
            return leftIsIncome == rightIsIncome ? left.order < right.order : leftIsIncome
        }
    }

    private static func evidence(_ input: BillsInput) -> Evidence {
        Evidence(
            method: "calendar of recurring payments with a running balance",
            source: "business-day conventions: ISDA 2006 Definitions, section 4.12",
            inputs: ["\(input.bills.count) bills", "\(input.start) to \(input.end)"],
            assumptions: [
                "Months count from the first due day, so the 31st returns after a shorter month.",
                "Saturday and Sunday are no business days; other holidays are those that are given.",
            ],
            uncertainty: "None for fixed amounts; bills that vary are as good as the amount that is given.")
    }
}

/// One bill on one day.
struct Due {
    let date: CivilDate
    let unadjusted: CivilDate
    let bill: RecurringBill
    let order: Int
    var balance = 0

    init(date: CivilDate, unadjusted: CivilDate, bill: RecurringBill, order: Int) {
        self.date = date
        self.unadjusted = unadjusted
        self.bill = bill
        self.order = order
    }

    var form: BillDue {
        BillDue(
            date: date.text, unadjustedDate: unadjusted.text, name: bill.name, amountMinor: bill.amountMinor,
            balanceMinor: balance)
    }
}

extension BillInterval {
    private var step: (days: Int, months: Int) {
        switch self {
        case .once: (0, 0)
        case .weekly: (7, 0)
        case .fortnightly: (14, 0)
        case .monthly: (0, 1)
        case .quarterly: (0, 3)
        case .halfYearly: (0, 6)
        case .yearly: (0, 12)
        }
    }

    /// Days from some time before `start` (a rule may move a day into the window) up to `last`, ascending.
    fileprivate func days(from first: CivilDate, near start: CivilDate, to last: CivilDate) -> [CivilDate] {
        guard self != .once else { return first <= last ? [first] : [] }
        let ahead = max(0, start.dayNumber - first.dayNumber - 60)
        var count = step.days > 0 ? ahead / step.days : ahead / 31 / step.months
        var days: [CivilDate] = []
        while true {
            let day =
                step.days > 0
                ? first.adding(days: step.days * count) : first.adding(months: step.months * count)
            guard let day, day <= last else { return days }
            days.append(day)
            count += 1
        }
    }
}

/// Moves a day off weekends and holidays.
struct BusinessDays {
    let rule: BusinessDayRule
    private var holidays: Set<CivilDate> = []

    init(rule: BusinessDayRule, holidays texts: [String]) throws(TaskFailure) {
        self.rule = rule
        for (index, text) in texts.enumerated() {
            holidays.insert(try CivilDate.parse(text, at: "/holidays/\(index)"))
        }
    }

    private func isBusinessDay(_ date: CivilDate) -> Bool { date.weekday <= 5 && !holidays.contains(date) }

    private func next(_ date: CivilDate, _ step: Int) throws(TaskFailure) -> CivilDate {
        for distance in 0...60 {
            let moved = date.adding(days: step * distance)
            if isBusinessDay(moved) { return moved }
        }
        throw .invalid("/holidays: no business day within 60 days of \(date.text)")
    }

    func adjust(_ date: CivilDate) throws(TaskFailure) -> CivilDate {
        switch rule {
        case .none: return date
        case .following: return try next(date, 1)
        case .preceding: return try next(date, -1)
        case .modifiedFollowing:
            let moved = try next(date, 1)
            return moved.components.month == date.components.month ? moved : try next(date, -1)
        }
    }
}
