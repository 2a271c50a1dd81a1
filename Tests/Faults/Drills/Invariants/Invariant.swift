/// A rule that holds at every moment, as one check that can fail. The numbers are those of the plan that the fault
/// suites follow; `README.md` in this folder has the table.
package struct Invariant: Sendable {
    package enum Standing: Sendable {
        case checked(@Sendable (Evidence) throws -> [Violation])
        /// What it speaks of is not there yet.
        case later(String)
    }

    package let id: String
    package let statement: String
    package let standing: Standing

    init(
        _ id: String, _ statement: String, _ check: @escaping @Sendable (Evidence) throws -> [Violation]
    ) {
        self.id = id
        self.statement = statement
        standing = .checked(check)
    }

    init(_ id: String, _ statement: String, later reason: String) {
        self.id = id
        self.statement = statement
        standing = .later(reason)
    }

    package static let all: [Invariant] = [
        noLostAdmission, noCallAfterCommit, oneCallForEachMark, fencesRise,
        Invariant("I5", "no two live hosts hold a trusted lease on one run", later: "one host owns a store"),
        contiguousJournal, terminalIsFinal, replayIsEqual, deliveredAtLeastOnce, eventsInOrder, oneFireForOneTime,
        poisonIsParked, decidedOnce, noCallAfterCancel, nothingHangs,
        Invariant("I16", "same seed, same final state on both databases", later: "there is one database"),
        oneBuildForOneExecution, limitsHold, boundedResources,
    ]

    /// Everything that is wrong, in order of the rules.
    package static func violations(in evidence: Evidence) throws -> [Violation] {
        try all.flatMap { invariant -> [Violation] in
            guard case .checked(let check) = invariant.standing else { return [] }
            return try check(evidence)
        }
    }
}

package struct Violation: Hashable, CustomStringConvertible, Sendable {
    package var invariant: String
    /// Names the run, and the step by its sequence, where it is about one.
    package var message: String

    package init(_ invariant: String, _ message: String) {
        self.invariant = invariant
        self.message = message
    }

    package var description: String { "\(invariant): \(message)" }
}
