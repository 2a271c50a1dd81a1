/// SuperMemo 2 (Woźniak 1990, Optimization of learning, section 3.2).
struct SM2: Hashable, Sendable {
    /// The E-factor in hundredths: every change of it is a whole number of them, so intervals are exact.
    private(set) var easinessHundredths = 250
    private(set) var repetitions = 0
    private(set) var intervalDays = 0
    private(set) var lapses = 0

    static let maximumIntervalDays = 36_500

    var easiness: Double { Double(easinessHundredths) / 100 }

    /// - Parameters:
    ///   - quality: 0 (no memory at all) to 5 (perfect); under 3 the item is learnt anew.
    ///   - keepsEasinessOnLapse: step 6 of the text; most programs change it with every answer.
    mutating func review(quality: Int, keepsEasinessOnLapse: Bool) {
        if quality < 3 {
            lapses += repetitions > 0 ? 1 : 0
            repetitions = 0
            intervalDays = 1
            if keepsEasinessOnLapse { return }
        } else {
            repetitions += 1
            switch repetitions {
            case 1: intervalDays = 1
            case 2: intervalDays = 6
            default: intervalDays = min((intervalDays * easinessHundredths + 99) / 100, Self.maximumIntervalDays)
            }
        }
        let gap = 5 - quality
        easinessHundredths = max(130, easinessHundredths + 10 - gap * (8 + gap * 2))
    }
}
