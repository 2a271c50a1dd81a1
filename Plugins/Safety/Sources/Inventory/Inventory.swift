import FoundationEssentials
import PluginKit

/// A file that names packages, by its form.
package enum InventoryKind: String, Codable, Sendable, CaseIterable {
    case dpkgStatus = "dpkg-status"
    case requirements
    case packageLock = "package-lock"
    case packageResolved = "package-resolved"

    /// By the file's usual name; nil for any other file.
    init?(path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        switch name {
        case "status" where path.hasSuffix("dpkg/status"): self = .dpkgStatus
        case "package-lock.json", "npm-shrinkwrap.json": self = .packageLock
        case "Package.resolved": self = .packageResolved
        case _ where name.hasPrefix("requirements") && name.hasSuffix(".txt"): self = .requirements
        default: return nil
        }
    }
}

package struct Component: Codable, Hashable, Sendable {
    /// As OSV names it: Debian, PyPI, npm, SwiftURL.
    package var ecosystem: String
    package var name: String
    /// Absent: not pinned to one version, so that nothing can be said.
    package var version: String?
    /// The file that names it.
    package var source: String
    /// From 1; absent for JSON files.
    package var line: Int?
}

struct Inventory: Sendable {
    var components: [Component] = []
    /// What could not be read, with its place.
    var warnings: [String] = []
    /// Against repeats in nested lock files.
    var seen: Set<Component> = []

    static func read(_ text: String, kind: InventoryKind, source: String) throws(TaskFailure) -> Inventory {
        switch kind {
        case .dpkgStatus: return dpkg(text, source: source)
        case .requirements: return requirements(text, source: source)
        case .packageLock: return try packageLock(json(text, source), source: source)
        case .packageResolved: return try packageResolved(json(text, source), source: source)
        }
    }

    private static func json(_ text: String, _ source: String) throws(TaskFailure) -> JSONValue {
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        } catch {
            throw .invalid("\(source): not JSON; give the lock file as it is")
        }
    }

    /// OSV names Debian's source packages, with the source's version where it differs.
    private static func dpkg(_ text: String, source: String) -> Inventory {
        var inventory = Inventory()
        var fields: [String: String] = [:]
        var start = 1
        var seen: Set<String> = []
        func finish(_ inventory: inout Inventory) {
            guard let package = fields["Package"], let version = fields["Version"] else {
                if !fields.isEmpty { inventory.warnings.append("\(source):\(start): a stanza without name or version") }
                return
            }
            guard fields["Status"].map({ $0.hasSuffix(" installed") }) ?? true else { return }
            let parts = (fields["Source"] ?? package).split(separator: " ", maxSplits: 1).map(String.init)
            let own = parts.count > 1 ? parts[1].filter { $0 != "(" && $0 != ")" } : version
            let name = parts.first ?? package
            if seen.insert("\(name) \(own)").inserted {
                inventory.components.append(
                    Component(ecosystem: "Debian", name: name, version: own, source: source, line: start))
            }
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == " " || $0 == "\r" }) {
                finish(&inventory)
                fields = [:]
                start = index + 2
            } else if line.first != " ", line.first != "\t", let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...]
                fields[String(line[..<colon])] = Texts.trimmed(value)
            }
        }
        finish(&inventory)
        return inventory
    }

    /// pip's requirements format. Only `name==version` (or `===`) says what is installed.
    private static func requirements(_ text: String, source: String) -> Inventory {
        var inventory = Inventory()
        var pending = ""
        var first = 1
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = Texts.trimmed(raw)
            if pending.isEmpty { first = index + 1 }
            if line.hasSuffix("\\") {
                pending += String(line.dropLast()) + " "
                continue
            }
            line = pending + line
            pending = ""
            if let comment = line.firstRange(of: " #") { line = String(line[..<comment.lowerBound]) }
            line = Texts.trimmed(line[...])
            guard let start = line.first, start != "#", start != "-" else { continue }
            let marked = line.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)[0]
            let requirement = marked.split(separator: " --", maxSplits: 1)
            let text = String((requirement.first ?? "").filter { $0 != " " })
            let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
            guard let head = name.first, head.isLetter || head.isNumber, !text.contains("://") else {
                inventory.warnings.append("\(source):\(first): \"\(line.prefix(60))\" names no package of PyPI")
                continue
            }
            var rest = text[name.endIndex...]
            if rest.first == "[", let end = rest.firstIndex(of: "]") { rest = rest[rest.index(after: end)...] }
            let pinned = rest.hasPrefix("==") && !rest.contains(",") && !rest.contains("*")
            inventory.components.append(
                Component(
                    ecosystem: "PyPI", name: PythonVersion.normalizedName(String(name)),
                    version: pinned ? String(rest.drop { $0 == "=" }) : nil, source: source, line: first))
        }
        return inventory
    }
}
