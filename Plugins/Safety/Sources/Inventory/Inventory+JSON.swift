import PluginKit

/// Lock files that are JSON.
extension Inventory {
    /// Versions 1 (nested `dependencies`) to 3 (flat `packages` by folder).
    static func packageLock(_ json: JSONValue, source: String) throws(TaskFailure) -> Inventory {
        var inventory = Inventory()
        if let packages = json["packages"]?.objectValue {
            for (folder, package) in packages.sorted(by: { $0.key < $1.key }) where !folder.isEmpty {
                guard package["link"]?.boolValue != true, let range = folder.lastRange(of: "node_modules/")
                else { continue }
                let name = package["name"]?.stringValue ?? String(folder[range.upperBound...])
                inventory.add("npm", name, package["version"]?.stringValue, source)
            }
        } else if let dependencies = json["dependencies"]?.objectValue {
            var open = [dependencies]
            while let level = open.popLast() {
                for (name, package) in level.sorted(by: { $0.key < $1.key }) {
                    inventory.add("npm", name, package["version"]?.stringValue, source)
                    if let nested = package["dependencies"]?.objectValue { open.append(nested) }
                }
            }
        } else if json["lockfileVersion"] == nil {
            throw .invalid("\(source): no package-lock.json: it has no packages, dependencies or lockfileVersion")
        }
        return inventory
    }

    /// Versions 1 (`object.pins`) to 3 (`pins`).
    static func packageResolved(_ json: JSONValue, source: String) throws(TaskFailure) -> Inventory {
        guard let pins = (json["pins"] ?? json["object"]?["pins"])?.arrayValue else {
            throw .invalid("\(source): no Package.resolved: it has no pins")
        }
        var inventory = Inventory()
        for (index, pin) in pins.enumerated() {
            guard let location = (pin["location"] ?? pin["repositoryURL"])?.stringValue else {
                inventory.warnings.append("\(source): /pins/\(index) has no location")
                continue
            }
            inventory.add("SwiftURL", swiftName(location), pin["state"]?["version"]?.stringValue, source)
        }
        return inventory
    }

    private mutating func add(_ ecosystem: String, _ name: String, _ version: String?, _ source: String) {
        let component = Component(ecosystem: ecosystem, name: name, version: version, source: source)
        if seen.insert(component).inserted { components.append(component) }
    }

    /// OSV's SwiftURL: host and path, without scheme, user and `.git`.
    static func swiftName(_ location: String) -> String {
        var name = location[...]
        if let scheme = name.firstRange(of: "://") { name = name[scheme.upperBound...] }
        if let user = name.firstIndex(of: "@") {
            // scp's form: git@github.com:owner/name
            name = name[name.index(after: user)...]
            if let colon = name.firstIndex(of: ":"), !name[..<colon].contains("/") {
                name = Substring("\(name[..<colon])/\(name[name.index(after: colon)...])")
            }
        }
        while name.hasSuffix("/") { name = name.dropLast() }
        if name.hasSuffix(".git") { name = name.dropLast(4) }
        return name.lowercased()
    }
}
