import Foundation
import Life
import PluginKit
import TestSupport
import Testing

@Suite("Life: home and transport")
struct LifeHomeTests {
    @Test("energy and cost are exact: 2 kW for an hour a day in 30 days at 0.30 are 60 kWh and 18.00")
    func energy() async throws {
        let output = try await LifeRun.run(
            "home.energy_use",
            """
            {"days": 30, "prices": [{"from": "00:00", "price_micros_per_kwh": 300000}], "grams_co2_per_kwh": 400,
             "standing_charge_minor_per_day": 10,
             "devices": [{"id": "heater", "watts": 2000, "minutes_per_day": 60},
                         {"id": "lamp", "watts": 0.5, "minutes_per_day": 1440}]}
            """)
        #expect(output.number("lines/0/kwh") == 60 && output.number("lines/0/cost_minor") == 1800)
        // 0.36 kWh more: 10.8 cents.
        #expect(output.number("energy_cost_minor") == 1811 && output.number("cost_minor") == 2111)
        #expect(near(output.number("kg_co2"), 60.36 * 0.4))
    }

    @Test("a device that may be shifted starts when power is cheapest, over midnight too")
    func shift() async throws {
        func start(_ window: String) async throws -> JSONValue {
            try await LifeRun.run(
                "home.energy_use",
                """
                {"days": 1, "prices": [{"from": "01:00", "price_micros_per_kwh": 100000},
                   {"from": "05:00", "price_micros_per_kwh": 400000}],
                 "devices": [{"id": "car", "watts": 11000, "minutes_per_day": 120, \(window)}]}
                """)
        }
        let night = try await start("\"earliest\": \"22:00\", \"latest\": \"06:00\"")
        #expect(night.text("lines/0/start") == "01:00" && night.number("lines/0/cost_minor") == 220)
        #expect(night.number("lines/0/saved_minor") == 660)
        let day = try await start("\"earliest\": \"06:00\", \"latest\": \"20:00\"")
        #expect(day.text("lines/0/start") == "06:00" && day.number("lines/0/saved_minor") == 0)
    }

    @Test("chores keep to everybody's time, rhythm and list; what fits nobody is named with its reason")
    func chores() async throws {
        let output = try await LifeRun.run("home.chores", try LifeRun.example("chores"))
        #expect(output.list("unassigned").map { $0.text("chore") } == ["windows"] || output.list("unassigned").isEmpty)
        let rows = output.list("assignments")
        #expect(rows.allSatisfy { $0.text("date") >= $0.text("due") })
        #expect(!rows.contains { $0.text("chore") == "iron" && $0.text("person") == "Ben" })
        #expect(rows.filter { $0.text("chore") == "dishes" }.count == 14)
        let total = output.list("loads").reduce(0) { $0 + $1.number("minutes") }
        #expect(total == rows.reduce(0) { $0 + $1.number("minutes") })
        let highest = output.list("loads").map { $0.number("minutes_per_share") }.max() ?? 0
        #expect(highest >= output.number("highest_load_bound") - 1e-9)
        #expect(output.number("fairness_index") > 0.9 && output.number("fairness_index") <= 1 + 1e-12)
        let nobody = try await LifeRun.run(
            "home.chores",
            """
            {"start": "2026-11-23", "days": 1,
             "people": [{"name": "A", "minutes_by_weekday": [10, 0, 0, 0, 0, 0, 0]}],
             "chores": [{"id": "paint", "minutes": 60, "every_days": 30}]}
            """)
        #expect(nobody.text("unassigned/0/reason").contains("the most is 10"))
    }

    @Test("thirteen American cities, the example of Google OR-Tools: 7293 miles, proven")
    func cities() async throws {
        let rows = """
            0 2451 713 1018 1631 1374 2408 213 2571 875 1420 2145 1972
            2451 0 1745 1524 831 1240 959 2596 403 1589 1374 357 579
            713 1745 0 355 920 803 1737 851 1858 262 940 1453 1260
            1018 1524 355 0 700 862 1395 1123 1584 466 1056 1280 987
            1631 831 920 700 0 663 1021 1769 949 796 879 586 371
            1374 1240 803 862 663 0 1681 1551 1765 547 225 887 999
            2408 959 1737 1395 1021 1681 0 2493 678 1724 1891 1114 701
            213 2596 851 1123 1769 1551 2493 0 2699 1038 1605 2300 2099
            2571 403 1858 1584 949 1765 678 2699 0 1744 1645 653 600
            875 1589 262 466 796 547 1724 1038 1744 0 679 1272 1162
            1420 1374 940 1056 879 225 1891 1605 1645 679 0 1017 1200
            2145 357 1453 1280 586 887 1114 2300 653 1272 1017 0 504
            1972 579 1260 987 371 999 701 2099 600 1162 1200 504 0
            """
        let values = rows.split(separator: "\n").map { "[" + $0.split(separator: " ").joined(separator: ",") + "]" }
        let names = (0..<13).map { "\"\($0)\"" }.joined(separator: ",")
        let output = try await LifeRun.run(
            "transport.tour",
            """
            {"stops": [\(names)],
             "matrix": {"places": [\(names)], "values": [\(values.joined(separator: ","))]}}
            """
        )
        #expect(output.number("total") == 7293 && output.at("is_proven_best") == .bool(true))
        let way = output.list("stops").compactMap(\.stringValue)
        let published = ["0", "7", "2", "3", "4", "12", "6", "8", "1", "11", "10", "5", "9", "0"]
        #expect(way == published || way == Array(published.reversed()))
    }

