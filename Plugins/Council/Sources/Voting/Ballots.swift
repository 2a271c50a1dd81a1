/// Ranked ballots, counted by rules that may disagree.
///
/// Sources: J.-C. de Borda, *Mémoire sur les élections au scrutin*, 1781; N. de Condorcet, *Essai*, 1785; M. Schulze,
/// "A new monotonic, clone-independent single-winner election method", *Social Choice and Welfare* 36, 2011.
package struct Ballots: Equatable, Sendable {
    package let options: Int
    /// Rankings from best to worst, each with how many voted so; options that are not named share the last place.
    package let rankings: [(count: Double, order: [Int])]

    package static func == (left: Ballots, right: Ballots) -> Bool {
        left.options == right.options && left.rankings.elementsEqual(right.rankings) { $0 == $1 }
    }

    package init(options: Int, rankings: [(count: Double, order: [Int])]) {
        self.options = options
        self.rankings = rankings
    }

    package var plurality: [Double] {
        var points = [Double](repeating: 0, count: options)
        for ballot in rankings { if let first = ballot.order.first { points[first] += ballot.count } }
        return points
    }

    /// A place earns as many points as options stand below it; those that are not named share what is left.
    package var borda: [Double] {
        var points = [Double](repeating: 0, count: options)
        for ballot in rankings {
            for (place, option) in ballot.order.enumerated() {
                points[option] += ballot.count * Double(options - 1 - place)
            }
            let unnamed = Set(0..<options).subtracting(ballot.order)
            for option in unnamed { points[option] += ballot.count * Double(unnamed.count - 1) / 2 }
        }
        return points
    }

    /// How many prefer the row to the column.
    package var preferences: [[Double]] {
        var table = [[Double]](repeating: [Double](repeating: 0, count: options), count: options)
        for ballot in rankings {
            let unnamed = Set(0..<options).subtracting(ballot.order)
            for (place, option) in ballot.order.enumerated() {
                for other in ballot.order[(place + 1)...] { table[option][other] += ballot.count }
                for other in unnamed { table[option][other] += ballot.count }
            }
        }
        return table
    }

    /// The option that beats each other in a duel; nil where there is none.
    package var condorcetWinner: Int? {
        let table = preferences
        return (0..<options).first { option in
            (0..<options).allSatisfy { $0 == option || table[option][$0] > table[$0][option] }
        }
    }

    /// Duels won less duels lost.
    package var copeland: [Double] {
        let table = preferences
        return (0..<options).map { option in
            (0..<options).reduce(0) { points, other in
                let margin = table[option][other] - table[other][option]
                return points + (margin > 0 ? 1 : margin < 0 ? -1 : 0)
            }
        }
    }

    /// The strengths of the strongest paths, by winning votes; those whom no other beats by them have won.
    package var schulzeWinners: [Int] {
        let table = preferences
        var paths = table
        for row in 0..<options {
            for column in 0..<options where table[row][column] <= table[column][row] { paths[row][column] = 0 }
        }
        for middle in 0..<options {
            for row in 0..<options where row != middle {
                for column in 0..<options where column != row && column != middle {
                    paths[row][column] = max(paths[row][column], min(paths[row][middle], paths[middle][column]))
                }
            }
        }
        return (0..<options).filter { option in
            (0..<options).allSatisfy { paths[option][$0] >= paths[$0][option] }
        }
    }
}
