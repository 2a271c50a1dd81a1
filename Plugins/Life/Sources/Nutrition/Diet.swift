import PluginKit

/// The diet problem (Stigler 1945): the cheapest amounts of foods that meet a day's needs.
enum Diet {
    static func solve(_ input: DietInput) throws(TaskFailure) -> DietOutput {
        try check(input)
        let exclude = Set(input.excludeTags ?? []), require = Set(input.requireTags ?? [])
        let allowed = input.foods.indices.filter { index in
            let tags = Set(input.foods[index].tags ?? [])
            return tags.isDisjoint(with: exclude) && tags.isSuperset(of: require)
        }
        let foods = allowed.map { input.foods[$0] }
        let program = program(input, foods)
        guard program.cellCount <= LinearProgram.maximumCells else {
            throw .tooLarge("\(foods.count) foods under \(program.rows.count) rules are too many; leave some out")
        }
        var work = LinearProgram.Work.ordinary
        var output = DietOutput(
            status: .infeasible, costMicrosPerDay: nil, portions: [], nutrients: [], conflict: nil,
            excludedFoods: input.foods.indices.filter { !allowed.contains($0) }.map { input.foods[$0].id },
            dualityGapMicros: nil, evidence: evidence(input, foods))
        switch program.solve(work: &work) {
        case .infeasible:
            output.conflict = conflict(program, work: &work)
        case .optimal(let solution):
            try fill(&output, input, foods, program, solution)
        case .unbounded, .undecided:
            throw .tooLarge("the solver reached its work limit; leave out foods or needs")
        }
        return output
    }

    private static func check(_ input: DietInput) throws(TaskFailure) {
        try Check.count(input.foods.count, "/foods", in: 1...1000)
        try Check.unique(input.foods.map(\.id), "/foods")
        try NutrientRange.check(input.needs, "/needs")
        for (index, food) in input.foods.enumerated() {
            let place = "/foods/\(index)"
            try NutrientRange.checkKnown(input.needs, food.nutrients, place)
            try Check.integer(food.priceMicros, "\(place)/price_micros", in: 0...1_000_000_000_000)
            let minimum = try Check.number(food.minimumUnits ?? 0, "\(place)/minimum_units", in: 0...1e6)
            if let maximum = food.maximumUnits {
                try Check.number(maximum, "\(place)/maximum_units", in: 0...1e6)
                guard minimum <= maximum else { throw .invalid("\(place): minimum_units is over maximum_units") }
            }
        }
        if let cost = input.maximumCostMicros {
            try Check.integer(cost, "/maximum_cost_micros", in: 0...1_000_000_000_000_000)
        }
    }

    private static func program(_ input: DietInput, _ foods: [Food]) -> LinearProgram {
        var program = LinearProgram(costs: foods.map { Double($0.priceMicros) }, rows: [])
        for need in input.needs {
            let coefficients = foods.indices.map { ($0, foods[$0].nutrients[need.nutrient] ?? 0) }
            if let minimum = need.minimum {
                let name = "\(need.nutrient) at least \(Text.number(minimum))"
                program.rows.append(.init(name: name, coefficients: coefficients, relation: .atLeast, bound: minimum))
            }
            if let maximum = need.maximum {
                let name = "\(need.nutrient) at most \(Text.number(maximum))"
                program.rows.append(.init(name: name, coefficients: coefficients, relation: .atMost, bound: maximum))
            }
        }
        for (index, food) in foods.enumerated() {
            if let maximum = food.maximumUnits {
                let name = "\(food.id) at most \(Text.number(maximum)) × \(food.unit)"
                program.rows.append(.init(name: name, coefficients: [(index, 1)], relation: .atMost, bound: maximum))
            }
            if let minimum = food.minimumUnits, minimum > 0 {
                let name = "\(food.id) at least \(Text.number(minimum)) × \(food.unit)"
                program.rows.append(.init(name: name, coefficients: [(index, 1)], relation: .atLeast, bound: minimum))
            }
        }
        if let cost = input.maximumCostMicros {
            let coefficients = foods.indices.map { ($0, Double(foods[$0].priceMicros)) }
            let name = "cost at most \(cost) micros"
            program.rows.append(.init(name: name, coefficients: coefficients, relation: .atMost, bound: Double(cost)))
        }
        return program
    }

