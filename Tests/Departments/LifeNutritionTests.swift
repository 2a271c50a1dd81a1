import Foundation
import Life
import PluginKit
import TestSupport
import Testing

@Suite("Life: nutrition")
struct LifeNutritionTests {
    @Test("Stigler's diet of 1939: five foods for 39.66 dollars a year (Dantzig 1963 had 39.69 by hand)")
    func stigler() async throws {
        let output = try await LifeRun.run("nutrition.diet", try LifeRun.example("diet"))
        #expect(output.number("cost_micros_per_day") == 108_662)
        #expect(abs(output.number("cost_micros_per_day") * 365 / 1e6 - 39.66) < 0.005)
        #expect(
            output.list("portions").map { $0.text("food") } == [
                "Wheat Flour (Enriched)", "Liver (Beef)", "Cabbage", "Spinach", "Navy Beans, Dried",
            ])
        #expect(near(output.number("portions/0/units"), 0.0295190617, 1e-8))
        #expect(
            output.list("nutrients").filter { $0["is_binding"] == .bool(true) }.map { $0.text("nutrient") } == [
                "calories_kcal_thousands", "calcium_g", "vitamin_a_kiu", "vitamin_b2_mg", "vitamin_c_mg",
            ])
        #expect(output.number("duality_gap_micros") < 1e-4)
    }

    @Test("an impossible diet names the least set of needs that clash, and what could be met")
    func conflict() async throws {
        let output = try await LifeRun.run(
            "nutrition.diet",
            """
            {"needs": [{"nutrient": "protein_g", "minimum": 100}, {"nutrient": "energy_kcal", "maximum": 1000},
                       {"nutrient": "fibre_g", "minimum": 5}],
             "foods": [
               {"id": "bread", "unit": "100 g", "price_micros": 300000,
                "nutrients": {"protein_g": 9, "energy_kcal": 250, "fibre_g": 4}},
               {"id": "whey", "unit": "100 g", "price_micros": 2000000, "tags": ["milk"],
                "nutrients": {"protein_g": 80, "energy_kcal": 400, "fibre_g": 0}}],
             "exclude_tags": ["milk"]}
            """)
        #expect(output.text("status") == "infeasible" && output.list("portions").isEmpty)
        #expect(
            output.list("conflict/constraints").map(\.stringValue) == [
                "protein_g at least 100", "energy_kcal at most 1000",
            ])
        #expect(output.at("conflict/is_minimal") == .bool(true))
        #expect(output.list("conflict/relaxations").first?.stringValue?.contains("36 could be met") == true)
        #expect(output.list("excluded_foods").map(\.stringValue) == ["whey"])
    }

    @Test("random diets: every need holds and the dual price equals the cost; a dearer food never makes it cheaper")
    func duality() async throws {
        var random = SplitMix64(seed: lifeSeed("diets"))
        var optimal = 0
        for _ in 0..<40 {
            let foods = Int.random(in: 2...12, using: &random), needs = Int.random(in: 1...6, using: &random)
            var document = JSONValue.object([
                "needs": .array(
                    (0..<needs).map { need in
                        let low = Double.random(in: 1...50, using: &random)
                        return .object([
                            "nutrient": .string("n\(need)"), "minimum": .double(low),
                            "maximum": .double(low * Double.random(in: 1...8, using: &random)),
                        ])
                    }),
                "foods": .array(
                    (0..<foods).map { food in
                        .object([
                            "id": .string("f\(food)"), "unit": .string("100 g"),
                            "price_micros": .integer(Int64.random(in: 1...1_000_000, using: &random)),
                            "nutrients": .object(
                                Dictionary(
                                    uniqueKeysWithValues: (0..<needs).map {
                                        ("n\($0)", JSONValue.double(Double.random(in: 0...10, using: &random)))
                                    })),
                        ])
                    }),
            ])
            let output = try await LifeRun.run("nutrition.diet", document)
            guard output.text("status") == "optimal" else {
                #expect(!output.list("conflict/constraints").isEmpty)
                continue
            }
            optimal += 1
            let cost = output.number("cost_micros_per_day")
            #expect(output.number("duality_gap_micros") <= 1e-6 * (1 + cost))
            for nutrient in output.list("nutrients") {
                #expect(nutrient.number("amount") >= nutrient.number("minimum") * (1 - 1e-6))
                #expect(nutrient.number("amount") <= nutrient.number("maximum") * (1 + 1e-6))
            }
            guard case .object(var members) = document, var list = members["foods"]?.arrayValue,
                case .object(var first) = list[0]
            else { continue }
            first["price_micros"] = .integer((first["price_micros"]?.integerValue ?? 0) * 2)
            list[0] = .object(first)
            members["foods"] = .array(list)
            document = .object(members)
            #expect(try await LifeRun.run("nutrition.diet", document).number("cost_micros_per_day") >= cost - 1)
        }
        #expect(optimal > 3)
    }

    @Test("the example menu holds every rule, and is proven cheapest or says how far off it may be")
    func example() async throws {
        let output = try await LifeRun.run("nutrition.meal_plan", try LifeRun.example("meal_plan"))
        #expect(["optimal", "feasible"].contains(output.text("status")))
        #expect(output.number("cost_bound_minor") <= output.number("cost_minor"))
        #expect(output.list("days").count == 4 && output.text("days/3/date") == "2026-11-26")
        var uses: [String: Int] = [:]
        for day in output.list("days") {
            #expect(day.number("nutrients/energy_kcal") >= 1500 && day.number("nutrients/energy_kcal") <= 1900)
            #expect(day.number("nutrients/protein_g") >= 70 && day.number("nutrients/salt_g") <= 5.5 + 1e-9)
            for meal in day.list("meals") { uses[meal.text("dish"), default: 0] += 1 }
        }
        #expect(uses.values.allSatisfy { $0 <= 2 } && uses["Salmon and potatoes"] == nil)
    }

    @Test("random small menus cost what trying every menu finds, and are infeasible exactly when none exists")
    func exhaustive() async throws {
        var random = SplitMix64(seed: lifeSeed("menus"))
        var infeasible = 0
        for _ in 0..<25 {
            let dishes = (0..<6).map { _ in
                (price: Int.random(in: 50...400, using: &random), energy: Int.random(in: 200...900, using: &random))
            }
            let low = Int.random(in: 700...1300, using: &random)
            let high = low + Int.random(in: 20...300, using: &random)
            var best: Int?
            // Two days of two meals; dishes 0–2 are lunches, 3–5 dinners; each at most once.
            for code in 0..<81 {
                let (a, b, c, d) = (code % 3, 3 + code / 3 % 3, code / 9 % 3, 3 + code / 27)
                guard a != c, b != d else { continue }
                let first = dishes[a].energy + dishes[b].energy, second = dishes[c].energy + dishes[d].energy
                guard (low...high).contains(first), (low...high).contains(second) else { continue }
                let cost = dishes[a].price + dishes[b].price + dishes[c].price + dishes[d].price
                best = min(best ?? cost, cost)
            }
            let list = dishes.enumerated().map { index, dish in
                "{\"id\": \"d\(index)\", \"slots\": [\"\(index < 3 ? "lunch" : "dinner")\"], "
                    + "\"price_minor\": \(dish.price), \"nutrients\": {\"kcal\": \(dish.energy)}}"
            }
            let output = try await LifeRun.run(
                "nutrition.meal_plan",
                """
                {"days": 2, "slots": ["lunch", "dinner"], "maximum_uses": 1,
                 "needs": [{"nutrient": "kcal", "minimum": \(low), "maximum": \(high)}],
                 "dishes": [\(list.joined(separator: ","))]}
                """)
            if let best {
                #expect(output.text("status") == "optimal" && output.number("cost_minor") == Double(best))
            } else {
                infeasible += 1
                #expect(output.text("status") == "infeasible" && !output.list("conflict/constraints").isEmpty)
            }
        }
        #expect(infeasible > 0)
    }
}
