/// Where an archive of commits stands.
package struct ArchiveStatus: Hashable, Sendable {
    /// The segment that comes.
    package var position: ArchivePosition
    /// Why nothing can be archived now. Commits wait in the store's own log meanwhile, and are archived later.
    package var problem: String?
}
