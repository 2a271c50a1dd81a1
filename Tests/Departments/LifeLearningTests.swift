import Foundation
import Life
import PluginKit
import TestSupport
import Testing

@Suite("Life: learning and the day")
struct LifeLearningTests {
    private func card(_ reviews: [(day: Int, grade: Int)], algorithm: String, extra: String = "") async throws
        -> JSONValue
    {
        let list = reviews.map { review in
            let day = review.day < 31 ? "01-\(review.day < 9 ? "0" : "")\(review.day + 1)" : date(review.day)
            return "{\"date\": \"2026-\(day)\", \"grade\": \(review.grade)}"
        }
        return try await LifeRun.run(
            "learning.review",
            """
            {"as_of": "2026-12-31", "algorithm": "\(algorithm)"\(extra),
             "cards": [{"id": "c", "reviews": [\(list.joined(separator: ","))]}]}
            """)
    }

    /// Day of 2026, counted from 0, as MM-DD.
    private func date(_ day: Int) -> String {
        var left = day
        for (month, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
            if left < length { return "\(month < 9 ? "0" : "")\(month + 1)-\(left < 9 ? "0" : "")\(left + 1)" }
            left -= length
        }
        return "12-31"
    }

    @Test(
        "SM-2 (Woźniak 1990): the E-factor after one answer from 2.5",
        arguments: [(5, 2.60), (4, 2.50), (3, 2.36), (2, 2.18), (1, 1.96), (0, 1.70)])
    func easiness(grade: Int, expected: Double) async throws {
        let output = try await card([(0, grade)], algorithm: "sm2")
        #expect(output.number("cards/0/easiness") == expected && output.number("cards/0/interval_days") == 1)
    }

    @Test("SM-2: intervals 1, 6, then times the E-factor, rounded up; the floor is 1.3")
    func intervals() async throws {
        let good = try await card([(0, 4), (1, 4), (7, 4), (22, 4)], algorithm: "sm2")
        #expect(good.number("cards/0/interval_days") == 38)
        #expect(good.text("cards/0/due") == "2026-03-02")
        let bad = try await card((0..<12).map { ($0, 0) }, algorithm: "sm2")
        #expect(bad.number("cards/0/easiness") == 1.3 && bad.number("cards/0/interval_days") == 1)
        let kept = try await card([(0, 1)], algorithm: "sm2", extra: ", \"keep_easiness_on_lapse\": true")
        #expect(kept.number("cards/0/easiness") == 2.5)
    }

    @Test("FSRS-6 with the published weights follows py-fsrs 6.3.2 (no learning steps, no fuzz)")
    func fsrs() async throws {
        let steps: [(gap: Int, grade: Int, stability: Double, difficulty: Double, interval: Double)] = [
            (0, 3, 2.3065, 2.118103970459016, 2), (2, 3, 10.964332335820698, 2.111214235785395, 11),
            (11, 3, 46.28021728755693, 2.1043313908464483, 46), (46, 1, 2.9325804541638116, 7.389975788014609, 3),
            (3, 2, 5.846751531951049, 8.252572670252656, 6), (0, 3, 5.846751531951049, 8.23954846687924, 6),
            (8, 4, 20.90495737434087, 7.636515970848564, 21),
        ]
        var reviews: [(day: Int, grade: Int)] = []
        var day = 0
        for step in steps {
            day += step.gap
            reviews.append((day, step.grade))
            let output = try await card(reviews, algorithm: "fsrs")
            #expect(near(output.number("cards/0/stability_days"), step.stability, 1e-12))
            #expect(near(output.number("cards/0/difficulty"), step.difficulty, 1e-12))
            #expect(output.number("cards/0/interval_days") == step.interval)
        }
        let recall = try await LifeRun.run(
            "learning.review",
            """
            {"as_of": "2026-01-31", "cards": [{"id": "c", "reviews": [{"date": "2026-01-01", "grade": 4}]}]}
            """)
        // Stability is where recall is 0.9 by definition.
        let decay = 0.1542, stability = 8.2956
        let expected = pow(1 + (pow(0.9, -1 / decay) - 1) * 30 / stability, -decay)
        #expect(near(recall.number("cards/0/retrievability"), expected, 1e-12))
    }

