/// What a repository says it depends on, from its manifests. Each reader takes the plain form of its format; what a
/// manifest computes at build time cannot be seen.
enum Dependencies {
    static func inventory(_ files: [FileList.File]) -> [Dependency] {
        let found = files.flatMap { file -> [Dependency] in
            guard let text = file.text, let read = reader(of: file.path) else { return [] }
            return read.entries(text).map {
                Dependency(
                    ecosystem: read.ecosystem, manifest: file.path, name: $0.name, requirement: $0.requirement)
            }
        }
        return Array(Set(found)).sorted {
            ($0.ecosystem, $0.name, $0.manifest, $0.requirement) < ($1.ecosystem, $1.name, $1.manifest, $1.requirement)
        }
    }

    struct Entry: Hashable, Sendable {
        var name: String
        var requirement: String
    }

    private static func reader(of path: String) -> (ecosystem: String, entries: (String) -> [Entry])? {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        switch name {
        case "Package.swift": return ("swift", swiftPackage)
        case "package.json": return ("npm", packageJSON)
        case "go.mod": return ("go", goModule)
        case "Cargo.toml": return ("cargo", cargo)
        case "pyproject.toml": return ("python", pyproject)
        case "pom.xml": return ("maven", maven)
        case "Gemfile": return ("ruby", gemfile)
        default:
            if name.hasPrefix("requirements"), name.hasSuffix(".txt") { return ("python", requirements) }
            if name.hasSuffix(".csproj") { return ("nuget", project) }
            if name == "build.gradle" || name == "build.gradle.kts" { return ("gradle", gradle) }
            return nil
        }
    }

    /// `.package(url: "…", from: "…")`, up to the closing parenthesis of the call.
    static func swiftPackage(_ text: String) -> [Entry] {
        Text.parts(of: text, after: ".package(").compactMap { call in
            let arguments = Text.upToClosingParenthesis(call)
            let strings = Text.quoted(arguments)
            guard let first = strings.first, arguments.contains("url:") || arguments.contains("path:") else {
                return nil
            }
            let isURL = arguments.contains("url:")
            let name = first.split(separator: "/").last.map(String.init) ?? first
            let requirement = isURL ? Text.afterFirstString(arguments) : "path \(first)"
            return Entry(name: name.hasSuffix(".git") ? String(name.dropLast(4)) : name, requirement: requirement)
        }
    }

