import Glibc

/// Finds plugin files. A path is a file, or a folder whose `*.so` files are plugins.
enum PluginFolders {
    static func files(in paths: [String]) -> [String] {
        var seen: Set<String> = []
        return paths.flatMap(expanded).filter { seen.insert($0).inserted }
    }

    private static func expanded(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [path] }
        defer { closedir(folder) }
        var files: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".so") { files.append("\(path)/\(name)") }
        }
        return files.sorted()
    }
}
