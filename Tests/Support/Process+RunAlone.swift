package import Foundation
import Synchronization

extension Process {
    private static let launching = Mutex(())

    /// Runs, one launch at a time: Foundation's `run` has been seen to crash when several threads are in it.
    package func runAlone() throws {
        try Self.launching.withLock { _ in try run() }
    }
}