    static func packageJSON(_ text: String) -> [Entry] {
        ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"].flatMap { section in
            guard let object = Text.parts(of: text, after: "\"\(section)\"").first else { return [Entry]() }
            guard let open = object.firstIndex(of: "{"), let close = object.firstIndex(of: "}"), open < close else {
                return []
            }
            let strings = Text.quoted(object[open..<close])
            return stride(from: 0, to: strings.count - 1, by: 2).map {
                Entry(name: strings[$0], requirement: strings[$0 + 1])
            }
        }
    }

    static func goModule(_ text: String) -> [Entry] {
        var isInBlock = false
        return Text.lines(text, comment: "//").compactMap { line in
            if line.hasPrefix("require (") { isInBlock = true }
            if line == ")" { isInBlock = false }
            let words = line.split(separator: " ").map(String.init)
            if words.count >= 3, words[0] == "require", words[1] != "(" {
                return Entry(name: words[1], requirement: words[2])
            }
            return isInBlock && words.count >= 2 && words[0] != "require"
                ? Entry(name: words[0], requirement: words[1]) : nil
        }
    }

    static func cargo(_ text: String) -> [Entry] {
        var section = ""
        return Text.lines(text, comment: "#").compactMap { line in
            if line.hasPrefix("[") {
                section = line
                return nil
            }
            guard section.hasSuffix("dependencies]"), let equals = line.firstIndex(of: "=") else { return nil }
            let name = Text.trimmed(line[..<equals])
            let value = line[line.index(after: equals)...]
            let version =
                Text.parts(of: String(value), after: "version").first.map { Text.quoted($0) } ?? Text.quoted(value)
            return Entry(name: name, requirement: version.first ?? "")
        }
    }

    /// PEP 621's `dependencies = [ … ]` and the lists of `[project.optional-dependencies]`.
    static func pyproject(_ text: String) -> [Entry] {
        let lists = Text.parts(of: text, after: "dependencies").compactMap { part -> Substring? in
            let head = part.prefix { $0 != "[" && $0 != "\n" }
            guard Text.trimmed(head) == "=", let open = part.firstIndex(of: "[") else { return nil }
            return part[open...].prefix { $0 != "]" }
        }
        return lists.flatMap { Text.quoted($0) }.compactMap { requirementEntry($0) }
    }

    static func requirements(_ text: String) -> [Entry] {
        Text.lines(text, comment: "#").filter { !$0.hasPrefix("-") }.compactMap { requirementEntry($0) }
    }

    static func maven(_ text: String) -> [Entry] {
        Text.parts(of: text, after: "<dependency>").compactMap { part in
            guard let group = Text.element("groupId", in: part), let artifact = Text.element("artifactId", in: part)
            else {
                return nil
            }
            return Entry(name: "\(group):\(artifact)", requirement: Text.element("version", in: part) ?? "")
        }
    }

    static func gemfile(_ text: String) -> [Entry] {
        Text.lines(text, comment: "#").filter { $0.hasPrefix("gem ") }.compactMap { line in
            let strings = Text.quoted(line)
            return strings.first.map { Entry(name: $0, requirement: strings.dropFirst().first ?? "") }
        }
    }

    static func project(_ text: String) -> [Entry] {
        Text.parts(of: text, after: "<PackageReference").compactMap { part in
            let tag = part.prefix { $0 != ">" }
            let strings = Text.quoted(tag)
            return strings.first.map { Entry(name: $0, requirement: strings.dropFirst().first ?? "") }
        }
    }

    /// `implementation "group:name:version"` and its siblings.
    static func gradle(_ text: String) -> [Entry] {
        let words = ["implementation", "api", "compileOnly", "runtimeOnly", "testImplementation", "kapt"]
        return Text.lines(text, comment: "//").compactMap { line in
            guard words.contains(where: line.hasPrefix), let notation = Text.quoted(line).first else { return nil }
            let parts = notation.split(separator: ":").map(String.init)
            guard parts.count >= 2 else { return nil }
            return Entry(name: parts[0...1].joined(separator: ":"), requirement: parts.dropFirst(2).first ?? "")
        }
    }

    private static func requirementEntry(_ line: String) -> Entry? {
        let name = line.prefix { $0.isLetter || $0.isNumber || "._-".contains($0) }
        guard !name.isEmpty else { return nil }
        let rest = line.dropFirst(name.count).prefix { $0 != ";" }
        return Entry(name: String(name), requirement: Text.trimmed(rest))
    }
}

/// Small readers of text that several formats share.
private enum Text {
    /// What follows each place of `mark`, up to the end of the text.
    static func parts(of text: String, after mark: String) -> [Substring] {
        text.ranges(of: mark).map { text[$0.upperBound...] }
    }

    /// Lines without comments and blanks at their ends; empty ones are left out. A sign in a string is taken for a
    /// comment only after a blank or at the start.
    static func lines(_ text: String, comment: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { line in
            guard !trimmed(line).hasPrefix(comment) else { return "" }
            let cut = line.firstRange(of: " " + comment)?.lowerBound ?? line.endIndex
            return trimmed(line[..<cut])
        }.filter { !$0.isEmpty }
    }

    static func quoted(_ text: some StringProtocol) -> [String] {
        var strings: [String] = []
        var current: String?
        var quote: Character = "\""
        for character in text {
            if let open = current {
                if character == quote {
                    strings.append(open)
                    current = nil
                } else {
                    current = open + String(character)
                }
            } else if character == "\"" || character == "'" {
                quote = character
                current = ""
            }
        }
        return strings
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    static func upToClosingParenthesis(_ text: Substring) -> Substring {
        var depth = 1
        let end = text.firstIndex { character in
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            return depth == 0
        }
        return text[..<(end ?? text.endIndex)]
    }

    /// `from: "1.2.3"` of `url: "…", from: "1.2.3"`, without the quotes.
    static func afterFirstString(_ arguments: Substring) -> String {
        let parts = arguments.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return "" }
        return trimmed(parts[2].drop { $0 == "," || $0.isWhitespace }).filter { $0 != "\"" }
    }

    static func element(_ name: String, in text: Substring) -> String? {
        let scope = text.firstRange(of: "</dependency>").map { text[..<$0.lowerBound] } ?? text
        guard let open = scope.firstRange(of: "<\(name)>") else { return nil }
        let rest = scope[open.upperBound...]
        guard let close = rest.firstRange(of: "</\(name)>") else { return nil }
        return trimmed(rest[..<close.lowerBound])
    }
}
