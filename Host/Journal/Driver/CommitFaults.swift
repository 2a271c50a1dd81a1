/// Hooks around each group commit, numbered from 1. A test ends the process in one of them, or throws from the first
/// to stand for a commit that the medium refused.
package struct CommitFaults: Sendable {
    package var before: @Sendable (Int) throws(JournalError) -> Void
    package var after: @Sendable (Int) -> Void

    package init(
        before: @escaping @Sendable (Int) throws(JournalError) -> Void = { _ in },
        after: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.before = before
        self.after = after
    }

    package static let none = CommitFaults()
}
