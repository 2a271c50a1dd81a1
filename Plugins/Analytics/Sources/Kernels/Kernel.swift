import Glibc

/// How alike two rows are.
struct Kernel: Codable, Sendable {
    enum Form: String, Codable, CaseIterable, Sendable {
        case linear, polynomial, radial
    }

    var form: Form
    /// polynomial: (gamma·x·y + offset)^degree; radial: exp(−gamma·|x − y|²).
    var gamma: Double
    var degree: Int
    var offset: Double

    func value(_ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>, _ count: Int) -> Double {
        var sum = 0.0
        if form == .radial {
            for index in 0..<count {
                let difference = first[index] - second[index]
                sum += difference * difference
            }
            return exp(-gamma * sum)
        }
        for index in 0..<count { sum += first[index] * second[index] }
        return form == .linear ? sum : pow(gamma * sum + offset, Double(degree))
    }
}
