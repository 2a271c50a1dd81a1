import ArgumentParser
import HostConfiguration
import Journal

/// How much room is left on the store's medium.
struct SpaceOptions: ParsableArguments {
    /// Below this nothing is written at all: a group of commits and a checkpoint fit into it.
    private static let commitBytes: Int64 = 4 << 20

    @Option(
        help: ArgumentHelp(
            "Admit no new runs while the store's medium has less room than this; 0 for no such limit (default: 64).",
            valueName: "MiB"))
    var minFreeSpace: Int?

    @Option(
        help: ArgumentHelp(
            "A file in the store that bureau serve gives back when the medium is full, for running work to end in "
                + "(default: 16).", valueName: "MiB"))
    var ballast: Int?

    static func settings(_ configuration: Configuration) -> SpaceSettings {
        let least = Int64(configuration[Settings.minimumFreeSpace])
        return SpaceSettings(
            lowWaterBytes: least << 20, commitBytes: min(commitBytes, least << 18), isPatient: true)
    }

    /// As a host would see it.
    static func status(ofStore folder: String, _ configuration: Configuration) -> StorageStatus {
        StorageStatus(ofStore: folder, settings(configuration))
    }
}

extension StorageStatus {
    var text: String {
        let free = "\(ByteCount.text(freeBytes)) free"
        return switch state {
        case .ok: free
        case .low: "low: \(free), and new runs need \(ByteCount.text(lowWaterBytes))"
        case .full: "full: \(free), nothing is written"
        case .failed: "failed: nothing is written until a restart"
        }
    }
}

/// Sizes for people.
enum ByteCount {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB"]

    /// One decimal, from 1 KiB on.
    static func text(_ bytes: Int64) -> String {
        var tenths = bytes.multipliedReportingOverflow(by: 10).partialValue, unit = 0
        guard bytes >= 1_024 else { return "\(bytes) B" }
        while tenths >= 10_240, unit + 1 < units.count {
            tenths = (tenths + 512) / 1_024
            unit += 1
        }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
