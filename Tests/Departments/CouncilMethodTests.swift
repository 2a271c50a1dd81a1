import Council
import PluginKit
import PluginTesting
import TestSupport
import Testing

/// Published worked examples; where a method has none, the numbers of pymcdm 1.4 for the aircraft of Hwang and Yoon.
@Suite("Council: methods to rank, vote, believe and judge forecasts")
struct CouncilMethodTests {
    private static let names = ["speed", "range", "payload", "cost", "reliability", "manoeuvrability"]
    private static let aircraft: [[Double]] = [
        [2.0, 1_500, 20_000, 5.5, 5, 9], [2.5, 2_700, 18_000, 6.5, 3, 5], [1.8, 2_000, 21_000, 4.5, 7, 7],
        [2.2, 1_800, 20_000, 5.0, 5, 5],
    ]
    private static let weights = [0.2, 0.1, 0.1, 0.1, 0.2, 0.3]
    private static let isCost = [false, false, false, true, false, false]

    private static var criteria: [Criterion] {
        names.indices.map {
            Criterion(id: names[$0], kind: isCost[$0] ? .cost : .benefit, weight: weights[$0])
        }
    }
    private static var options: [Option] {
        aircraft.enumerated().map { row, values in
            Option(id: "A\(row + 1)", values: Dictionary(uniqueKeysWithValues: zip(names, values)))
        }
    }

    private let seed = TestSeed.next()

    private func expect(_ values: [Double], _ expected: [Double], within tolerance: Double = 1e-8) {
        #expect(values.count == expected.count)
        for (value, other) in zip(values, expected) { #expect(abs(value - other) < tolerance, "\(value), \(other)") }
    }

    private func run<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ task: String, _ input: Input
    ) async throws -> Output {
        try await TaskHarness(Council.self).run(task, input: input)
    }

    @Test("WASPAS, VIKOR, PROMETHEE II and entropy weights agree with pymcdm")
    func ranking() {
        let sums = WeightedSum(matrix: Self.aircraft, weights: Self.weights, isCost: Self.isCost)
        expect(sums.combined(lambda: 0.5), [0.82888534, 0.68949969, 0.84706999, 0.72992063])
        let vikor = Vikor(matrix: Self.aircraft, weights: Self.weights, isCost: Self.isCost)
        expect(vikor.mixture, [0.03061224, 1, 0.18181818, 0.86122449])
        // Its lead of 0.15 is less than 1/3, so the first two are the compromise.
        #expect(vikor.compromise == [0, 2])
        let flows = Promethee(
            matrix: Self.aircraft, weights: Self.weights, isCost: Self.isCost,
            preferences: Self.names.map { _ in .usual })
        expect(flows.net, [0.1, -0.3, 0.33333333, -0.13333333])
        expect(
            EntropyWeights.weights(Self.aircraft),
            [0.06418973, 0.20608816, 0.01344459, 0.08132563, 0.35868002, 0.27627186])
    }

    @Test("Brans and Vincke's six shapes at their thresholds")
    func shapes() {
        let cases: [(PreferenceFunction, [(Double, Double)])] = [
            (.usual, [(-1, 0), (0, 0), (0.001, 1)]), (.uShape(q: 2), [(2, 0), (2.001, 1)]),
            (.vShape(p: 4), [(0, 0), (1, 0.25), (4, 1), (9, 1)]),
            (.level(q: 1, p: 3), [(1, 0), (2, 0.5), (3, 0.5), (3.001, 1)]),
            (.linear(q: 1, p: 3), [(1, 0), (2, 0.5), (3, 1)]),
            (.gaussian(s: 2), [(0, 0), (2, 0.3934693402873666)]),
        ]
        for (shape, points) in cases {
            for (difference, expected) in points {
                #expect(abs(shape.preference(difference) - expected) < 1e-12, "\(shape) at \(difference)")
            }
        }
    }

