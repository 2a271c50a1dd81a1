import Glibc
import Kernel

/// What an author writes, below a project's folder, by content: a file that was saved without a change is the same.
///
/// Not sources: hidden files and folders; the folder that the library is built in (its outermost one below the
/// project); folders that a tool marked with `CACHEDIR.TAG`; what compilers and editors leave behind, by its name.
struct SourceTree {
    /// Enough for any project that is built in seconds; what is beyond is not watched.
    static let maximumFiles = 20_000
    private static let maximumDepth = 32
    /// Larger files are compared by size and time.
    private static let maximumDigestBytes = 4 << 20
    private static let productSuffixes = [
        ".o", ".so", ".a", ".d", ".lo", ".obj", ".gch", ".pch", ".tmp", ".new", ".swp", ".swx", ".pyc", ".class",
        ".rlib", ".rmeta", "~",
    ]
    private static let productFolders: Set<String> = ["node_modules", "__pycache__"]

    private struct File {
        var form: [Int]
        var digest: Digest?
        /// Written so shortly before it was read that another write may carry the same time.
        var isFresh: Bool
    }

    let root: String
    private let product: String?
    private var files: [String: File] = [:]
    private(set) var folders: [String] = []

    init(_ root: String, library: String) {
        self.root = root
        let below = library.hasPrefix(root + "/") ? library.dropFirst(root.utf8.count + 1) : ""
        let parts = below.split(separator: "/")
        product = parts.count > 1 ? parts.first.map(String.init) : nil
    }

    /// Looks at everything again.
    /// - Returns: what was written, made or removed since the last look, relative to the project.
    mutating func changes() -> [String] {
        let before = files
        files = [:]
        folders = []
        look(at: "", depth: 0, before, now: time(nil))
        let written = files.filter { name, file in
            guard let old = before[name] else { return true }
            return old.digest != file.digest || (file.digest == nil && old.form != file.form)
        }
        return (Array(written.keys) + before.keys.filter { files[$0] == nil }).sorted()
    }

    private mutating func look(at folder: String, depth: Int, _ before: [String: File], now: Int) {
        let path = folder.isEmpty ? root : "\(root)/\(folder)"
        let names = FilePath.entries(path)
        if depth > 0, names.contains("CACHEDIR.TAG") { return }
        folders.append(path)
        for name in names where !name.hasPrefix(".") && files.count < Self.maximumFiles {
            let place = folder.isEmpty ? name : "\(folder)/\(name)"
            var status = stat()
            guard lstat("\(root)/\(place)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                let isProduct = Self.productFolders.contains(name) || (depth == 0 && name == product)
                if !isProduct, depth < Self.maximumDepth { look(at: place, depth: depth + 1, before, now: now) }
                continue
            }
            // A link to a file is as good as the file; one to a folder may lead in circles.
            guard stat("\(root)/\(place)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if !Self.isLeftover(name) { files[place] = file("\(root)/\(place)", status, before[place], now: now) }
        }
    }

    private static func isLeftover(_ name: String) -> Bool {
        // vim tries whether it may write with a file of this name; Emacs locks with #name#.
        name == "4913" || name.hasPrefix("#") || productSuffixes.contains { name.hasSuffix($0) }
    }

    private func file(_ path: String, _ status: stat, _ old: File?, now: Int) -> File {
        let form = [
            Int(status.st_ino), status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
        if let old, old.form == form, !old.isFresh { return old }
        var digest: Digest?
        if status.st_size <= Self.maximumDigestBytes,
            case .success(let bytes) = FilePath.read(path, maximumBytes: Self.maximumDigestBytes)
        {
            digest = .sha256(bytes)
        }
        return File(form: form, digest: digest, isFresh: status.st_ctim.tv_sec >= now - 1)
    }
}
