/// Which files are worth reading as text: sources, build manifests, scripts and documents. Lock files are listed
/// but not read; they are generated.
enum TextFiles {
    private static let extensions: Set<String> = [
        "swift", "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "m", "mm", "rs", "go", "py", "pyi", "rb", "php", "pl", "pm",
        "java", "kt", "kts", "scala", "groovy", "gradle", "cs", "fs", "vb", "js", "mjs", "cjs", "jsx", "ts", "tsx",
        "vue", "svelte", "dart", "lua", "r", "jl", "ex", "exs", "erl", "hs", "ml", "clj", "zig", "nim", "d", "sh",
        "bash", "zsh", "ps1", "sql", "proto", "graphql", "tf", "html", "css", "scss", "less", "xml", "json", "toml",
        "yaml", "yml", "cmake", "mk", "md", "rst", "txt", "adoc", "cfg", "ini", "mod", "csproj", "cabal", "gemspec",
        "modulemap",
    ]
    private static let names: Set<String> = [
        "Makefile", "Dockerfile", "Gemfile", "Pipfile", "Rakefile", "Justfile", "CMakeLists.txt", "meson.build",
        "BUILD", "WORKSPACE",
    ]
    private static let generated: Set<String> = [
        "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "Package.resolved", "Cargo.lock", "go.sum",
        "composer.lock", "poetry.lock", "Pipfile.lock", "Gemfile.lock",
    ]

    static func contains(_ path: String) -> Bool {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if generated.contains(name) { return false }
        if names.contains(name) { return true }
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return false }
        return extensions.contains(name[name.index(after: dot)...].lowercased())
    }
}
