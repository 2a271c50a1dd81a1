import Glibc

/// A linear program whose columns are 0 or 1, in groups of which exactly one is 1 (a meal has one dish).
///
/// Depth-first branch and bound (Land & Doig 1960) on the group that is nearest to a decision; a branch ends when its
/// relaxation cannot beat the best plan by a whole unit, since costs are whole numbers.
struct BinaryProgram: Sendable {
    enum Outcome: Sendable {
        /// `bound`: no plan costs less; equal to the cost when the plan is proven best.
        case found(values: [Double], cost: Double, bound: Double)
        case infeasible
        case undecided
    }

    var program: LinearProgram
    var groups: [[Int]]

    private struct Node {
        var fixed: [Int: Double]
        var bound: Double
    }

    /// - Parameter firstIsEnough: stop at the first plan, whatever it costs.
    func solve(firstIsEnough: Bool = false, work: inout LinearProgram.Work) -> Outcome {
        var groupOf: [Int: Int] = [:]
        for (index, group) in groups.enumerated() { for column in group { groupOf[column] = index } }
        var open = [Node(fixed: [:], bound: -.infinity)]
        var best: (values: [Double], cost: Double)?
        while let node = open.popLast() {
            if let best, node.bound >= best.cost - 1 + 1e-6 { continue }
            switch program.solve(fixed: node.fixed, work: &work) {
            case .infeasible: continue
            case .undecided, .unbounded:
                open.append(node)
                return stopped(best, open)
            case .optimal(let solution):
                let bound = ceil(solution.objective - 1e-6)
                if let best, bound >= best.cost { continue }
                guard let column = branching(solution.values, node.fixed) else {
                    let values = solution.values.map { $0.rounded() }
                    let cost = zip(program.costs, values).reduce(0) { $0 + $1.0 * $1.1 }
                    if best.map({ cost < $0.cost }) ?? true { best = (values, cost) }
                    if firstIsEnough { return .found(values: values, cost: cost, bound: -.infinity) }
                    continue
                }
                var without = node.fixed
                without[column] = 0
                open.append(Node(fixed: without, bound: bound))
                var with = node.fixed
                for other in groups[groupOf[column] ?? 0] { with[other] = other == column ? 1 : 0 }
                open.append(Node(fixed: with, bound: bound))
            }
        }
        guard let best else { return .infeasible }
        return .found(values: best.values, cost: best.cost, bound: best.cost)
    }

    private func stopped(_ best: (values: [Double], cost: Double)?, _ open: [Node]) -> Outcome {
        guard let best else { return .undecided }
        return .found(
            values: best.values, cost: best.cost, bound: min(best.cost, open.map(\.bound).min() ?? best.cost))
    }

    /// The largest fraction: the dish that the relaxation wants most.
    private func branching(_ values: [Double], _ fixed: [Int: Double]) -> Int? {
        var chosen: Int?
        for (column, value) in values.enumerated() where fixed[column] == nil && value > 1e-6 && value < 1 - 1e-6 {
            if chosen.map({ value > values[$0] + 1e-9 }) ?? true { chosen = column }
        }
        return chosen
    }
}
