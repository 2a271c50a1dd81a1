import Business
import Foundation
import PluginKit
import Testing

private let business = DepartmentRun<Business>(folder: "Business")

@Suite("Business: how long customers stay and what they bring")
struct BusinessCustomerTests {
    @Test("Freireich et al. 1963: the curve of 6-MP with Greenwood's errors, and the log-rank test 16.79")
    func survival() async throws {
        let output = try await business.run("churn", try business.example("churn"))
        let expected = [
            (6.0, 21.0, 0.857, 0.0764), (7, 17, 0.807, 0.0869), (10, 15, 0.753, 0.0963), (13, 12, 0.690, 0.1068),
            (16, 11, 0.627, 0.1141), (22, 7, 0.538, 0.1282), (23, 6, 0.448, 0.1346),
        ]
        for (index, row) in expected.enumerated() {
            #expect(output.number("curves/0/points/\(index)/time") == row.0)
            #expect(output.number("curves/0/points/\(index)/at_risk") == row.1)
            #expect(near(output.number("curves/0/points/\(index)/survival"), row.2, 6e-4))
            #expect(near(output.number("curves/0/points/\(index)/standard_error"), row.3, 6e-5))
        }
        #expect(output.number("curves/0/median") == 23 && output.number("curves/1/median") == 8)
        #expect(near(output.number("log_rank_chi_square"), 16.793, 1e-4))
        #expect(near(output.number("log_rank_p_value") * 1e5, 4.17, 1e-2))
        // 9 relapses in 359 weeks, 21 in 182.
        #expect(
            near(output.number("curves/0/churn_rate"), 9.0 / 359)
                && near(output.number("curves/1/churn_rate"), 21.0 / 182))
    }

    @Test("without censoring the curve is the share that is left, and the mean is the mean")
    func uncensored() async throws {
        let output = try await business.run(
            "churn",
            #"{"lifetimes": [{"duration": 1, "churned": true}, {"duration": 2, "churned": true, "count": 2}, "#
                + #"{"duration": 5, "churned": true}]}"#
        )
        #expect(output.list("curves/0/points").map { $0.number("survival") } == [0.75, 0.25, 0])
        #expect(output.number("curves/0/mean_to_horizon") == 2.5 && output.number("curves/0/median") == 2)
        #expect(output.at("log_rank_p_value") == nil)
    }

    @Test("Fader and Hardie 2007: both cohorts of the article, fitted and projected")
    func retention() async throws {
        let high = try await business.run("retention", try business.example("retention"))
        #expect(near(high.number("alpha"), 0.668, 2e-3) && near(high.number("beta"), 3.806, 2e-3))
        #expect(near(high.number("log_likelihood"), -1611.16, 2e-5))
        // The years that were held out: 46.8, 44.5, 42.7, 40.9, 39.4 % were seen.
        for (index, seen) in [0.468, 0.445, 0.427, 0.409, 0.394].enumerated() {
            #expect(near(high.number("rows/\(index + 7)/survival"), seen, 0.02))
        }
        let regular = try await business.run(
            "retention", #"{"survivors": [1000, 631, 468, 382, 326, 289, 262, 241]}"#)
        #expect(near(regular.number("alpha"), 0.704, 2e-3) && near(regular.number("beta"), 1.182, 2e-3))
        #expect(near(regular.number("log_likelihood"), -1680.27, 2e-5))
        // Those who have stayed longer stay longer: the residual lifetime rises.
        let residuals = regular.list("rows").map { $0.number("residual_lifetime") }
        #expect(zip(residuals, residuals.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("Fader, Hardie and Lee 2005: BG/NBD on the CDNOW data, and the customer of their spreadsheet note")
    func lifetimeValue() async throws {
        let output = try await business.run("lifetime-value", try business.example("lifetime-value"))
        #expect(near(output.number("r"), 0.243, 1e-3) && near(output.number("alpha"), 4.414, 1e-3))
        #expect(near(output.number("a"), 0.793, 1e-3) && near(output.number("b"), 2.426, 1e-3))
        #expect(near(output.number("log_likelihood"), -9582.4, 1e-5))
        #expect(output.list("standard_errors").count == 4 && output.list("customers").count == 5)
        // The first row: x 2, recency 30.43, age 38.86; 1.226 purchases in 39 weeks.
        var members = try #require(try business.example("lifetime-value").objectValue)
        members["show"] = 3_000
        let all = try await business.run("lifetime-value", JSONValue.object(members))
        let first = try #require(all.list("customers").first { $0.text("customer") == "1" })
        #expect(near(first.number("expected_purchases"), 1.226, 1e-3))
        #expect(near(first.number("probability_alive"), 0.726, 2e-3))
        let sum = all.list("customers").reduce(0) { $0 + $1.number("expected_purchases") }
        #expect(near(sum, all.number("expected_purchases"), 1e-9))
        #expect(near(all.number("value_minor"), (1_000 * sum).rounded(), 1e-9))
    }

    @Test("cohorts of the example by hand, without the period that had not ended")
    func cohorts() async throws {
        let output = try await business.run("cohorts", try business.example("cohorts"))
        #expect(output.list("cohorts").map { $0.text("cohort") } == ["2026-01", "2026-02", "2026-03"])
        #expect(output.list("cohorts").map { $0.number("customers") } == [3, 2, 2])
        #expect(output.list("cohorts/0/cells").map { $0.number("active") } == [3, 1, 2, 1])
        #expect(output.list("cohorts/1/cells").map { $0.number("active") } == [2, 1, 1])
        #expect(output.number("cohorts/0/cells/3/cumulative_revenue_minor") == 39_200)
        #expect(output.list("ages").map { $0.number("customers") } == [7, 7, 5, 3])
        #expect(near(output.number("ages/1/retention"), 3.0 / 7) && near(output.number("ages/2/retention"), 0.6))
        var members = try #require(try business.example("cohorts").objectValue)
        // A day earlier April is not over, but then an event lies after the day.
        members["as_of"] = "2026-04-29"
        let early = JSONValue.object(members)
        await #expect(throws: TaskFailure.self) { try await business.run("cohorts", early) }
        members["as_of"] = "2026-05-30"
        #expect(try await business.run("cohorts", JSONValue.object(members)).list("cohorts/0/cells").count == 4)
    }

    @Test("a funnel counts steps in their order, within the window, at the latest start")
    func funnel() async throws {
        func event(_ customer: String, _ step: String, _ second: Int) -> JSONValue {
            ["customer": .string(customer), "step": .string(step), "second": .integer(Int64(second))]
        }
        var input: [String: JSONValue] = [
            "steps": ["see", "try", "buy"],
            "events": [
                event("a", "see", 0), event("a", "try", 10), event("a", "buy", 30),
                // Bought before he tried: the purchase does not count.
                event("b", "see", 0), event("b", "buy", 5), event("b", "try", 9),
                // Came back: from the second visit on he is within the window.
                event("c", "see", 0), event("c", "see", 100), event("c", "buy", 120), event("c", "try", 110),
                event("d", "try", 1),
            ],
        ]
        let open = try await business.run("event-funnel", JSONValue.object(input))
        #expect(open.list("steps").map { $0.number("customers") } == [3, 3, 2])
        #expect(open.number("steps/1/median_seconds") == 10 && open.text("largest_loss") == "buy")
        input["window_seconds"] = 25
        let narrow = try await business.run("event-funnel", JSONValue.object(input))
        #expect(narrow.list("steps").map { $0.number("customers") } == [3, 3, 1])
        input["events"] = [event("a", "try", 1)]
        let nobody = JSONValue.object(input)
        await #expect(throws: TaskFailure.self) { try await business.run("event-funnel", nobody) }
    }

    @Test("what makes no sense is refused, and says where")
    func hostile() async throws {
        for (task, input, place) in [
            ("churn", #"{"lifetimes": [{"duration": -1, "churned": true}]}"#, "/lifetimes/0/duration"),
            ("churn", #"{"lifetimes": [{"duration": 3, "churned": true}], "horizon": 4}"#, "/horizon"),
            ("retention", #"{"survivors": [10, 11, 9]}"#, "/survivors/1"),
            ("retention", #"{"survivors": [10, 10, 10]}"#, "/survivors"),
            ("retention", #"{"survivors": [0, 0, 0]}"#, "/survivors/0"),
            ("lifetime-value", #"{"rows": [[1, 5, 4]]}"#, "/rows/0"),
            ("lifetime-value", #"{"rows": [[0.5, 1, 4]]}"#, "/rows/0"),
            ("lifetime-value", #"{"rows": [[0, 0, 4]]}"#, "bought again"),
            ("lifetime-value", #"{"rows": [[2, 1, 4]], "horizon": 1e5}"#, "/horizon"),
            ("lifetime-value", "{}", "rows"),
            ("cohorts", #"{"events": [{"customer": "a", "date": "2026-02-30"}]}"#, "/events/0/date"),
            (
                "event-funnel", #"{"steps": ["a", "a"], "events": [{"customer": "x", "step": "a", "second": 1}]}"#,
                "/steps"
            ),
        ] {
            #expect(try await business.refusal(task, input).contains(place), "\(task) \(input)")
        }
        // One customer of one kind: a flat curve, no crash.
        let one = try await business.run("churn", #"{"lifetimes": [{"duration": 0, "churned": false}]}"#)
        #expect(one.list("curves/0/points").isEmpty && one.number("curves/0/churn_rate") == 0)
        // All gone at once leaves a cohort that nobody can be alive in.
        let gone = try await business.run("retention", #"{"survivors": [10, 0, 0], "horizon": 3}"#)
        #expect(gone.number("rows/2/survival") < 1e-3 && !gone.list("warnings").isEmpty)
    }
}
