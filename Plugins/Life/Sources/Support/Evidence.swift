/// What a result rests on, so that a reader can check it or doubt it.
struct Evidence: Codable, Sendable {
    /// The figures that the result was computed from, as they were read.
    var inputs: [String]
    /// Each with its source.
    var methods: [String]
    var assumptions: [String]
    var uncertainty: String

    /// Said by every task about a body.
    static let noMedicalAdvice =
        "a general estimate for healthy people, not medical advice: no diagnosis, no treatment; ask a professional "
        + "about illness, pregnancy, medication or an eating disorder"
}
