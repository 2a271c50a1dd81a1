package import Kernel

/// Where the parts of a store's published log are. What must survive a store that is put back to an earlier state
/// stands beside the store, not in it.
package struct AuditPlace: Hashable, Sendable {
    /// What logs were called before they had keys.
    package static let unsignedOrigin = "bureau/audit"

    /// Without a slash at its end.
    package let storeFolder: String

    package init(storeFolder: String) {
        var folder = storeFolder[...]
        while folder.count > 1, folder.hasSuffix("/") { folder = folder.dropLast() }
        self.storeFolder = String(folder)
    }

    /// Served as it is: the checkpoint, tiles and entry bundles.
    package var folder: String { storeFolder + "/audit" }
    /// The newest signed checkpoint.
    package var outsidePath: String { storeFolder + ".checkpoint" }
    /// The log's private keys; nobody but their owner may read them.
    package var keyPath: String { storeFolder + ".audit-key" }
    package var witnessPath: String { storeFolder + ".audit-witnesses" }
    var lockPath: String { storeFolder + "/audit.lock" }

    package var published: PublishedLog { PublishedLog(folder: folder) }

    /// The checkpoint outside the store, signed or from the time before there were keys.
    ///
    /// - Parameter keys: nil: those of the log, where there are any.
    package func outside(keys: [NoteKey]? = nil) throws(CheckpointFileError) -> CheckpointNote? {
        try checkpointFile(keys: keys).read()
    }

    package func checkpointFile(keys: [NoteKey]? = nil) throws(CheckpointFileError) -> CheckpointFile {
        var known = keys
        if known == nil {
            do {
                known = try LogKeys.read(keyPath)?.publicKeys
            } catch {
                throw CheckpointFileError(code: .io, message: error.message)
            }
        }
        return CheckpointFile(
            path: outsidePath, origin: known?.first?.name ?? Self.unsignedOrigin, keys: known ?? [])
    }
}
