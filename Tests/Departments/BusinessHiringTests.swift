import Business
import Foundation
import PluginKit
import PluginTesting
import Testing

private let business = DepartmentRun<Business>(folder: "Business")

@Suite("Business: hiring with a fairness check")
struct BusinessHiringTests {
    @Test("the EEOC's example: 48 of 80 and 12 of 40 is a ratio of 0.5, beyond chance, and needs a person")
    func adverse() async throws {
        let harness = try TaskHarness(Business.self)
        let output: JSONValue = try await harness.run("hiring-review", input: try business.example("hiring-review"))
        #expect(output.text("status") == "needs_review")
        #expect(output.list("impact").map { $0.text("group") } == ["black", "white"])
        #expect(near(output.number("impact/0/ratio"), 0.5) && output.text("impact/0/finding") == "adverse_impact")
        #expect(near(output.number("impact/0/fisher_p_value"), 0.003409221768, 1e-9))
        #expect(output.text("impact/1/finding") == "reference" && output.number("steadiness") == 1)
        let html = String(decoding: try #require(harness.artifacts["report.html"]), as: UTF8.self)
        #expect(html.contains("<svg") && html.contains("Adverse impact"))
        #expect(harness.artifacts["report.md"] != nil)
    }

    private func review(_ candidates: [(id: String, score: Int, group: String)], openings: Int) async throws
        -> JSONValue
    {
        let list = candidates.map {
            #"{"id": "\#($0.id)", "scores": {"test": \#($0.score)}, "groups": {"g": "\#($0.group)"}}"#
        }
        return try await business.run(
            "hiring-review",
            """
            {"position": "P", "openings": \(openings),
             "criteria": [{"id": "test", "weight": 1, "low": 0, "high": 10}],
             "candidates": [\(list.joined(separator: ","))]}
            """)
    }

    @Test("few candidates cannot tell unfairness from chance, and a tie at the edge is a person's")
    func small() async throws {
        let few = try await review([("a", 9, "x"), ("b", 8, "x"), ("c", 3, "y"), ("d", 2, "y")], openings: 2)
        #expect(few.text("status") == "proposed" && few.text("impact/1/finding") == "too_few_to_tell")
        let tie = try await review([("a", 9, "x"), ("b", 8, "y"), ("c", 8, "x")], openings: 2)
        #expect(tie.text("status") == "needs_review" && tie.list("ties_at_the_edge") == ["b", "c"])
        #expect(tie.list("ranking").map { $0.number("rank") } == [1, 2, 2])
    }

    @Test("exactly four fifths is fair, and a group plays no part in the ranking")
    func edge() async throws {
        // x: 5 of 5, y: 4 of 5.
        var candidates = (0..<5).map { (id: "x\($0)", score: 9, group: "x") }
        candidates += (0..<4).map { (id: "y\($0)", score: 9, group: "y") } + [(id: "y4", score: 1, group: "y")]
        let output = try await review(candidates, openings: 9)
        #expect(output.number("impact/1/ratio") == 0.8 && output.text("impact/1/finding") == "no_adverse_impact")
        let swapped = try await review(
            candidates.map { (id: $0.id, score: $0.score, group: $0.group == "x" ? "y" : "x") }, openings: 9)
        #expect(output.at("ranking") == swapped.at("ranking"))
    }

    @Test("what makes no sense is refused, and says where")
    func hostile() async throws {
        func input(_ criteria: String, _ candidates: String) -> String {
            #"{"position": "P", "openings": 1, "criteria": [\#(criteria)], "candidates": [\#(candidates)]}"#
        }
        let test = #"{"id": "t", "weight": 1, "low": 0, "high": 10}"#, good = #"{"id": "a", "scores": {"t": 1}}"#
        for (given, place) in [
            (input(test, #"{"id": "a", "scores": {"t": 11}}"#), "/candidates/0/scores/t"),
            (input(test, #"{"id": "a", "scores": {}}"#), "/candidates/0/scores/t"),
            (input(test, good + "," + good), "/candidates/1/id"),
            (input(#"{"id": "t", "weight": 0, "low": 0, "high": 1}"#, good), "/criteria/0"),
            (input(#"{"id": "t", "weight": 1, "low": 1, "high": 1}"#, good), "/criteria/0"),
            (input(test, ""), "/candidates"),
        ] {
            #expect(try await business.refusal("hiring-review", given).contains(place), "\(given)")
        }
    }
}
