package import Kernel

/// What is set, by whom, and what else was said: defaults, then the file, then the environment, then the flags, each
/// over the one before.
package struct Configuration: Sendable {
    package enum Source: Hashable, Sendable {
        case standard
        case file(String, line: Int?)
        /// The name of the variable; of a file of variables, where it stands in one.
        case variable(String, file: String?)
        case flag(String)

        package var words: String {
            switch self {
            case .standard: "default"
            case .file(let path, let line): path + (line.map { ":\($0)" } ?? "")
            case .variable(let name, let file): file.map { "\(name) in \($0)" } ?? "\(name) in the environment"
            case .flag(let name): "\(name) on the command line"
            }
        }
    }

    package struct Given: Hashable, Sendable {
        package var value: JSONValue
        package var source: Source
    }

    /// By key, the one that holds last.
    private(set) package var given: [String: [Given]] = [:]
    /// What is not wrong, but not as somebody may think.
    private(set) package var notes: [ConfigurationProblem] = []

    package init() {}

    package subscript<Value>(key: SettingKey<Value>) -> Value {
        key.read(given[key.setting.key]?.last?.value)
    }

    /// What holds, the default included.
    package func value(_ setting: Setting) -> JSONValue? { given[setting.key]?.last?.value ?? setting.fallback }

    package func source(_ setting: Setting) -> Source { given[setting.key]?.last?.source ?? .standard }

    package func isGiven(_ setting: Setting) -> Bool { given[setting.key] != nil }

    mutating func note(_ problem: ConfigurationProblem) { notes.append(problem) }

    mutating func add(_ setting: Setting, _ value: JSONValue, _ source: Source) {
        var all = given[setting.key] ?? []
        all.append(Given(value: value, source: source))
        given[setting.key] = all
    }

    /// Of all that is set, for the audit log: two hosts with the same digest are set alike. Secrets go in as whether
    /// they are given.
    package var digest: Digest {
        let members = Settings.all.map { setting in
            (setting.key, setting.isSecret ? .bool(isGiven(setting)) : value(setting) ?? .null)
        }
        return Digest.sha256(JSONValue.object(Dictionary(uniqueKeysWithValues: members)).bytes)
    }

    /// The keys whose values differ.
    package func changes(to other: Configuration) -> [Setting] {
        Settings.all.filter { value($0) != other.value($0) }
    }
}
