package import PluginKit

/// A net of yes/no questions that depend on one another, asked exactly.
package struct NetworkInput: Codable, Sendable, SchemaDescribing {
    package struct Node: Codable, Sendable {
        package var name: String
        /// Names of nodes that stand before it in the list.
        package var parents: [String]?
        /// The probability of yes: one number without parents; with them one for each of their answers, no before yes,
        /// the last parent changing fastest.
        package var probabilities: [Double]

        package init(name: String, parents: [String]? = nil, probabilities: [Double]) {
            self.name = name
            self.parents = parents
            self.probabilities = probabilities
        }
    }

    package var nodes: [Node]
    /// What is known.
    package var evidence: [String: Bool]?
    package var question: String

    package init(nodes: [Node], evidence: [String: Bool]? = nil, question: String) {
        self.nodes = nodes
        self.evidence = evidence
        self.question = question
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("nodes", "Causes before effects.", minItems: 1, maxItems: BayesNet.maximumNodes)
        schema.property("question", "Name of the node that is asked for.")
    }
}

package struct NetworkOutput: Codable, Sendable {
    package var probability: Double
    /// Before the evidence.
    package var prior: Double
    /// How probable the evidence was at all.
    package var evidenceProbability: Double

    enum CodingKeys: String, CodingKey {
        case probability, prior
        case evidenceProbability = "evidence_probability"
    }
}

extension NetworkInput {
    private static let maximumParents = 8

    package func answered() throws(TaskFailure) -> NetworkOutput {
        guard nodes.count <= BayesNet.maximumNodes else {
            throw .invalid("/nodes: at most \(BayesNet.maximumNodes)")
        }
        var indices: [String: Int] = [:], made: [BayesNet.Node] = []
        for (index, node) in nodes.enumerated() {
            made.append(try Self.made(node, at: index, indices))
            guard indices.updateValue(index, forKey: node.name) == nil else {
                throw .invalid("/nodes/\(index)/name: \"\(node.name)\" is used twice")
            }
        }
        guard let asked = indices[question] else { throw .invalid("/question: no node has the name \"\(question)\"") }
        var known: [Int: Bool] = [:]
        for (name, answer) in evidence ?? [:] {
            guard let index = indices[name] else { throw .invalid("/evidence/\(name): no node has this name") }
            known[index] = answer
        }
        let net = BayesNet(nodes: made)
        let (no, yes) = net.joint(asked, given: known)
        guard no + yes > 0 else { throw .invalid("/evidence: is impossible in this net") }
        return NetworkOutput(
            probability: yes / (no + yes), prior: net.probability(of: asked, given: [:]) ?? 0,
            evidenceProbability: no + yes)
    }

    private static func made(
        _ node: Node, at index: Int, _ earlier: [String: Int]
    ) throws(TaskFailure) -> BayesNet.Node {
        let place = "/nodes/\(index)"
        let names = node.parents ?? []
        guard names.count <= maximumParents, Set(names).count == names.count else {
            throw .invalid("\(place)/parents: at most \(maximumParents), each once")
        }
        var parents: [Int] = []
        for name in names {
            guard let parent = earlier[name] else {
                throw .invalid("\(place)/parents: \"\(name)\" does not stand before it")
            }
            parents.append(parent)
        }
        guard node.probabilities.count == 1 << parents.count else {
            throw .invalid(
                "\(place)/probabilities: needs \(1 << parents.count), one for each answer of its parents, has"
                    + " \(node.probabilities.count)")
        }
        for value in node.probabilities where !(0...1).contains(value) {
            throw .invalid("\(place)/probabilities: \(value) is not between 0 and 1")
        }
        return BayesNet.Node(name: node.name, parents: parents, table: node.probabilities)
    }
}
