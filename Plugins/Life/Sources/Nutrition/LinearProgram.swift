/// Minimise `costs · x` over x ≥ 0 under named rows.
struct LinearProgram: Sendable {
    enum Relation: Sendable { case atMost, atLeast, equal }

    struct Row: Sendable {
        var name: String
        var coefficients: [(column: Int, value: Double)]
        var relation: Relation
        var bound: Double
    }

    struct Solution: Sendable {
        var values: [Double]
        var objective: Double
        /// One a row: how the objective changes with the row's bound.
        var duals: [Double]
    }

    enum Outcome: Sendable {
        case optimal(Solution)
        case infeasible
        case unbounded
        /// The work limit was reached first.
        case undecided
    }

    /// Arithmetic that one question may cost, counted in cells of the tableau. A count, not a time: every machine gives
    /// the same answer.
    struct Work: Sendable {
        var cellsLeft: Int

        static let ordinary = Work(cellsLeft: 3_000_000_000)

        mutating func spend(_ cells: Int) -> Bool {
            cellsLeft -= cells
            return cellsLeft > 0
        }
    }

    /// 64 MB of tableau.
    static let maximumCells = 8_000_000

    var costs: [Double]
    var rows: [Row]

    var cellCount: Int { (rows.count + 1) * (costs.count + 2 * rows.count + 1) }

    /// - Parameter fixed: columns with a value that is decided already.
    func solve(fixed: [Int: Double] = [:], work: inout Work) -> Outcome {
        let free = costs.indices.filter { fixed[$0] == nil }
        var tableau = SimplexTableau(self, free: free, fixed: fixed)
        switch tableau.run(work: &work) {
        case .infeasible: return .infeasible
        case .unbounded: return .unbounded
        case .undecided: return .undecided
        case .optimal: break
        }
        var values = [Double](repeating: 0, count: costs.count)
        for (column, value) in fixed { values[column] = value }
        for (position, value) in tableau.values().enumerated() { values[free[position]] = value }
        let objective = zip(costs, values).reduce(0) { $0 + $1.0 * $1.1 }
        return .optimal(Solution(values: values, objective: objective, duals: tableau.duals()))
    }

    /// What is left to a row at these values: negative where it is broken.
    func slack(of row: Row, at values: [Double]) -> Double {
        let sum = row.coefficients.reduce(0) { $0 + $1.value * values[$1.column] }
        switch row.relation {
        case .atMost: return row.bound - sum
        case .atLeast: return sum - row.bound
        case .equal: return -abs(sum - row.bound)
        }
    }
}
