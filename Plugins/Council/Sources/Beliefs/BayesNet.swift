/// A small net of yes/no questions, asked exactly.
///
/// Source: S. Russell and P. Norvig, *Artificial Intelligence: A Modern Approach*, inference by enumeration.
package struct BayesNet: Equatable, Sendable {
    package struct Node: Equatable, Sendable {
        package var name: String
        /// Indices of nodes that stand before it.
        package var parents: [Int]
        /// P(yes), by the parents' answers read as a binary number, the first parent the highest bit, yes is 1.
        package var table: [Double]

        package init(name: String, parents: [Int], table: [Double]) {
            self.name = name
            self.parents = parents
            self.table = table
        }
    }

    /// Work doubles with each node that is neither known nor asked.
    package static let maximumNodes = 20

    package let nodes: [Node]

    package init(nodes: [Node]) { self.nodes = nodes }

    /// P(evidence) with the question answered no, and yes.
    package func joint(_ question: Int, given evidence: [Int: Bool]) -> (no: Double, yes: Double) {
        func weight(_ answer: Bool) -> Double {
            if let known = evidence[question], known != answer { return 0 }
            var known = evidence
            known[question] = answer
            var answers = [Bool](repeating: false, count: nodes.count)
            return sum(0, &answers, known)
        }
        return (weight(false), weight(true))
    }

    /// P(question is yes | evidence); nil where the evidence is impossible.
    package func probability(of question: Int, given evidence: [Int: Bool]) -> Double? {
        let (no, yes) = joint(question, given: evidence)
        return no + yes > 0 ? yes / (no + yes) : nil
    }

    private func sum(_ index: Int, _ answers: inout [Bool], _ known: [Int: Bool]) -> Double {
        guard index < nodes.count else { return 1 }
        let node = nodes[index]
        let row = node.parents.reduce(0) { $0 << 1 | (answers[$1] ? 1 : 0) }
        let yes = node.table[row]
        var total = 0.0
        for answer in [false, true] where known[index] == nil || known[index] == answer {
            let own = answer ? yes : 1 - yes
            guard own > 0 else { continue }
            answers[index] = answer
            total += own * sum(index + 1, &answers, known)
        }
        return total
    }
}
