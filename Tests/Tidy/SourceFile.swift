import FoundationEssentials

/// One file of the tree, read once and seen two ways.
struct SourceFile: Sendable {
    /// Relative to the root, with `/`.
    let path: String
    let lines: [Substring]
    /// Swift and C: the same lines with the content of comments and string literals blanked out, so that a rule
    /// about code does not see prose.
    let code: [Substring]

    init(path: String, text: String) {
        self.path = path
        let isCode = ["swift", "c", "h", "cpp"].contains { path.hasSuffix("." + $0) }
        self.lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let masked = isCode ? SourceMask.blank(text, isSwift: path.hasSuffix(".swift")) : text
        self.code = masked.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isC: Bool { path.hasSuffix(".c") || path.hasSuffix(".h") }
    var isTest: Bool { path.hasPrefix("Tests/") }
    /// Written by hand in a language whose lines people read side by side.
    var isProgram: Bool { isSwift || isC || [".cpp", ".rs", ".py", ".sh"].contains { path.hasSuffix($0) } || isScript }
    /// `scripts/run` and its siblings have no ending.
    var isScript: Bool {
        (path.hasPrefix("scripts/") || path.hasPrefix(".ci/")) && lines.first?.hasPrefix("#!") == true
    }

    /// The folders above the file, outermost first.
    var folders: [Substring] { path.split(separator: "/").dropLast() }
}

/// The checked-out tree.
struct SourceTree: Sendable {
    let files: [SourceFile]

    /// The folders that the project consists of, and single files beside them.
    private static let places = [
        "Host", "PluginAPI", "Plugins", "Tests", "scripts", ".ci", "Package.swift", "README.md", "CONTRIBUTING.md",
        "SECURITY.md", "CHANGELOG.md",
    ]
    private static let endings: Set<String> = [
        "swift", "c", "h", "cpp", "rs", "py", "sh", "md", "modulemap", "map", "sql", "toml", "yml", "yaml", "html",
        "css", "js",
    ]

    static let checkout = SourceTree(root: rootFolder)

    static var rootFolder: String {
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
    }

    init(root: String) {
        var found: [SourceFile] = []
        for place in Self.places {
            for path in Self.paths(under: place, root: root) {
                let name = path.split(separator: "/").last ?? ""
                let ending = name.contains(".") ? name.split(separator: ".").last.map(String.init) ?? "" : ""
                let isScript = path.hasPrefix("scripts/") || path.hasPrefix(".ci/")
                guard Self.endings.contains(ending) || (isScript && ending.isEmpty),
                    let bytes = FileManager.default.contents(atPath: root + "/" + path)
                else { continue }
                found.append(SourceFile(path: path, text: String(decoding: bytes, as: UTF8.self)))
            }
        }
        files = found
    }

    /// Files below a place, sorted; hidden folders and Python's caches are not the project's.
    private static func paths(under place: String, root: String) -> [String] {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: root + "/" + place, isDirectory: &isFolder) else { return [] }
        guard isFolder else { return [place] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + place)) ?? []
        return names.sorted().filter { !$0.hasPrefix(".") && $0 != "__pycache__" }.flatMap {
            paths(under: place + "/" + $0, root: root)
        }
    }
}
