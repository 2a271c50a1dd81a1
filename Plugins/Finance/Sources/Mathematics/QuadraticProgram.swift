import PluginKit

/// Minimises ½·xᵀGx + aᵀx under linear equalities and inequalities, G positive definite, by the dual active-set method
/// of Goldfarb and Idnani ("A numerically stable dual method for solving strictly convex quadratic programs",
/// Mathematical Programming 27, 1983). It starts at the unconstrained minimum and takes up one violated constraint
/// after another, so it needs no feasible start, and says so if there is no feasible point.
struct QuadraticProgram {
    struct Constraint {
        var normal: [Double]
        /// normal · x ≥ bound, or = bound.
        var bound: Double
        var isEquality = false
    }

    struct Solution {
        var x: [Double]
        var iterations: Int
        /// The largest violation of the Karush-Kuhn-Tucker conditions, relative to the size of the terms.
        var gap: Double
    }

    enum Failure: Error { case notConvex, infeasible, stalled }

    private let quadratic: [[Double]]
    private let linear: [Double]
    private let constraints: [Constraint]
    private let factor: Cholesky
    private var x: [Double]
    /// Indices of constraints, equalities first, with their multipliers and the sign in which they are held.
    private var active: [(index: Int, sign: Double)] = []
    private var multipliers: [Double] = []
    /// G⁻¹ times each active normal.
    private var solved: [[Double]] = []
    private var redundant: Set<Int> = []
    private var iterations = 0

    static func minimise(
        quadratic: [[Double]], linear: [Double], constraints: [Constraint]
    ) throws(Failure) -> Solution {
        var program = try QuadraticProgram(quadratic, linear, constraints)
        for index in constraints.indices where constraints[index].isEquality {
            try program.takeUp(index)
        }
        while let worst = program.mostViolated() { try program.takeUp(worst) }
        return Solution(x: program.x, iterations: program.iterations, gap: program.gap())
    }

    private init(_ quadratic: [[Double]], _ linear: [Double], _ constraints: [Constraint]) throws(Failure) {
        guard let factor = Cholesky(quadratic) else { throw .notConvex }
        self.quadratic = quadratic
        self.linear = linear
        self.constraints = constraints
        self.factor = factor
        x = factor.solve(linear).map { -$0 }
    }

    private func slack(_ constraint: Constraint) -> Double { Vector.dot(constraint.normal, x) - constraint.bound }

    private func tolerance(_ constraint: Constraint) -> Double {
        let size = zip(constraint.normal, x).reduce(abs(constraint.bound)) { $0 + abs($1.0 * $1.1) }
        return 1e-12 * max(size, 1e-3)
    }

    private func mostViolated() -> Int? {
        var worst: (index: Int, slack: Double)?
        for (index, constraint) in constraints.enumerated() where !constraint.isEquality {
            let slack = slack(constraint)
            guard slack < -tolerance(constraint), !redundant.contains(index),
                !active.contains(where: { $0.index == index })
            else { continue }
            if worst.map({ slack < $0.slack }) ?? true { worst = (index, slack) }
        }
        return worst?.index
    }

    /// Steps until the constraint holds, dropping inequalities whose multipliers would turn negative on the way.
    private mutating func takeUp(_ index: Int) throws(Failure) {
        let constraint = constraints[index]
        let sign: Double = constraint.isEquality && slack(constraint) > 0 ? -1 : 1
        let normal = constraint.normal.map { $0 * sign }
        let solvedNormal = factor.solve(normal)
        var multiplier = 0.0
        while true {
            iterations += 1
            guard iterations < 10_000 else { throw .stalled }
            let response = try response(normal)
            var direction = solvedNormal
            for (row, weight) in zip(solved, response) {
                for position in direction.indices { direction[position] -= weight * row[position] }
            }
            let curvature = Vector.dot(direction, normal), whole = Vector.dot(solvedNormal, normal)
            let block = blocking(response)
            let isDependent = curvature <= whole * 1e-11
            let full = isDependent ? Double.infinity : -sign * slack(constraint) / curvature
            let step = min(full, block?.step ?? .infinity)
            if step == .infinity {
                // A redundant constraint that is met but for rounding adds nothing; any other cannot be met.
                guard abs(slack(constraint)) <= tolerance(constraint) * 1e3 else { throw .infeasible }
                redundant.insert(index)
                return
            }
            if !isDependent {
                for position in x.indices { x[position] += step * direction[position] }
            }
            for position in multipliers.indices { multipliers[position] -= step * response[position] }
            multiplier += step
            if let block, block.step < full {
                active.remove(at: block.position)
                multipliers.remove(at: block.position)
                solved.remove(at: block.position)
                continue
            }
            active.append((index, sign))
            multipliers.append(multiplier)
            solved.append(solvedNormal)
            return
        }
    }

    /// By how much the active multipliers fall for each unit of the new one: (NᵀG⁻¹N)⁻¹·NᵀG⁻¹·n.
    private func response(_ normal: [Double]) throws(Failure) -> [Double] {
        guard !active.isEmpty else { return [] }
        let gram = active.map { entry in
            solved.map { Vector.dot(constraints[entry.index].normal, $0) * entry.sign }
        }
        guard let factor = Cholesky(gram) else { throw .stalled }
        return factor.solve(solved.map { Vector.dot($0, normal) })
    }

    private func blocking(_ response: [Double]) -> (position: Int, step: Double)? {
        var first: (position: Int, step: Double)?
        for (position, entry) in active.enumerated()
        where !constraints[entry.index].isEquality && response[position] > 1e-14 {
            let step = max(0, multipliers[position]) / response[position]
            if first.map({ step < $0.step }) ?? true { first = (position, step) }
        }
        return first
    }

    private func gap() -> Double {
        let curved = Vector.times(quadratic, x)
        var gradient = zip(curved, linear).map { $0 + $1 }
        var size = zip(curved, linear).reduce(1e-300) { max($0, abs($1.0), abs($1.1)) }
        for (entry, multiplier) in zip(active, multipliers) {
            for (position, part) in constraints[entry.index].normal.enumerated() {
                gradient[position] -= entry.sign * multiplier * part
                size = max(size, abs(multiplier * part))
            }
        }
        var gap = gradient.reduce(0) { max($0, abs($1)) } / size
        for constraint in constraints {
            let slack = slack(constraint)
            let violation = constraint.isEquality ? abs(slack) : max(0, -slack)
            let terms = zip(constraint.normal, x).reduce(abs(constraint.bound)) { $0 + abs($1.0 * $1.1) }
            gap = max(gap, violation / max(terms, 1e-3))
        }
        for (entry, multiplier) in zip(active, multipliers) where !constraints[entry.index].isEquality {
            gap = max(gap, -multiplier / size)
        }
        return gap
    }
}