    @Test("a higher retention never makes an interval longer, and a better grade never a shorter one")
    func monotone() async throws {
        var random = SplitMix64(seed: lifeSeed("cards"))
        for _ in 0..<30 {
            var reviews: [(day: Int, grade: Int)] = []
            var day = 0
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                reviews.append((day, Int.random(in: 1...4, using: &random)))
                day += Int.random(in: 0...20, using: &random)
            }
            var previous = 0.0
            for retention in [0.97, 0.9, 0.8] {
                let output = try await card(reviews, algorithm: "fsrs", extra: ", \"desired_retention\": \(retention)")
                #expect(output.number("cards/0/interval_days") >= previous)
                previous = output.number("cards/0/interval_days")
            }
            let last = reviews.count - 1
            var stability = 0.0
            for grade in 1...4 {
                reviews[last].grade = grade
                let output = try await card(reviews, algorithm: "fsrs")
                #expect(output.number("cards/0/stability_days") >= stability - 1e-12)
                stability = output.number("cards/0/stability_days")
            }
        }
    }

    @Test("the example's queue begins with what is most forgotten, and takes one new card")
    func queue() async throws {
        let output = try await LifeRun.run("learning.review", try LifeRun.example("review"))
        let queue = output.list("queue").compactMap(\.stringValue)
        #expect(queue.first == "el puente" && queue.filter { ["el otoño", "la niebla"].contains($0) } == ["el otoño"])
        #expect(output.number("new_count") == 2 && output.list("forecast").count == 30)
    }

    @Test("the example day keeps appointments, ways and opening hours, and nothing overlaps")
    func day() async throws {
        let output = try await LifeRun.run("day_plan", try LifeRun.example("day_plan"))
        let entries = output.list("entries")
        for (left, right) in zip(entries, entries.dropFirst()) { #expect(left.text("end") <= right.text("start")) }
        #expect(entries.contains { $0.text("title") == "Work" && $0.text("start") == "09:00" })
        #expect(entries.contains { $0.text("title") == "Groceries" && $0.text("end") <= "20:00" })
        #expect(output.list("unplaced").isEmpty && output.number("sleep_hours") == 8)
        let busy = output.number("busy_minutes") + output.number("travel_minutes") + output.number("free_minutes")
        #expect(busy == 16 * 60)
        #expect(entries.contains { $0.text("kind") == "study" } && entries.contains { $0.text("kind") == "chore" })
    }

    @Test("an appointment that cannot be reached is refused; an errand without room is left with its reason")
    func impossible() async throws {
        let day = "\"date\": \"2026-11-23\", \"wake\": \"07:00\", \"bedtime\": \"22:00\""
        let failure = try await LifeRun.failure(
            "day_plan",
            """
            {\(day), "appointments": [{"title": "A", "start": "08:00", "end": "09:00", "place": "x"},
                                     {"title": "B", "start": "09:10", "end": "10:00"}],
             "roads": [{"from": "home", "to": "x", "distance_km": 10, "minutes": 20}]}
            """)
        #expect(failure?.message.contains("\"B\" cannot be kept") == true)
        let output = try await LifeRun.run(
            "day_plan",
            """
            {\(day), "errands": [{"title": "Long", "minutes": 90, "earliest": "10:00", "latest": "11:00"},
                                 {"title": "Other", "minutes": 30}]}
            """)
        #expect(output.text("unplaced/0/title") == "Long")
        #expect(output.text("unplaced/0/reason").contains("60 minutes are possible"))
        #expect(output.list("entries").count == 1)
    }
}
