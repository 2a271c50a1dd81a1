import PluginKit

/// The daily look at sleep, load, movement and mood, by published rules.
enum Wellness {
    static func assess(_ input: WellnessInput, date: String, remembered: [String]) throws(TaskFailure) -> WellnessOutput
    {
        try Check.date(date, "/date")
        var output = WellnessOutput(
            date: date, sections: [], attention: [], remembered: remembered, who5Score: nil, hooperIndex: nil,
            activityMinutes: nil, energy: nil, sleep: nil, training: nil, evidence: evidence(input))
        output.energy = try within("/profile") { () throws(TaskFailure) in
            try input.profile.map { value throws(TaskFailure) in try EnergyNeed.estimate(value) }
        }
        output.sleep = try within("/sleep") { () throws(TaskFailure) in
            try input.sleep.map { value throws(TaskFailure) in try Sleep.analyse(value) }
        }
        output.training = try within("/training") { () throws(TaskFailure) in
            try input.training.map { value throws(TaskFailure) in try TrainingLoad.analyse(value) }
        }
        output.sections = [
            sleepSection(output.sleep), trainingSection(output.training), try activitySection(input, &output),
            try moodSection(input, &output), try strainSection(input, &output), energySection(output.energy),
        ]
        output.attention = output.sections.filter { $0.status == .attention }.map(\.name)
        return output
    }

    /// Puts the section's place in front of what its check says.
    private static func within<T>(_ place: String, _ body: () throws(TaskFailure) -> T) throws(TaskFailure) -> T {
        do {
            return try body()
        } catch {
            throw TaskFailure(error.status, "\(place): \(error.message)")
        }
    }

    private static func sleepSection(_ sleep: SleepOutput?) -> WellnessOutput.Section {
        let rule =
            "attention: mean sleep over an hour under the need, or a regularity index under 70 (about the lowest "
            + "fifth in Windred et al. 2024, Sleep 47:zsad253)"
        guard let sleep else { return missing("sleep", rule, "sleep") }
        let isShort = sleep.meanSleptMinutes < Double(sleep.needMinutes - 60)
        let isIrregular = sleep.sleepRegularityIndex.map { $0 < 70 } ?? false
        let regularity = sleep.sleepRegularityIndex.map { ", regularity \(Text.number($0, decimals: 0))" } ?? ""
        return .init(
            name: "sleep", status: isShort || isIrregular ? .attention : .good,
            finding: "\(Text.number(sleep.meanSleptMinutes / 60, decimals: 1)) h a day, need "
                + "\(Text.number(Double(sleep.needMinutes) / 60, decimals: 1)) h, debt "
                + "\(Text.number(Double(sleep.debtMinutes) / 60, decimals: 1)) h" + regularity, rule: rule)
    }

    private static func trainingSection(_ training: TrainingLoadOutput?) -> WellnessOutput.Section {
        let rule =
            "attention: acute:chronic ratio over 1.5 (Gabbett 2016, Br J Sports Med 50:273; disputed) or monotony over "
            + "2 (Foster 1998)"
        guard let training else { return missing("training", rule, "training") }
        let isSteep = training.acwrRolling.map { $0 > 1.5 } ?? false
        let isMonotonous = training.monotony.map { $0 > 2 && training.weekLoad > 0 } ?? false
        let ratio = training.acwrRolling.map { Text.number($0, decimals: 2) } ?? "unknown"
        return .init(
            name: "training", status: isSteep || isMonotonous ? .attention : .good,
            finding: "week \(Text.number(training.weekLoad, decimals: 0)), acute:chronic ratio \(ratio), form "
                + Text.number(training.form, decimals: 0), rule: rule)
    }

    private static func activitySection(
        _ input: WellnessInput, _ output: inout WellnessOutput
    ) throws(TaskFailure) -> WellnessOutput.Section {
        let rule = "attention: under 150 minutes a week, a vigorous minute counts twice (WHO 2020 guideline, adults)"
        guard let activity = input.activity else { return missing("activity", rule, "activity") }
        let moderate = try Check.number(activity.moderateMinutes, "/activity/moderate_minutes", in: 0...10_080)
        let vigorous = try Check.number(activity.vigorousMinutes, "/activity/vigorous_minutes", in: 0...10_080)
        guard moderate + vigorous <= 10_080 else { throw .invalid("/activity: a week has 10080 minutes") }
        let minutes = moderate + 2 * vigorous
        output.activityMinutes = minutes
        return .init(
            name: "activity", status: minutes < 150 ? .attention : .good,
            finding: "\(Text.number(minutes, decimals: 0)) of at least 150 minutes this week", rule: rule)
    }

