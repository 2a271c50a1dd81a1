package import PluginKit

/// Ranked ballots, counted by several rules at once.
package struct VoteInput: Codable, Sendable, SchemaDescribing {
    package struct Ballot: Codable, Sendable {
        /// From best to worst; options that are left out share the last place.
        package var ranking: [String]
        /// How many voted so; 1.
        package var count: Int?

        package init(ranking: [String], count: Int? = nil) {
            self.ranking = ranking
            self.count = count
        }

        static let maximumCount = 1_000_000_000
    }

    package var options: [String]
    package var ballots: [Ballot]

    package init(options: [String], ballots: [Ballot]) {
        self.options = options
        self.ballots = ballots
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("options", "What can be voted for.", minItems: 1, maxItems: 50)
        schema.property("ballots", "Rankings, each with how many voted so.", minItems: 1, maxItems: 100_000)
    }
}

package struct VoteOutput: Codable, Sendable {
    package struct Rule: Codable, Sendable {
        package var rule: String
        package var source: String
        /// Several where they are tied; none where the rule finds no winner.
        package var winners: [String]
        package var points: [String: Double]?
    }

    package struct Duel: Codable, Sendable {
        package var option: String
        package var against: String
        package var votes: Double
        package var lost: Double
    }

    package var ballots: Int
    package var rules: [Rule]
    package var duels: [Duel]
    /// True where every rule that finds winners finds the same.
    package var agree: Bool
}

extension VoteInput {
    package func counted() throws(TaskFailure) -> VoteOutput {
        guard Set(options).count == options.count else { throw .invalid("/options: each must be unique") }
        let indices = Dictionary(zip(options, options.indices), uniquingKeysWith: { first, _ in first })
        var rankings: [(count: Double, order: [Int])] = [], total = 0
        for (index, ballot) in ballots.enumerated() {
            let count = ballot.count ?? 1
            guard (0...Ballot.maximumCount).contains(count) else {
                throw .invalid("/ballots/\(index)/count: \(count) is not between 0 and \(Ballot.maximumCount)")
            }
            var order: [Int] = []
            for name in ballot.ranking {
                guard let option = indices[name] else {
                    throw .invalid("/ballots/\(index)/ranking: \"\(name)\" is no option")
                }
                guard !order.contains(option) else {
                    throw .invalid("/ballots/\(index)/ranking: \"\(name)\" stands in it twice")
                }
                order.append(option)
            }
            rankings.append((Double(count), order))
            total += count
        }
        let counted = Ballots(options: options.count, rankings: rankings), table = counted.preferences
        let rules = [
            rule("plurality", "first places", counted.plurality), rule("borda", "de Borda 1781", counted.borda),
            rule("copeland", "Copeland 1951", counted.copeland),
            VoteOutput.Rule(
                rule: "condorcet", source: "de Condorcet 1785",
                winners: counted.condorcetWinner.map { [options[$0]] } ?? []),
            VoteOutput.Rule(
                rule: "schulze", source: "Schulze 2011", winners: counted.schulzeWinners.map { options[$0] }),
        ]
        let winners = Set(rules.map(\.winners).filter { !$0.isEmpty })
        return VoteOutput(
            ballots: total, rules: rules,
            duels: options.indices.flatMap { first in
                options.indices.filter { $0 > first }.map { second in
                    VoteOutput.Duel(
                        option: options[first], against: options[second], votes: table[first][second],
                        lost: table[second][first])
                }
            }, agree: winners.count == 1)
    }

    private func rule(_ name: String, _ source: String, _ points: [Double]) -> VoteOutput.Rule {
        let most = points.max()
        return VoteOutput.Rule(
            rule: name, source: source, winners: options.indices.filter { points[$0] == most }.map { options[$0] },
            points: Dictionary(zip(options, points), uniquingKeysWith: { first, _ in first }))
    }
}
