// swift-tools-version: 6.3
import PackageDescription

let sdk = "sdk"

let package = Package(
    name: "greeter",
    products: [.library(name: "greeter", type: .dynamic, targets: ["Entry"])],
    dependencies: [.package(path: "sdk")],
    targets: [
        .target(name: "Greeter", dependencies: [.product(name: "PluginKit", package: sdk)], path: "Sources"),
        .target(
            name: "Entry",
            dependencies: [
                "Greeter", .product(name: "PluginKit", package: sdk), .product(name: "CBureau", package: sdk),
            ],
            path: "Entry",
            linkerSettings: [
                .unsafeFlags([
                    "-Xlinker", "-z", "-Xlinker", "nodelete",
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/sdk/plugin.map",
                ])
            ]),
        .testTarget(
            name: "GreeterTests", dependencies: ["Greeter", .product(name: "PluginTesting", package: sdk)],
            path: "Tests"),
    ]
)
