package import Kernel

/// What a plugin file must be: the library that was installed under this name.
package struct PluginPin: Hashable, Sendable {
    package var department: String
    package var version: String
    package var digest: Digest

    package init(department: String, version: String, digest: Digest) {
        self.department = department
        self.version = version
        self.digest = digest
    }
}

extension Placement {
    /// Every plugin file that is described or placed comes through here.
    ///
    /// - Throws: `unreadable` for a pinned file that is another one now, and what ``PluginFile/open(_:limit:)`` throws.
    func open(_ path: String) throws(PlacementError) -> PluginFile {
        guard let pin = settings.pins[path] else { return try PluginFile.open(path, limit: settings.pluginFileBytes) }
        do throws(PlacementError) {
            let file = try PluginFile.open(path, limit: settings.pluginFileBytes)
            guard file.digest == pin.digest else {
                throw PlacementError(.unreadable, "\(path): not the library that was installed")
            }
            return file
        } catch {
            throw PlacementError(
                error.code, "\(pin.department) \(pin.version) is damaged, install its package again: \(error.message)")
        }
    }
}
