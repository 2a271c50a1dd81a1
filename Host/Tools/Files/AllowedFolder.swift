import Glibc
import Kernel

/// Which folders the operator opened to tools that read.
enum AllowedFolder {
    /// The real path of `path` (relative to the first allowed root), links resolved, inside of an allowed root.
    static func resolve(_ path: String, settings: ToolSettings) throws(Failure) -> String {
        guard !path.isEmpty, path.utf8.count <= 4096, !path.utf8.contains(0) else {
            throw Failure(.invalid, "/path must be a path of 1 to 4096 bytes without NUL")
        }
        guard let base = settings.allowedRoots.first else {
            throw Failure(.denied, "no folder is open to tools that read; add one to the tool settings' allowed roots")
        }
        guard let folder = realPath(path.hasPrefix("/") ? path : "\(base)/\(path)") else {
            throw Failure(.notFound, "\(path): no such folder")
        }
        try require(folder, settings: settings)
        return folder
    }

    static func require(_ folder: String, settings: ToolSettings) throws(Failure) {
        let roots = settings.allowedRoots.compactMap(realPath)
        let isInside = roots.contains { $0 == "/" || folder == $0 || folder.hasPrefix($0 + "/") }
        guard isInside else {
            throw Failure(.denied, "\(folder) is outside the allowed roots; add it to the tool settings if you agree")
        }
    }

    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
