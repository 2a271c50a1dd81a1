/// What a figure rests on, so that a reader can judge and repeat it.
struct Evidence: Codable, Sendable {
    var method: String
    /// The paper, book section or standard that defines the method.
    var source: String
    var inputs: String
    var assumptions: [String]
    var uncertainty: String
}