    private static func moodSection(
        _ input: WellnessInput, _ output: inout WellnessOutput
    ) throws(TaskFailure) -> WellnessOutput.Section {
        let rule =
            "WHO-5: sum × 4; attention at 50 or less, the score at which its authors advise to talk with a "
            + "professional (Topp et al. 2015, Psychother Psychosom 84:167)"
        guard let who5 = input.who5 else { return missing("mood", rule, "who5") }
        for answer in who5.answers { try Check.integer(answer, "/who5", in: 0...5) }
        let score = who5.answers.reduce(0, +) * 4
        output.who5Score = score
        return .init(
            name: "mood", status: score <= 50 ? .attention : .good, finding: "WHO-5 score \(score) of 100", rule: rule)
    }

    private static func strainSection(
        _ input: WellnessInput, _ output: inout WellnessOutput
    ) throws(TaskFailure) -> WellnessOutput.Section {
        let rule =
            "Hooper index: sum of four answers, 4 to 28 (Hooper & Mackinnon 1995, Sports Med 20:321); attention when "
            + "one answer is 6 or 7 (a convention: the paper gives no threshold)"
        guard let hooper = input.hooper else { return missing("strain", rule, "hooper") }
        for answer in hooper.answers { try Check.integer(answer, "/hooper", in: 1...7) }
        let index = hooper.answers.reduce(0, +)
        output.hooperIndex = index
        return .init(
            name: "strain", status: hooper.answers.contains { $0 >= 6 } ? .attention : .good,
            finding: "Hooper index \(index) of 28", rule: rule)
    }

    private static func energySection(_ energy: EnergyNeedOutput?) -> WellnessOutput.Section {
        let rule = "no judgement: the need is shown, intake is not measured"
        guard let energy else { return missing("energy", rule, "profile") }
        return .init(
            name: "energy", status: .good,
            finding: "need about \(Text.number(energy.totalKcal, decimals: 0)) kcal a day "
                + "(\(Text.number(energy.totalLowKcal, decimals: 0)) to "
                + "\(Text.number(energy.totalHighKcal, decimals: 0)))", rule: rule)
    }

    private static func missing(_ name: String, _ rule: String, _ member: String) -> WellnessOutput.Section {
        .init(name: name, status: .noData, finding: "no data; send \(member)", rule: rule)
    }

    private static func evidence(_ input: WellnessInput) -> Evidence {
        let given = [
            input.profile == nil ? nil : "profile", input.sleep == nil ? nil : "sleep",
            input.training == nil ? nil : "training", input.activity == nil ? nil : "activity",
            input.who5 == nil ? nil : "who5", input.hooper == nil ? nil : "hooper",
        ].compactMap { $0 }
        return Evidence(
            inputs: given.isEmpty ? ["nothing was sent or remembered"] : given,
            methods: [
                "each section names its rule; the tasks health.sleep, health.training_load and "
                    + "health.energy_need explain their figures"
            ],
            assumptions: [
                Evidence.noMedicalAdvice, "sections are not added up: no published score joins them",
            ],
            uncertainty: "questionnaires are self-reports; one day says little, look at weeks")
    }

    /// The report for people.
    static func markdown(_ output: WellnessOutput) -> String {
        var lines = ["# Wellness, \(output.date)", "", "| part | state | finding |", "| --- | --- | --- |"]
        for section in output.sections {
            let state = section.status == .noData ? "no data" : section.status.rawValue
            lines.append("| \(section.name) | \(state) | \(section.finding) |")
        }
        lines += ["", "Rules:", ""] + output.sections.map { "- \($0.name): \($0.rule)" }
        lines += ["", "Assumptions: " + output.evidence.assumptions.joined(separator: "; ") + ".", ""]
        return lines.joined(separator: "\n")
    }
}
