/// The published equations for resting energy expenditure, in kcal a day.
struct RestingEquations {
    struct Body {
        var isMale: Bool
        var ageYears: Double
        var weightKg: Double
        var heightCm: Double
        /// Of the weight, 0 to 1.
        var fatShare: Double?
    }

    enum Name: String, Codable, CaseIterable, Sendable {
        case mifflinStJeor = "mifflin_st_jeor"
        case harrisBenedict = "harris_benedict_1919"
        case rozaShizgal = "roza_shizgal"
        case schofield
        case cunningham
        case katchMcArdle = "katch_mcardle"

        var source: String {
            switch self {
            case .mifflinStJeor: "Mifflin, St Jeor et al. 1990, Am J Clin Nutr 51:241"
            case .harrisBenedict: "Harris & Benedict 1919, Carnegie Institution publication 279"
            case .rozaShizgal: "Roza & Shizgal 1984, Am J Clin Nutr 40:168"
            case .schofield: "Schofield 1985; FAO/WHO/UNU 2004, Human energy requirements, table 5.2"
            case .cunningham: "Cunningham 1980, Am J Clin Nutr 33:2372 (500 + 22 × lean mass)"
            case .katchMcArdle: "Katch & McArdle, Exercise Physiology (370 + 21.6 × lean mass)"
            }
        }
    }

    /// Nil where the equation lacks an input or was never fitted for that age.
    static func kcal(_ name: Name, _ body: Body) -> Double? {
        let (weight, height, age) = (body.weightKg, body.heightCm, body.ageYears)
        switch name {
        case .mifflinStJeor where age >= 18:
            return 10 * weight + 6.25 * height - 5 * age + (body.isMale ? 5 : -161)
        case .harrisBenedict where age >= 16:
            return body.isMale
                ? 66.4730 + 13.7516 * weight + 5.0033 * height - 6.7550 * age
                : 655.0955 + 9.5634 * weight + 1.8496 * height - 4.6756 * age
        case .rozaShizgal where age >= 16:
            return body.isMale
                ? 88.362 + 13.397 * weight + 4.799 * height - 5.677 * age
                : 447.593 + 9.247 * weight + 3.098 * height - 4.330 * age
        case .schofield:
            return schofield(body)
        case .cunningham where age >= 18:
            return body.fatShare.map { 500 + 22 * weight * (1 - $0) }
        case .katchMcArdle where age >= 18:
            return body.fatShare.map { 370 + 21.6 * weight * (1 - $0) }
        default:
            return nil
        }
    }

    private static func schofield(_ body: Body) -> Double? {
        let (slope, constant): (Double, Double)
        switch (body.ageYears, body.isMale) {
        case (..<3, _): return nil
        case (..<10, true): (slope, constant) = (22.706, 504.3)
        case (..<10, false): (slope, constant) = (20.315, 485.9)
        case (..<18, true): (slope, constant) = (17.686, 658.2)
        case (..<18, false): (slope, constant) = (13.384, 692.6)
        case (..<30, true): (slope, constant) = (15.057, 692.2)
        case (..<30, false): (slope, constant) = (14.818, 486.6)
        case (..<60, true): (slope, constant) = (11.472, 873.1)
        case (..<60, false): (slope, constant) = (8.126, 845.6)
        case (_, true): (slope, constant) = (11.711, 587.7)
        case (_, false): (slope, constant) = (9.082, 658.5)
        }
        return slope * body.weightKg + constant
    }
}
