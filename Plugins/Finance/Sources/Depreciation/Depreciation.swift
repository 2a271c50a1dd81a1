import Glibc
package import PluginKit

/// The depreciation functions of spreadsheets (OpenFormula 1.2, part 2, §6.12): SLN, SYD, DB, DDB and VDB.
package enum Depreciation {
    package static func schedule(_ input: DepreciationInput) throws(TaskFailure) -> DepreciationOutput {
        try check(input)
        let exact = amounts(input)
        var rows: [DepreciationRow] = [], sum = 0.0, booked = 0
        for (index, amount) in exact.enumerated() {
            sum += amount
            let rounded = try Amount.rounded(sum)
            rows.append(
                DepreciationRow(
                    period: index + 1, exactMinor: amount, depreciationMinor: rounded - booked,
                    bookValueMinor: input.costMinor - rounded))
            booked = rounded
        }
        return DepreciationOutput(
            rows: rows, betweenMinor: try between(input), totalMinor: booked, evidence: evidence(input))
    }

    private static func check(_ input: DepreciationInput) throws(TaskFailure) {
        guard (0...Int(1e15)).contains(input.costMinor), (0...input.costMinor).contains(input.salvageMinor) else {
            throw .invalid("/salvage_minor: must be at least 0 and at most the cost")
        }
        guard (1...10_000).contains(input.life) else { throw .invalid("/life: must be 1 to 10000 periods") }
        guard (1...12).contains(input.monthsInFirstYear ?? 12) else {
            throw .invalid("/months_in_first_year: must be 1 to 12")
        }
        guard let factor = input.factor else { return }
        guard factor.isFinite, factor > 0, factor <= 100 else { throw .invalid("/factor: must be above 0") }
    }

    private static func amounts(_ input: DepreciationInput) -> [Double] {
        let cost = Double(input.costMinor), salvage = Double(input.salvageMinor), life = input.life
        switch input.method {
        case .straightLine: return .init(repeating: (cost - salvage) / Double(life), count: life)
        case .yearsDigits:
            let digits = Double(life * (life + 1) / 2)
            return (1...life).map { (cost - salvage) * Double(life - $0 + 1) / digits }
        case .fixedDeclining: return fixedDeclining(cost, salvage, life, months: input.monthsInFirstYear ?? 12)
        case .doubleDeclining:
            return (1...life).map { doubleDeclining(cost, salvage, Double(life), Double($0), input.factor ?? 2) }
        case .variableDeclining:
            return variablePieces(input)
        }
    }

    /// The rate is rounded to three decimals, as the function says. With a short first year there is one period more.
    private static func fixedDeclining(_ cost: Double, _ salvage: Double, _ life: Int, months: Int) -> [Double] {
        guard cost > 0 else { return .init(repeating: 0, count: life) }
        let rate = ((1 - pow(salvage / cost, 1 / Double(life))) * 1_000).rounded() / 1_000
        var total = cost * rate * Double(months) / 12
        var amounts = [total]
        for _ in 1..<max(1, life) {
            let amount = (cost - total) * rate
            amounts.append(amount)
            total += amount
        }
        if months < 12 { amounts.append((cost - total) * rate * Double(12 - months) / 12) }
        return amounts
    }

    /// What is left at the start of the period times the rate, but never below the salvage value.
    private static func doubleDeclining(
        _ cost: Double, _ salvage: Double, _ life: Double, _ period: Double, _ factor: Double
    ) -> Double {
        let rate = min(1, factor / life)
        let before = cost * pow(1 - rate, period - 1), after = cost * pow(1 - rate, period)
        return max(0, before - max(salvage, after))
    }

    /// VDB of each whole period: declining balance, then the straight line over what is left once that is more.
    private static func variablePieces(_ input: DepreciationInput) -> [Double] {
        let cost = Double(input.costMinor), salvage = Double(input.salvageMinor), life = Double(input.life)
        let factor = input.factor ?? 2
        var left = cost - salvage, straight: Double?
        return (1...input.life).map { period in
            let declining = doubleDeclining(cost, salvage, life, Double(period), factor)
            if input.noSwitch == true { return declining }
            let line = straight ?? left / (life - Double(period) + 1)
            if straight == nil, line > declining { straight = line }
            let amount = straight ?? declining
            left -= amount
            return amount
        }
    }

    /// The part of the schedule from `start` to `end`, periods that are cut in proportion.
    private static func between(_ input: DepreciationInput) throws(TaskFailure) -> Double? {
        guard input.start != nil || input.end != nil else { return nil }
        guard input.method == .variableDeclining, let start = input.start, let end = input.end,
            start.isFinite, end.isFinite, 0 <= start, start <= end, end <= Double(input.life)
        else { throw .invalid("/start: VDB takes start and end, from 0 to the life, in order") }
        return variablePieces(input).enumerated().reduce(0) { sum, piece in
            let low = max(start, Double(piece.offset)), high = min(end, Double(piece.offset + 1))
            return sum + piece.element * max(0, high - low)
        }
    }

    private static func evidence(_ input: DepreciationInput) -> Evidence {
        Evidence(
            method: input.method.rawValue, source: "OpenFormula 1.2 (OASIS), part 2, section 6.12",
            inputs: ["cost \(input.costMinor)", "salvage \(input.salvageMinor)", "life \(input.life)"],
            assumptions: [
                "Booked amounts are differences of the rounded running sum, so the total is rounded once.",
                "VDB cuts a period in proportion to time.",
            ],
            uncertainty: "None beyond rounding; DB may miss the salvage value, because its rate has three decimals.")
    }
}
