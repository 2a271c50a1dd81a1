import Foundation
import Life
import PluginKit
import PluginTesting
import Testing

@Suite("Life: hostile input is refused with its place, or answered rightly")
struct LifeHostileTests {
    @Test(
        "what makes no sense is invalid, and the message names the place",
        arguments: [
            ("health.energy_need", #"{"sex":"male","age_years":30,"weight_kg":154000,"height_cm":175}"#, "/weight_kg"),
            ("health.energy_need", #"{"sex":"male","age_years":30,"weight_kg":70,"height_cm":1.75}"#, "/height_cm"),
            ("health.energy_need", #"{"sex":"male","age_years":1e300,"weight_kg":70,"height_cm":175}"#, "/age_years"),
            (
                "health.energy_need",
                #"{"sex":"male","age_years":30,"weight_kg":70,"height_cm":175,"equation":"cunningham"}"#, "/equation"
            ),
            ("health.sleep", #"{"episodes":[]}"#, "/episodes"),
            (
                "health.sleep", #"{"episodes":[{"start":"2026-05-02T07:00","end":"2026-05-01T23:00"}]}"#,
                "/episodes/0"
            ),
            (
                "health.sleep",
                #"""
                {"episodes":[{"start":"2026-05-01T23:00","end":"2026-05-02T07:00"},
                {"start":"2026-05-02T06:59","end":"2026-05-02T08:00"}]}
                """#, "overlap"
            ),
            (
                "health.sleep",
                #"""
                {"episodes":[{"start":"0001-01-01T23:00","end":"0001-01-02T07:00"},
                {"start":"9999-05-02T06:59","end":"9999-05-02T08:00"}]}
                """#, "732 days"
            ),
            ("health.sleep", #"{"episodes":[{"start":"2026-02-29T23:00","end":"2026-03-01T07:00"}]}"#, "/start"),
            (
                "health.training_load",
                #"""
                {"method":"session_rpe","as_of":"2026-05-01","sessions":[
                {"date":"2026-05-02","duration_minutes":60,"perceived_exertion":5}]}
                """#, "/sessions/0/date"
            ),
            (
                "health.training_load",
                #"""
                {"method":"session_rpe","as_of":"9999-05-01","sessions":[
                {"date":"0002-05-02","duration_minutes":60,"perceived_exertion":5}]}
                """#, "3660 days"
            ),
            (
                "health.training_load",
                #"""
                {"method":"banister_trimp","as_of":"2026-05-01","sex":"male","resting_heart_rate":60,
                "maximum_heart_rate":190,"sessions":[{"date":"2026-05-01","duration_minutes":60,
                "average_heart_rate":200}]}
                """#, "/average_heart_rate"
            ),
            (
                "nutrition.diet",
                #"""
                {"needs":[{"nutrient":"x","minimum":1}],
                "foods":[{"id":"a","unit":"g","price_micros":1,"nutrients":{}}]}
                """#,
                "unknown is not zero"
            ),
            (
                "nutrition.diet",
                #"""
                {"needs":[{"nutrient":"x","minimum":5,"maximum":4}],
                "foods":[{"id":"a","unit":"g","price_micros":1,"nutrients":{"x":1}}]}
                """#, "/needs/0"
            ),
            (
                "nutrition.meal_plan",
                #"""
                {"days":1,"slots":["lunch"],"needs":[],"exclude_tags":["nuts"],
                "dishes":[{"id":"a","slots":["lunch"],"price_minor":1,"nutrients":{},"tags":["nuts"]}]}
                """#, "no allowed dish"
            ),
            (
                "home.energy_use",
                #"""
                {"days":1,"prices":[{"from":"25:00","price_micros_per_kwh":1}],
                "devices":[{"id":"a","watts":1,"minutes_per_day":1}]}
                """#, "/prices/0/from"
            ),
            (
                "home.energy_use",
                #"""
                {"days":1,"prices":[{"from":"00:00","price_micros_per_kwh":1}],
                "devices":[{"id":"a","watts":1,"minutes_per_day":1},{"id":"a","watts":1,"minutes_per_day":1}]}
                """#, "/devices/1"
            ),
            (
                "home.chores",
                #"""
                {"start":"2026-01-01","days":1,"people":[{"name":"A","minutes_by_weekday":[1,2]}],
                "chores":[{"id":"a","minutes":1,"every_days":1}]}
                """#, "minutes_by_weekday"
            ),
            (
                "transport.route", #"{"from":"A","to":"C","roads":[{"from":"A","to":"B","distance_km":1}]}"#, "/to"
            ),
            (
                "transport.route", #"{"from":"A","to":"B","roads":[{"from":"A","to":"B","distance_km":-1}]}"#,
                "/roads/0/distance_km"
            ),
            ("transport.tour", #"{"stops":["A","B"]}"#, "exactly one"),
            (
                "transport.tour",
                #"{"stops":["A","B"],"matrix":{"places":["A","B"],"values":[[0,-1],[1,0]]}}"#, "no tour"
            ),
            (
                "learning.review",
                #"""
                {"as_of":"2026-01-02","algorithm":"fsrs",
                "cards":[{"id":"a","reviews":[{"date":"2026-01-01","grade":5}]}]}
                """#,
                "/grade"
            ),
            (
                "learning.review",
                #"{"as_of":"2026-01-02","cards":[{"id":"a","reviews":[]}],"weights":[1,2,3]}"#, "/weights"
            ),
            ("day_plan", #"{"date":"2026-01-01","wake":"08:00","bedtime":"07:00"}"#, "/bedtime"),
        ])
    func refused(task: String, json: String, place: String) async throws {
        let failure = try #require(try await LifeRun.failure(task, json))
        #expect(failure.status == .invalid || failure.status == .notFound)
        #expect(failure.message.contains(place), "\(failure.message)")
    }

    @Test("the largest figures that the schemas allow do not overflow")
    func largest() async throws {
        let power = try await LifeRun.run(
            "home.energy_use",
            """
            {"days": 3660, "prices": [{"from": "00:00", "price_micros_per_kwh": 1000000000}],
             "devices": [{"id": "a", "watts": 1000000, "minutes_per_day": 1440, "standby_watts": 100000}]}
            """)
        #expect(power.number("energy_cost_minor") == 1000 * 24 * 3660 * 100_000)
        let route = try await LifeRun.run(
            "transport.route",
            """
            {"from": "A", "to": "B", "by": "cost", "vehicle": {"consumption_per_100_km": 1000,
             "price_micros_per_unit": 10000000, "wear_micros_per_km": 50000000},
             "roads": [{"from": "A", "to": "B", "distance_km": 50000, "toll_minor": 10000000}]}
            """)
        #expect(route.number("way/cost_micros") == 50_000 * 150_000_000 + 1e11)
        let years = (0..<2000).map { _ in #"{"date":"2026-01-01","grade":5}"# }.joined(separator: ",")
        let card = try await LifeRun.run(
            "learning.review",
            #"{"as_of":"9999-12-31","algorithm":"sm2","cards":[{"id":"a","reviews":["# + years + "]}]}")
        #expect(card.number("cards/0/interval_days") == 36_500)
    }

    @Test("one row is enough where one row means something")
    func single() async throws {
        let load = try await LifeRun.run(
            "health.training_load",
            #"""
            {"method":"edwards_trimp","as_of":"2026-05-01","sessions":[{"date":"2026-05-01","duration_minutes":50,
            "zone_minutes":[10,10,10,10,10]}]}
            """#)
        #expect(load.number("week_load") == 150 && load.at("monotony") == nil)
        let tour = try await LifeRun.run(
            "transport.tour", #"{"stops":["A","B"],"matrix":{"places":["A","B"],"values":[[0,2],[3,0]]}}"#)
        #expect(tour.number("total") == 5)
    }

    @Test("large inputs end: 10,000 roads, 5,000 cards, 200 stops")
    func large() async throws {
        let roads = (0..<10_000).map { #"{"from":"\#($0)","to":"\#($0 + 1)","distance_km":1}"# }
        let route = try await LifeRun.run(
            "transport.route", #"{"from":"0","to":"10000","roads":["# + roads.joined(separator: ",") + "]}")
        #expect(route.number("way/distance_km") == 10_000)
        let cards = (0..<5_000).map { #"{"id":"\#($0)","reviews":[{"date":"2026-01-01","grade":3}]}"# }
        let review = try await LifeRun.run(
            "learning.review", #"{"as_of":"2026-02-01","cards":["# + cards.joined(separator: ",") + "]}")
        #expect(review.number("due_count") == 5_000 && review.list("queue").count == 200)
        let names = (0..<200).map { #""\#($0)""# }.joined(separator: ",")
        let places = (0..<200).map {
            #"{"id":"\#($0)","latitude":\#(Double($0 * 37 % 101)/10),"longitude":\#(Double($0 * 53 % 97)/10)}"#
        }
        let tour = try await LifeRun.run(
            "transport.tour", #"{"stops":["# + names + #"],"places":["# + places.joined(separator: ",") + "]}")
        #expect(tour.number("lower_bound") > 0.9 * tour.number("total"))
    }
}
