import Glibc
import HostConfiguration
import Kernel
import Synchronization

/// The settings of this process: found and read once, before the command runs.
enum Configured {
    private struct State {
        /// By `--config`, `--env-file` and `--store`.
        var config: String?
        var variables: String?
        var store: String?
        var loaded: LoadedConfiguration?
        /// As it was before the first file of variables went into it: that file may say other things later.
        var environment: [String: String]?

        mutating func load() -> LoadedConfiguration {
            let start = self.environment ?? Environment.all
            self.environment = start
            return LoadedConfiguration(config: config, variables: variables, store: store, environment: start)
        }
    }

    private static let state = Mutex(State())

    /// What the command line says about where settings are. Called while it is read.
    static func name(config: String? = nil, variables: String? = nil, store: String? = nil) {
        state.withLock { state in
            state.config = config ?? state.config
            state.variables = variables ?? state.variables
            state.store = store ?? state.store
        }
    }

    /// As it was read; read anew where that has not happened.
    static var loaded: LoadedConfiguration {
        state.withLock { state in
            if let loaded = state.loaded { return loaded }
            let loaded = state.load()
            loaded.publish(after: nil)
            state.loaded = loaded
            return loaded
        }
    }

    /// Reads everything again. What is wrong now leaves what holds as it is.
    static func reload() throws(ConfigurationProblems) -> Configuration {
        let fresh = state.withLock { $0.load() }
        guard fresh.problems.isEmpty else { throw ConfigurationProblems(fresh.problems) }
        state.withLock { state in
            fresh.publish(after: state.loaded)
            state.loaded = fresh
        }
        return fresh.configuration
    }

    /// Without flags, and without what is wrong, which ``require()`` has refused by then.
    static var current: Configuration { loaded.configuration }

    static func require() throws(CommandFailure) {
        let problems = loaded.problems
        guard problems.isEmpty else { throw CommandFailure(.badInput, lines: problems.map(\.description)) }
    }

    /// A path of a file is below the folder of that file, all others below the current folder.
    static func path(_ text: String, _ source: Configuration.Source) -> String {
        guard case .file(let file, _) = source else { return FilePath.absolute(text) }
        return FilePath.join(FilePath.parent(FilePath.absolute(file)), text)
    }
}

extension Configuration {
    func path(_ key: SettingKey<String>) -> String { Configured.path(self[key], source(key.setting)) }
    func path(_ key: SettingKey<String?>) -> String? { self[key].map { Configured.path($0, source(key.setting)) } }
    func paths(_ key: SettingKey<[String]>) -> [String] { self[key].map { Configured.path($0, source(key.setting)) } }

    /// With what the command line says over it. Wrong flags have been refused by ``checkFlags(_:)``.
    func adding(_ flags: [String: GivenText]) -> Configuration {
        guard !flags.isEmpty else { return self }
        var layers = ConfigurationLayers(over: self)
        layers.add(flags: flags)
        return layers.configuration
    }
}

/// Where settings were found, and what they are.
struct LoadedConfiguration: Sendable {
    static let fileName = "bureau.yaml"
    private static let variablesMaximumBytes = 1 << 20

    /// Nil: there is none.
    let file: String?
    let variables: String?
    /// Without what is wrong.
    let configuration: Configuration
    let problems: [ConfigurationProblem]
    /// What the file of variables says that the environment did not.
    private let additions: [String: String]

    init(config: String?, variables named: String?, store: String?, environment: [String: String]) {
        var layers = ConfigurationLayers()
        let variables = (named ?? environment["BUREAU_ENV_FILE"]).flatMap { $0.isEmpty ? nil : $0 }
        var fromFile: [String: String] = [:]
        if let variables { fromFile = Self.variables(variables, &layers) }
        let chosen = config ?? environment["BUREAU_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        file = chosen ?? Self.usual(store: store, environment.merging(fromFile) { first, _ in first })
        self.variables = variables
        if let file { Self.read(file, isNamed: chosen != nil, &layers) }
        layers.add(variables: fromFile, file: variables)
        layers.add(variables: environment)
        configuration = layers.configuration
        problems = layers.problems
        additions = fromFile.filter { environment[$0.key] == nil }
    }

    /// What the file of variables says also holds for what the host reads from its environment itself: providers' keys.
    ///
    /// - Parameter before: what was published last.
    func publish(after before: LoadedConfiguration?) {
        let old = before?.additions ?? [:]
        for (name, value) in additions where old[name] != value { setenv(name, value, 1) }
        for name in old.keys where additions[name] == nil { unsetenv(name) }
    }

    /// `bureau.yaml` in the current folder, or in the store.
    private static func usual(store: String?, _ environment: [String: String]) -> String? {
        if FilePath.exists(fileName) { return fileName }
        let named = environment["BUREAU_STORE"].flatMap { $0.isEmpty ? nil : $0 }
        let database = environment["DATABASE_URL"].flatMap { DatabaseURL.folder($0) }
        let path = FilePath.join(store ?? named ?? database ?? Settings.storeFolder.standard, fileName)
        return FilePath.exists(path) ? path : nil
    }

    private static func read(_ path: String, isNamed: Bool, _ layers: inout ConfigurationLayers) {
        // A folder that others write to must not say where plugins come from.
        if !isNamed, let reason = FileOwner.distrust(path) {
            layers.add(
                ConfigurationProblems([ConfigurationProblem(path, "\(reason); name it with --config to use it")]))
            return
        }
        switch FilePath.read(path, maximumBytes: YAMLReader.maximumBytes) {
        case .success(let bytes): layers.add(file: path, bytes)
        case .failure(let problem):
            layers.add(ConfigurationProblems([ConfigurationProblem(path, String(cString: strerror(problem.number)))]))
        }
    }

    private static func variables(_ path: String, _ layers: inout ConfigurationLayers) -> [String: String] {
        switch FilePath.read(path, maximumBytes: variablesMaximumBytes) {
        case .failure(let problem):
            layers.add(ConfigurationProblems([ConfigurationProblem(path, String(cString: strerror(problem.number)))]))
        case .success(let bytes):
            do throws(ConfigurationProblems) {
                return try VariableFile.values(bytes, source: path)
            } catch {
                layers.add(error)
            }
        }
        return [:]
    }
}

extension SettingKey where Value == String {
    var standard: String { setting.fallback?.stringValue ?? "" }
}

/// Whose word a file is.
enum FileOwner {
    /// Why a file that nobody named is not to be believed.
    static func distrust(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        if status.st_uid != geteuid(), status.st_uid != 0 { return "belongs to another user" }
        if status.st_mode & S_IWOTH != 0 { return "may be written by everybody" }
        return nil
    }

    /// Why a file with secrets is not safe.
    static func exposure(_ path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        if status.st_uid != geteuid() { return "belongs to another user" }
        return status.st_mode & 0o077 == 0 ? nil : "may be read by others (chmod 600)"
    }
}
