package import Journal

extension HostRuntime {
    /// The room on the store's medium, measured now.
    package var storage: StorageStatus { store.storage }

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
