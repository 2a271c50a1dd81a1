/// The two-phase simplex method on a dense tableau (Dantzig 1963; Chvátal 1983, chapters 2 and 3).
///
/// Columns: the free columns of the program, then one slack or surplus a row, then one artificial a row. Rows and
/// columns are scaled by their largest coefficient. The entering column is the steepest, and by Bland's rule once the
/// objective has stood still for long, so that the method ends.
struct SimplexTableau {
    enum End { case optimal, infeasible, unbounded, undecided }

    private static let tolerance = 1e-9
    private static let patience = 60

    private let structural: Int
    private let rowCount: Int
    private let width: Int
    private let rowScale: [Double]
    private let columnScale: [Double]
    /// The sign with which a row's right side was made non-negative.
    private let rowSign: [Double]
    private let phaseTwoCosts: [Double]
    /// `rowCount` rows and the reduced costs, each `width` columns and the right side.
    private var cells: [Double]
    private var basis: [Int]
    /// A row without a free column is broken by what is fixed.
    private let isContradiction: Bool
    private var isPhaseTwo = false

    private var stride: Int { width + 1 }
    private var objectiveRow: Int { rowCount * stride }

    init(_ program: LinearProgram, free: [Int], fixed: [Int: Double]) {
        structural = free.count
        rowCount = program.rows.count
        width = structural + 2 * rowCount
        var position = [Int](repeating: -1, count: program.costs.count)
        for (index, column) in free.enumerated() { position[column] = index }
        var columns = [Double](repeating: 0, count: structural)
        var rowScale = [Double](repeating: 1, count: rowCount)
        for (index, row) in program.rows.enumerated() {
            let largest = row.coefficients.reduce(0) { position[$1.column] < 0 ? $0 : max($0, abs($1.value)) }
            rowScale[index] = largest > 0 ? 1 / largest : 1
            for (column, value) in row.coefficients where position[column] >= 0 {
                columns[position[column]] = max(columns[position[column]], abs(value) * rowScale[index])
            }
        }
        let columnScale = columns.map { $0 > 0 ? 1 / $0 : 1 }
        self.columnScale = columnScale
        self.rowScale = rowScale
        let stride = width + 1
        cells = [Double](repeating: 0, count: (rowCount + 1) * stride)
        basis = [Int](repeating: 0, count: rowCount)
        var rowSign = [Double](repeating: 1, count: rowCount)
        var slackSign = [Double](repeating: 0, count: rowCount)
        var isContradiction = false
        for (index, row) in program.rows.enumerated() {
            var bound = row.bound
            for (column, value) in row.coefficients {
                if position[column] >= 0 {
                    cells[index * stride + position[column]] += value * rowScale[index] * columnScale[position[column]]
                } else {
                    bound -= value * (fixed[column] ?? 0)
                }
            }
            if !row.coefficients.contains(where: { position[$0.column] >= 0 && $0.value != 0 }) {
                let slack = 1e-9 * (1 + abs(row.bound))
                isContradiction =
                    isContradiction || row.relation != .atLeast && bound < -slack
                    || row.relation != .atMost && bound > slack
                bound = 0
            }
            let sign: Double = bound < 0 ? -1 : 1
            rowSign[index] = sign
            slackSign[index] = sign * (row.relation == .atMost ? 1 : row.relation == .atLeast ? -1 : 0)
            if sign < 0 { for column in 0..<structural { cells[index * stride + column].negate() } }
            cells[index * stride + structural + index] = slackSign[index]
            cells[index * stride + structural + rowCount + index] = 1
            cells[index * stride + width] = abs(bound) * rowScale[index]
            basis[index] = slackSign[index] > 0 ? structural + index : structural + rowCount + index
        }
        self.rowSign = rowSign
        self.isContradiction = isContradiction
        phaseTwoCosts = free.enumerated().map { program.costs[$1] * columnScale[$0] }
    }

    mutating func run(work: inout LinearProgram.Work) -> End {
        if isContradiction { return .infeasible }
        let rightSides = (0..<rowCount).reduce(1.0) { $0 + cells[$1 * stride + width] }
        let artificial = structural + rowCount
        price { $0 >= artificial ? 1 : 0 }
        switch iterate(work: &work) {
        case .optimal: break
        case let end: return end == .unbounded ? .undecided : end
        }
        guard -cells[objectiveRow + width] <= Self.tolerance * rightSides else { return .infeasible }
        guard driveOutArtificials(work: &work) else { return .undecided }
        isPhaseTwo = true
        let costs = phaseTwoCosts
        price { $0 < costs.count ? costs[$0] : 0 }
        return iterate(work: &work)
    }

