/// Which rows cannot hold together: the deletion filter (Chinneck 2008, Feasibility and Infeasibility in Optimization,
/// section 6.2).
enum ConflictFinder {
    struct Conflict: Sendable {
        /// Without any one of them the rest could hold (if minimal).
        var rows: [Int]
        var isMinimal: Bool
    }

    /// - Parameters:
    ///   - candidates: rows that may be dropped; the others always hold.
    ///   - isInfeasible: whether a program with these rows has no answer; nil: not known in the time.
    static func find(
        _ program: LinearProgram, candidates: [Int], isInfeasible: (LinearProgram) -> Bool?
    ) -> Conflict {
        var kept = Set(program.rows.indices)
        var minimal = true
        for candidate in candidates {
            var trial = program
            trial.rows = program.rows.indices.filter { kept.contains($0) && $0 != candidate }.map { program.rows[$0] }
            switch isInfeasible(trial) {
            case true: kept.remove(candidate)
            case false: break
            case nil: minimal = false
            }
        }
        return Conflict(rows: candidates.filter(kept.contains), isMinimal: minimal)
    }

    /// The least change of bounds, each measured against its own size, after which all rows can hold.
    static func leastRelaxation(
        _ program: LinearProgram, candidates: [Int], work: inout LinearProgram.Work
    ) -> [Int: Double]? {
        var elastic = program
        elastic.costs = [Double](repeating: 0, count: program.costs.count)
        var column: [Int: Int] = [:]
        for row in candidates {
            column[row] = elastic.costs.count
            let sign: Double = program.rows[row].relation == .atMost ? -1 : 1
            elastic.rows[row].coefficients.append((elastic.costs.count, sign))
            elastic.costs.append(1 / max(1e-9, abs(program.rows[row].bound)))
        }
        guard case .optimal(let solution) = elastic.solve(work: &work) else { return nil }
        let amounts = column.mapValues { solution.values[$0] }
        return amounts.filter { $0.value > 1e-9 * (1 + abs(program.rows[$0.key].bound)) }
    }
}
