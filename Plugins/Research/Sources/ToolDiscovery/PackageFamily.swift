/// Debian parts one program into several packages. A family is what they share: the name without the usual prefixes
/// and suffixes, so that one tool is listed once.
enum PackageFamily {
    private static let prefixes = [
        "python3-", "python-", "libghc-", "golang-", "node-", "r-cran-", "r-bioc-", "r-other-", "ruby-", "librust-",
        "libjs-", "elpa-", "lib",
    ]
    private static let suffixes = [
        "-dev", "-doc", "-docs", "-data", "-common", "-tools", "-bin", "-utils", "-examples", "-dbg", "-perl", "-java",
        "-headers", "-tests", "-testsuite", "-testdata", "-cuda", "-base", "-extras", "-static", "-mpi", "-lib",
        "-libs", "-l10n",
    ]

    static func key(_ name: String) -> String {
        var key = name[...]
        for prefix in prefixes where key.hasPrefix(prefix) && key.count > prefix.count + 2 {
            key = key.dropFirst(prefix.count)
            break
        }
        var isChanged = true
        while isChanged {
            isChanged = false
            for suffix in suffixes where key.hasSuffix(suffix) && key.count > suffix.count + 2 {
                key = key.dropLast(suffix.count)
                isChanged = true
            }
            // A library's ABI number: libfann2, libtensorflow2.1, libonnx1t64.
            if key.hasSuffix("t64") { key = key.dropLast(3) }
            let short = key.dropLast(key.reversed().prefix { $0.isNumber || $0 == "." || $0 == "-" }.count)
            if short.count > 2, short.count < key.count {
                key = short
                isChanged = true
            }
        }
        return String(key)
    }

    /// Parts that are no tool of their own rank behind the tool: documentation, debugging data, transition.
    static func isPart(_ package: CataloguePackage) -> Bool {
        let section = package.section.split(separator: "/").last.map(String.init) ?? package.section
        let isSection = ["doc", "debug", "oldlibs", "localization", "translations"].contains(section)
        return isSection
            || ["-doc", "-dbg", "-data", "-testdata", "-common", "-examples"].contains(where: package.name.hasSuffix)
    }
}