    @Test("net flows sum to zero, and a dominated option is never before the one that dominates it")
    func properties() async throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let rows = Int.random(in: 2...8, using: &random), columns = Int.random(in: 1...6, using: &random)
            var matrix = (0..<rows).map { _ in
                (0..<columns).map { _ in Double.random(in: 1...100, using: &random) }
            }
            let isCost = (0..<columns).map { _ in Bool.random(using: &random) }
            // The last is worse than the first in everything.
            matrix[rows - 1] = zip(matrix[0], isCost).map { $1 ? $0 * 1.5 : $0 / 1.5 }
            let weights = (0..<columns).map { _ in Double.random(in: 0.1...1, using: &random) }
            let flows = Promethee(
                matrix: matrix, weights: weights, isCost: isCost, preferences: weights.map { _ in .usual })
            #expect(abs(flows.net.reduce(0, +)) < 1e-9, "seed \(seed)")
            let sums = WeightedSum(matrix: matrix, weights: weights, isCost: isCost)
            let vikor = Vikor(matrix: matrix, weights: weights, isCost: isCost)
            let topsis = Topsis(matrix: matrix, weights: weights, isCost: isCost)
            #expect(flows.net[0] > flows.net[rows - 1], "seed \(seed)")
            #expect(sums.sum[0] > sums.sum[rows - 1] && sums.product[0] > sums.product[rows - 1], "seed \(seed)")
            #expect(vikor.mixture[0] <= vikor.mixture[rows - 1], "seed \(seed)")
            #expect(topsis.closeness[0] > topsis.closeness[rows - 1], "seed \(seed)")
        }
    }

    @Test("the task ranks by all methods, counts the firsts, and says what it cannot compute")
    func rankTask() async throws {
        let output: RankOutput = try await run("rank", RankInput(criteria: Self.criteria, options: Self.options))
        #expect(output.results.map(\.method) == RankInput.Method.allCases && output.skipped.isEmpty)
        #expect(output.firsts == ["A1": 2, "A3": 4])
        #expect(output.results.last?.compromise == ["A1", "A3"] && output.results.last?.lessIsBetter == true)
        var options = Self.options
        options[0].values["range"] = 0
        let other: RankOutput = try await run("rank", RankInput(criteria: Self.criteria, options: options))
        #expect(other.skipped.map(\.method) == [.wsm, .wpm, .waspas])
        #expect(other.skipped.first?.reason.contains("A1 has 0.0 for range") == true)
    }

    @Test("Saaty's choice of a leader: weights, consistency, and who is chosen")
    func hierarchy() async throws {
        let input = HierarchyInput(
            criteria: ["experience", "education", "charisma", "age"], options: ["Tom", "Dick", "Harry"],
            criteriaJudgements: [
                [1, 4, 3, 7], [1.0 / 4, 1, 1.0 / 3, 3], [1.0 / 3, 3, 1, 5], [1.0 / 7, 1.0 / 3, 1.0 / 5, 1],
            ],
            optionJudgements: [
                "experience": [[1, 1.0 / 4, 4], [4, 1, 9], [1.0 / 4, 1.0 / 9, 1]],
                "education": [[1, 3, 1.0 / 5], [1.0 / 3, 1, 1.0 / 7], [5, 7, 1]],
                "charisma": [[1, 5, 9], [1.0 / 5, 1, 4], [1.0 / 9, 1.0 / 4, 1]],
                "age": [[1, 1.0 / 3, 5], [3, 1, 9], [1.0 / 5, 1.0 / 9, 1]],
            ])
        let output: HierarchyOutput = try await run("hierarchy", input)
        expect(input.criteria.map { output.criteria[$0] ?? 0 }, [0.547, 0.127, 0.270, 0.056], within: 6e-4)
        expect(input.options.map { output.options[$0] ?? 0 }, [0.358, 0.493, 0.149], within: 6e-4)
        #expect(output.ranking == ["Dick", "Tom", "Harry"])
        #expect(abs((output.consistency.first?.ratio ?? 0) - 0.0439) < 1e-3)
        #expect(abs(PairwiseComparison(input.criteriaJudgements).largestEigenvalue - 4.1184) < 1e-4)
        var broken = input
        broken.criteriaJudgements[0][1] = 2
        await #expect(throws: TaskFailure.self) { let _: HierarchyOutput = try await run("hierarchy", broken) }
    }

    @Test("a flip is where the winner changes: just before it the first holds, just beyond it the other")
    func sensitivity() async throws {
        let output: SensitivityOutput = try await run(
            "sensitivity", SensitivityInput(criteria: Self.criteria, options: Self.options))
        #expect(output.winner == "A1" && abs(output.lead - (0.6433 - 0.6135)) < 1e-3)
        #expect(!output.weights.isEmpty && !output.values.isEmpty)
        for flip in output.weights {
            func winner(_ share: Double) -> Int? {
                let column = Self.names.firstIndex(of: flip.criterion) ?? 0, rest = 1 - Self.weights[column]
                let weights = Self.weights.indices.map { $0 == column ? share : Self.weights[$0] / rest * (1 - share) }
                return Topsis(matrix: Self.aircraft, weights: weights, isCost: Self.isCost).ranking.first
            }
            let outward = flip.flipsAt > flip.share ? 1e-6 : -1e-6
            #expect(winner(flip.flipsAt - outward) == 0, "\(flip)")
            #expect(winner(flip.flipsAt + outward).map { "A\($0 + 1)" } == flip.winner, "\(flip)")
        }
    }

    @Test("taxicabs (Kahneman and Tversky), mammography (Eddy), and pools of opinions (Genest and Zidek)")
    func beliefs() async throws {
        func update(_ prior: Double, _ hit: Double, _ falseAlarm: Double) async throws -> Double? {
            let output: BeliefsOutput = try await run(
                "beliefs",
                BeliefsInput(
                    hypotheses: ["yes": prior, "no": 1 - prior],
                    evidence: [.init(name: "seen", likelihoods: ["yes": hit, "no": falseAlarm])]))
            return output.beliefs["yes"]
        }
        #expect(abs(try #require(try await update(0.15, 0.8, 0.2)) - 0.4138) < 1e-4)
        #expect(abs(try #require(try await update(0.01, 0.8, 0.096)) - 0.0776) < 1e-4)
        let opinions = [0.9, 0.6].map { BeliefsInput.Opinion(by: "\($0)", probabilities: ["yes": $0, "no": 1 - $0]) }
        for (pooling, expected) in [(BeliefsInput.Pooling.linear, 0.75), (.logarithmic, 0.7861)] {
            let output: BeliefsOutput = try await run("beliefs", BeliefsInput(opinions: opinions, pooling: pooling))
            #expect(abs((output.beliefs["yes"] ?? 0) - expected) < 1e-4)
        }
    }

    @Test("the best action, its regret, and what the truth would be worth; many small likelihoods do not vanish")
    func actions() async throws {
        let evidence = (0..<100).map {
            BeliefsInput.Evidence(name: "\($0)", likelihoods: ["rain": 1e-9, "sun": 0.5e-9])
        }
        let output: BeliefsOutput = try await run(
            "beliefs",
            BeliefsInput(
                hypotheses: ["rain": 0.5, "sun": 0.5], evidence: evidence,
                actions: [
                    .init(name: "umbrella", utilities: ["rain": 5, "sun": 3]),
                    .init(name: "none", utilities: ["rain": -10, "sun": 6]),
                ]))
        #expect((output.beliefs["rain"] ?? 0) > 0.999999)
        #expect(output.choices.map(\.action) == ["umbrella", "none"])
        #expect(output.choices.map(\.largestRegret) == [3, 15])
        #expect((output.valueOfPerfectInformation ?? -1) >= 0)
        await #expect(throws: TaskFailure.self) {
            let _: BeliefsOutput = try await run("beliefs", BeliefsInput(hypotheses: ["a": 0.5, "b": 0.4]))
        }
    }

    @Test("the burglary net of Russell and Norvig")
    func network() async throws {
        let nodes: [NetworkInput.Node] = [
            .init(name: "burglary", probabilities: [0.001]), .init(name: "earthquake", probabilities: [0.002]),
            .init(
                name: "alarm", parents: ["burglary", "earthquake"], probabilities: [0.001, 0.29, 0.94, 0.95]),
            .init(name: "john", parents: ["alarm"], probabilities: [0.05, 0.90]),
            .init(name: "mary", parents: ["alarm"], probabilities: [0.01, 0.70]),
        ]
        let output: NetworkOutput = try await run(
            "network", NetworkInput(nodes: nodes, evidence: ["john": true, "mary": true], question: "burglary"))
        #expect(abs(output.probability - 0.2842) < 1e-4 && output.prior == 0.001)
        #expect(abs(output.evidenceProbability - (0.00059224 + 0.0014919)) < 1e-7)
    }

    @Test("the capital of Tennessee: plurality, Borda and Condorcet disagree")
    func tennessee() async throws {
        let output: VoteOutput = try await run(
            "vote",
            VoteInput(
                options: ["Memphis", "Nashville", "Chattanooga", "Knoxville"],
                ballots: [
                    .init(ranking: ["Memphis", "Nashville", "Chattanooga", "Knoxville"], count: 42),
                    .init(ranking: ["Nashville", "Chattanooga", "Knoxville", "Memphis"], count: 26),
                    .init(ranking: ["Chattanooga", "Knoxville", "Nashville", "Memphis"], count: 15),
                    .init(ranking: ["Knoxville", "Chattanooga", "Nashville", "Memphis"], count: 17),
                ]))
        let winners = Dictionary(uniqueKeysWithValues: output.rules.map { ($0.rule, $0.winners) })
        #expect(winners["plurality"] == ["Memphis"] && !output.agree)
        for rule in ["borda", "condorcet", "copeland", "schulze"] { #expect(winners[rule] == ["Nashville"]) }
        let borda = output.rules.first { $0.rule == "borda" }?.points
        #expect(borda == ["Nashville": 194, "Chattanooga": 173, "Memphis": 126, "Knoxville": 107])
        #expect(output.duels.first { $0.option == "Memphis" && $0.against == "Nashville" }?.lost == 58)
    }

    /// M. Schulze 2011, example 1: 45 voters, five candidates, the winner is E, and there is no Condorcet winner.
    @Test("Schulze's own example")
    func schulze() {
        let orders: [(Double, String)] = [
            (5, "ACBED"), (5, "ADECB"), (8, "BEDAC"), (3, "CABED"), (7, "CAEBD"), (2, "CBADE"), (7, "DCEBA"),
            (8, "EBADC"),
        ]
        let letters = Array("ABCDE")
        let ballots = Ballots(
            options: 5, rankings: orders.map { ($0, $1.compactMap { letters.firstIndex(of: $0) }) })
        #expect(ballots.schulzeWinners == [4] && ballots.condorcetWinner == nil)
    }

    @Test("Fleiss 1971: ten patients, fourteen raters; and Brier's score with Murphy's parts")
    func agreementAndCalibration() async throws {
        let output: AgreementOutput = try await run(
            "agreement",
            AgreementInput(counts: [
                [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
                [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
            ]))
        #expect(abs(output.kappa - 0.210) < 5e-4 && abs(output.observed - 0.378) < 5e-4)
        #expect(abs(output.expected - 0.213) < 5e-4)
        let forecasts = zip([0.1, 0.9, 0.8, 0.3], [false, true, true, false]).map {
            CalibrateInput.Forecast(executive: "finance", probability: $0, happened: $1)
        }
        let judged: CalibrateOutput = try await run("calibrate", CalibrateInput(forecasts: forecasts))
        let record = try #require(judged.executives.first)
        #expect(abs(record.brier - 0.0375) < 1e-12)
        #expect(abs(record.reliability - record.resolution + record.uncertainty - record.brier) < 1e-12)
    }

    @Test("what cannot be right is refused with its place")
    func refusals() async throws {
        func refuses<Input: Codable & Sendable>(_ task: String, _ input: Input, _ place: String) async {
            do {
                let _: JSONValue = try await run(task, input)
                Issue.record("\(task) took it")
            } catch {
                #expect("\(error)".contains(place), "\(error)")
            }
        }
        var options = Self.options
        options[1].values["cost"] = 1e200
        await refuses("rank", RankInput(criteria: Self.criteria, options: options), "/options/1/values/cost")
        await refuses(
            "rank",
            RankInput(
                criteria: Self.criteria, options: Self.options,
                preferences: ["speed": Preference(shape: .linear, q: 2, p: 1)]), "/preferences/speed/p")
        await refuses("vote", VoteInput(options: ["a"], ballots: [.init(ranking: ["b"])]), "/ballots/0/ranking")
        await refuses(
            "network",
            NetworkInput(nodes: [.init(name: "a", parents: ["b"], probabilities: [0.1, 0.2])], question: "a"),
            "/nodes/0/parents")
        await refuses("agreement", AgreementInput(counts: [[1, 2], [3]]), "/counts")
        await refuses(
            "calibrate", CalibrateInput(forecasts: [.init(executive: "x", probability: 1.5, happened: true)]),
            "/forecasts/0/probability")
    }
}
