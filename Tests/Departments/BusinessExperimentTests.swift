import Business
import Foundation
import PluginKit
import TestSupport
import Testing

private let business = DepartmentRun<Business>(folder: "Business")

private func variants(_ control: (Int, Int), _ variant: (Int, Int)) -> String {
    """
    {"variants": [{"name": "a", "conversions": \(control.0), "visitors": \(control.1)},
     {"name": "b", "conversions": \(variant.0), "visitors": \(variant.1)}]}
    """
}

@Suite("Business: experiments")
struct BusinessExperimentTests {
    @Test("Newcombe 1998: 81 of 263 has the Wilson interval .2553 to .3662")
    func wilson() async throws {
        let output = try await business.run("experiment", variants((81, 263), (15, 148)))
        #expect(near(output.number("variants/0/interval/low"), 0.2553, 5e-5))
        #expect(near(output.number("variants/0/interval/high"), 0.3662, 5e-5))
        #expect(near(output.number("variants/1/interval/low"), 0.0624, 5e-5))
        #expect(near(output.number("variants/1/interval/high"), 0.1605, 5e-5))
    }

    @Test("Newcombe 1998, example a: 56/70 minus 48/80 lies between .0524 and .3339")
    func newcombe() async throws {
        let output = try await business.run("experiment", variants((48, 80), (56, 70)))
        #expect(near(output.number("comparisons/0/interval/low"), 0.0524, 5e-5))
        #expect(near(output.number("comparisons/0/interval/high"), 0.3339, 5e-5))
    }

    @Test("Fisher's lady tasting tea: 3 of 4 against 1 of 4 has p .4857; too few for z, so it decides")
    func tea() async throws {
        let output = try await business.run("experiment", variants((1, 4), (3, 4)))
        #expect(near(output.number("comparisons/0/fisher_p_value"), 17.0 / 35, 1e-9))
        #expect(near(output.number("comparisons/0/adjusted_p_value"), 17.0 / 35, 1e-9))
        // Beta(4, 2) against Beta(2, 4): 113/126, by the sum of Miller, "Formulas for Bayesian A/B testing", 2015.
        #expect(near(output.number("comparisons/0/probability_better"), 113.0 / 126, 1e-9))
    }

    @Test("Kohavi: 821,588 against 815,482 visitors of an equal split is p 1.8e-6, and no verdict is given")
    func sampleRatio() async throws {
        let output = try await business.run("experiment", try business.example("experiment"))
        #expect(near(output.number("sample_ratio_p_value") * 1e6, 1.8, 0.05))
        #expect(output.at("sample_ratio_mismatch") == true && output.text("comparisons/0/verdict") == "invalid")
        #expect(!output.list("warnings").isEmpty)
    }