    static func conflict(_ program: LinearProgram, work: inout LinearProgram.Work) -> DietOutput.Conflict {
        let candidates = Array(program.rows.indices)
        var left = work
        let found = ConflictFinder.find(program, candidates: candidates) { trial in
            switch trial.solve(work: &left) {
            case .infeasible: true
            case .optimal, .unbounded: false
            case .undecided: nil
            }
        }
        let relaxed = ConflictFinder.leastRelaxation(program, candidates: candidates, work: &left) ?? [:]
        work = left
        return DietOutput.Conflict(
            constraints: found.rows.map { program.rows[$0].name }, isMinimal: found.isMinimal,
            relaxations: relaxed.sorted { $0.key < $1.key }.map { row, amount in
                let bound = program.rows[row].bound
                let reachable = program.rows[row].relation == .atMost ? bound + amount : bound - amount
                return "\(program.rows[row].name): \(Text.number(reachable)) could be met"
            })
    }

    private static func fill(
        _ output: inout DietOutput, _ input: DietInput, _ foods: [Food], _ program: LinearProgram,
        _ solution: LinearProgram.Solution
    ) throws(TaskFailure) {
        for row in program.rows where program.slack(of: row, at: solution.values) < -1e-6 * (1 + abs(row.bound)) {
            throw .internal("the solver's answer breaks \"\(row.name)\"; scale the figures to similar sizes")
        }
        output.status = .optimal
        output.costMicrosPerDay = try Money.rounded(solution.objective, "the daily cost")
        let dual = zip(program.rows, solution.duals).reduce(0) { $0 + $1.0.bound * $1.1 }
        output.dualityGapMicros = abs(solution.objective - dual)
        for (food, units) in zip(foods, solution.values) where units > 1e-9 {
            output.portions.append(
                .init(
                    food: food.id, unit: food.unit, units: units,
                    costMicros: try Money.rounded(units * Double(food.priceMicros), "a portion's cost")))
        }
        var row = 0
        for need in input.needs {
            var price = 0.0
            for _ in 0..<((need.minimum == nil ? 0 : 1) + (need.maximum == nil ? 0 : 1)) {
                price += solution.duals[row]
                row += 1
            }
            let amount = zip(foods, solution.values).reduce(0) { $0 + ($1.0.nutrients[need.nutrient] ?? 0) * $1.1 }
            let isBinding = [need.minimum, need.maximum].contains { bound in
                bound.map { abs(amount - $0) <= 1e-7 * (1 + abs($0)) } ?? false
            }
            output.nutrients.append(
                .init(
                    nutrient: need.nutrient, amount: amount, minimum: need.minimum, maximum: need.maximum,
                    isBinding: isBinding, shadowPriceMicros: price))
        }
    }

    private static func evidence(_ input: DietInput, _ foods: [Food]) -> Evidence {
        Evidence(
            inputs: ["\(input.foods.count) foods, \(foods.count) allowed", "\(input.needs.count) needs"],
            methods: [
                "linear programming, two-phase simplex: Dantzig 1963, Linear Programming and Extensions; the problem: "
                    + "Stigler 1945, J Farm Econ 27:303",
                "conflict: deletion filter and elastic program, Chinneck 2008, chapters 6 and 4",
            ],
            assumptions: [
                Evidence.noMedicalAdvice, "amounts can be any fraction of a unit",
                "nutrients add up: what is lost in cooking or not absorbed is not counted",
            ],
            uncertainty:
                "food tables differ from the food on the plate by 10 to 20 %; the optimum is exact for the table")
    }
}
