import Foundation
import Life
import PluginKit
import PluginTesting
import TestSupport
import Testing

@Suite("Life: health")
struct LifeHealthTests {
    @Test("Mifflin–St Jeor 1990: a man of 30 years, 70 kg and 175 cm rests on 1648.75 kcal")
    func mifflin() async throws {
        let output = try await LifeRun.run("health.energy_need", try LifeRun.example("energy_need"))
        #expect(output.number("resting_kcal") == 1648.75)
        #expect(near(output.number("total_kcal"), 1648.75 * 1.55))
        #expect(output.text("equation") == "mifflin_st_jeor")
    }

    @Test("FAO/WHO/UNU 2004, section 5.4.1: a woman of 55 kg and 20 to 30 years, activity 1.85: 1302 and 2410 kcal")
    func schofield() async throws {
        let output = try await LifeRun.run(
            "health.energy_need",
            """
            {"sex": "female", "age_years": 25, "weight_kg": 55, "height_cm": 163, "activity_factor": 1.85,
             "equation": "schofield"}
            """)
        #expect(abs(output.number("resting_kcal") - 1302) < 1)
        #expect(abs(output.number("total_kcal") - 2410) < 5)
    }

    @Test("lean mass counts only where it is known, and no target lies under the resting need")
    func equations() async throws {
        let body = "\"sex\": \"female\", \"age_years\": 40, \"weight_kg\": 60, \"height_cm\": 165"
        let plain = try await LifeRun.run("health.energy_need", "{\(body), \"weight_change_kg_per_week\": -1}")
        #expect(plain.list("estimates").count == 4)
        #expect(plain.at("target_kcal") == nil)
        #expect(plain.list("warnings").contains { $0.stringValue?.contains("resting need") == true })
        let lean = try await LifeRun.run("health.energy_need", "{\(body), \"body_fat_percent\": 25}")
        let cunningham = try #require(lean.list("estimates").first { $0.text("equation") == "cunningham" })
        #expect(near(cunningham.number("resting_kcal"), 500 + 22 * 45))
    }

    @Test("Banister: 30 minutes at 130 between 40 and 200 beats are a TRIMP of 31.8 (men)")
    func banister() async throws {
        let output = try await LifeRun.run(
            "health.training_load",
            """
            {"method": "banister_trimp", "as_of": "2026-03-01", "sex": "male", "resting_heart_rate": 40,
             "maximum_heart_rate": 200,
             "sessions": [{"date": "2026-03-01", "duration_minutes": 30, "average_heart_rate": 130}]}
            """)
        #expect(near(output.number("week_load"), 30 * 0.5625 * 0.64 * exp(1.08)))
        #expect(abs(output.number("week_load") - 31.8) < 0.01)
        #expect(output.at("acwr_rolling") == nil)
    }

