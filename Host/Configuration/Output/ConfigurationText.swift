package import Kernel

/// A `bureau.yaml` in which everything is said and nothing is set: each setting is a comment with its default.
package enum ConfigurationText {
    package static var template: String {
        var lines = [
            "# bureau.yaml: what this host does otherwise than by default. bureau config check reads it, and",
            "# bureau config explain says what holds and why. Over this file go environment variables, then flags.",
        ]
        var section = ""
        for setting in Settings.all where !setting.isSecret {
            guard case .host = setting.use else { continue }
            let parts = setting.key.split(separator: ".", maxSplits: 1).map(String.init)
            if parts[0] != section {
                section = parts[0]
                lines += ["", "# \(Settings.sections[section] ?? "")", "#\(section):"]
            }
            lines.append("#  # \(setting.summary)" + (setting.reload == .live ? " Takes effect at once." : ""))
            lines.append("#  \(parts[1]): \(setting.fallback.map(text) ?? "")")
        }
        return lines.map { line in
            var line = line[...]
            while line.hasSuffix(" ") { line = line.dropLast() }
            return line + "\n"
        }.joined()
    }

    /// As people write it, and as the file takes it.
    package static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .array(let elements): elements.map(text).joined(separator: ", ")
        case .double(let number): "\(number)"
        case .null: ""
        default: value.serialized()
        }
    }
}

extension Configuration {
    /// What `config explain --json` and audits show of one setting. A secret's value is nowhere in it.
    package func explanation(of setting: Setting) -> JSONValue {
        let all = given[setting.key] ?? []
        let shown = { (value: JSONValue?) -> JSONValue in
            setting.isSecret ? (value == nil ? .null : "(given)") : value ?? .null
        }
        var members: [String: JSONValue] = [
            "key": .string(setting.key), "value": shown(value(setting)), "source": .string(source(setting).words),
            "default": setting.fallback ?? .null, "summary": .string(setting.summary),
            "environment": .array(setting.environment.map { .string($0) }),
            "flag": setting.flag.map { .string($0) } ?? .null,
            "takes_effect": .string(setting.reload.rawValue),
            "overridden": .array(
                all.dropLast().reversed().map { ["value": shown($0.value), "source": .string($0.source.words)] }),
        ]
        if case .noted(let words) = setting.use { members["note"] = .string(words) }
        return .object(members)
    }
}
