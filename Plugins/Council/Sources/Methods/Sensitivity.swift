/// What would have to be otherwise for another option to come first.
package enum Sensitivity {
    package struct Flip: Equatable, Sendable {
        /// The weight, or value, at which the first place changes.
        package let at: Double
        /// Who comes first beyond it.
        package let winner: Int
    }

    private static let steps = 400, refinements = 60

    /// The nearest change of one criterion's share of the weights, between 0 and 1, that changes the winner; the other
    /// weights keep their proportions.
    package static func flip(
        ofWeight column: Int, weights: [Double], winner: ([Double]) -> Int?
    ) -> Flip? {
        let total = weights.reduce(0, +), rest = total - weights[column]
        guard total > 0, let now = winner(weights) else { return nil }
        let present = weights[column] / total
        func changed(_ share: Double) -> [Double] {
            weights.indices.map { index in
                if index == column { return share }
                // Where this one had all the weight, the others share the rest alike.
                return rest > 0
                    ? weights[index] / rest * (1 - share) : (1 - share) / Double(max(1, weights.count - 1))
            }
        }
        return nearest(from: present, down: 0, up: 1, now: now) { winner(changed($0)) }
    }

    /// The nearest value of one option in one criterion, within the span, that changes the winner.
    package static func flip(
        from value: Double, in span: ClosedRange<Double>, now: Int, winner: (Double) -> Int?
    ) -> Flip? {
        nearest(from: value, down: min(span.lowerBound, value), up: max(span.upperBound, value), now: now, winner)
    }

    private static func nearest(
        from start: Double, down: Double, up: Double, now: Int, _ winner: (Double) -> Int?
    ) -> Flip? {
        let found = [down, up].compactMap { search(from: start, to: $0, now, winner) }
        return found.min { abs($0.at - start) < abs($1.at - start) }
    }

    /// Walks in even steps to the first that differs, then halves. A change narrower than a step may be missed.
    private static func search(from start: Double, to end: Double, _ now: Int, _ winner: (Double) -> Int?) -> Flip? {
        guard start != end else { return nil }
        var inside = start
        for step in 1...steps {
            let point = start + (end - start) * Double(step) / Double(steps)
            guard let other = winner(point), other != now else {
                inside = point
                continue
            }
            var outside = (point, other)
            for _ in 0..<refinements {
                let middle = (inside + outside.0) / 2
                if let winner = winner(middle), winner != now { outside = (middle, winner) } else { inside = middle }
            }
            return Flip(at: outside.0, winner: outside.1)
        }
        return nil
    }
}
