import Council
import Testing
import TestSupport

@Suite("Council: TOPSIS, DeGroot and the consensus rules")
struct CouncilAlgorithmTests {
    /// Hwang and Yoon 1981: speed, range, payload, cost, reliability, manoeuvrability of four fighter aircraft.
    private static let aircraft: [[Double]] = [
        [2.0, 1_500, 20_000, 5.5, 5, 9], [2.5, 2_700, 18_000, 6.5, 3, 5], [1.8, 2_000, 21_000, 4.5, 7, 7],
        [2.2, 1_800, 20_000, 5.0, 5, 5],
    ]
    private static let weights = [0.2, 0.1, 0.1, 0.1, 0.2, 0.3]
    private static let isCost = [false, false, false, true, false, false]

    @Test("TOPSIS gives the distances, the closeness and the order of Hwang and Yoon's aircraft")
    func published() {
        let result = Topsis(matrix: Self.aircraft, weights: Self.weights, isCost: Self.isCost)
        let expected: [(ideal: Double, worst: Double, closeness: Double)] = [
            (0.0546, 0.0984, 0.6433), (0.1197, 0.0439, 0.2684), (0.0580, 0.0920, 0.6135), (0.1009, 0.0458, 0.3123),
        ]
        for (row, value) in expected.enumerated() {
            #expect(abs(result.distanceToIdeal[row] - value.ideal) < 1e-4)
            #expect(abs(result.distanceToWorst[row] - value.worst) < 1e-4)
            // The book rounds distances to four digits before it divides.
            #expect(abs(result.closeness[row] - value.closeness) < 5e-4)
        }
        #expect(result.ranking == [0, 2, 3, 1])
    }

    @Test("closeness does not change when a column is scaled by a positive factor, or the weights are")
    func scaling() {
        var random = SplitMix64(seed: seed)
        let original = Topsis(matrix: Self.aircraft, weights: Self.weights, isCost: Self.isCost)
        for _ in 0..<200 {
            let factors = (0..<6).map { _ in Double.random(in: 0.001...1_000, using: &random) }
            let scaled = Topsis(
                matrix: Self.aircraft.map { zip($0, factors).map { $0 * $1 } },
                weights: Self.weights.map { $0 * factors[0] }, isCost: Self.isCost)
            for (left, right) in zip(original.closeness, scaled.closeness) {
                #expect(abs(left - right) < 1e-9, "seed \(seed)")
            }
        }
    }

    @Test("an option that is best in every column has closeness 1, the worst 0, equal ones 0.5")
    func extremes() {
        let result = Topsis(matrix: [[9, 1], [1, 9]], weights: [1, 1], isCost: [false, true])
        #expect(result.closeness == [1, 0])
        #expect(Topsis(matrix: [[3, 3], [3, 3]], weights: [1, 1], isCost: [false, true]).closeness == [0.5, 0.5])
        #expect(Topsis(matrix: [[1e200], [2e200]], weights: [1], isCost: [false]).closeness == [0, 1])
    }

    @Test("DeGroot's trust matrix of Jackson 2008 converges to weights 3/11, 4/11, 4/11")
    func deGroot() {
        let third = 1.0 / 3
        let trust = [[third, third, third], [0.5, 0.5, 0], [0, 0.25, 0.75]]
        var opinions: [[Double]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        for _ in 0..<200 { opinions = DeGroot.step(trust: trust, opinions: opinions) }
        for row in opinions {
            for (value, expected) in zip(row, [3.0 / 11, 4.0 / 11, 4.0 / 11]) { #expect(abs(value - expected) < 1e-9) }
        }
    }

    @Test("a round of resolution keeps the sum of weights and brings executives closer")
    func movedWeights() {
        let before = [["a": 1.0, "b": 0.0], ["a": 0.0, "b": 1.0], ["a": 0.5, "b": 0.5]]
        let after = DeGroot.moved(before, criteria: ["a", "b"])
        for weights in after { #expect(abs(weights.values.reduce(0, +) - 1) < 1e-12) }
        let spread = { (all: [[String: Double]]) in
            (all.compactMap { $0["a"] }.max() ?? 0) - (all.compactMap { $0["a"] }.min() ?? 0)
        }
        #expect(spread(after) < spread(before))
    }

    @Test(
        "the verdict follows the thresholds at their borders",
        arguments: [
            (0.7, 1.0, false, 0, Consensus.Verdict.accept), (0.699, 1.0, false, 0, .resolve),
            (0.699, 1.0, false, 2, .resolve), (0.3, 1.0, false, 0, .resolve), (0.7, 0.8, false, 3, .accept),
        ])
    func verdict(
        support: Double, participation: Double, isVetoed: Bool, attempts: Int, expected: Consensus.Verdict
    ) {
        let found = Consensus().verdict(
            support: support, participation: participation, isVetoed: isVetoed, attempts: attempts)
        #expect(found == expected)
    }

    @Test(
        "a veto, no quorum, low support and a third failed round go to a person",
        arguments: [
            (1.0, 1.0, true, 0, "vetoed"), (1.0, 4.0 / 6, false, 0, "quorum"), (0.299, 1.0, false, 0, "below"),
            (0.699, 1.0, false, 3, "after 3 rounds"),
        ])
    func escalation(support: Double, participation: Double, isVetoed: Bool, attempts: Int, expected: String) {
        let found = Consensus().verdict(
            support: support, participation: participation, isVetoed: isVetoed, attempts: attempts)
        guard case .escalate(let reason) = found else {
            Issue.record("not escalated: \(found)")
            return
        }
        #expect(reason.contains(expected))
    }

    @Test("five of six is a quorum, four of six is none")
    func quorum() {
        #expect(Consensus().level(support: 1, participation: 5.0 / 6, isVetoed: false) == .unanimous)
        #expect(Consensus().level(support: 1, participation: 4.0 / 6, isVetoed: false) == .noQuorum)
    }

    @Test("each executive's interests sum to 1 and each of its lines is about one of them or a warning before the red")
    func executiveTables() {
        #expect(Executive.all.map(\.domain) == Domain.allCases)
        for executive in Executive.all {
            #expect(abs(executive.interests.values.reduce(0, +) - 1) < 1e-12, "\(executive.domain)")
            for line in executive.lines { #expect(executive.interests[line.criterion] != nil) }
        }
    }

    private static let seed = TestSeed.next()
    private var seed: UInt64 { Self.seed }
}