    /// Writes the reduced costs of `cost` for the present basis.
    private mutating func price(_ cost: (Int) -> Double) {
        for column in 0...width { cells[objectiveRow + column] = column < width ? cost(column) : 0 }
        for row in 0..<rowCount {
            let weight = cost(basis[row])
            guard weight != 0 else { continue }
            for column in 0...width { cells[objectiveRow + column] -= weight * cells[row * stride + column] }
        }
    }

    private mutating func iterate(work: inout LinearProgram.Work) -> End {
        var best = Double.infinity
        var still = 0
        while true {
            let value = -cells[objectiveRow + width]
            still = value < best - Self.tolerance * (1 + abs(best)) || best == .infinity ? 0 : still + 1
            best = min(best, value)
            guard let column = entering(bland: still > Self.patience) else { return .optimal }
            guard let row = leaving(column) else { return .unbounded }
            guard work.spend(cells.count) else { return .undecided }
            pivot(row, column)
        }
    }

    /// Artificials never come back.
    private func entering(bland: Bool) -> Int? {
        var chosen: Int?
        var steepest = -Self.tolerance
        for column in 0..<(structural + rowCount) where cells[objectiveRow + column] < steepest {
            chosen = column
            if bland { break }
            steepest = cells[objectiveRow + column]
        }
        return chosen
    }

    private func leaving(_ column: Int) -> Int? {
        var chosen: Int?
        var smallest = Double.infinity
        for row in 0..<rowCount {
            let coefficient = cells[row * stride + column]
            // What is left of an implied row is rounding: nothing to divide by.
            guard coefficient > Self.tolerance, !isPhaseTwo || basis[row] < structural + rowCount else { continue }
            let ratio = max(0, cells[row * stride + width]) / coefficient
            if let known = chosen, abs(ratio - smallest) <= 1e-12 * (1 + smallest) {
                guard basis[row] < basis[known] else { continue }
            } else if ratio >= smallest {
                continue
            }
            chosen = row
            smallest = min(ratio, smallest)
        }
        return chosen
    }

    private mutating func pivot(_ pivotRow: Int, _ pivotColumn: Int) {
        let stride = stride
        let rowTotal = rowCount + 1
        cells.withUnsafeMutableBufferPointer { cells in
            let base = pivotRow * stride
            let inverse = 1 / cells[base + pivotColumn]
            for column in 0..<stride { cells[base + column] *= inverse }
            cells[base + pivotColumn] = 1
            for row in 0..<rowTotal where row != pivotRow {
                let factor = cells[row * stride + pivotColumn]
                guard factor != 0 else { continue }
                for column in 0..<stride { cells[row * stride + column] -= factor * cells[base + column] }
                cells[row * stride + pivotColumn] = 0
            }
        }
        basis[pivotRow] = pivotColumn
    }

    /// An artificial that stays in the basis at zero marks a row that the others imply; it can move no more, since its
    /// row is empty.
    private mutating func driveOutArtificials(work: inout LinearProgram.Work) -> Bool {
        for row in 0..<rowCount where basis[row] >= structural + rowCount {
            var chosen: Int?
            var largest = 1e-7
            for column in 0..<(structural + rowCount) where abs(cells[row * stride + column]) > largest {
                chosen = column
                largest = abs(cells[row * stride + column])
            }
            guard let chosen else { continue }
            guard work.spend(cells.count) else { return false }
            pivot(row, chosen)
        }
        return true
    }

    func values() -> [Double] {
        var values = [Double](repeating: 0, count: structural)
        for row in 0..<rowCount where basis[row] < structural {
            values[basis[row]] = max(0, cells[row * stride + width]) * columnScale[basis[row]]
        }
        return values
    }

    /// An artificial's reduced cost is minus its row's price.
    func duals() -> [Double] {
        (0..<rowCount).map { -cells[objectiveRow + structural + rowCount + $0] * rowSign[$0] * rowScale[$0] }
    }
}
