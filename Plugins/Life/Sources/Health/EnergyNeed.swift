import PluginKit

struct EnergyNeedInput: Codable, Sendable, SchemaDescribing {
    enum Sex: String, Codable, CaseIterable, Sendable { case male, female }
    enum Activity: String, Codable, CaseIterable, Sendable {
        case sedentary, light, moderate, active
        case veryActive = "very_active"

        var factor: Double {
            switch self {
            case .sedentary: 1.2
            case .light: 1.375
            case .moderate: 1.55
            case .active: 1.725
            case .veryActive: 1.9
            }
        }
    }

    var sex: Sex
    var ageYears: Double
    var weightKg: Double
    var heightCm: Double
    var bodyFatPercent: Double?
    var activity: Activity?
    var activityFactor: Double?
    var equation: RestingEquations.Name?
    var weightChangeKgPerWeek: Double?

    enum CodingKeys: String, CodingKey {
        case sex, activity, equation
        case ageYears = "age_years"
        case weightKg = "weight_kg"
        case heightCm = "height_cm"
        case bodyFatPercent = "body_fat_percent"
        case activityFactor = "activity_factor"
        case weightChangeKgPerWeek = "weight_change_kg_per_week"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("sex", "As in the equations, which know two.")
        schema.property("age_years", "3 to 120.", minimum: 3, maximum: 120)
        schema.property("weight_kg", "Kilograms, not pounds.", minimum: 8, maximum: 400)
        schema.property("height_cm", "Centimetres, not metres or inches.", minimum: 60, maximum: 260)
        schema.property("body_fat_percent", "For the equations by lean mass.", minimum: 2, maximum: 75)
        schema.property("activity", "How much the days move; sedentary if absent.")
        schema.property("activity_factor", "Instead of activity: total / resting energy.", minimum: 1, maximum: 2.5)
        schema.property("equation", "Which one counts; Mifflin–St Jeor if absent, Schofield under 18 years.")
        schema.property("weight_change_kg_per_week", "Wanted; negative is loss.", minimum: -1, maximum: 1)
    }
}

struct EnergyNeedOutput: Codable, Sendable {
    struct Estimate: Codable, Sendable {
        var equation: RestingEquations.Name
        var restingKcal: Double
        var source: String

        enum CodingKeys: String, CodingKey {
            case equation, source
            case restingKcal = "resting_kcal"
        }
    }

    var equation: RestingEquations.Name
    var restingKcal: Double
    var activityFactor: Double
    var totalKcal: Double
    /// Total less or more the energy of the wanted change. Absent when it would fall under the resting need.
    var targetKcal: Double?
    var totalLowKcal: Double
    var totalHighKcal: Double
    var estimates: [Estimate]
    var bodyMassIndex: Double
    var warnings: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case equation, estimates, warnings, evidence
        case restingKcal = "resting_kcal"
        case activityFactor = "activity_factor"
        case totalKcal = "total_kcal"
        case targetKcal = "target_kcal"
        case totalLowKcal = "total_low_kcal"
        case totalHighKcal = "total_high_kcal"
        case bodyMassIndex = "body_mass_index"
    }
}

enum EnergyNeed {
    /// Wishnofsky 1958: energy in a kilogram of body weight that is lost or gained.
    static let kcalPerKilogram = 7700.0

