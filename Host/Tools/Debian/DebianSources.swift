import Glibc
import Kernel

/// One file of package metadata on this machine.
struct DebianSource: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Long descriptions by checksum (`Translation-en`).
        case translations
        /// Packages that can be installed.
        case available
        /// Packages that are installed.
        case installed
    }

    var path: String
    var kind: Kind
    /// Last change of the file, which for package lists is the last `apt-get update`.
    var modifiedUnixSeconds: Int64
}

enum DebianSources {
    /// The files to read, in the order in which they must be read.
    static func find(settings: ToolSettings) -> [DebianSource] {
        var sources: [DebianSource] = []
        for name in entries(of: settings.aptListsDirectory).sorted() {
            let path = "\(settings.aptListsDirectory)/\(name)"
            guard let time = modificationTime(path) else { continue }
            if name.contains("_Translation-en") {
                sources.append(.init(path: path, kind: .translations, modifiedUnixSeconds: time))
            } else if name.contains("_Packages") {
                sources.append(.init(path: path, kind: .available, modifiedUnixSeconds: time))
            }
        }
        if let time = modificationTime(settings.dpkgStatusPath) {
            sources.append(.init(path: settings.dpkgStatusPath, kind: .installed, modifiedUnixSeconds: time))
        }
        let order: [DebianSource.Kind] = [.installed, .translations, .available]
        return order.flatMap { kind in sources.filter { $0.kind == kind } }
    }

    /// APT's own reader, which also unpacks the lists that APT keeps compressed.
    static func reader(of source: DebianSource, timeLimitMilliseconds: Int) -> Command {
        let helper = "/usr/lib/apt/apt-helper"
        if access(helper, X_OK) == 0 {
            return Command(
                executable: helper, arguments: ["cat-file", source.path], environment: ["LC_ALL": "C"],
                timeLimitMilliseconds: timeLimitMilliseconds)
        }
        return Command(
            executable: "/bin/cat", arguments: ["--", source.path], timeLimitMilliseconds: timeLimitMilliseconds)
    }

    private static func entries(of folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // The record holds only as many bytes as the name needs, so the tuple is not copied.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            names.append(String(cString: name))
        }
        return names
    }

    private static func modificationTime(_ path: String) -> Int64? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int64(status.st_mtim.tv_sec)
    }
}
