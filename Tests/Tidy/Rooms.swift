/// Which way rooms may depend, in one place. A room may import the rooms of its row and nothing else of the project.
enum Rooms {
    /// Folder → module and the project's modules it may import.
    static let table: [(folder: String, module: String, imports: Set<String>)] = [
        ("PluginAPI/PluginKit", "PluginKit", ["CBureau"]),
        ("PluginAPI/Testing", "PluginTesting", ["PluginKit", "CBureau"]),
        ("Host/Kernel", "Kernel", []),
        ("Host/Journal", "Journal", ["Kernel"]),
        ("Host/Audit", "Audit", ["Kernel", "Journal"]),
        ("Host/Identity", "Identity", ["Kernel", "Journal", "CCrypt"]),
        ("Host/Placement", "Placement", ["Kernel", "CBureau", "CLane"]),
        ("Host/PluginCheck", "PluginCheck", ["Kernel", "Placement", "CLane", "CProbe"]),
        ("Host/Gateway", "Gateway", ["Kernel", "CCurl"]),
        ("Host/Egress", "Egress", ["Kernel", "Gateway", "CEgress"]),
        ("Host/BureauEgress", "BureauEgress", ["Kernel", "Gateway", "Egress", "CEgress"]),
        ("Host/Tools", "HostTools", ["Kernel"]),
        ("Host/Packages", "Packages", ["Kernel"]),
        ("Host/Configuration", "HostConfiguration", ["Kernel"]),
        ("Host/Engine", "Engine", ["Kernel", "Journal", "Audit", "Placement", "Gateway", "HostTools"]),
        ("Host/Server", "Server", ["Kernel", "Journal", "Placement", "Engine", "Identity"]),
        (
            "Host/Bureau", "Bureau",
            [
                "Kernel", "Journal", "Audit", "Placement", "PluginCheck", "Gateway", "Egress", "HostTools", "Packages",
                "HostConfiguration", "Engine", "Identity", "Server",
            ]
        ),
    ]

    /// What one place alone may do. Tests may not either, but for those of the same room.
    static let owners: [(module: String, folders: [String])] = [
        ("GRDB", ["Host/Journal/Driver/SQLite"]),
        ("Hummingbird", ["Host/Server"]),
        ("ArgumentParser", ["Host/Bureau"]),
        ("Subprocess", ["Host/Tools"]),
        ("Yams", ["Host/Configuration"]),
        ("CCurl", ["Host/Gateway"]),
        ("CLane", ["Host/Placement", "Host/PluginCheck"]),
        ("CCrypt", ["Host/Identity/Passwords"]),
    ]

    /// The folders whose code loads libraries.
    static let loaders = ["Host/Placement", "Host/BureauWorker", "Host/CLane", "Host/CNative"]

    /// The kernel decides; it does not read a clock, a file, an environment or a source of randomness.
    static let impureModules: Set<String> = ["Foundation", "FoundationEssentials", "Dispatch", "Logging", "Subprocess"]
    static let impureCalls = [
        "Date()", "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock", "getenv", "clock_gettime",
        "arc4random", "getrandom", ".random(in", "Task.sleep", "Thread.",
    ]

    static var modules: Set<String> { Set(table.map(\.module)) }

    static func room(of path: String) -> (folder: String, module: String, imports: Set<String>)? {
        table.first { path.hasPrefix($0.folder + "/") }
    }
}
