import Council
import PluginKit
import PluginTesting
import Testing

@Suite("Council: decide, as the host runs it")
struct CouncilDecideTests {
    private static let criteria = [
        ("npv", Criterion.Kind.benefit), ("loss_probability", .cost), ("capital_at_risk", .cost),
        ("market_demand", .benefit), ("strategic_fit", .benefit), ("delivery_probability", .benefit),
        ("technical_feasibility", .benefit), ("security_risk", .cost), ("regulatory_risk", .cost),
        ("privacy_risk", .cost), ("harm_risk", .cost), ("fairness_risk", .cost),
    ].map { Criterion(id: $0.0, kind: $0.1) }

    private static let good: [String: Double] = [
        "npv": 900, "loss_probability": 0.1, "capital_at_risk": 100, "market_demand": 0.9, "strategic_fit": 0.9,
        "delivery_probability": 0.8, "technical_feasibility": 0.9, "security_risk": 0.1, "regulatory_risk": 0.1,
        "privacy_risk": 0.1, "harm_risk": 0.05, "fairness_risk": 0.1,
    ]
    private static let nothing: [String: Double] = [
        "npv": 0, "loss_probability": 0, "capital_at_risk": 0, "market_demand": 0, "strategic_fit": 0.1,
        "delivery_probability": 1, "technical_feasibility": 1, "security_risk": 0, "regulatory_risk": 0,
        "privacy_risk": 0, "harm_risk": 0, "fairness_risk": 0,
    ]

    private func request(_ changes: [String: Double] = [:]) -> DecisionRequest {
        DecisionRequest(
            decisionID: "d-1", query: "Shall we?", complexityLevel: .complicated, criteria: Self.criteria,
            options: [
                Option(id: "go", values: Self.good.merging(changes) { _, new in new }),
                Option(id: "stay", values: Self.nothing),
            ])
    }

    private func decide(_ request: DecisionRequest) async throws -> DecisionOutcome {
        try await TaskHarness(Council.self).run("decide", input: request)
    }

    @Test("a good proposal is accepted by all six, each in a step of its own, with the lead first in the transcript")
    func accepted() async throws {
        let harness = try TaskHarness(Council.self)
        let outcome: DecisionOutcome = try await harness.run("decide", input: request())
        #expect(outcome.status == .accepted && outcome.recommendation.option == "go")
        #expect(outcome.supportPercentage == 1 && outcome.consensusLevel == .unanimous)
        #expect(!outcome.escalatedToHuman && !outcome.humanReviewRequired && outcome.approval == nil)
        #expect(outcome.participatingExecutives == Domain.allCases)
        #expect(outcome.transcript.first?.role == .lead && outcome.transcript.first?.executive == .strategy)
        #expect(outcome.transcript.count { $0.role == .evaluator } == 5)
        #expect(Set(outcome.recommendation.domainSpecificAnalyses.keys) == Set(Domain.allCases.map(\.rawValue)))
        #expect(Set(harness.steps.map(\.name)) == Set(Domain.allCases.map { "executive-\($0.rawValue)" }))
        let again: DecisionOutcome = try await harness.replay()
        #expect(again.transcript.map(\.statement) == outcome.transcript.map(\.statement))
        #expect(harness.performedEffects == 0)
    }

    @Test("one red line blocks with its reason, whatever the others say")
    func veto() async throws {
        let harness = try TaskHarness(Council.self)
        let outcome: DecisionOutcome = try await harness.run("decide", input: request(["regulatory_risk": 0.75]))
        #expect(outcome.status == .escalated && outcome.escalatedToHuman)
        #expect(outcome.consensusLevel == .vetoed && outcome.resolutionAttempts == 0)
        #expect(outcome.vetoes.map(\.executive) == [.legal])
        #expect(outcome.vetoes.first?.criterion == "regulatory_risk" && outcome.vetoes.first?.redLine == 0.7)
        #expect(outcome.approval?.body.contains("vetoed") == true)
        #expect(harness.auditNotes.map(\.type).contains("decision.vetoed"))
    }

    @Test("with vetoes off the red line is recorded, and the executive only rejects")
    func vetoOff() async throws {
        var request = request(["regulatory_risk": 0.75])
        request.settings = CouncilSettings(enableVeto: false)
        let outcome = try await decide(request)
        #expect(outcome.vetoes.map(\.blocking) == [false])
        #expect(outcome.recommendation.domainSpecificAnalyses["legal"]?.stance == .reject)
        #expect(outcome.status == .accepted && outcome.humanReviewRequired)
    }

    @Test("a warning makes the analysis high risk and a person looks, though the council accepts")
    func highRisk() async throws {
        let outcome = try await decide(request(["privacy_risk": 0.55]))
        #expect(outcome.status == .accepted)
        #expect(outcome.recommendation.domainSpecificAnalyses["ethics"]?.highRisk == true)
        #expect(outcome.humanReviewRequired && !outcome.escalatedToHuman)
    }

