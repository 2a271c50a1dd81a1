import Kernel

/// Puts the layers on one another and collects all that is wrong with any of them.
package struct ConfigurationLayers {
    /// What holds so far, without what was wrong.
    private(set) package var configuration: Configuration
    private(set) package var problems: [ConfigurationProblem] = []

    /// - Parameter configuration: what the layers go over.
    package init(over configuration: Configuration = Configuration()) { self.configuration = configuration }

    /// - Throws: all problems at once.
    package func finish() throws(ConfigurationProblems) -> Configuration {
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return configuration
    }

    package mutating func add(_ problems: ConfigurationProblems) { self.problems += problems.all }

    // MARK: File

    package mutating func add(file path: String, _ bytes: [UInt8]) {
        do throws(ConfigurationProblems) {
            let isJSON = path.hasSuffix(".json")
            let entries =
                isJSON
                ? try JSONReader.entries(bytes, source: path) : try YAMLReader.entries(bytes, source: path)
            add(entries, of: path)
        } catch {
            add(error)
        }
    }

    private mutating func add(_ entries: [FileEntry], of path: String) {
        var seen: [String: FileEntry] = [:]
        for entry in entries {
            guard let setting = Self.byFileName[entry.key] else {
                problems.append(ConfigurationProblem(path, line: entry.line, Self.unknown(entry.key)))
                continue
            }
            guard !setting.isSecret else {
                let variable = setting.environment.first ?? ""
                problems.append(
                    ConfigurationProblem(
                        path, line: entry.line,
                        "\(entry.key) is a secret and does not belong in a file: set \(variable), or bureau keys set"
                    ))
                continue
            }
            switch setting.kind.value(of: entry.text) {
            case .failure(let problem):
                problems.append(ConfigurationProblem(path, line: entry.line, "\(entry.key) \(problem.message)"))
            case .success(let value):
                // Other systems' switches close the API; none of them opens it.
                if setting.key == Settings.secure.setting.key, entry.key != setting.key, value == false { continue }
                if let earlier = seen[setting.key], let other = configuration.given[setting.key]?.last?.value {
                    combine(setting, other, value, earlier, entry, path)
                    continue
                }
                seen[setting.key] = entry
                configuration.add(setting, value, .file(path, line: entry.line))
            }
        }
    }

    /// Two names of one setting in one file: they must agree, but for switches any of which turns it on.
    private mutating func combine(
        _ setting: Setting, _ first: JSONValue, _ second: JSONValue, _ earlier: FileEntry, _ later: FileEntry,
        _ path: String
    ) {
        guard first != second else { return }
        if setting.key == Settings.secure.setting.key {
            return configuration.add(setting, true, .file(path, line: later.line ?? earlier.line))
        }
        problems.append(
            ConfigurationProblem(
                path, line: later.line, "\(later.key) and \(earlier.key) are one setting and differ"))
    }

    /// Keys and the names that files of others have for them.
    static let byFileName: [String: Setting] = Dictionary(
        uniqueKeysWithValues: Settings.all.flatMap { setting in ([setting.key] + setting.aliases).map { ($0, setting) }
        })

    private static func unknown(_ key: String) -> String {
        let near = NearestName.of(key, in: byFileName.filter { !$0.value.isSecret }.keys.sorted())
        // The right name in the wrong section.
        let last = key.split(separator: ".").last.map(String.init) ?? key
        let elsewhere = Settings.keysInFiles.first { $0.hasSuffix("." + last) }
        let advice = (near ?? elsewhere).map { "; did you mean \($0)?" } ?? "; bureau config explain lists the settings"
        return "\(key) is no setting\(advice)"
    }

    // MARK: Environment

    /// - Parameter file: where the variables stand; nil: in the environment itself.
    package mutating func add(variables: [String: String], file: String? = nil) {
        var known: Set<String> = []
        for setting in Settings.all {
            known.formUnion(setting.environment)
            // The last one said holds, and the first name of a setting goes before the others.
            for name in setting.environment.reversed() {
                guard let text = variables[name], !text.isEmpty else { continue }
                add(setting, variable: name, text, file)
            }
        }
        addPlace(variables, file)
        for name in variables.keys.sorted() where name.hasPrefix("BUREAU_") && !known.contains(name) {
            guard !Self.otherVariables.contains(name) else { continue }
            let near = NearestName.of(name, in: known.sorted()).map { "; did you mean \($0)?" } ?? ""
            configuration.note(ConfigurationProblem(file ?? "the environment", "\(name) is no setting\(near)"))
        }
    }

    /// Variables of the command that are no settings of a host.
    static let otherVariables: Set<String> = [
        "BUREAU_ADDRESS", "BUREAU_BACKUP_KEY", "BUREAU_COMPLIANCE_DATES", "BUREAU_CONFIG", "BUREAU_CONTEXT",
        "BUREAU_ENV_FILE", "BUREAU_MODEL_KEY", "BUREAU_S3_ENDPOINT", "BUREAU_TOKEN", "BUREAU_VAULT_KEY",
    ]

    private mutating func add(_ setting: Setting, variable name: String, _ text: String, _ file: String?) {
        switch setting.kind.value(of: .one(text)) {
        case .success(let value):
            // Any of the others' switches closes the API; none of them opens what another one closed.
            let isOthers = !name.hasPrefix("BUREAU_"), isOpening = value == false
            if setting.key == Settings.secure.setting.key, isOthers, isOpening, configuration[Settings.secure] {
                return
            }
            configuration.add(setting, value, .variable(name, file: file))
        case .failure(let problem):
            let said = setting.isSecret ? "" : ", not \"\(text)\""
            let wrong = ConfigurationProblem(file ?? name, "\(file == nil ? "" : name + " ")\(problem.message)\(said)")
            // Ours mean this host; the others' may mean another program.
            if name.hasPrefix("BUREAU_") { problems.append(wrong) } else { configuration.note(wrong) }
        }
    }

    /// `DATABASE_URL=sqlite:///folder` says where the store is, unless `BUREAU_STORE` does.
    private mutating func addPlace(_ variables: [String: String], _ file: String?) {
        guard let url = variables["DATABASE_URL"], variables["BUREAU_STORE", default: ""].isEmpty else { return }
        guard let folder = DatabaseURL.folder(url) else { return }
        configuration.add(
            Settings.storeFolder.setting, .string(folder), .variable("DATABASE_URL", file: file))
    }

    // MARK: Flags

    package mutating func add(flags: [String: GivenText]) {
        for key in flags.keys.sorted() {
            guard let text = flags[key], let setting = Settings.byKey[key], let name = setting.flag else { continue }
            switch setting.kind.value(of: text) {
            case .success(let value): configuration.add(setting, value, .flag(name))
            case .failure(let problem): problems.append(ConfigurationProblem(name, problem.message))
            }
        }
    }
}

/// Where `DATABASE_URL` puts the store.
package enum DatabaseURL {
    /// `sqlite:////var/lib/bureau` is an absolute folder, `sqlite:///bureau` one below the current; a name that ends in
    /// `.db` or `.sqlite` stands for a folder without that ending. Nil for other databases.
    package static func folder(_ url: String) -> String? {
        let prefix = "sqlite:///"
        guard url.hasPrefix(prefix) else { return nil }
        var path = url.dropFirst(prefix.count)
        for ending in [".db", ".sqlite", ".sqlite3"] where path.hasSuffix(ending) { path = path.dropLast(ending.count) }
        return path.isEmpty ? nil : String(path)
    }
}
