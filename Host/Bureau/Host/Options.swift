import ArgumentParser
import Gateway
import Engine
import Glibc
import HostConfiguration
import Kernel
import Placement

/// Where the store is.
struct StoreOptions: ParsableArguments {
    @Option(help: "Folder of the store (default: BUREAU_STORE, or .bureau in the current folder).")
    var store: String?

    @Option(
        help: ArgumentHelp(
            "The settings (default: BUREAU_CONFIG, or bureau.yaml in the current folder or the store); see bureau "
                + "config --help.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp("NAME=value lines that count as environment (default: BUREAU_ENV_FILE).", valueName: "file"))
    var envFile: String?

    var folder: String { store.map(FilePath.absolute) ?? Configured.current.path(Settings.storeFolder) }

    mutating func validate() throws { Configured.name(config: config, variables: envFile, store: store) }
}

struct OutputOptions: ParsableArguments {
    @Flag(help: "Write JSON to standard output and nothing else.")
    var json = false
}

/// What a command needs that looks at or runs plugins.
struct HostOptions: ParsableArguments {
    @OptionGroup var storage: StoreOptions

    @Option(
        name: .long, parsing: .singleValue,
        help: "A plugin file, or a folder of them; may be repeated (default: those that came with bureau).")
    var plugins: [String] = []

    @Option(
        name: .customLong("allow-folder"), parsing: .singleValue,
        help: ArgumentHelp(
            "A folder whose files and Git repositories tools may read; may be repeated (default: the current one).",
            valueName: "path"))
    var allowedFolders: [String] = []

    @Option(
        name: .customLong("placement"), parsing: .singleValue,
        help: ArgumentHelp(
            "Where plugins run: worker (a process each), inline, or group:NAME (one process for all of that name); "
                + "DEPARTMENT=… for one of them. May be repeated (default: worker).",
            valueName: "[department=]place"))
    var places: [Place] = []

    @Option(
        help: ArgumentHelp(
            "The least that a worker must be confined: none, basic, standard or strict (default: standard).",
            valueName: "level"))
    var minIsolation: IsolationLevel?

    @Option(help: ArgumentHelp("Address space of a worker (default: 512).", valueName: "MiB"))
    var workerMemory: Int?

    @Option(
        name: .customLong("worker-cpu"),
        help: ArgumentHelp("Processor seconds of a worker in its whole life (default: no limit).", valueName: "s"))
    var workerCPU: Int?

    @OptionGroup var models: ModelServerOptions

    @Option(
        help: ArgumentHelp(
            "Rules over what may pass to models, tools and the web (default: BUREAU_POLICY, or policy.json in the "
                + "store); see bureau policy --help.", valueName: "file"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "Where model calls are sent from: process (bureau-egress, which keeps answers over a crash of this host; "
                + "the default of serve) or in-process.", valueName: "place"))
    var egress: EgressPlace?

    @Option(
        name: .customLong("allow-private-host"), parsing: .singleValue,
        help: ArgumentHelp(
            "DANGEROUS: departments that were granted this host may fetch from it even if it lies on this machine or "
                + "an internal network; may be repeated.", valueName: "host[:port]"))
    var privateHosts: [HostPattern] = []

    @Option(
        name: .customLong("allow-plain-http"), parsing: .singleValue,
        help: ArgumentHelp(
            "A host that departments may fetch from without TLS; may be repeated.", valueName: "host[:port]"))
    var plainHosts: [HostPattern] = []

    @OptionGroup var space: SpaceOptions

    mutating func validate() throws { try Flags.check(flags) }
}

extension HostOptions {
    var flags: [String: GivenText] {
        var flags = Flags()
        flags.set(Settings.plugins, plugins)
        flags.set(Settings.allowedFolders, allowedFolders)
        flags.set(Settings.placement, places.map(\.text))
        flags.set(Settings.minimumIsolation, minIsolation?.name)
        flags.set(Settings.workerMemory, workerMemory)
        flags.set(Settings.workerCPU, workerCPU)
        flags.set(Settings.gateway, models.gateway)
        flags.set(Settings.policy, policy)
        flags.set(Settings.egress, egress?.rawValue)
        flags.set(Settings.privateHosts, privateHosts.map(\.description))
        flags.set(Settings.plainHosts, plainHosts.map(\.description))
        flags.set(Settings.minimumFreeSpace, space.minFreeSpace)
        flags.set(Settings.ballast, space.ballast)
        return flags.given
    }

    /// All that holds, these options included.
    var settings: Configuration { Configured.current.adding(flags) }

    /// Files that somebody named are that one's word; others came with the command.
    var namesPlugins: Bool { !settings[Settings.plugins].isEmpty }

    /// The files that were named, or those beside the command.
    var pluginFiles: [String] {
        let named = settings.paths(Settings.plugins)
        return named.isEmpty ? Installation.plugins : named.flatMap(FilePath.plugins)
    }

    /// The last word on each department, and on all others.
    var placement: PlacementPlan {
        var plan = PlacementPlan()
        for place in settings[Settings.placement].compactMap({ Place(argument: $0) }) {
            if let department = place.department {
                plan.departments[department] = place.kind
            } else {
                plan.general = place.kind
            }
        }
        return plan
    }

    /// The least that a worker must be confined.
    var isolation: IsolationLevel { IsolationLevel(name: settings[Settings.minimumIsolation]) ?? .strict }

    /// Where model calls are sent from; nil: as the gateway file or the command says.
    var egressPlace: EgressPlace? { settings[Settings.egress].flatMap { EgressPlace(rawValue: $0) } }

    /// Limits of all that this command places.
    var placements: PlacementSettings {
        let settings = settings
        var placements = PlacementSettings()
        placements.minimumIsolation = isolation
        placements.memoryBytes = UInt64(settings[Settings.workerMemory]) << 20
        placements.cpuSeconds = settings[Settings.workerCPU].map { UInt64($0) }
        return placements
    }

    /// What departments that were granted a host may fetch.
    var fetches: FetchSettings {
        let settings = settings
        return FetchSettings(
            plainHosts: settings[Settings.plainHosts].compactMap { try? HostPattern($0) },
            privateHosts: settings[Settings.privateHosts].compactMap { try? HostPattern($0) })
    }
}

/// What the command line sets, for the layers of the configuration.
struct Flags {
    private(set) var given: [String: GivenText] = [:]

    mutating func set<Value>(_ key: SettingKey<Value>, _ value: (some CustomStringConvertible)?) {
        given[key.setting.key] = value.map { .one($0.description) }
    }

    mutating func set(_ key: SettingKey<[String]>, _ values: [String]) {
        given[key.setting.key] = values.isEmpty ? nil : .many(values)
    }

    /// What the setting would refuse is a wrong command line.
    static func check(_ flags: [String: GivenText]) throws {
        for (key, text) in flags.sorted(by: { $0.key < $1.key }) {
            guard let setting = Settings.byKey[key] else { continue }
            if case .failure(let problem) = setting.kind.value(of: text) {
                throw ValidationError("\(setting.flag ?? key) \(problem.message)")
            }
        }
    }
}

/// Which models there are.
struct ModelServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file with providers, keys, prices and classes (default: BUREAU_GATEWAY, or gateway.json in the "
                + "store).", valueName: "file"))
    var gateway: String?

