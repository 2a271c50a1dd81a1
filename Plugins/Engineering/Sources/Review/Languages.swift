/// How a language writes comments and branches.
struct Language: Hashable, Sendable {
    var name: String
    var lineComments: [String]
    var blockComment: (open: String, close: String)?
    /// Words that open another path through the code.
    var branchWords: Set<String>
    /// Signs that do so.
    var branchSigns: [String]
    var quotes: [Character]

    static func == (left: Self, right: Self) -> Bool { left.name == right.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    static func of(_ path: String) -> Language? {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        return byExtension[name[name.index(after: dot)...].lowercased()]
    }

    private static func family(
        _ name: String, _ words: String, lines: [String] = ["//"],
        block: (open: String, close: String)? = (open: "/*", close: "*/"), signs: [String] = ["&&", "||"],
        quotes: [Character] = ["\"", "'"]
    ) -> Language {
        Language(
            name: name, lineComments: lines, blockComment: block,
            branchWords: Set(words.split(separator: " ").map(String.init)), branchSigns: signs, quotes: quotes)
    }

    private static let cWords = "if for while case catch"

    private static let byExtension: [String: Language] = {
        let swift = family("Swift", "if guard for while case catch", signs: ["&&", "||", "??"], quotes: ["\""])
        let c = family("C", "if for while case")
        let cpp = family("C++", cWords)
        let java = family("Java", cWords)
        let script = family("JavaScript", cWords, signs: ["&&", "||", "??"], quotes: ["\"", "'", "`"])
        let typed = family("TypeScript", cWords, signs: ["&&", "||", "??"], quotes: ["\"", "'", "`"])
        let rust = family("Rust", "if for while loop match", quotes: ["\""])
        let python = family(
            "Python", "if elif for while except and or case", lines: ["#"], block: nil, signs: [])
        let ruby = family(
            "Ruby", "if elsif unless for while until when rescue and or", lines: ["#"], block: nil)
        let shell = family("Shell", "if elif for while until case", lines: ["#"], block: nil)
        let go = family("Go", "if for case select", quotes: ["\"", "'", "`"])
        let kotlin = family("Kotlin", "if for while when catch", quotes: ["\""])
        let sql = family("SQL", "case when where and or", lines: ["--"], signs: [], quotes: ["'"])
        let php = family("PHP", "if elseif for foreach while case catch", lines: ["//", "#"])
        let languages: [(Language, String)] = [
            (swift, "swift"), (c, "c h m"), (cpp, "cc cpp cxx hpp hh mm"), (java, "java scala groovy"),
            (family("C#", "if for foreach while case catch"), "cs"), (script, "js mjs cjs jsx"), (typed, "ts tsx"),
            (rust, "rs"), (python, "py pyi"), (ruby, "rb"), (shell, "sh bash zsh"), (go, "go"), (kotlin, "kt kts"),
            (sql, "sql"), (php, "php"), (family("Dart", cWords), "dart"), (family("Zig", "if for while switch"), "zig"),
            (family("Lua", "if elseif for while and or", lines: ["--"], block: nil, signs: []), "lua"),
        ]
        return Dictionary(
            languages.flatMap { language, names in names.split(separator: " ").map { (String($0), language) } },
            uniquingKeysWith: { first, _ in first })
    }()
}
