// swift-tools-version: 6.3
// What the author of a plugin in Swift depends on. `bureau plugin new --lang swift` copies this folder into the
// plugin's project as `sdk/`; the host's own build uses the package at the repository's root.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "sdk",
    products: [
        .library(name: "CBureau", targets: ["CBureau"]),
        .library(name: "PluginKit", targets: ["PluginKit"]),
        .library(name: "PluginTesting", targets: ["PluginTesting"]),
    ],
    targets: [
        .target(name: "CBureau", path: "CBureau", exclude: ["README.md"]),
        .target(
            name: "PluginKit", dependencies: ["CBureau"], path: "PluginKit", exclude: ["README.md"],
            swiftSettings: strict),
        .target(
            name: "PluginTesting", dependencies: ["PluginKit", "CBureau"], path: "Testing", exclude: ["README.md"],
            swiftSettings: strict),
    ],
    cLanguageStandard: .c11
)
