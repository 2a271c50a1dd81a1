import Kernel

/// A plugin project made from a template: the template's files under the author's name, and a copy of the SDK, so
/// that the project builds anywhere and stays what it was when the host is upgraded.
struct NewProject {
    enum Language: String, CaseIterable, Sendable { case swift, c, cpp, rust }

    static let maximumNameBytes = 40
    private static let maximumFileBytes = 1 << 20

    let name: String
    let language: Language

    init(name: String, language: Language) throws(CommandFailure) {
        let isFine =
            name.utf8.count <= Self.maximumNameBytes && name.utf8.first.map { 97...122 ~= $0 } == true
            && name.utf8.allSatisfy { 97...122 ~= $0 || 48...57 ~= $0 || $0 == 45 } && !name.hasSuffix("-")
        guard isFine else {
            throw CommandFailure(
                .usage,
                "\"\(name)\" cannot name a plugin: use lower-case letters, digits and '-', a letter first, at most "
                    + "\(Self.maximumNameBytes)")
        }
        self.name = name
        self.language = language
    }

    /// Writes the project into `folder`, which must not exist or be empty.
    /// - Returns: the files of the author's own, relative to `folder`.
    func write(to folder: String, sdk: String) throws(CommandFailure) -> [String] {
        guard FilePath.entries(folder).isEmpty else {
            throw CommandFailure(.usage, "\(folder) exists and is not empty: name another folder with --into")
        }
        let template = "\(sdk)/Templates/\(language.rawValue)"
        let files = FilePath.filesBelow(template).filter { !Self.isProduct($0) }
        var own = files.map { (from: "\(template)/\($0)", to: $0) }
        guard !own.isEmpty else { throw CommandFailure(.internal, "no template in \(template)") }
        own.append((from: "\(sdk)/Templates/LICENSE", to: "LICENSE"))
        own.append((from: "\(sdk)/Templates/gitignore", to: ".gitignore"))
        var written: [String] = []
        for file in own {
            let bytes = try Self.read(file.from)
            let target = renamed(file.to)
            try Self.write(Array(renamed(String(decoding: bytes, as: UTF8.self)).utf8), to: "\(folder)/\(target)")
            written.append(target)
        }
        for file in sdkFiles(sdk) { try Self.write(Self.read("\(sdk)/\(file.from)"), to: "\(folder)/sdk/\(file.to)") }
        return written.sorted()
    }

    /// What a build of the template in its place leaves behind.
    private static func isProduct(_ file: String) -> Bool {
        ["build/", ".build/", "sdk/"].contains { file.hasPrefix($0) }
    }

    private func sdkFiles(_ sdk: String) -> [(from: String, to: String)] {
        func below(_ folder: String) -> [(from: String, to: String)] {
            FilePath.filesBelow("\(sdk)/\(folder)").map { ("\(folder)/\($0)", "\(folder)/\($0)") }
        }
        switch language {
        case .c, .cpp: return below("CBureau/include") + [("plugin.map", "plugin.map")]
        case .rust: return FilePath.filesBelow("\(sdk)/Rust").map { ("Rust/\($0)", "rust/\($0)") }
        case .swift:
            return below("CBureau") + below("PluginKit") + below("Testing")
                + [("plugin.map", "plugin.map"), ("Package.swift", "Package.swift")]
        }
    }

    /// Templates are the plugin "greeter" of the type `Greeter` (in C "greeter-c").
    private func renamed(_ text: String) -> String {
        text.replacing("greeter-c", with: name).replacing("greeter", with: name).replacing("Greeter", with: typeName)
    }

    /// `tea-shop` is `TeaShop`.
    private var typeName: String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func read(_ path: String) throws(CommandFailure) -> [UInt8] {
        do {
            return try FilePath.read(path, maximumBytes: maximumFileBytes).get()
        } catch {
            throw CommandFailure(.internal, error.text)
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
        if let problem = FilePath.write(bytes, to: path) { throw CommandFailure(.usage, problem.text) }
    }
}
