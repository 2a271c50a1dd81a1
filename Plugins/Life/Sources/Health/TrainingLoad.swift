import Glibc
import PluginKit

enum TrainingLoad {
    static let maximumDays = 3660

    static func analyse(_ input: TrainingLoadInput) throws(TaskFailure) -> TrainingLoadOutput {
        try Check.count(input.sessions.count, "/sessions", in: 1...5000)
        let last = try Check.date(input.asOf, "/as_of").dayNumber
        let heart = try HeartRange(input)
        var loads: [(day: Int, load: Double)] = []
        for (index, session) in input.sessions.enumerated() {
            let day = try Check.date(session.date, "/sessions/\(index)/date").dayNumber
            guard day <= last else { throw .invalid("/sessions/\(index)/date lies after /as_of") }
            loads.append((day, try load(session, input.method, heart, "/sessions/\(index)")))
        }
        let earliest = loads.map(\.day).min() ?? last
        let first =
            try input.recordedSince.map { text throws(TaskFailure) in
                try Check.date(text, "/recorded_since").dayNumber
            } ?? earliest
        guard first <= earliest else { throw .invalid("/recorded_since lies after the first session") }
        guard last - first < maximumDays else {
            throw .invalid("the sessions span more than \(maximumDays) days up to /as_of; check the years")
        }
        var daily = [Double](repeating: 0, count: last - first + 1)
        for (day, load) in loads { daily[day - first] += load }
        return output(input, daily, first: first)
    }

    struct HeartRange {
        var resting: Double?
        var maximum: Double?
        var isMale: Bool?

        init(_ input: TrainingLoadInput) throws(TaskFailure) {
            resting = input.restingHeartRate
            maximum = input.maximumHeartRate
            isMale = input.sex.map { $0 == .male }
            if let resting { try Check.number(resting, "/resting_heart_rate", in: 25...120, "beats a minute") }
            if let maximum { try Check.number(maximum, "/maximum_heart_rate", in: 100...240, "beats a minute") }
            if let resting, let maximum, maximum - resting < 20 {
                throw .invalid("/maximum_heart_rate must be at least 20 beats over /resting_heart_rate")
            }
        }
    }

    static func load(
        _ session: TrainingSession, _ method: TrainingLoadInput.Method, _ heart: HeartRange, _ pointer: String
    ) throws(TaskFailure) -> Double {
        let minutes = try Check.number(session.durationMinutes, "\(pointer)/duration_minutes", in: 0...1440, "minutes")
        switch method {
        case .sessionRPE:
            guard let exertion = session.perceivedExertion else {
                throw .invalid("\(pointer)/perceived_exertion is needed for session_rpe")
            }
            return minutes * (try Check.number(exertion, "\(pointer)/perceived_exertion", in: 0...10))
        case .banisterTRIMP:
            guard let resting = heart.resting, let maximum = heart.maximum, let isMale = heart.isMale,
                let rate = session.averageHeartRate
            else {
                throw .invalid(
                    "banister_trimp needs /sex, /resting_heart_rate, /maximum_heart_rate and "
                        + "\(pointer)/average_heart_rate")
            }
            try Check.number(rate, "\(pointer)/average_heart_rate", in: resting...maximum, "beats a minute")
            let reserve = (rate - resting) / (maximum - resting)
            return minutes * reserve * (isMale ? 0.64 * exp(1.92 * reserve) : 0.86 * exp(1.67 * reserve))
        case .edwardsTRIMP:
            guard let zones = session.zoneMinutes else {
                throw .invalid("\(pointer)/zone_minutes is needed for edwards_trimp")
            }
            try Check.count(zones.count, "\(pointer)/zone_minutes", in: 5...5)
            var sum = 0.0
            for (index, zone) in zones.enumerated() {
                sum +=
                    Double(index + 1)
                    * (try Check.number(zone, "\(pointer)/zone_minutes/\(index)", in: 0...1440, "minutes"))
            }
            guard zones.reduce(0, +) <= minutes + 1e-6 else {
                throw .invalid("\(pointer)/zone_minutes sum to more than duration_minutes")
            }
            return sum
        }
    }