    @Option(
        help: ArgumentHelp(
            "An OpenAI-compatible model server instead of the built-in offline model; its key is read from "
                + "BUREAU_MODEL_KEY.", valueName: "url"))
    var modelServer: String?

    @Option(help: ArgumentHelp("The model to ask for at --model-server.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("The provider whose prices a keyed --model-server has.", valueName: "provider"))
    var priceAs = "openai"

    mutating func validate() throws {
        if model != nil, modelServer == nil { throw ValidationError("--model needs --model-server") }
    }
}

/// One `--placement`.
struct Place: ExpressibleByArgument {
    /// Nil: all that have no word of their own.
    var department: String?
    var kind: PlacementKind

    /// As it was written.
    var text: String { (department.map { $0 + "=" } ?? "") + kind.rawValue }

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let last = parts.last, let kind = PlacementKind(rawValue: String(last)) else { return nil }
        department = parts.count == 2 ? String(parts[0]) : nil
        self.kind = kind
        if department?.isEmpty == true { return nil }
    }
}

extension EgressPlace: ExpressibleByArgument {}

extension HostPattern: ExpressibleByArgument {
    public init?(argument: String) {
        guard let pattern = try? HostPattern(argument) else { return nil }
        self = pattern
    }
}

extension IsolationLevel: ExpressibleByArgument {
    package init?(argument: String) { self.init(name: argument) }
    package var defaultValueDescription: String { name }
    package static var allValueStrings: [String] { allCases.map(\.name) }
}

enum Environment {
    /// Who decides, for records.
    static var user: String { value("USER") ?? "uid \(getuid())" }

    /// Nil when unset or empty.
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The whole of it.
    static var all: [String: String] {
        var values: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return values
    }
}

/// What was installed with this command: in its folder while developing, or under the same prefix.
enum Installation {
    private static let folder = FilePath.parent(FilePath.link("/proc/self/exe") ?? CommandLine.arguments[0])

    static var worker: String {
        [folder + "/bureau-worker", folder + "/../libexec/bureau/bureau-worker"].first { access($0, X_OK) == 0 }
            ?? folder + "/bureau-worker"
    }

    static var egress: String {
        [folder + "/bureau-egress", folder + "/../libexec/bureau/bureau-egress"].first { access($0, X_OK) == 0 }
            ?? folder + "/bureau-egress"
    }

    static var plugins: [String] {
        let beside = FilePath.plugins(folder).filter { FilePath.name($0).hasPrefix("libDepartment") }
        return beside.isEmpty ? FilePath.plugins(folder + "/../lib/bureau/plugins") : beside
    }
}