    @Test("a steady load has a ratio of 1; a doubled week has 8/5 coupled and 2 uncoupled")
    func ratio() async throws {
        func sessions(_ load: (Int) -> Int) -> String {
            (0..<28).map { day in
                "{\"date\": \"2026-02-\(day < 9 ? "0" : "")\(day + 1)\", \"duration_minutes\": \(load(day)), "
                    + "\"perceived_exertion\": 5}"
            }.joined(separator: ",")
        }
        let head = "{\"method\": \"session_rpe\", \"as_of\": \"2026-02-28\", \"sessions\": ["
        let steady = try await LifeRun.run("health.training_load", head + sessions { _ in 60 } + "]}")
        for name in ["acwr_rolling", "acwr_uncoupled", "acwr_weighted"] { #expect(near(steady.number(name), 1)) }
        #expect(steady.at("monotony") == nil)
        let doubled = try await LifeRun.run(
            "health.training_load", head + sessions { $0 >= 21 ? 120 : 60 } + "]}")
        #expect(near(doubled.number("acwr_rolling"), 1.6) && near(doubled.number("acwr_uncoupled"), 2))
        let mixed = try await LifeRun.run("health.training_load", head + sessions { $0 % 7 == 6 ? 0 : 70 } + "]}")
        // Mean 300, sample standard deviation 132.28…: monotony 2.268, strain 2100 × 2.268.
        #expect(near(mixed.number("monotony"), 300 / 17_500.0.squareRoot()))
        #expect(near(mixed.number("strain"), 2100 * 300 / 17_500.0.squareRoot()))
    }

    @Test("the regularity index is 100 for equal nights, −100 for turned days, and 91.7 for one hour's change")
    func regularity() async throws {
        func index(_ nights: [(String, String)]) async throws -> JSONValue {
            let episodes = nights.map { "{\"start\": \"2026-05-\($0.0)\", \"end\": \"2026-05-\($0.1)\"}" }
            return try await LifeRun.run("health.sleep", "{\"episodes\": [\(episodes.joined(separator: ","))]}")
        }
        let equal = try await index([("01T23:00", "02T07:00"), ("02T23:00", "03T07:00"), ("03T23:00", "04T07:00")])
        #expect(equal.number("sleep_regularity_index") == 100 && equal.number("midsleep_spread_minutes") < 1e-3)
        #expect(equal.text("midsleep_clock") == "03:00" && equal.number("debt_minutes") == 0)
        let turned = try await index([("01T12:00", "02T00:00"), ("03T00:00", "03T12:00")])
        #expect(turned.number("sleep_regularity_index") == -100)
        let hour = try await index([("01T23:00", "02T06:00"), ("02T23:00", "03T07:00")])
        #expect(near(hour.number("sleep_regularity_index"), -100 + 200 * 23.0 / 24))
        #expect(hour.number("shortfall_minutes") == 60)
    }

    @Test("a night without data is missing, not sleepless, unless it is said; midnight is in the middle of a circle")
    func missing() async throws {
        let two = """
            "episodes": [{"start": "2026-05-01T23:40", "end": "2026-05-02T00:00"},
                         {"start": "2026-05-03T00:00", "end": "2026-05-03T00:20"}]
            """
        let first = try await LifeRun.run("health.sleep", "{\(two), \"need_hours\": 4}")
        #expect(first.list("days").count == 2 && first.list("missing_days").isEmpty)
        #expect(first.text("midsleep_clock") == "00:00")
        let gap = """
            "episodes": [{"start": "2026-05-01T23:00", "end": "2026-05-02T07:00"},
                         {"start": "2026-05-03T23:00", "end": "2026-05-04T07:00"}]
            """
        let missing = try await LifeRun.run("health.sleep", "{\(gap)}")
        #expect(missing.list("missing_days").map(\.stringValue) == ["2026-05-02"])
        #expect(missing.at("sleep_regularity_index") == nil)
        let said = try await LifeRun.run("health.sleep", "{\(gap), \"sleepless_nights\": [\"2026-05-02\"]}")
        #expect(said.number("debt_minutes") == 480 && near(said.number("sleep_regularity_index"), 100.0 / 3))
    }

    @Test("the daily task answers an empty request, remembers when asked, and forgets")
    func wellness() async throws {
        let harness = try TaskHarness(Life.self)
        let empty: JSONValue = try await harness.run("health.wellness_daily", input: try LifeRun.parse("{}"))
        #expect(empty.list("sections").allSatisfy { $0.text("status") == "no_data" })
        let full: JSONValue = try await harness.run(
            "health.wellness_daily",
            input: try LifeRun.parse(
                """
                {"date": "2026-11-22", "remember": true,
                 "who5": {"cheerful": 2, "calm": 3, "active": 2, "rested": 1, "interested": 3},
                 "hooper": {"sleep": 3, "stress": 6, "fatigue": 4, "soreness": 2},
                 "activity": {"moderate_minutes": 100, "vigorous_minutes": 25}}
                """))
        #expect(full.number("who5_score") == 44 && full.number("hooper_index") == 15)
        #expect(full.number("activity_minutes") == 150)
        #expect(full.list("attention").map(\.stringValue) == ["mood", "strain"])
        let again: JSONValue = try await harness.run("health.wellness_daily", input: try LifeRun.parse("{}"))
        #expect(again.list("remembered").count == 3 && again.number("who5_score") == 44)
        let report = try #require(harness.artifacts["wellness.md"])
        #expect(String(decoding: report, as: UTF8.self).contains("not medical advice"))
        let forgotten: JSONValue = try await harness.run(
            "health.wellness_daily", input: try LifeRun.parse("{\"forget\": true}"))
        #expect(forgotten.list("remembered").isEmpty)
    }
}
