import PluginKit

/// A meal plan as a binary program: column (day, slot, dish) is 1 where that dish is served.
struct MealModel {
    struct Column {
        var day: Int
        var slot: Int
        var dish: Int
    }

    let dishes: [Dish]
    let columns: [Column]
    /// The rows of the meals, which always hold, come first.
    let binary: BinaryProgram
    /// Rows that a conflict may name.
    let candidates: [Int]

    init(_ input: MealPlanInput, _ dishes: [Dish]) throws(TaskFailure) {
        self.dishes = dishes
        var columns: [Column] = []
        var groups: [[Int]] = []
        for day in 0..<input.days {
            for (slot, name) in input.slots.enumerated() {
                let first = columns.count
                for dish in dishes.indices where dishes[dish].slots.contains(name) {
                    columns.append(Column(day: day, slot: slot, dish: dish))
                }
                guard columns.count > first else { throw .invalid("/slots/\(slot): no allowed dish fits \"\(name)\"") }
                groups.append(Array(first..<columns.count))
            }
        }
        guard columns.count <= 4000 else {
            throw .tooLarge("\(columns.count) choices of day, meal and dish; 4000 can be solved, send fewer dishes")
        }
        self.columns = columns
        var rows = groups.map { group in
            LinearProgram.Row(name: "one dish a meal", coefficients: group.map { ($0, 1) }, relation: .equal, bound: 1)
        }
        for (dish, value) in dishes.enumerated() where value.slots.filter(input.slots.contains).count > 1 {
            for day in 0..<input.days {
                let same = columns.indices.filter { columns[$0].day == day && columns[$0].dish == dish }
                rows.append(
                    .init(name: "once a day", coefficients: same.map { ($0, 1) }, relation: .atMost, bound: 1))
            }
        }
        let hard = rows.count
        rows += Self.needRows(input, dishes, columns)
        rows += Self.useRows(input, dishes, columns)
        if let budget = input.budgetMinor {
            rows.append(
                .init(
                    name: "budget at most \(budget) minor units",
                    coefficients: columns.indices.map { ($0, Double(dishes[columns[$0].dish].priceMinor)) },
                    relation: .atMost, bound: Double(budget)))
        }
        candidates = Array(hard..<rows.count)
        binary = BinaryProgram(
            program: LinearProgram(costs: columns.map { Double(dishes[$0.dish].priceMinor) }, rows: rows),
            groups: groups)
        guard binary.program.cellCount <= LinearProgram.maximumCells else {
            throw .tooLarge("\(columns.count) choices under \(rows.count) rules are too many; plan fewer days")
        }
    }

    private static func needRows(
        _ input: MealPlanInput, _ dishes: [Dish], _ columns: [Column]
    ) -> [LinearProgram.Row] {
        var rows: [LinearProgram.Row] = []
        for day in 0..<input.days {
            for need in input.needs {
                let coefficients = columns.indices.filter { columns[$0].day == day }.map {
                    ($0, dishes[columns[$0].dish].nutrients[need.nutrient] ?? 0)
                }
                func row(_ words: String, _ relation: LinearProgram.Relation, _ bound: Double) {
                    let name = "day \(day + 1): \(need.nutrient) \(words) \(Text.number(bound))"
                    rows.append(.init(name: name, coefficients: coefficients, relation: relation, bound: bound))
                }
                if let minimum = need.minimum { row("at least", .atLeast, minimum) }
                if let maximum = need.maximum { row("at most", .atMost, maximum) }
            }
        }
        return rows
    }

    private static func useRows(
        _ input: MealPlanInput, _ dishes: [Dish], _ columns: [Column]
    ) -> [LinearProgram.Row] {
        dishes.indices.compactMap { dish in
            let uses = columns.indices.filter { columns[$0].dish == dish }
            let maximum = dishes[dish].maximumUses ?? input.maximumUses ?? 3
            guard uses.count > maximum else { return nil }
            return .init(
                name: "\(dishes[dish].id) at most \(maximum) times", coefficients: uses.map { ($0, 1) },
                relation: .atMost, bound: Double(maximum))
        }
    }
}