    @Test("Lan and DeMets: boundaries of five equal looks as the R package ldbounds has them")
    func boundaries() async throws {
        for (spending, expected) in [
            ("obrien_fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
            ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
        ] {
            let output = try await business.run(
                "experiment",
                """
                {"variants": [{"name": "a", "visitors": 1000, "conversions": 100},
                  {"name": "b", "visitors": 1000, "conversions": 130}],
                 "looks": {"fractions": [0.2, 0.4, 0.6, 0.8, 1], "current": 2, "spending": "\(spending)"}}
                """)
            for (index, z) in expected.enumerated() {
                #expect(near(output.number("boundaries/\(index)/z"), z, 2e-4), "\(spending) \(index)")
            }
            // z is 2.10: beyond neither boundary, though p is below 0.05.
            #expect(output.number("comparisons/0/p_value") < 0.05)
            #expect(output.text("comparisons/0/verdict") == "undecided")
        }
    }

    @Test("looking after every hundred visitors, an always-valid p value errs in at most 5 of 100 equal tests")
    func alwaysValid() async throws {
        let seed = lifeSeed("always valid")
        var random = SplitMix64(seed: seed)
        var wrong = 0, naive = 0
        for _ in 0..<30 {
            var won = [0, 0], isWrong = false, isNaive = false
            for look in 1...10 {
                for group in 0...1 {
                    won[group] += (0..<100).count { _ in UInt8.random(in: 0..<10, using: &random) == 0 }
                }
                let output = try await business.run("experiment", variants((won[0], look * 100), (won[1], look * 100)))
                isWrong = isWrong || output.number("comparisons/0/always_valid_p_value") < 0.05
                isNaive = isNaive || output.number("comparisons/0/p_value") < 0.05
            }
            wrong += isWrong ? 1 : 0
            naive += isNaive ? 1 : 0
        }
        // Of 30 with probability 0.05: more than 9 has probability 1e-6.
        #expect(wrong <= 9 && wrong <= naive, "\(wrong) and \(naive) of 30, seed \(seed)")
    }

    @Test("Holm's correction by hand")
    func holm() {
        #expect(Experiment.holm([0.01, 0.04, 0.03, 0.005]) == [0.03, 0.06, 0.06, 0.02])
        #expect(Experiment.holm([0.6, 0.7]) == [1, 1])
    }

    @Test("R's power.prop.test: 76.7 in each group find .50 against .75 with power .90; 50 have power .740")
    func plan() async throws {
        let size = try await business.run(
            "experiment-plan", #"{"baseline": 0.5, "minimum_effect": 0.25, "power": 0.9}"#)
        #expect(near(size.number("exact_visitors_per_variant"), 76.7, 5e-4))
        #expect(size.number("visitors_per_variant") == 77 && size.number("total_visitors") == 154)
        let power = try await business.run(
            "experiment-plan", #"{"baseline": 0.5, "minimum_effect": 0.25, "visitors_per_variant": 50}"#)
        #expect(near(power.number("power"), 0.7401659, 1e-6))
        // And back: the effect that 77 find.
        let effect = try await business.run(
            "experiment-plan", #"{"baseline": 0.5, "visitors_per_variant": 77, "power": 0.9, "visitors_per_day": 7}"#)
        #expect(near(effect.number("minimum_effect"), 0.2494, 1e-3) && effect.number("days") == 22)
    }

    @Test("a test that makes no sense is refused, and says where")
    func hostile() async throws {
        #expect(try await business.refusal("experiment", variants((5, 4), (1, 4))).contains("/variants/0/conversions"))
        #expect(try await business.refusal("experiment", variants((0, 0), (1, 4))).contains("/variants/0/visitors"))
        #expect(
            try await business.refusal(
                "experiment",
                #"{"variants": [{"name": "a", "visitors": 9, "conversions": 1}, {"name": "a", "visitors": 9, "#
                    + #""conversions": 1}]}"#
            ).contains("twice"))
        #expect(
            try await business.refusal(
                "experiment",
                #"{"variants": [{"name": "a", "visitors": 9, "conversions": 1}, {"name": "b", "visitors": 9, "#
                    + #""conversions": 1}],"#
                    + #" "looks": {"fractions": [0.5, 0.4, 1], "current": 1}}"#
            ).contains("/looks/fractions"))
        for plan in [
            #"{"baseline": 0.5}"#, #"{"baseline": 0.5, "minimum_effect": 0.6}"#,
            #"{"baseline": 0.5, "minimum_effect": 0}"#,
            #"{"baseline": 1, "visitors_per_variant": 10}"#, #"{"baseline": 0.5, "minimum_effect": 1e-12}"#,
        ] { _ = try await business.refusal("experiment-plan", plan) }
        // Nobody converts: nothing is found, and nothing divides by zero.
        let nobody = try await business.run("experiment", variants((0, 100_000_000), (0, 100_000_000)))
        #expect(
            nobody.text("comparisons/0/verdict") == "undecided" && nobody.number("comparisons/0/fisher_p_value") == 1)
        let all = try await business.run("experiment", variants((0, 100_000_000), (100_000_000, 100_000_000)))
        #expect(all.text("comparisons/0/verdict") == "better" && all.number("comparisons/0/fisher_p_value") == 0)
    }
}
