/// One agent of one department: `research:scout`. The department alone is its default agent.
package struct AgentAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let defaultName = "default"

    package var department: String
    package var name: String

    package init(department: String, name: String = defaultName) {
        self.department = department
        self.name = name
    }

    /// `department:name`, or a department; nil unless both are names.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy(Name.isValid) else { return nil }
        self.init(department: parts[0], name: parts.count == 2 ? parts[1] : Self.defaultName)
    }

    package var description: String { "\(department):\(name)" }

    package static func < (left: AgentAddress, right: AgentAddress) -> Bool {
        (left.department, left.name) < (right.department, right.name)
    }
}
