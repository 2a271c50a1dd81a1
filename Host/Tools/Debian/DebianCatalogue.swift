/// A package that matches a search.
struct DebianPackage: Hashable, Sendable {
    var name: String
    var version: String
    var section: String
    var summary: String
    var description: String
    var homepage: String
    var tags: String
    var isInstalled: Bool
    /// Indices of the search terms that its name, summary, tags or description hold.
    var matchedTerms: [Int]
}

/// Collects the packages that match while metadata streams by, and counts what a ranking needs.
struct DebianCatalogue: Sendable {
    /// Longer descriptions are cut at a word.
    static let maximumDescriptionBytes = 1600

    let matcher: TermMatcher
    private(set) var packageCount = 0
    /// How many packages hold each term.
    private(set) var documentFrequencies: [Int]
    private(set) var packages: [String: DebianPackage] = [:]
    private var seen: Set<[UInt8]> = []
    /// Long descriptions that hold a search word, by their checksum.
    private var translations: [String: (text: String, words: TermMatcher.Words)] = [:]

    init(matcher: TermMatcher) {
        self.matcher = matcher
        documentFrequencies = Array(repeating: 0, count: matcher.terms.count)
    }

    mutating func add(_ stanza: ControlStanza, kind: DebianSource.Kind) {
        switch kind {
        case .translations: addTranslation(stanza)
        case .available: addPackage(stanza, isInstalled: false)
        case .installed:
            guard stanza.text("Status:").hasSuffix(" installed") else { return }
            addPackage(stanza, isInstalled: true)
        }
    }

    private mutating func addTranslation(_ stanza: ControlStanza) {
        let long = stanza.field("Description-en:")
        let words = matcher.words(in: long)
        guard words != 0 else { return }
        translations[stanza.text("Description-md5:")] = (Self.longText(long), words)
    }

    private mutating func addPackage(_ stanza: ControlStanza, isInstalled: Bool) {
        let nameField = stanza.field("Package:")
        guard !nameField.isEmpty else { return }
        let isNew = seen.insert(Array(nameField)).inserted
        let description = stanza.field("Description:")
        var words = matcher.words(in: nameField) | matcher.words(in: description)
        words |= matcher.words(in: stanza.field("Tag:"))
        let translation = translations.isEmpty ? nil : translations[stanza.text("Description-md5:")]
        words |= translation?.words ?? 0
        let matched = matcher.terms(of: words)
        if isNew {
            packageCount += 1
            for term in matched { documentFrequencies[term] += 1 }
        }
        guard !matched.isEmpty else { return }
        let package = Self.package(stanza, long: translation?.text, isInstalled: isInstalled, matched: matched)
        if let known = packages[package.name] {
            packages[package.name] = Self.merge(known, package)
        } else {
            packages[package.name] = package
        }
    }

    private static func package(_ stanza: ControlStanza, long: String?, isInstalled: Bool, matched: [Int])
        -> DebianPackage
    {
        let description = stanza.field("Description:")
        let summary = description.prefix { $0 != 0x0A }
        let own = UnsafeBufferPointer(rebasing: description[summary.count...])
        return DebianPackage(
            name: stanza.text("Package:"), version: stanza.text("Version:"), section: stanza.text("Section:"),
            summary: String(decoding: summary, as: UTF8.self), description: long ?? longText(own),
            homepage: stanza.text("Homepage:"), tags: folded(stanza.text("Tag:")), isInstalled: isInstalled,
            matchedTerms: matched)
    }

    /// The newer version wins; what only the other knows is kept.
    private static func merge(_ left: DebianPackage, _ right: DebianPackage) -> DebianPackage {
        let isRightNewer = DebianVersion(left.version) < DebianVersion(right.version)
        var (newer, older) = isRightNewer ? (right, left) : (left, right)
        newer.isInstalled = newer.isInstalled || older.isInstalled
        if newer.description.isEmpty { newer.description = older.description }
        if newer.tags.isEmpty { newer.tags = older.tags }
        newer.matchedTerms = Set(newer.matchedTerms).union(older.matchedTerms).sorted()
        return newer
    }

    private static func folded(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// A description without its first line and its layout: ` .` is an empty line.
    private static func longText(_ field: UnsafeBufferPointer<UInt8>) -> String {
        let lines = String(decoding: field, as: UTF8.self).split(separator: "\n").dropFirst(field.first == 0x0A ? 0 : 1)
        let words = lines.flatMap { $0.split(separator: " ") }.filter { $0 != "." }
        var text = ""
        for word in words {
            guard text.utf8.count + word.utf8.count + 1 <= maximumDescriptionBytes else { break }
            text += text.isEmpty ? String(word) : " \(word)"
        }
        return text
    }
}