    static func estimate(_ input: EnergyNeedInput, at pointer: String = "") throws(TaskFailure) -> EnergyNeedOutput {
        let body = try self.body(input, pointer)
        guard input.activity == nil || input.activityFactor == nil else {
            throw .invalid("\(pointer)/activity and \(pointer)/activity_factor say the same thing; give one")
        }
        let factor = try Check.number(
            input.activityFactor ?? (input.activity ?? .sedentary).factor, "\(pointer)/activity_factor", in: 1...2.5)
        let estimates = RestingEquations.Name.allCases.compactMap { name in
            RestingEquations.kcal(name, body).map {
                EnergyNeedOutput.Estimate(equation: name, restingKcal: $0, source: name.source)
            }
        }
        let name = input.equation ?? (body.ageYears < 18 ? .schofield : .mifflinStJeor)
        guard let resting = RestingEquations.kcal(name, body), resting > 0 else {
            throw .invalid(
                "\(pointer)/equation: \(name.rawValue) has no answer for this person; it lacks an input "
                    + "(body_fat_percent) or was not fitted for this age or build")
        }
        var output = EnergyNeedOutput(
            equation: name, restingKcal: resting, activityFactor: factor, totalKcal: resting * factor,
            totalLowKcal: resting * 0.9 * factor, totalHighKcal: resting * 1.1 * factor, estimates: estimates,
            bodyMassIndex: body.weightKg / (body.heightCm / 100) / (body.heightCm / 100), warnings: [],
            evidence: evidence(input, name, factor))
        try applyChange(input, pointer, to: &output)
        if input.activity == nil, input.activityFactor == nil {
            output.warnings.append("no activity was given: counted as sedentary, factor 1.2")
        }
        if (body.ageYears < 19 || body.ageYears > 78) && name == .mifflinStJeor {
            output.warnings.append("Mifflin–St Jeor was fitted on people of 19 to 78 years")
        }
        return output
    }

    private static func body(_ input: EnergyNeedInput, _ pointer: String) throws(TaskFailure) -> RestingEquations.Body {
        try Check.number(input.ageYears, "\(pointer)/age_years", in: 3...120, "years")
        try Check.number(input.weightKg, "\(pointer)/weight_kg", in: 8...400, "kg")
        try Check.number(input.heightCm, "\(pointer)/height_cm", in: 60...260, "cm")
        if let fat = input.bodyFatPercent {
            try Check.number(fat, "\(pointer)/body_fat_percent", in: 2...75, "%")
        }
        return RestingEquations.Body(
            isMale: input.sex == .male, ageYears: input.ageYears, weightKg: input.weightKg, heightCm: input.heightCm,
            fatShare: input.bodyFatPercent.map { $0 / 100 })
    }

    private static func applyChange(
        _ input: EnergyNeedInput, _ pointer: String, to output: inout EnergyNeedOutput
    ) throws(TaskFailure) {
        guard let change = input.weightChangeKgPerWeek else {
            output.targetKcal = output.totalKcal
            return
        }
        try Check.number(change, "\(pointer)/weight_change_kg_per_week", in: -1...1, "kg a week")
        guard input.ageYears >= 18 || change == 0 else {
            throw .invalid("\(pointer)/weight_change_kg_per_week: no weight target is computed for people under 18")
        }
        let target = output.totalKcal + change * kcalPerKilogram / 7
        guard change >= 0 || target >= output.restingKcal else {
            output.warnings.append(
                "\(Text.number(change)) kg a week would need \(Text.number(target, decimals: 0)) kcal a day, less "
                    + "than the resting need: no target is given")
            return
        }
        output.targetKcal = target
    }

    private static func evidence(
        _ input: EnergyNeedInput, _ name: RestingEquations.Name, _ factor: Double
    ) -> Evidence {
        Evidence(
            inputs: [
                "sex \(input.sex.rawValue)", "age \(Text.number(input.ageYears)) years",
                "weight \(Text.number(input.weightKg)) kg", "height \(Text.number(input.heightCm)) cm",
                "activity factor \(Text.number(factor))",
            ],
            methods: [
                "resting energy: \(name.source)",
                "total = resting × activity factor (FAO/WHO/UNU 2004, chapter 5)",
                "change of weight: 7700 kcal/kg (Wishnofsky 1958)",
            ],
            assumptions: [
                Evidence.noMedicalAdvice, "weight and height were measured, not guessed",
                "7700 kcal/kg holds for the first weeks only; bodies adapt (Hall et al. 2011)",
            ],
            uncertainty:
                "low and high are resting ± 10 %, the band in which Mifflin–St Jeor met the measured value for 82 % "
                + "of non-obese and 70 % of obese adults (Frankenfield et al. 2005); the activity factor adds about "
                + "as much again")
    }
}
