// swift-tools-version: 6.3
// Bureau: a plugin-hosted agent runtime. The rooms and their one-way dependencies are in Host/README.md.

import PackageDescription

/// Every Swift target is compiled with the same strictness.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let strictC: [CSetting] = [.unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"])]

/// A plugin is never unmapped (Swift's runtime keeps pointers into it), and shows one symbol.
let pluginLinking: [LinkerSetting] = [
    .unsafeFlags([
        "-Xlinker", "-z", "-Xlinker", "nodelete",
        "-Xlinker", "--version-script=\(Context.packageDirectory)/PluginAPI/plugin.map",
    ])
]

func room(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency] = [], readmes: [String] = [],
    embedded: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "\(folder)/\(name)", exclude: ["README.md"] + readmes,
        resources: embedded.map { .embedInCode($0) }, swiftSettings: strict)
}

/// A department is its logic (a library that tests can link) and a one-line entry, packed as `lib<name>.so`.
func department(_ name: String) -> (targets: [Target], product: Product) {
    let logic = Target.target(
        name: name, dependencies: ["PluginKit"], path: "Plugins/\(name)/Sources", swiftSettings: strict)
    let entry = Target.target(
        name: "\(name)Entry", dependencies: [.init(stringLiteral: name), "PluginKit", "CBureau"],
        path: "Plugins/\(name)/Entry", swiftSettings: strict, linkerSettings: pluginLinking)
    return ([logic, entry], .library(name: "Department\(name)", type: .dynamic, targets: ["\(name)Entry"]))
}

let departments = [
    "Research", "Finance", "Business", "Engineering", "Council", "Analytics", "Life", "Safety",
].map(department)

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
/// RSA, which identity providers and some authenticators sign with.
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")

var targets: [Target] = [
    // PluginAPI: all that a plugin author sees.
    .target(name: "CBureau", path: "PluginAPI/CBureau", exclude: ["README.md"], cSettings: strictC),
    room("PluginKit", "PluginAPI", ["CBureau"]),
    .target(
        name: "PluginTesting", dependencies: ["PluginKit", "CBureau"], path: "PluginAPI/Testing",
        exclude: ["README.md"], swiftSettings: strict),
    .target(
        name: "GreeterC", dependencies: ["CBureau"], path: "PluginAPI/Templates/c",
        exclude: ["README.md", "Makefile", "plugin.json"],
        publicHeadersPath: ".",
        cSettings: strictC, linkerSettings: pluginLinking),

    // Host: pure rules first, then the rooms around them.
    room(
        "Kernel", "Host", [crypto, cryptoExtras],
        readmes: ["Guard/README.md", "Classification/README.md", "Oversight/README.md"]),
    room(
        "Journal", "Host", ["Kernel", crypto, .product(name: "GRDB", package: "GRDB.swift")],
        readmes: ["Care/README.md", "Care/Backup/README.md"]),
    room("Audit", "Host", ["Kernel", "Journal", crypto]),
    .systemLibrary(name: "CCrypt", path: "Host/CCrypt", providers: [.apt(["libcrypt-dev"])]),
    room("Identity", "Host", ["Kernel", "Journal", "CCrypt", crypto]),
    .target(name: "CLane", dependencies: ["CBureau"], path: "Host/CLane", exclude: ["README.md"], cSettings: strictC),
    .target(
        name: "CProbe", dependencies: ["CBureau", "CLane"], path: "Host/CProbe", exclude: ["README.md"],
        cSettings: strictC),
    .target(name: "CSandbox", path: "Host/CSandbox", exclude: ["README.md"], cSettings: strictC),
    .target(
        name: "CNative", dependencies: ["CBureau", "CLane"], path: "Host/CNative", exclude: ["README.md"],
        cSettings: strictC,
        // Static: a shared libffi would make every worker start later.
        linkerSettings: [.linkedLibrary(":libffi_pic.a")]),
    .executableTarget(
        name: "BureauWorker", dependencies: ["CBureau", "CLane", "CNative", "CProbe", "CSandbox"],
        path: "Host/BureauWorker",
        exclude: ["README.md"],
        cSettings: strictC,
        // A C program: without Swift's start-up file and runtime it starts sooner and keeps its own signals.
        linkerSettings: [
            .unsafeFlags(["-nostartfiles", "-static-stdlib"]), .linkedLibrary("dl"), .linkedLibrary("pthread"),
        ]),
    room("Placement", "Host", ["Kernel", "CBureau", "CLane"]),
    room("PluginCheck", "Host", ["Kernel", "Placement", "CLane", "CProbe"]),
    .systemLibrary(
        name: "CCurl", path: "Host/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    room("Gateway", "Host", ["Kernel", "CCurl", crypto]),
    .target(name: "CEgress", path: "Host/CEgress", exclude: ["README.md"], cSettings: strictC),
    room("Egress", "Host", ["Kernel", "Gateway", "CEgress"]),
    .executableTarget(
        name: "BureauEgress", dependencies: ["Kernel", "Gateway", "Egress", "CEgress"], path: "Host/BureauEgress",
        exclude: ["README.md"], swiftSettings: strict),
    .target(
        name: "HostTools", dependencies: ["Kernel", .product(name: "Subprocess", package: "swift-subprocess")],
        path: "Host/Tools", exclude: ["README.md"], swiftSettings: strict),
    room("Packages", "Host", ["Kernel", crypto]),
    .target(
        name: "HostConfiguration", dependencies: ["Kernel", .product(name: "Yams", package: "Yams")],
        path: "Host/Configuration", exclude: ["README.md"], swiftSettings: strict),
    room(
        "Engine", "Host", ["Kernel", "Journal", "Audit", "Placement", "Gateway", "HostTools"],
        readmes: ["Storage/README.md", "Audit/README.md"]),
    room(
        "Server", "Host",
        [
            "Kernel", "Journal", "Placement", "Engine", "Identity", crypto,
            .product(name: "Hummingbird", package: "hummingbird"),
            .product(name: "HummingbirdCore", package: "hummingbird"),
            .product(name: "HummingbirdHTTP2", package: "hummingbird"),
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
            .product(name: "NIOTLS", package: "swift-nio"),
            .product(name: "NIOWebSocket", package: "swift-nio"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
            .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
            .product(name: "Logging", package: "swift-log"),
        ],
        embedded: [
            "Documents/docs.html", "Documents/docs.js", "Documents/docs.css", "WebSockets/client/bureau-socket.js",
        ]),
    .executableTarget(
        name: "Bureau",
        dependencies: [
            "Kernel", "Journal", "Audit", "Placement", "PluginCheck", "Gateway", "Egress", "HostTools", "Packages",
            "HostConfiguration", "Engine", "Identity", "Server",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "Logging", package: "swift-log"),
            .product(name: "X509", package: "swift-certificates"),
            .product(name: "SwiftASN1", package: "swift-asn1"),
        ],
        path: "Host/Bureau", exclude: ["README.md"], swiftSettings: strict),
]
targets += departments.flatMap(\.targets)

/// Tests: one target for each room.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)", exclude: exclude,
        swiftSettings: strict)
}