    private static func output(_ input: TrainingLoadInput, _ daily: [Double], first: Int) -> TrainingLoadOutput {
        let series = LoadSeries(daily)
        let week = Array(daily.suffix(7))
        var output = TrainingLoadOutput(
            asOf: input.asOf, method: input.method, weekLoad: week.reduce(0, +), acwrRolling: nil, acwrUncoupled: nil,
            acwrWeighted: nil, monotony: nil, strain: nil, fitness: series.fitness[daily.count - 1],
            fatigue: series.fatigue[daily.count - 1], form: 0, days: [], warnings: [], evidence: evidence(input, daily))
        output.form = output.fitness - output.fatigue
        if daily.count >= 28 {
            let month = daily.suffix(28).reduce(0, +)
            if month > 0 { output.acwrRolling = output.weekLoad / (month / 4) }
            let before = month - output.weekLoad
            if before > 1e-9 * month { output.acwrUncoupled = output.weekLoad / (before / 3) }
            if let chronic = series.chronic.last, chronic > 0 {
                output.acwrWeighted = series.acute[daily.count - 1] / chronic
            }
        } else {
            output.warnings.append("\(daily.count) days are recorded; the acute:chronic ratio needs 28")
        }
        if daily.count >= 7 {
            let mean = output.weekLoad / 7
            let variance = week.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
            if variance > 1e-18 * mean * mean, mean > 0 {
                output.monotony = mean / variance.squareRoot()
                output.strain = output.monotony.map { $0 * output.weekLoad }
            } else {
                output.warnings.append("all seven days carry the same load: monotony is not defined")
            }
        }
        for index in max(0, daily.count - 28)..<daily.count {
            output.days.append(
                .init(
                    date: CivilDate(dayNumber: first + index).text, load: daily[index], acute: series.acute[index],
                    chronic: series.chronic[index], fitness: series.fitness[index], fatigue: series.fatigue[index]))
        }
        return output
    }

    private static func evidence(_ input: TrainingLoadInput, _ daily: [Double]) -> Evidence {
        Evidence(
            inputs: ["\(input.sessions.count) sessions in \(daily.count) days up to \(input.asOf)"],
            methods: [
                input.method.source,
                "acute:chronic ratio, 7 and 28 days: Hulin et al. 2014; uncoupled: Windt & Gabbett 2019; weighted, "
                    + "λ = 2/(N+1): Williams et al. 2017, Br J Sports Med 51:209",
                "monotony = mean / sample standard deviation of 7 days, strain = week × monotony: Foster 1998",
                "fitness and fatigue: exponential decay of 42 and 7 days, after Banister et al. 1975",
            ],
            assumptions: [
                Evidence.noMedicalAdvice, "days without a session since the first recorded day are rest days",
                "averages start at the first day's load (ratio) and at zero (fitness and fatigue)",
            ],
            uncertainty:
                "that the ratio foretells injury is disputed (Impellizzeri et al. 2020): read it as a change of "
                + "load, not as a risk; fitness is low-biased in the first 42 days")
    }
}

/// Exponentially weighted averages of daily load.
struct LoadSeries {
    let acute: [Double]
    let chronic: [Double]
    let fitness: [Double]
    let fatigue: [Double]

    init(_ daily: [Double]) {
        func average(_ share: Double, from start: Double) -> [Double] {
            var value = start
            return daily.map { load in
                value += share * (load - value)
                return value
            }
        }
        acute = average(2.0 / 8, from: daily.first ?? 0)
        chronic = average(2.0 / 29, from: daily.first ?? 0)
        fitness = average(1 - exp(-1.0 / 42), from: 0)
        fatigue = average(1 - exp(-1.0 / 7), from: 0)
    }
}
