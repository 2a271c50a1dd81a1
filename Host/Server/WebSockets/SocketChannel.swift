package import Kernel

/// What a socket can listen to: `events.run.completed`, `events.budget.*`, `runs.*`, `runs.ID`, `approvals`,
/// `departments`, `system.cpu`. A name that ends with `.*` stands for all below it; `events`, `runs` and `system` alone
/// mean the same.
package struct SocketChannel: Hashable, Sendable, CustomStringConvertible {
    package enum Family: String, Hashable, Sendable, CaseIterable { case events, runs, approvals, departments, system }

    package static let maximumBytes = 128

    package let family: Family
    /// As it is looked up: with `.*` where it stands for more than itself.
    package let name: String

    /// Nil for what is none.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let words = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let family = Family(rawValue: words[0]), words.dropFirst().dropLast().allSatisfy(Self.isWord) else {
            return nil
        }
        let last = words[words.count - 1]
        switch family {
        case .approvals, .departments: guard words.count == 1 else { return nil }
        case .events, .system: guard words.count == 1 || last == "*" || Self.isWord(last) else { return nil }
        case .runs:
            guard words.count == 1 || words.count == 2 && (last == "*" || RunID(last) != nil) else { return nil }
        }
        self.family = family
        let isOpen = words.count == 1 && ![.approvals, .departments].contains(family)
        name = isOpen ? text + ".*" : text
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }

    package var description: String { name }

    /// How much of the channel the caller may hear.
    package func reach(of caller: Principal) -> Reach {
        switch family {
        case .events: caller.reach(.events)
        case .runs: caller.reach(.runs)
        case .approvals: caller.reach(.approvals)
        case .departments: caller.reach(.departments)
        case .system: max(caller.reach(.metrics), caller.reach(.system)) == .none ? .none : .tenant
        }
    }

    /// The names under which an event is looked up; and those that it is told under, which have no `*`.
    ///
    /// - Parameter run: nil for what agents and departments do by themselves, which is no run's.
    package static func names(
        ofTopic topic: String, run: RunID?, root: RunID?
    ) -> (lookup: [String], told: [String]) {
        var told = ["events." + topic]
        if let run { told.append("runs.\(run)") }
        if let root, root != run { told.append("runs.\(root)") }
        if topic.hasPrefix("approval.") { told.append("approvals") }
        if departmentTopics.contains(where: topic.hasPrefix) { told.append("departments") }
        var lookup = told + (run == nil ? ["events.*"] : ["events.*", "runs.*"])
        var prefix = "events"
        for word in topic.split(separator: ".").dropLast() {
            prefix += "." + word
            lookup.append(prefix + ".*")
        }
        return (lookup, told)
    }

    private static let departmentTopics = ["department.", "plugin.", "agent."]
}
