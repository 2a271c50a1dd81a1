import Dispatch
import Egress
import Kernel
import Synchronization

/// Brings the spools of ended exchanges to the disk. The host's commit mostly comes first and makes that needless, so
/// it is given a moment; the answer itself never waits for it.
final class SpoolSyncer: Sendable {
    private static let graceMilliseconds = 25

    private let folder: SpoolFolder
    private let queue = DispatchQueue(label: "bureau.egress.sync")
    private let pending = Mutex<[String: SpoolFile]>([:])

    init(folder: SpoolFolder) { self.folder = folder }

    func add(_ file: SpoolFile, _ attempt: String) {
        pending.withLock { $0[attempt] = file }
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.graceMilliseconds)) { [self] in sync([attempt]) }
    }

    func forget(_ attempt: String) { pending.withLock { $0[attempt] = nil } }

    /// Everything that is left, before the process ends.
    func finish() { queue.sync { sync(pending.withLock { Array($0.keys) }) } }

    private func sync(_ attempts: [String]) {
        let files = pending.withLock { pending in attempts.compactMap { pending.removeValue(forKey: $0) } }
        guard !files.isEmpty else { return }
        for file in files { file.sync() }
        folder.sync()
    }
}
