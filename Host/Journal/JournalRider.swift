import Synchronization

/// Something that goes with the next write of a task, in one savepoint with it: both or neither. What asks the engine
/// for a change, and must note something in the same commit, sets it around the call.
package final class JournalRider: Sendable {
    package typealias Body = @Sendable (any JournalTransaction) throws(JournalError) -> Void

    @TaskLocal package static var current: JournalRider?

    private enum State { case waiting, riding, written }

    private let state = Mutex(State.waiting)
    let body: Body

    package init(_ body: @escaping Body) { self.body = body }

    /// Whether a commit has it.
    package var isWritten: Bool { state.withLock { $0 == .written } }

    /// False when it rides already, or is written.
    func board() -> Bool {
        state.withLock { state in
            guard state == .waiting else { return false }
            state = .riding
            return true
        }
    }

    /// A write that failed leaves it to the next one.
    func leave(written: Bool) { state.withLock { $0 = written ? .written : .waiting } }
}
