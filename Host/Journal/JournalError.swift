package import Kernel

package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The run moved on without this writer: drop the execution.
        case fenced
        case notFound
        case duplicate(RunID?)
        case conflict(current: UInt64)
        /// Who acts may not.
        case denied
        /// A hard cap would be passed at `node`; `final` when no running hold stands in the way.
        case budget(node: BudgetNode, available: Nanodollars, final: Bool)
        /// The run's cancellation is committed: nothing that costs money begins any more.
        case cancelled
        case invalid
        case closed
        /// Another process has the store open.
        case inUse
        case storage
        /// The medium has no room. Nothing was written; later it may be.
        case full
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
