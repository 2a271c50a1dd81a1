import Business
import Foundation
import PluginKit
import PluginTesting
import Testing

private let business = DepartmentRun<Business>(folder: "Business")

@Suite("Business: leads, forecasts, campaigns and asked prices")
struct BusinessSalesTests {
    @Test("Spector and Mazzeo 1980 (Greene): the logistic fit, its errors and likelihood")
    func logistic() async throws {
        let output = try await business.run("lead-score", try business.example("lead-score"))
        for (index, (value, error)) in [(-13.0213, 4.931), (2.8261, 1.263), (0.0952, 0.142), (2.3787, 1.065)]
            .enumerated()
        {
            #expect(near(output.number("coefficients/\(index)/coefficient"), value, 5e-5))
            #expect(near(output.number("coefficients/\(index)/standard_error"), error, 5e-4))
        }
        #expect(near(output.number("quality/log_likelihood"), -12.88963, 1e-6))
        #expect(output.number("quality/brier") < output.number("quality/brier_of_base_rate"))
        // The fit has an intercept, so means agree.
        let bins = output.list("quality/bins")
        let predicted = bins.reduce(0) { $0 + $1.number("predicted") * $1.number("leads") }
        #expect(bins.count == 4 && near(predicted, output.number("quality/conversions"), 1e-9))
        #expect(output.list("leads").first?.number("rank") == 1 && output.list("leads").count == 32)
    }

    @Test("points add up, ties share a rank, and the area under the curve counts pairs")
    func points() async throws {
        let output = try await business.run(
            "lead-score",
            """
            {"rules": [{"attribute": "size", "comparison": "at_least", "value": 50, "points": 10},
               {"attribute": "country", "comparison": "equals", "value": "DE", "points": 5},
               {"attribute": "mail", "comparison": "present", "points": -3, "reason": "wrote from a free mailbox"}],
             "leads": [{"id": "a", "attributes": {"size": 50, "country": "DE"}, "converted": true},
               {"id": "b", "attributes": {"size": 49, "country": "DE", "mail": true}, "converted": true},
               {"id": "c", "attributes": {"size": "many", "country": "DE"}, "converted": false},
               {"id": "d", "attributes": {"country": "DE", "mail": null}, "converted": false}]}
            """)
        #expect(output.list("leads").map { $0.text("id") } == ["a", "c", "d", "b"])
        #expect(output.list("leads").map { $0.number("rank") } == [1, 2, 2, 4])
        #expect(output.list("leads").map { $0.number("score") } == [15, 5, 5, 2])
        // Of four pairs, a is above c and d, b below both.
        #expect(output.number("quality/auc") == 0.5 && output.at("quality/brier") == nil)
        // sklearn's example: outcomes 0 0 1 1 with scores .1 .4 .35 .8.
        let auc = try await business.run(
            "lead-score",
            """
            {"rules": [{"attribute": "x1", "comparison": "present", "points": 0.1},
               {"attribute": "x2", "comparison": "present", "points": 0.4},
               {"attribute": "x3", "comparison": "present", "points": 0.35},
               {"attribute": "x4", "comparison": "present", "points": 0.8}],
             "leads": [{"id": "1", "attributes": {"x1": 1}, "converted": false},
               {"id": "2", "attributes": {"x2": 1}, "converted": false},
               {"id": "3", "attributes": {"x3": 1}, "converted": true},
               {"id": "4", "attributes": {"x4": 1}, "converted": true}]}
            """)
        #expect(auc.number("quality/auc") == 0.75)
    }

