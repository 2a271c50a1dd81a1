import FoundationEssentials
import PluginKit

/// What dependency files name. Only what is written there: nothing is fetched, nothing is resolved.
enum Manifests {
    struct Named: Hashable {
        var name: String
        var version: String?
        var isDirect: Bool
    }

    static func read(_ file: DependencyFile, at pointer: String) throws(TaskFailure) -> (
        ecosystem: String, found: [Named]
    ) {
        let base = file.path.split(separator: "/").last.map(String.init) ?? file.path
        switch base {
        case "Package.resolved": return ("swift", try packageResolved(file.text, pointer))
        case "package.json": return ("npm", try packageJSON(file.text, pointer))
        case "go.mod": return ("go", goModule(file.text))
        case "Cargo.toml": return ("cargo", cargo(file.text))
        case _ where base.hasPrefix("requirements") && base.hasSuffix(".txt"): return ("pypi", requirements(file.text))
        default:
            throw .invalid(
                "\(pointer)/path: \(base) is none of Package.resolved, package.json, go.mod, Cargo.toml,"
                    + " requirements*.txt")
        }
    }

    private static func json(_ text: String, _ pointer: String) throws(TaskFailure) -> JSONValue {
        do { return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) } catch {
            throw .invalid("\(pointer)/text: is not JSON")
        }
    }

    /// Versions 1 to 3 of the file.
    private static func packageResolved(_ text: String, _ pointer: String) throws(TaskFailure) -> [Named] {
        let root = try json(text, pointer)
        guard let pins = (root["pins"] ?? root["object"]?["pins"])?.arrayValue else {
            throw .invalid("\(pointer)/text: has no pins")
        }
        return pins.compactMap { pin in
            let name = pin["identity"]?.stringValue ?? pin["package"]?.stringValue
            let state = pin["state"]
            let version = state?["version"]?.stringValue ?? state?["revision"]?.stringValue
            return name.map { Named(name: $0, version: version, isDirect: false) }
        }
    }

    private static func packageJSON(_ text: String, _ pointer: String) throws(TaskFailure) -> [Named] {
        let root = try json(text, pointer)
        guard root.objectValue != nil else { throw .invalid("\(pointer)/text: is no object") }
        return ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].flatMap { kind in
            (root[kind]?.objectValue ?? [:]).map { Named(name: $0.key, version: $0.value.stringValue, isDirect: true) }
        }
    }

    private static func goModule(_ text: String) -> [Named] {
        var found: [Named] = [], isInside = false
        for line in text.split(whereSeparator: \.isNewline) {
            let halves = line.components(before: "//")
            let words = halves.code.split { $0 == " " || $0 == "\t" }.map(String.init)
            if words == ["require", "("] { isInside = true; continue }
            if words == [")"] { isInside = false; continue }
            let rest = words.first == "require" ? Array(words.dropFirst()) : isInside ? words : []
            guard rest.count == 2 else { continue }
            found.append(Named(name: rest[0], version: rest[1], isDirect: !halves.comment.contains("indirect")))
        }
        return found
    }

    /// Tables `[dependencies]`, `[dev-dependencies]`, `[build-dependencies]`, a target's, and `[dependencies.x]`.
    private static func cargo(_ text: String) -> [Named] {
        var found: [Named] = [], table = "", single: Int?
        for line in text.split(whereSeparator: \.isNewline) {
            let code = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
            let trimmed = code.trimmed
            if trimmed.hasPrefix("["), trimmed.hasSuffix("]") {
                table = String(trimmed.dropFirst().dropLast())
                single = nil
                let parts = table.split(separator: ".").map(String.init)
                if parts.count >= 2, parts[parts.count - 2].hasSuffix("dependencies"), let name = parts.last {
                    found.append(Named(name: name.unquoted, version: nil, isDirect: true))
                    single = found.count - 1
                }
                continue
            }
            guard let sign = trimmed.firstIndex(of: "=") else { continue }
            let key = String(trimmed[..<sign]).trimmed.unquoted
            let value = String(trimmed[trimmed.index(after: sign)...]).trimmed
            if let single {
                if key == "version" { found[single].version = value.unquoted }
            } else if table.hasSuffix("dependencies") {
                found.append(Named(name: key, version: version(value), isDirect: true))
            }
        }
        return found
    }

    /// `"1.2"` or `{ version = "1.2", … }`.
    private static func version(_ value: String) -> String? {
        if value.hasPrefix("\"") || value.hasPrefix("'") { return value.unquoted }
        for part in value.split(whereSeparator: { "{},".contains($0) }) {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2, String(pair[0]).trimmed == "version" { return String(pair[1]).trimmed.unquoted }
        }
        return nil
    }

    /// PEP 508 names with their specifier; options and other files are passed over.
    private static func requirements(_ text: String) -> [Named] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let code = String(line.components(before: " #").code.components(before: ";").code).trimmed
            guard let first = code.first, first.isLetter || first.isNumber else { return nil }
            let name = code.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) }
            var rest = String(code.dropFirst(name.count)).trimmed
            if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
                rest = String(rest[rest.index(after: close)...]).trimmed
            }
            return Named(name: normalised(String(name)), version: rest.isEmpty ? nil : rest, isDirect: true)
        }
    }

    /// PEP 503: runs of `-_.` are one `-`, in lower case.
    private static func normalised(_ name: String) -> String {
        name.lowercased().split { "-_.".contains($0) }.joined(separator: "-")
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    fileprivate var unquoted: String {
        let text = trimmed
        guard text.count >= 2, let first = text.first, first == "\"" || first == "'", text.last == first else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }

    /// What stands before a mark, and what from it on.
    fileprivate func components(before mark: String) -> (code: String, comment: String) {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(mark) { return (String(self[..<index]), String(self[index...])) }
            index = self.index(after: index)
        }
        return (String(self), "")
    }
}
