import Foundation
import Synchronization

/// The room on the medium of a store's folder: measures it, and keeps two files in it to give back.
///
/// `journal.ballast` is given back when running work needs the room. `journal.reserve` is given back only to open the
/// store: without its `-shm` file, SQLite cannot even read a database on a full medium.
final class StoreSpace: Sendable {
    private static let reserveBytes: Int64 = 256 << 10

    private struct State {
        var ballastBytes: Int64 = 0
        /// Set while writers wait for room.
        var isFull = false
        var hasFailed = false
        var refusedGroups = 0
    }

    let settings: SpaceSettings
    let folder: String
    private let state = Mutex(State())

    init(folder: String, settings: SpaceSettings) {
        self.folder = folder
        self.settings = settings
    }

    private var ballast: String { folder + "/journal.ballast" }
    private var reserve: String { folder + "/journal.reserve" }

    /// What a process without privileges may still write.
    var freeBytes: Int64 {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return .max }
        let (bytes, overflow) = Int64(status.f_bavail).multipliedReportingOverflow(by: Int64(status.f_frsize))
        return overflow ? .max : bytes
    }

    // MARK: Opening

    /// Gives back what opening may need.
    func prepareToOpen() {
        if freeBytes < Self.reserveBytes { unlink(reserve) }
        if freeBytes < Self.reserveBytes { unlink(ballast) }
    }

    // MARK: Writing

    /// Makes the files that are missing, where there is plenty of room.
    func restock() {
        guard settings.ballastBytes > 0 else { return }
        let kept = state.withLock { $0.ballastBytes }
        guard kept == 0 else { return }
        if SQLiteJournal.fileBytes(ballast) == settings.ballastBytes {
            return state.withLock { $0.ballastBytes = settings.ballastBytes }
        }
        guard freeBytes >= settings.lowWaterBytes + settings.ballastBytes + Self.reserveBytes else { return }
        guard Self.allocate(reserve, Self.reserveBytes), Self.allocate(ballast, settings.ballastBytes) else { return }
        state.withLock { $0.ballastBytes = settings.ballastBytes }
    }

    /// Whether a group may be written. Gives the ballast back first.
    func hasRoomToCommit() -> Bool {
        guard settings.commitBytes > 0, freeBytes < settings.commitBytes else { return true }
        giveBack()
        return freeBytes >= settings.commitBytes
    }

    /// The one that an earlier host left, too.
    func giveBack() {
        guard settings.ballastBytes > 0 else { return }
        unlink(ballast)
        state.withLock { $0.ballastBytes = 0 }
    }

    func noteFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }
    func noteFailed() { state.withLock { $0.hasFailed = true } }
    func noteRefusedGroup() { state.withLock { $0.refusedGroups += 1 } }

    var status: StorageStatus {
        let state = state.withLock { $0 }, free = freeBytes
        // While the ballast is gone, room for it must come back first: the mark does not flutter.
        let missing = settings.ballastBytes - state.ballastBytes
        let condition: StorageStatus.State =
            if state.hasFailed { .failed } else if state.isFull {
                .full
            } else if free < settings.lowWaterBytes + missing { .low } else { .ok }
        return StorageStatus(
            state: condition, freeBytes: free, lowWaterBytes: settings.lowWaterBytes,
            ballastBytes: state.ballastBytes, refusedGroups: state.refusedGroups)
    }

    /// True when the file takes up so much room.
    private static func allocate(_ path: String, _ bytes: Int64) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        if posix_fallocate(descriptor, 0, off_t(bytes)) == 0 { return true }
        unlink(path)
        return false
    }
}
