import PluginKit

/// The cheapest menu of whole dishes that meets every day's needs.
enum MealPlan {
    static func solve(_ input: MealPlanInput) throws(TaskFailure) -> MealPlanOutput {
        let start = try check(input)
        let exclude = Set(input.excludeTags ?? []), require = Set(input.requireTags ?? [])
        let dishes = input.dishes.filter { dish in
            let tags = Set(dish.tags ?? [])
            return tags.isDisjoint(with: exclude) && tags.isSuperset(of: require) && dish.maximumUses != 0
        }
        let allowed = Set(dishes.map(\.id))
        let model = try MealModel(input, dishes)
        var output = MealPlanOutput(
            status: .undecided, costMinor: nil, costBoundMinor: nil, days: [], conflict: nil,
            excludedDishes: input.dishes.map(\.id).filter { !allowed.contains($0) },
            evidence: evidence(input, dishes.count))
        var work = LinearProgram.Work(cellsLeft: 1_500_000_000)
        switch model.binary.solve(work: &work) {
        case .found(let values, let cost, let bound):
            output.status = bound >= cost ? .optimal : .feasible
            output.costMinor = try Money.rounded(cost, "the plan's cost")
            output.costBoundMinor = try Money.rounded(max(0, bound), "the plan's cost")
            output.days = days(input, model, values, start)
            try verify(output, input)
        case .infeasible:
            output.status = .infeasible
            output.conflict = conflict(model)
        case .undecided: break
        }
        return output
    }

    private static func check(_ input: MealPlanInput) throws(TaskFailure) -> CivilDate? {
        try Check.integer(input.days, "/days", in: 1...14)
        try Check.count(input.slots.count, "/slots", in: 1...8)
        try Check.unique(input.slots, "/slots")
        try Check.count(input.dishes.count, "/dishes", in: 1...300)
        try Check.unique(input.dishes.map(\.id), "/dishes")
        try NutrientRange.check(input.needs, "/needs")
        for (index, dish) in input.dishes.enumerated() {
            let place = "/dishes/\(index)"
            try NutrientRange.checkKnown(input.needs, dish.nutrients, place)
            try Check.integer(dish.priceMinor, "\(place)/price_minor", in: 0...10_000_000)
            try Check.integer(dish.maximumUses ?? 0, "\(place)/maximum_uses", in: 0...100)
            for slot in dish.slots where !input.slots.contains(slot) {
                throw .invalid("\(place)/slots: \"\(slot)\" is not one of /slots")
            }
        }
        try Check.integer(input.maximumUses ?? 1, "/maximum_uses", in: 1...1000)
        try Check.integer(input.budgetMinor ?? 0, "/budget_minor", in: 0...1_000_000_000)
        guard let text = input.startDate else { return nil }
        return try Check.date(text, "/start_date")
    }

    private static func days(
        _ input: MealPlanInput, _ model: MealModel, _ values: [Double], _ start: CivilDate?
    ) -> [MealPlanOutput.Day] {
        var days = (0..<input.days).map { day in
            MealPlanOutput.Day(
                day: day + 1, date: start?.adding(days: day).text, meals: [],
                nutrients: Dictionary(uniqueKeysWithValues: input.needs.map { ($0.nutrient, 0.0) }), costMinor: 0)
        }
        for (column, choice) in model.columns.enumerated() where values[column] > 0.5 {
            let dish = model.dishes[choice.dish]
            days[choice.day].meals.append(
                .init(slot: input.slots[choice.slot], dish: dish.id, priceMinor: dish.priceMinor))
            days[choice.day].costMinor += dish.priceMinor
            for need in input.needs { days[choice.day].nutrients[need.nutrient]? += dish.nutrients[need.nutrient] ?? 0 }
        }
        return days
    }

    /// Checks the plan against the input, not against the program that found it.
    private static func verify(_ output: MealPlanOutput, _ input: MealPlanInput) throws(TaskFailure) {
        for day in output.days {
            for need in input.needs {
                let amount = day.nutrients[need.nutrient] ?? 0
                let slack = 1e-6 * (1 + abs(amount))
                guard amount >= (need.minimum ?? 0) - slack, amount <= (need.maximum ?? .infinity) + slack else {
                    throw .internal("the solver's plan breaks \(need.nutrient) on day \(day.day)")
                }
            }
        }
        guard output.days.allSatisfy({ $0.meals.count == input.slots.count }),
            output.days.reduce(0, { $0 + $1.costMinor }) == output.costMinor,
            output.costMinor ?? 0 <= input.budgetMinor ?? .max
        else { throw .internal("the solver's plan has a missing meal or breaks the budget") }
    }

    private static func conflict(_ model: MealModel) -> DietOutput.Conflict {
        // A share of the work for each row: one hard trial does not use up the others' share.
        let share = 1_000_000_000 / max(1, model.candidates.count)
        let found = ConflictFinder.find(model.binary.program, candidates: model.candidates) { trial in
            var work = LinearProgram.Work(cellsLeft: share)
            switch BinaryProgram(program: trial, groups: model.binary.groups).solve(firstIsEnough: true, work: &work) {
            case .infeasible: return true
            case .found: return false
            case .undecided: return nil
            }
        }
        var work = LinearProgram.Work.ordinary
        let relaxed =
            ConflictFinder.leastRelaxation(model.binary.program, candidates: model.candidates, work: &work) ?? [:]
        let rows = model.binary.program.rows
        return DietOutput.Conflict(
            constraints: found.rows.map { rows[$0].name }, isMinimal: found.isMinimal,
            relaxations: relaxed.sorted { $0.key < $1.key }.map { row, amount in
                let reachable = rows[row].relation == .atMost ? rows[row].bound + amount : rows[row].bound - amount
                return "\(rows[row].name): at best \(Text.number(reachable)) could be met"
            })
    }

    private static func evidence(_ input: MealPlanInput, _ dishes: Int) -> Evidence {
        Evidence(
            inputs: [
                "\(input.dishes.count) dishes, \(dishes) allowed",
                "\(input.days) days of \(input.slots.count) meals",
            ],
            methods: [
                "binary program by branch and bound (Land & Doig 1960) over simplex relaxations (Dantzig 1963)",
                "conflict: deletion filter and elastic program, Chinneck 2008, chapters 6 and 4",
            ],
            assumptions: [
                Evidence.noMedicalAdvice, "one portion of one dish a meal; no dish twice a day",
                "status optimal: proven cheapest; feasible: every rule holds, no plan costs less than the bound",
            ],
            uncertainty:
                "food tables differ from the food on the plate by 10 to 20 %; leave that much room in the needs")
    }
}
