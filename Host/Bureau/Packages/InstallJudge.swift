import Engine
import Journal
import Kernel
import Packages
import Placement

/// Whether a package may be installed in a store, on this machine, now.
struct InstallJudge {
    var allowsUnsigned = false
    var allowsDowngrade = false
    /// The installed plugin of the department is replaced; otherwise there must be none.
    var isUpgrade: Bool

    struct Verdict: Sendable {
        var action: InstallRecord.Action
        var signer: NoteKey?
        /// What is replaced.
        var before: InstallRecord?
        /// It is installed already.
        var isUnchanged: Bool { before?.library == library }
        var library: Digest
    }

    func judge(_ package: PluginPackage, for shelf: PluginShelf) throws(PackageError) -> Verdict {
        let manifest = package.manifest
        let signer = try signer(of: package, shelf)
        try package.checkUsable(
            architecture: Architecture.current, abiMajor: HostABI.major, abiMinor: HostABI.minor,
            now: SystemClock.now().unixMilliseconds / 1000)
        let before = shelf.installed.records.first { $0.department == manifest.department }
        if let before, before.plugin != manifest.id {
            throw PackageError(
                .occupied,
                "department \(manifest.department) is \(before.plugin) here: bureau plugin remove "
                    + "\(manifest.department) makes room for \(manifest.id)")
        }
        // The same package again is no change, and repairs a library that was damaged.
        let library = Digest.sha256(package.library)
        if let before, before.library == library, before.version == manifest.version {
            return Verdict(action: before.action, signer: signer, before: before, library: before.library)
        }
        if let before, !isUpgrade {
            throw PackageError(
                .installed,
                "\(manifest.department) \(before.version) is installed: bureau plugin upgrade replaces it")
        }
        if before == nil, isUpgrade {
            throw PackageError(
                .notInstalled, "\(manifest.department) is not installed: bureau plugin install does that")
        }
        if !allowsDowngrade { try checkAge(package, shelf) }
        return Verdict(
            action: before == nil ? .installed : .upgraded, signer: signer, before: before, library: library)
    }

    private func signer(of package: PluginPackage, _ shelf: PluginShelf) throws(PackageError) -> NoteKey? {
        if package.note == nil, allowsUnsigned { return nil }
        do {
            return try package.trustedSigner(by: shelf.trusted)
        } catch {
            guard error.code == .unsigned else { throw error }
            throw PackageError(.unsigned, error.message + ": --allow-unsigned takes it all the same")
        }
    }

    /// An older version may have a hole that a newer one closed, whoever signed it; and a version that was here names
    /// one library.
    private func checkAge(_ package: PluginPackage, _ shelf: PluginShelf) throws(PackageError) {
        let manifest = package.manifest
        let seen = shelf.history.filter { $0.plugin == manifest.id }
        guard let version = SemanticVersion(manifest.version),
            let highest = seen.compactMap({ SemanticVersion($0.version) }).max(), version <= highest
        else { return }
        if version < highest {
            throw PackageError(
                .downgrade,
                "\(manifest.id) \(manifest.version) is older than \(highest), which was installed before: "
                    + "--allow-downgrade takes it, bureau plugin rollback goes back to what was here")
        }
        let library = Digest.sha256(package.library)
        if seen.contains(where: { $0.version == manifest.version && $0.library != library }) {
            throw PackageError(
                .downgrade,
                "\(manifest.id) \(manifest.version) was another library before: a changed one needs a new version, or "
                    + "--allow-downgrade")
        }
    }
}
