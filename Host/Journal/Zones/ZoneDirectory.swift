import Foundation
package import Kernel
import Synchronization

/// Time zones from the system's compiled files, each read once.
package final class ZoneDirectory: Sendable {
    /// Where tzdata is.
    package static let systemFolder = "/usr/share/zoneinfo"
    private static let maximumZones = 1_024

    private let folder: String
    private let known = Mutex<[String: TimeZoneRules]>(["UTC": .utc])

    package init(folder: String = ZoneDirectory.systemFolder) { self.folder = folder }

    package func rules(_ name: String) throws(TimeZoneError) -> TimeZoneRules {
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard ZoneName.isValid(name), let file = FileHandle(forReadingAtPath: "\(folder)/\(name)"),
            let data = try? file.read(upToCount: TimeZoneRules.maximumFileBytes + 1)
        else {
            throw TimeZoneError(
                description: "there is no time zone \(name) in \(folder); use a name such as Europe/Berlin, and "
                    + "install tzdata where it is missing")
        }
        let rules = try TimeZoneRules(name: name, tzif: Array(data))
        known.withLock { zones in
            if zones.count >= Self.maximumZones { zones = ["UTC": .utc] }
            zones[name] = rules
        }
        return rules
    }
}
