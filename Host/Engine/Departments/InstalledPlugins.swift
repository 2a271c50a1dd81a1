package import Journal
package import Kernel
package import Placement

/// What the journal says is installed, and where its libraries are: `plugins/<sha256>.so` in the store's folder.
package struct InstalledPlugins: Sendable {
    /// The newest of each department that has something installed, by name.
    package let records: [InstallRecord]
    /// Where the libraries are.
    package let folder: String

    /// - Parameter history: all records, oldest first.
    package init(_ history: [InstallRecord], storeFolder: String) {
        var newest: [String: InstallRecord] = [:]
        for record in history { newest[record.department] = record }
        records = newest.values.filter { $0.action != .removed }.sorted { $0.department < $1.department }
        folder = "\(storeFolder)/plugins"
    }

    package func path(of library: Digest) -> String { "\(folder)/\(library.hex).so" }

    package var paths: [String] { records.map { path(of: $0.library) } }

    /// So that a library that was changed on the disk is refused at every load.
    package var pins: [String: PluginPin] {
        let pins = records.map { record in
            (
                path(of: record.library),
                PluginPin(department: record.department, version: record.version, digest: record.library)
            )
        }
        return Dictionary(pins, uniquingKeysWith: { $1 })
    }
}
