import Foundation
import Journal
import Synchronization

/// What befalls one commit.
enum CommitFault: Hashable, Sendable, CaseIterable {
    /// The host dies; the commit is not there.
    case deathBefore
    /// The host dies; the commit is there, and nobody was told.
    case deathAfter
    /// The commit is there, and its caller got an error.
    case lostAcknowledgement
    /// The medium refuses this one commit.
    case refusal
}

/// Stands at the commits of one simulated host. A death keeps the files as they are at that moment in another folder.
final class CommitGate: Sendable {
    private let armed = Mutex<(fault: CommitFault, folder: String, copy: String)?>(nil)

    func arm(_ fault: CommitFault?, folder: String, copy: String) {
        armed.withLock { $0 = fault.map { ($0, folder, copy) } }
    }

    var faults: CommitFaults {
        CommitFaults(
            before: { _ throws(JournalError) in
                guard let armed = self.armed.withLock({ $0 }) else { return }
                if armed.fault == .deathBefore { Self.copy(armed.folder, to: armed.copy) }
                if armed.fault == .deathBefore || armed.fault == .refusal {
                    throw JournalError(.storage, "the medium refused")
                }
            },
            after: { _ in
                guard let armed = self.armed.withLock({ $0 }), armed.fault == .deathAfter else { return }
                Self.copy(armed.folder, to: armed.copy)
            })
    }

    /// The log's index is made anew from the log, as after a real death.
    static func copy(_ folder: String, to copy: String) {
        let files = FileManager.default
        try? files.createDirectory(atPath: copy, withIntermediateDirectories: true)
        for name in [SQLiteJournal.fileName, SQLiteJournal.fileName + "-wal"] {
            try? files.copyItem(atPath: "\(folder)/\(name)", toPath: "\(copy)/\(name)")
        }
    }
}
