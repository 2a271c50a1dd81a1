package import Foundation
import Glibc
import Synchronization

extension Process {
    private static let launching = Mutex(())
    private static let descriptorsAtMost: CInt = 1_000

    /// Runs, one launch at a time, and closes this process's side of the files that the child has taken.
    ///
    /// Foundation's `run` lists the open descriptors and copies 256 bytes for each entry of the folder, past the end of
    /// its 32 KiB buffer once about 1,350 are open, and crashes. It also keeps the files given to it open for good.
    /// So they are closed here, and a leak is named long before it can crash.
    package func runAlone() throws {
        let lowestFree = dup(STDIN_FILENO)
        if lowestFree >= 0 { close(lowestFree) }
        guard lowestFree < Self.descriptorsAtMost else { throw DescriptorLeak(open: Int(lowestFree)) }
        // A worker thread blocks most signals, and a child would inherit that: nothing could tell it to end.
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try Self.launching.withLock { _ in try run() }
        for case let file as FileHandle in [standardInput, standardOutput, standardError]
        where file !== FileHandle.nullDevice && file.fileDescriptor > STDERR_FILENO {
            try file.close()
        }
    }

    private struct DescriptorLeak: Error {
        let open: Int
    }
}