    @Test("haversine: Nashville to Los Angeles is 2886.4 km (the published task, radius 6371)")
    func haversine() async throws {
        let output = try await LifeRun.run(
            "transport.tour",
            """
            {"stops": ["BNA", "LAX"], "end": "anywhere",
             "places": [{"id": "BNA", "latitude": 36.12, "longitude": -86.67},
                        {"id": "LAX", "latitude": 33.94, "longitude": -118.40}]}
            """)
        #expect(abs(output.number("total") - 2886.44) < 0.02)
    }

    @Test("the shortest path is no longer than any detour (random graphs against Floyd and Warshall)")
    func shortest() async throws {
        var random = SplitMix64(seed: lifeSeed("roads"))
        for _ in 0..<20 {
            let count = 8
            var best = [[Int]](repeating: [Int](repeating: Int.max / 4, count: count), count: count)
            var roads: [String] = []
            for node in 0..<count { best[node][node] = 0 }
            for from in 0..<count {
                for to in 0..<count where from != to && Int.random(in: 0..<3, using: &random) == 0 {
                    let metres = Int.random(in: 1...9999, using: &random)
                    best[from][to] = min(best[from][to], metres)
                    let kilometres = Double(metres) / 1000
                    roads.append(
                        "{\"from\": \"\(from)\", \"to\": \"\(to)\", \"distance_km\": \(kilometres), \"one_way\": true}")
                }
            }
            for middle in 0..<count {
                for from in 0..<count {
                    for to in 0..<count { best[from][to] = min(best[from][to], best[from][middle] + best[middle][to]) }
                }
            }
            let input = "{\"from\": \"0\", \"to\": \"7\", \"roads\": [\(roads.joined(separator: ","))]}"
            if best[0][7] < Int.max / 8 {
                let output = try await LifeRun.run("transport.route", input)
                #expect(near(output.number("way/distance_km"), Double(best[0][7]) / 1000))
            } else {
                #expect(try await LifeRun.failure("transport.route", input) != nil)
            }
        }
    }

    @Test("fastest, shortest and cheapest ways differ, and costs are exact to a micro")
    func weights() async throws {
        let output = try await LifeRun.run(
            "transport.route",
            """
            {"from": "A", "to": "C", "by": "time",
             "vehicle": {"consumption_per_100_km": 6.5, "price_micros_per_unit": 1759000, "wear_micros_per_km": 50000},
             "roads": [{"from": "A", "to": "C", "distance_km": 100, "minutes": 50, "toll_minor": 450},
                       {"from": "A", "to": "B", "distance_km": 40, "minutes": 45},
                       {"from": "B", "to": "C", "distance_km": 45.5, "minutes": 40}]}
            """)
        #expect(output.list("way/places").map(\.stringValue) == ["A", "C"])
        // 6.5 l at 1.759 and 100 km at 0.05, and 4.50 of toll.
        #expect(output.number("way/cost_micros") == 11_433_500 + 5_000_000 + 4_500_000)
        #expect(output.list("alternatives").map { $0.number("distance_km") } == [85.5, 85.5])
    }

    @Test("tours: exact equals trying all orders, one way and round; a heuristic stays over its bound")
    func tours() async throws {
        var random = SplitMix64(seed: lifeSeed("tours"))
        func matrix(_ count: Int, symmetric: Bool) -> [[Int]] {
            var cost = (0..<count).map { _ in (0..<count).map { _ in Int.random(in: 1...99, using: &random) } }
            for row in 0..<count {
                cost[row][row] = 0
                for column in 0..<row where symmetric { cost[row][column] = cost[column][row] }
            }
            return cost
        }
        func run(_ cost: [[Int]], _ end: String) async throws -> JSONValue {
            let names = cost.indices.map { "\"\($0)\"" }.joined(separator: ",")
            let rows = cost.map { "[\($0.map(String.init).joined(separator: ","))]" }.joined(separator: ",")
            return try await LifeRun.run(
                "transport.tour",
                """
                {"end": "\(end)", "stops": [\(names)], "matrix": {"places": [\(names)], "values": [\(rows)]}}
                """
            )
        }
        func shortest(_ cost: [[Int]], _ visited: [Int], _ back: Bool) -> Int {
            let last = visited[visited.count - 1]
            if visited.count == cost.count { return back ? cost[last][0] : 0 }
            return cost.indices.filter { !visited.contains($0) }.map {
                cost[last][$0] + shortest(cost, visited + [$0], back)
            }.min() ?? 0
        }
        for round in 0..<12 {
            let cost = matrix(2 + round % 6, symmetric: round % 2 == 0)
            #expect(try await run(cost, "start").number("total") == Double(shortest(cost, [0], true)))
            #expect(try await run(cost, "anywhere").number("total") == Double(shortest(cost, [0], false)))
        }
        for symmetric in [true, false] {
            let large = try await run(matrix(30, symmetric: symmetric), "start")
            #expect(large.number("lower_bound") <= large.number("total") && large.number("lower_bound") > 0)
            #expect(Set(large.list("stops").compactMap(\.stringValue)).count == 30)
        }
    }
}
