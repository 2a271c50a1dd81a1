package import Journal
import Kernel

extension HostRuntime {
    /// The room on the store's medium, measured now.
    package var storage: StorageStatus { store.storage }

    /// Why a run is not in the store.
    func whereabouts(of run: RunID) async -> String {
        let archived = try? await store.read { journal throws(JournalError) in try journal.archivedRun(run) }
        guard let archived = archived.flatMap({ $0 }) else { return "no run \(run)" }
        return "run \(run) was archived on \(archived.at.timestamp): bureau runs show \(run)"
    }

    /// Admission ends before the medium is full, so that what was admitted can end.
    func requireRoom() throws(EngineError) {
        let storage = store.storage
        guard storage.state != .ok else { return }
        guard storage.state != .failed else {
            throw EngineError(.storage, "the store's medium failed: nothing is written until it is replaced")
        }
        throw EngineError(
            .storageFull,
            "the store's medium has \(storage.freeBytes >> 20) MiB free, less than the "
                + "\(max(storage.lowWaterBytes, 1 << 20) >> 20) MiB that new runs need: free some room; "
                + "runs that were admitted go on")
    }
}
