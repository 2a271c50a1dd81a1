package import Foundation

/// What this build made: binaries and plugins lie beside the test bundle.
package enum Built {
    package static let folder: URL = {
        // The test runner loads the bundle from the products folder; its path is among the mapped files.
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        let bundle = maps.split(separator: "\n").compactMap { $0.split(separator: " ").last }
            .first { $0.hasSuffix(".xctest") }
        let path = bundle.map(String.init) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent()
    }()

    package static func binary(_ name: String) -> URL { folder.appendingPathComponent(name) }

    /// The departments that the product ships.
    package static let departments = ["Research", "Finance", "Business", "Engineering", "Council"].map {
        folder.appendingPathComponent("libDepartment\($0).so").path
    }

    /// The root of the checkout.
    package static let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
