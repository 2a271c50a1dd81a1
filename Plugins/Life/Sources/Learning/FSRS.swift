import Glibc

/// Free Spaced Repetition Scheduler 6 (Ye et al.; "The Algorithm", open-spaced-repetition wiki): how difficult an item
/// is, and how long its memory lasts.
struct FSRS: Sendable {
    enum Rating: Int, Sendable {
        case again = 1, hard, good, easy
    }

    struct Memory: Hashable, Sendable {
        /// Days until recall falls to 90 %.
        var stability: Double
        /// 1 to 10.
        var difficulty: Double
    }

    /// The published defaults of version 6.
    static let defaultWeights: [Double] = [
        0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629,
        1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542,
    ]

    /// The published limits of each weight.
    static let weightLimits: [ClosedRange<Double>] = [
        0.001...100, 0.001...100, 0.001...100, 0.001...100, 1...10, 0.001...4, 0.001...4, 0.001...0.75, 0...4.5,
        0...0.8, 0.001...3.5, 0.001...5, 0.001...0.25, 0.001...0.9, 0...4, 0...1, 1...6, 0...2, 0...2, 0...0.8,
        0.1...0.8,
    ]

    private static let leastStability = 0.001
    /// Of no effect on any interval; keeps extreme weights finite.
    private static let mostStability = 1e12

    let weights: [Double]
    private var decay: Double { -weights[20] }
    private var factor: Double { pow(0.9, 1 / decay) - 1 }

    init(weights: [Double] = FSRS.defaultWeights) { self.weights = weights }

    /// The chance to recall after so many whole days.
    func retrievability(_ memory: Memory, afterDays days: Int) -> Double {
        pow(1 + factor * Double(max(0, days)) / memory.stability, decay)
    }

    /// Whole days until recall falls to `retention`.
    func intervalDays(stability: Double, retention: Double, maximum: Int) -> Int {
        let days = stability / factor * (pow(retention, 1 / decay) - 1)
        guard days < Double(maximum) else { return maximum }
        return min(maximum, max(1, Int(days.rounded(.toNearestOrEven))))
    }

    func first(_ rating: Rating) -> Memory {
        Memory(
            stability: max(Self.leastStability, weights[rating.rawValue - 1]),
            difficulty: clamp(initialDifficulty(rating)))
    }

    func next(_ memory: Memory, _ rating: Rating, afterDays days: Int) -> Memory {
        let stability: Double
        if days < 1 {
            stability = sameDay(memory.stability, rating)
        } else {
            let recall = retrievability(memory, afterDays: days)
            stability = rating == .again ? forgotten(memory, recall) : recalled(memory, recall, rating)
        }
        return Memory(
            stability: min(Self.mostStability, max(Self.leastStability, stability)),
            difficulty: nextDifficulty(memory, rating))
    }

    private func initialDifficulty(_ rating: Rating) -> Double {
        weights[4] - exp(weights[5] * Double(rating.rawValue - 1)) + 1
    }

    private func nextDifficulty(_ memory: Memory, _ rating: Rating) -> Double {
        let change = -weights[6] * Double(rating.rawValue - 3)
        let damped = memory.difficulty + (10 - memory.difficulty) * change / 9
        return clamp(weights[7] * initialDifficulty(.easy) + (1 - weights[7]) * damped)
    }

    private func clamp(_ difficulty: Double) -> Double { min(10, max(1, difficulty)) }

    private func sameDay(_ stability: Double, _ rating: Rating) -> Double {
        let increase =
            exp(weights[17] * (Double(rating.rawValue - 3) + weights[18])) * pow(stability, -weights[19])
        return stability * (rating == .again ? increase : max(1, increase))
    }

    private func forgotten(_ memory: Memory, _ recall: Double) -> Double {
        let long =
            weights[11] * pow(memory.difficulty, -weights[12]) * (pow(memory.stability + 1, weights[13]) - 1)
            * exp((1 - recall) * weights[14])
        return min(long, memory.stability / exp(weights[17] * weights[18]))
    }

    private func recalled(_ memory: Memory, _ recall: Double, _ rating: Rating) -> Double {
        let penalty = rating == .hard ? weights[15] : 1
        let bonus = rating == .easy ? weights[16] : 1
        return memory.stability
            * (1
                + exp(weights[8]) * (11 - memory.difficulty) * pow(memory.stability, -weights[9])
                * (exp((1 - recall) * weights[10]) - 1) * penalty * bonus)
    }
}