    @Test("disagreement is resolved in at most three rounds of moved weights, each in steps of its own")
    func resolution() async throws {
        let harness = try TaskHarness(Council.self)
        let torn: [String: Double] = [
            "npv": 20, "capital_at_risk": 900, "loss_probability": 0.45, "regulatory_risk": 0.55, "harm_risk": 0.4,
            "market_demand": 0.9, "technical_feasibility": 0.45,
        ]
        let outcome: DecisionOutcome = try await harness.run("decide", input: request(torn))
        #expect(outcome.resolutionAttempts == 3 && outcome.escalatedToHuman)
        #expect((0.3..<0.7).contains(outcome.supportPercentage))
        #expect(Set(outcome.transcript.map(\.round)) == [0, 1, 2, 3])
        #expect(harness.steps.contains { $0.name == "executive-finance-round-3" })
        #expect(outcome.escalationReason?.contains("after 3 rounds") == true)
    }

    @Test("executives without data abstain, and too many of them leave no quorum")
    func abstention() async throws {
        let few = DecisionRequest(
            decisionID: "d", query: "?", complexityLevel: .clear,
            criteria: [Criterion(id: "npv", kind: .benefit), Criterion(id: "loss_probability", kind: .cost)],
            options: [
                Option(id: "a", values: ["npv": 5, "loss_probability": 0.1]),
                Option(id: "b", values: ["npv": 1, "loss_probability": 0.1]),
            ])
        let outcome = try await decide(few)
        #expect(outcome.consensusLevel == .noQuorum && outcome.escalatedToHuman)
        #expect(outcome.transcript.contains { $0.executive == .ethics && $0.stance == .abstain })
    }

    @Test("required domains are heard, the first of them leads, and personal data bring in ethics and legal")
    func selection() async throws {
        var request = request()
        request.requiredDomains = [.finance]
        #expect(try await decide(request).participatingExecutives == [.finance])
        request.context = DecisionContext(personalData: true)
        let outcome = try await decide(request)
        #expect(outcome.participatingExecutives == [.finance, .ethics, .legal])
        #expect(outcome.recommendation.leadExecutive == .finance)
    }

    @Test("a person who is asked decides", arguments: [true, false])
    func person(approves: Bool) async throws {
        let harness = try TaskHarness(Council.self)
        if approves { harness.approve(by: "ada") } else { harness.refuse(by: "ada", reason: "not now") }
        var request = request(["harm_risk": 0.55])
        request.settings = CouncilSettings(askPerson: true)
        let outcome: DecisionOutcome = try await harness.run("decide", input: request)
        #expect(outcome.status == (approves ? .approvedByPerson : .rejectedByPerson))
        #expect(outcome.person?.by == "ada" && outcome.escalatedToHuman)
    }

    @Test("a question in confusion needs a person even when all agree")
    func cynefin() async throws {
        var request = request()
        request.complexityLevel = .confused
        let outcome = try await decide(request)
        #expect(outcome.responsePattern == "decompose" && outcome.humanReviewRequired)
    }

    @Test("wrong tables are refused with the place")
    func refusals() async throws {
        var missing = request()
        missing.options[1].values["npv"] = nil
        var unknown = request()
        unknown.proposal = "fly"
        for (request, expected) in [(missing, "/options/1/values"), (unknown, "/proposal")] {
            let failure = await #expect(throws: TaskFailure.self) { _ = try await decide(request) }
            #expect(failure?.status == .invalid && failure?.message.contains(expected) == true)
        }
    }

    @Test("the task topsis ranks Hwang and Yoon's aircraft")
    func topsisTask() async throws {
        let criteria = [
            ("speed", 0.2), ("range", 0.1), ("payload", 0.1), ("cost", 0.1), ("reliability", 0.2), ("agility", 0.3),
        ]
        let rows: [[Double]] = [
            [2.0, 1_500, 20_000, 5.5, 5, 9], [2.5, 2_700, 18_000, 6.5, 3, 5], [1.8, 2_000, 21_000, 4.5, 7, 7],
            [2.2, 1_800, 20_000, 5.0, 5, 5],
        ]
        let input = TopsisInput(
            criteria: criteria.map { Criterion(id: $0.0, kind: $0.0 == "cost" ? .cost : .benefit, weight: $0.1) },
            options: rows.enumerated().map { index, row in
                Option(
                    id: "A\(index + 1)",
                    values: Dictionary(zip(criteria.map(\.0), row), uniquingKeysWith: { first, _ in first }))
            })
        let output: TopsisOutput = try await TaskHarness(Council.self).run("topsis", input: input)
        #expect(output.ranking.map(\.option) == ["A1", "A3", "A4", "A2"])
    }
}