targets += [
    .target(
        name: "TestSupport", dependencies: ["Kernel", "Journal"], path: "Tests/Support",
        exclude: ["fetch_server.py", "python_environment.py", "validate_bill.py", "validate_focus.py"],
        swiftSettings: strict),
    tests("Kernel", ["Kernel"], exclude: ["Planner/intents.tsv"]),
    tests(
        "Journal", ["Kernel", "Journal", "Audit", "JournalWriter"],
        exclude: ["Writer", "Support/sealed.py", "Support/tamper.py", "Support/check_leaves.py"]),
    .executableTarget(
        name: "JournalWriter", dependencies: ["Kernel", "Journal"], path: "Tests/Journal/Writer",
        swiftSettings: strict),
    tests("Audit", ["Kernel", "Journal", "Audit", "JournalWriter"], exclude: ["Checkers", "vectors.json"]),
    tests("Placement", ["Kernel", "Placement", "CBureau"], exclude: ["BadPlugins", "Hostile", "Plugins", "Ring"]),
    tests("PluginCheck", ["Kernel", "Placement", "PluginCheck"], exclude: ["Breaking", "sound.h"]),
    tests(
        "Native", ["Kernel", "Journal", "Placement", "HostTools", "Engine", "CNative"], exclude: ["Libraries"]),
    tests(
        "Gateway", ["Kernel", "Gateway"],
        exclude: [
            "Recorded", "litellm_server.py", "local_model_server.py", "provider_server.py", "replay_server.py",
            "scripted_server.py",
        ]),
    tests("Engine", ["Kernel", "Journal", "Audit", "Placement", "Gateway", "HostTools", "Engine"]),
    tests("Reload", ["Kernel", "Journal", "Placement", "Gateway", "Engine"], exclude: ["Plugins"]),
    tests("Supervision", ["Kernel", "Journal", "Audit", "Placement", "Gateway", "Engine"], exclude: ["Plugins"]),
    tests("Hostile", ["Kernel", "Placement"], exclude: ["Plugins", "README.md"]),
    tests(
        "Identity",
        ["Kernel", "Journal", "Audit", "Placement", "Gateway", "Engine", "Identity", "Server", crypto],
        exclude: ["jose.py", "Peers"]),
    tests("Tools", ["Kernel", "HostTools"]),
    tests("Packages", ["Kernel", "Packages"]),
    tests("Configuration", ["Kernel", "HostConfiguration"], exclude: ["production.json"]),
    tests("PluginKit", ["Kernel", "PluginKit", "PluginTesting", "CBureau"]),
    tests(
        "Departments",
        [
            "PluginKit", "PluginTesting", "Research", "Finance", "Business",
            "Engineering", "Council", "Analytics", "Life", "Safety",
        ],
        exclude: ["Fixtures"]),
    .executableTarget(
        name: "FaultHost", dependencies: ["Kernel", "Journal", "Gateway", "HostTools", "Engine", "Audit"],
        path: "Tests/Faults/Host", swiftSettings: strict),
    .target(
        name: "CFaults", path: "Tests/Faults/CFaults", cSettings: strictC, linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
        name: "FaultPoints", path: "Tests/Faults/FaultPoints", cSettings: strictC,
        linkerSettings: [.linkedLibrary("dl")]),
    .target(
        name: "FaultProgram", dependencies: ["PluginKit", "CBureau"], path: "Tests/Faults/Program",
        swiftSettings: strict, linkerSettings: pluginLinking),
    .target(
        name: "FaultDrills", dependencies: ["Kernel", "Journal", "CFaults", "TestSupport"],
        path: "Tests/Faults/Drills", exclude: ["README.md", "Kills/ledger_server.py"], swiftSettings: strict),
    .executableTarget(
        name: "Soak", dependencies: ["FaultDrills", "TestSupport"], path: "Tests/Faults/Soak", swiftSettings: strict),
    .testTarget(
        name: "FaultsTests", dependencies: ["Kernel", "Journal", "FaultDrills", "TestSupport"],
        path: "Tests/Faults/Suite", swiftSettings: strict),
    .executableTarget(
        name: "EgressFaultHost", dependencies: ["Kernel", "Journal", "Gateway", "Egress", "Engine"],
        path: "Tests/Egress/Host", swiftSettings: strict),
    .testTarget(
        name: "EgressTests", dependencies: ["Kernel", "Journal", "Gateway", "Egress", "CEgress", "TestSupport"],
        path: "Tests/Egress/Suite", exclude: ["upstream.py"], swiftSettings: strict),
    .target(
        name: "CLimits", dependencies: ["CBureau", "CLane"], path: "Tests/Bench/CLimits", cSettings: strictC,
        linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
        name: "BenchEcho", dependencies: ["CBureau"], path: "Tests/Bench/Echo", cSettings: strictC,
        linkerSettings: pluginLinking),
    .executableTarget(
        name: "BureauBench",
        dependencies: [
            "CLimits", "Kernel", "Journal", "Placement", "Gateway", "Egress", "Engine",
        ],
        path: "Tests/Bench/Bench", swiftSettings: strict),
    tests(
        "Server", ["Kernel", "Journal", "Placement", "Gateway", "Engine", "Identity", "Server"],
        exclude: ["Contracts", "Clients", "rights.tsv"]),
    tests("EndToEnd", ["Kernel"], exclude: ["Clients", "Plugins"]),
    tests("AuthorLoop", ["Kernel"]),
    tests("Tidy", []),
]

let package = Package(
    name: "bureau",
    products: [
        .executable(name: "bureau", targets: ["Bureau"]),
        .executable(name: "bureau-worker", targets: ["BureauWorker"]),
        .executable(name: "bureau-egress", targets: ["BureauEgress"]),
        .library(name: "PluginKit", targets: ["PluginKit"]),
        .library(name: "PluginTesting", targets: ["PluginTesting"]),
        .executable(name: "bureau-fault-host", targets: ["FaultHost"]),
        .executable(name: "bureau-egress-fault-host", targets: ["EgressFaultHost"]),
        .executable(name: "bureau-bench", targets: ["BureauBench"]),
        .executable(name: "bureau-soak", targets: ["Soak"]),
        .library(name: "FaultPoints", type: .dynamic, targets: ["FaultPoints"]),
        .library(name: "FaultProgram", type: .dynamic, targets: ["FaultProgram"]),
        .library(name: "BenchEcho", type: .dynamic, targets: ["BenchEcho"]),
        .library(name: "TemplateGreeterC", type: .dynamic, targets: ["GreeterC"]),
    ] + departments.map(\.product),
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    ],
    targets: targets,
    cLanguageStandard: .c11
)
