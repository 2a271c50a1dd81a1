import Glibc
import PluginKit

enum Sleep {
    static func analyse(_ input: SleepInput) throws(TaskFailure) -> SleepOutput {
        if let age = input.ageYears { try Check.number(age, "/age_years", in: 3...120, "years") }
        if let need = input.needHours { try Check.number(need, "/need_hours", in: 4...14, "hours") }
        let record = try SleepRecord(input)
        let need = Int(((input.needHours ?? recommendedHours(age: input.ageYears)) * 60).rounded())
        var days: [SleepOutput.Day] = []
        var (shortfall, debt) = (0, 0)
        for index in 0..<record.dayCount where record.isRecorded[index] {
            let balance = record.slept[index] - need
            shortfall += max(0, -balance)
            debt = max(0, debt - balance)
            days.append(
                SleepOutput.Day(
                    date: CivilDate(dayNumber: record.firstDay + index).text, sleptMinutes: record.slept[index],
                    balanceMinutes: balance))
        }
        let missing = (0..<record.dayCount).filter { !record.isRecorded[$0] }
        let regularity = record.regularity()
        let main = record.mainEpisodes()
        let midsleep = circular(main.map { Double($0.start + $0.end) / 2 })
        var output = SleepOutput(
            days: days, missingDays: missing.map { CivilDate(dayNumber: record.firstDay + $0).text },
            needMinutes: need,
            meanSleptMinutes: Double(days.reduce(0) { $0 + $1.sleptMinutes }) / Double(max(1, days.count)),
            shortfallMinutes: shortfall, debtMinutes: debt, sleepRegularityIndex: regularity?.index,
            comparedMinutes: regularity?.comparedMinutes ?? 0,
            midsleepClock: midsleep.map { Text.clock(Int($0.mean.rounded()) % 1440) },
            midsleepSpreadMinutes: main.count > 1 ? midsleep?.spread : nil,
            socialJetLagMinutes: socialJetLag(main), warnings: [], evidence: evidence(input, record, need))
        output.warnings = warnings(output)
        return output
    }

    /// The middle of the recommended range of the National Sleep Foundation (Hirshkowitz et al. 2015).
    static func recommendedHours(age: Double?) -> Double {
        switch age ?? 30 {
        case ..<6: 11.5
        case ..<14: 10
        case ..<18: 9
        case ..<65: 8
        default: 7.5
        }
    }

    /// Mean and standard deviation on the circle of 24 hours (Mardia 1972): 23:50 and 00:10 meet at midnight.
    private static func circular(_ minutes: [Double]) -> (mean: Double, spread: Double)? {
        guard !minutes.isEmpty else { return nil }
        let turn = 2 * Double.pi / 1440
        let angles = minutes.map { $0.truncatingRemainder(dividingBy: 1440) * turn }
        let x = angles.reduce(0) { $0 + cos($1) } / Double(minutes.count)
        let y = angles.reduce(0) { $0 + sin($1) } / Double(minutes.count)
        let length = min(1, (x * x + y * y).squareRoot())
        guard length > 1e-9 else { return nil }
        let mean = atan2(y, x) / turn
        return (mean < 0 ? mean + 1440 : mean, (max(0, -2 * log(length))).squareRoot() / turn)
    }

    /// Wittmann et al. 2006: distance between the midpoints of sleep on free days and on work days.
    private static func socialJetLag(_ main: [SleepRecord.Episode]) -> Double? {
        func middle(_ isFree: Bool) -> Double? {
            circular(main.filter { $0.isFree == isFree }.map { Double($0.start + $0.end) / 2 })?.mean
        }
        guard let free = middle(true), let work = middle(false) else { return nil }
        let distance = abs(free - work)
        return min(distance, 1440 - distance)
    }

    private static func warnings(_ output: SleepOutput) -> [String] {
        var warnings: [String] = []
        if !output.missingDays.isEmpty {
            warnings.append("\(output.missingDays.count) days have no data and are left out of every figure")
        }
        if output.sleepRegularityIndex == nil {
            warnings.append("no two days in a row are recorded: no regularity index")
        } else if output.comparedMinutes < 6 * 1440 {
            warnings.append("the regularity index is unsteady under 7 days in a row (Fischer et al. 2021)")
        }
        if output.socialJetLagMinutes == nil {
            warnings.append("no social jet lag: that needs nights marked free_day true and others false")
        }
        return warnings
    }

    private static func evidence(_ input: SleepInput, _ record: SleepRecord, _ need: Int) -> Evidence {
        Evidence(
            inputs: [
                "\(record.episodes.count) episodes of sleep", "\(record.isRecorded.filter { $0 }.count) recorded days",
                "need \(need) minutes a day" + (input.needHours == nil ? " by age" : " as given"),
            ],
            methods: [
                "need: middle of the recommended range, Hirshkowitz et al. 2015, Sleep Health 1:40",
                "sleep regularity index: Phillips et al. 2017, Sci Rep 7:3216, on a grid of minutes",
                "midpoint of sleep: circular mean and standard deviation, Mardia 1972",
                "social jet lag: Wittmann et al. 2006, Chronobiol Int 23:497",
            ],
            assumptions: [
                Evidence.noMedicalAdvice, "a day runs from noon to noon of the local clock",
                "a change of daylight saving time is not taken out",
                "a day without an episode is missing, unless it is named in sleepless_nights",
                "sleep debt is a running balance: extra sleep pays it back hour for hour, which research doubts",
            ],
            uncertainty:
                "times that people write down are off by 10 to 30 minutes; the need differs by an hour or more "
                + "between people")
    }
}
