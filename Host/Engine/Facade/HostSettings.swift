package import Audit
package import Gateway
package import HostTools
package import Journal
package import Kernel
package import Placement

/// How a host is set up. A value: read once at start.
package struct HostSettings: Sendable {
    /// Folder of the store; made when missing.
    package var storeFolder: String
    /// Plugin files, or folders whose `*.so` files are plugins.
    package var pluginPaths: [String]
    /// Departments that need no file.
    package var builtIn: [BuiltInDepartment]
    package var workerPath: String
    package var placement: PlacementPlan
    package var placements: PlacementSettings
    /// When a department's crashes are a loop.
    package var crashLimit = CrashHistory.Limit()
    /// Runs that compute at the same time. Runs that wait for a child, a timer or a person do not count.
    package var maximumActiveRuns: Int
    /// Active seconds of a task whose manifest names none.
    package var defaultTimeoutSeconds: Int
    package var providers: [any ModelProvider]
    package var priceBook: PriceBook
    package var gateway: GatewaySettings
    /// Tools that the host performs for plugins.
    package var tools: [any HostTool]
    package var grants: GrantPolicy
    package var fetches: FetchSettings
    /// Starts runs on events and tells webhooks; off for one-shot runs, whose events wait for the next host that does.
    package var servesEvents = false
    /// Holds the secrets of webhooks; nil: there can be none.
    package var vault: KeyVault?
    /// What may pass to models, tools and the web, beside what is granted.
    package var policy = GuardPolicy.none
    /// What the audit log is called, when its first key is made; nil: a name that no other log has.
    package var auditOrigin: String?
    /// What lines in logs and notices go through.
    package var logMask = LogMask.standard
    /// What reports quote.
    package var complianceDates = AIActDates.standard
    /// When a run repeats itself.
    package var loopLimits = LoopGuard.Limits()
    /// The digests of the files that the rest was read from, and who started the host: for the audit log.
    package var files: [File: Digest] = [:]
    package var startedBy = ""
    /// Of everything that this host dates or waits for; tests set it.
    package var clock: @Sendable () -> Instant = { SystemClock.now() }
    /// How much room is left on the store's medium.
    package var space = SpaceSettings(isPatient: true)
    /// Called around commits; the test executable of the fault suite kills the process there.
    package var faults: CommitFaults

    /// `configuration` is of all settings as they were resolved, not of one file.
    package enum File: String, Hashable, Sendable { case gateway, policy, configuration }

    package init(
        storeFolder: String, pluginPaths: [String], builtIn: [BuiltInDepartment] = [], workerPath: String,
        placement: PlacementPlan = PlacementPlan(),
        placements: PlacementSettings = PlacementSettings(), maximumActiveRuns: Int = 1024,
        defaultTimeoutSeconds: Int = 600, providers: [any ModelProvider],
        priceBook: PriceBook, gateway: GatewaySettings, tools: [any HostTool] = [],
        grants: GrantPolicy = GrantPolicy(), fetches: FetchSettings = FetchSettings(),
        faults: CommitFaults = .none
    ) {
        self.storeFolder = storeFolder
        self.pluginPaths = pluginPaths
        self.builtIn = builtIn
        self.workerPath = workerPath
        self.placement = placement
        self.placements = placements
        self.maximumActiveRuns = maximumActiveRuns
        self.defaultTimeoutSeconds = defaultTimeoutSeconds
        self.providers = providers
        self.priceBook = priceBook
        self.gateway = gateway
        self.tools = tools
        self.grants = grants
        self.fetches = fetches
        self.faults = faults
    }
}

/// Where departments run, as the operator asks at the start.
package struct PlacementPlan: Hashable, Sendable {
    /// Of those that neither the start nor the store has a word about.
    package var general: PlacementKind
    package var departments: [String: PlacementKind]

    package init(_ general: PlacementKind = .worker, departments: [String: PlacementKind] = [:]) {
        self.general = general
        self.departments = departments
    }

    /// - Parameter stored: what the store has for the department.
    package func kind(of department: String, stored: String?) -> PlacementKind {
        departments[department] ?? stored.flatMap { PlacementKind(rawValue: $0) } ?? general
    }
}

extension HostSettings {
    /// Where the parts of a store's audit log are that are not in its database.
    package static func auditPlace(storeFolder: String) -> AuditPlace { AuditPlace(storeFolder: storeFolder) }
}

/// A department that is compiled into the program, behind the same seam as a loaded one.
package struct BuiltInDepartment: Sendable {
    package var descriptor: PluginDescriptor
    package var place: @Sendable () async throws(PlacementError) -> any PlacedPlugin

    package init(
        descriptor: PluginDescriptor,
        place: @escaping @Sendable () async throws(PlacementError) -> any PlacedPlugin
    ) {
        self.descriptor = descriptor
        self.place = place
    }
}