    @Test("leads go from new to won by the allowed ways, with tasks, owners, due dates and revisions")
    func pipeline() async throws {
        let harness = try TaskHarness(Business.self)
        func leads(_ json: String) async throws -> JSONValue {
            try await harness.run("leads", input: try LifeRun.parse(json))
        }
        func status(_ json: String) async throws -> FailureStatus? {
            do {
                _ = try await leads(json)
                return nil
            } catch let failure as TaskFailure { return failure.status }
        }
        let created = try await leads(
            #"{"action": "create", "id": "acme", "name": "Acme", "owner": "eva", "due": "2001-01-31", "#
                + #""value_minor": 5000}"#
        )
        #expect(created.text("leads/0/lead/state") == "new" && created.number("leads/0/revision") == 1)
        #expect(created.list("leads/0/overdue") == ["lead"])
        #expect(try await status(#"{"action": "create", "id": "acme", "name": "Acme"}"#) == .conflict)
        #expect(try await status(#"{"action": "move", "id": "acme", "state": "won"}"#) == .invalid)
        #expect(try await status(#"{"action": "move", "id": "acme", "state": "lost"}"#) == .invalid)
        #expect(try await status(#"{"action": "get", "id": "nobody"}"#) == .notFound)
        for state in ["contacted", "qualified", "proposal"] {
            _ = try await leads(#"{"action": "move", "id": "acme", "state": "\#(state)"}"#)
        }
        // Somebody else has changed it since.
        #expect(try await status(#"{"action": "move", "id": "acme", "state": "won", "revision": 1}"#) == .conflict)
        _ = try await leads(
            #"{"action": "add_task", "id": "acme", "task": "call", "name": "Call Eva", "due": "2001-02-01"}"#)
        #expect(try await status(#"{"action": "add_task", "id": "acme", "task": "call", "name": "x"}"#) == .conflict)
        _ = try await leads(#"{"action": "create", "id": "beta", "name": "Beta"}"#)
        let late = try await leads(#"{"action": "list", "overdue": true}"#)
        #expect(late.list("leads/0/overdue") == ["lead", "task call"] && late.list("leads").count == 1)
        _ = try await leads(#"{"action": "finish_task", "id": "acme", "task": "call"}"#)
        let updated = try await leads(
            #"{"action": "update", "id": "acme", "due": "", "value_minor": 7000, "attributes": {"size": 3}}"#)
        #expect(updated.at("leads/0/lead/due") == nil && updated.list("leads/0/overdue").isEmpty)
        let all = try await leads(#"{"action": "list"}"#)
        #expect(all.list("leads").count == 2 && all.number("open_value_minor") == 7_000)
        _ = try await leads(#"{"action": "move", "id": "acme", "state": "won", "reason": "signed"}"#)
        let won = try await leads(#"{"action": "list", "state": "won", "owner": "eva"}"#)
        let history = won.list("leads/0/lead/history").map { $0.text("what") }
        #expect(
            history == [
                "created", "state", "state", "state", "task", "task done", "due", "value", "attribute size",
                "state: signed",
            ])
        #expect(won.list("leads/0/next").isEmpty && won.number("open_value_minor") == 0)
        _ = try await leads(#"{"action": "remove", "id": "acme"}"#)
        #expect(try await leads(#"{"action": "list"}"#).list("leads").map { $0.text("lead/id") } == ["beta"])
        #expect(try await status(#"{"action": "create", "id": "x", "name": "X", "due": "2026-02-30"}"#) == .invalid)
    }

    @Test("expected sales are sums by hand, draws agree with them, and equal seeds give equal answers")
    func forecast() async throws {
        let input = try business.example("sales-forecast")
        let output = try await business.run("sales-forecast", input)
        let qualified = 18.5 / 81, proposal = 21.5 / 46
        let expected = 4_800_000 * 0.9 + 12_600_000 * proposal + 38_000_000 * qualified + 7_200_000 * proposal
        #expect(near(output.number("total/expected_minor"), expected.rounded(), 1e-9))
        #expect(near(output.number("months/0/expected_minor"), (4_320_000 + 12_600_000 * proposal).rounded(), 1e-9))
        #expect(output.list("months").map { $0.text("month") } == ["2026-12", "2027-01"])
        // One deal alone: variance p (1 − p) a², whatever is known of p.
        let one = try await business.run(
            "sales-forecast",
            #"{"stages": [{"name": "s", "won": 1, "lost": 2}], "deals": [{"name": "d", "amount_minor": 1000, "#
                + #""month": "2026-12", "stage": "s"}]}"#
        )
        #expect(near(one.number("total/deviation_minor"), (1_000 * (0.375 * 0.625).squareRoot()).rounded(), 1e-9))
        #expect(one.number("total/p10_minor") == 0 && one.number("total/p90_minor") == 1_000)
        #expect(output == (try await business.run("sales-forecast", input)))
        // Many equal deals: draws have the exact spread, with that of the stage, to a few per cent.
        let deals = (0..<400).map { #"{"name": "\#($0)", "amount_minor": 100, "month": "2026-12", "stage": "s"}"# }
        let many = try await business.run(
            "sales-forecast",
            #"{"stages": [{"name": "s", "won": 10, "lost": 10}], "deals": [\#(deals.joined(separator: ","))]}"#)
        let width = many.number("total/p90_minor") - many.number("total/p10_minor")
        #expect(near(width / many.number("total/deviation_minor"), 2.563, 0.06))
    }

    @Test("power responses with equal exponents share the budget as scale^(1/(1−e)), exactly")
    func allocation() async throws {
        let output = try await business.run(
            "campaign-plan",
            """
            {"budget_minor": 1000000, "channels": [
              {"name": "a", "model": "power", "scale": 2, "exponent": 0.5},
              {"name": "b", "model": "power", "scale": 1, "exponent": 0.5},
              {"name": "c", "model": "power", "scale": 1, "exponent": 0.5, "maximum_minor": 0}]}
            """)
        // 4 : 1, and nothing where nothing is allowed.
        #expect(output.list("channels").map { $0.number("spend_minor") } == [800_000, 200_000, 0])
        #expect(output.number("optimality_gap") < 1e-9 && output.number("unspent_minor") == 0)
        #expect(output.number("conversions") > output.number("equal_split_conversions"))
        #expect(near(output.number("conversions_per_further_unit"), 1 / 800_000.0.squareRoot(), 1e-6))
    }

    @Test("the example: fits where there is history, and stops where a conversion costs more than it brings")
    func campaign() async throws {
        let output = try await business.run("campaign-plan", try business.example("campaign-plan"))
        #expect(output.number("optimality_gap") < 1e-6 && output.number("unspent_minor") > 0)
        #expect(output.list("channels").allSatisfy { $0.number("spend_minor") >= 0 })
        // The next conversion costs its value, in each channel that is between its limits.
        #expect(near(output.number("channels/0/marginal_cost_minor"), 9_000, 1e-3))
        // CPM, CPC, CPA and ROAS by hand: 4,000,000 for 873,000 impressions, 26,400 clicks, 749 conversions.
        #expect(near(output.number("channels/0/cost_per_thousand_minor"), 4_000_000 / 873.0))
        #expect(near(output.number("channels/0/cost_per_click_minor"), 4_000_000 / 26_400.0))
        #expect(near(output.number("channels/0/past_cost_per_conversion_minor"), 4_000_000 / 749.0))
        #expect(near(output.number("channels/0/return_on_spend"), 8_988_000 / 4_000_000.0))
    }

    @Test("van Westendorp by hand: curves of two people cross where the lines say")
    func askedPrices() async throws {
        let output = try await business.run(
            "price-sensitivity",
            """
            {"answers": [
              {"too_cheap_minor": 10, "cheap_minor": 20, "expensive_minor": 30, "too_expensive_minor": 40},
              {"too_cheap_minor": 20, "cheap_minor": 30, "expensive_minor": 40, "too_expensive_minor": 50},
              {"too_cheap_minor": 50, "cheap_minor": 30, "expensive_minor": 40, "too_expensive_minor": 50}]}
            """)
        // Too cheap falls 1, 1, 0 at 10, 20, 30: too expensive is 0 until 40. Both are 0 from 30 on, below 40.
        #expect(output.number("used") == 2 && output.number("inconsistent") == 1)
        #expect(output.number("optimal_minor") == 30 && output.number("indifference_minor") == 30)
        let example = try await business.run("price-sensitivity", try business.example("price-sensitivity"))
        let points = ["marginal_cheapness_minor", "optimal_minor", "marginal_expensiveness_minor"].map {
            example.number($0)
        }
        #expect(points[0] <= points[1] && points[1] <= points[2])
    }

    @Test("the interval of the best price holds the price, and closes in on a line without scatter")
    func priceIntervals() async throws {
        let example = try await business.run("pricing", try business.example("pricing"))
        let low = example.number("unconstrained_price_interval_minor/low")
        let high = example.number("unconstrained_price_interval_minor/high")
        #expect(low < example.number("unconstrained_price_minor") && example.number("unconstrained_price_minor") < high)
        #expect(example.number("elasticity_interval/low") < example.number("elasticity_interval/high"))
        let exact = try await business.run(
            "pricing",
            """
            {"unit_cost_minor": 100, "model": "linear", "observations": [{"price_minor": 200, "units": 80},
              {"price_minor": 400, "units": 60}, {"price_minor": 600, "units": 40}]}
            """)
        #expect(near(exact.number("unconstrained_price_interval_minor/low"), 550, 1e-6))
        #expect(near(exact.number("unconstrained_price_interval_minor/high"), 550, 1e-6))
    }

    @Test("what makes no sense is refused, and says where")
    func hostile() async throws {
        let line = #"{"id": "a", "attributes": {"x": 1}, "converted": true}"#
        for (task, input, place) in [
            ("lead-score", #"{"leads": [\#(line)]}"#, "rules or features"),
            ("lead-score", #"{"features": ["x"], "leads": [\#(line)]}"#, "/leads"),
            (
                "lead-score",
                #"{"features": ["x"], "leads": [\#(line), {"id": "b", "attributes": {"x": 0}, "#
                    + #""converted": false}, {"id": "c", "attributes": {"x": 0}, "converted": false}, "#
                    + #"{"id": "d", "attributes": {"x": 1}, "converted": true}]}"#,
                "told apart completely"
            ),
            ("lead-score", #"{"features": ["y"], "leads": [\#(line)]}"#, "/leads/0/attributes/y"),
            (
                "lead-score",
                #"{"rules": [{"attribute": "x", "comparison": "at_least", "value": "y", "points": 1}], "#
                    + #""leads": [\#(line)]}"#,
                "/rules/0/value"
            ),
            (
                "sales-forecast",
                #"{"stages": [{"name": "s"}], "deals": [{"name": "d", "amount_minor": 1, "month": "2026-12", "#
                    + #""stage": "s"}]}"#,
                "/stages/0"
            ),
            (
                "sales-forecast",
                #"{"stages": [{"name": "s", "probability": 1}], "deals": [{"name": "d", "amount_minor": 1, "#
                    + #""month": "2026-13", "stage": "s"}]}"#,
                "/deals/0/month"
            ),
            (
                "campaign-plan",
                #"{"budget_minor": 10, "channels": [{"name": "a", "model": "power", "scale": 1, "exponent": 1}]}"#,
                "/channels/0/exponent"
            ),
            (
                "campaign-plan",
                #"{"budget_minor": 10, "channels": [{"name": "a", "model": "saturating", "scale": 1}]}"#,
                "/channels/0/halfway_minor"
            ),
            ("campaign-plan", #"{"budget_minor": 10, "channels": [{"name": "a"}]}"#, "/channels/0/history"),
            (
                "campaign-plan",
                #"{"budget_minor": 10, "channels": [{"name": "a", "model": "power", "scale": 1, "#
                    + #""exponent": 0.5, "minimum_minor": 11}]}"#,
                "/channels/0"
            ),
            (
                "price-sensitivity",
                #"{"answers": [{"too_cheap_minor": 4, "cheap_minor": 3, "expensive_minor": 2, "#
                    + #""too_expensive_minor": 1}]}"#,
                "/answers"
            ),
        ] {
            #expect(try await business.refusal(task, input).contains(place), "\(task) \(input)")
        }
    }
}
