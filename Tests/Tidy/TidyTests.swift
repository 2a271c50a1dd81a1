import Testing

@Suite("The tree is tidy")
struct TidyTests {
    @Test("the whole tree was read, not an empty folder")
    func treeIsThere() {
        let paths = Set(SourceTree.checkout.files.map(\.path))
        #expect(paths.contains("Package.swift"))
        #expect(paths.contains("Tests/Tidy/TidyTests.swift"))
        #expect(paths.contains("Host/Kernel/Values/Digest.swift"))
        #expect(paths.contains("scripts/test"))
    }

    @Test("every file follows the rule", arguments: Rules.all)
    func ruleHolds(rule: Rule) {
        let findings = SourceTree.checkout.files.flatMap(rule.findings(in:))
        #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
    }

    @Test("every room has a README that says something")
    func roomsHaveReadmes() {
        let missing = Readmes.missing(in: SourceTree.checkout.files)
        #expect(missing.isEmpty, "\(missing.joined(separator: ", "))")
    }
}

/// A room is a folder right below one of these; it explains itself.
enum Readmes {
    static let buildings: Set<Substring> = ["Host", "PluginAPI", "Plugins"]
    /// Less is a placeholder.
    static let minimumCharacters = 300

    static func missing(in files: [SourceFile]) -> [String] {
        var rooms: Set<String> = []
        var explained: Set<String> = []
        var declarationsOnly: Set<String> = []
        for file in files {
            let folders = file.folders
            guard folders.count >= 2, buildings.contains(folders[0]) else { continue }
            let room = "\(folders[0])/\(folders[1])"
            rooms.insert(room)
            if file.path == room + "/README.md", file.lines.reduce(0, { $0 + $1.count }) >= minimumCharacters {
                explained.insert(room)
            }
            // A system library's folder is a module map and a shim: the map's first line explains it.
            if file.path == room + "/module.modulemap" { declarationsOnly.insert(room) }
        }
        return rooms.subtracting(explained).subtracting(declarationsOnly).sorted()
    }
}
