package import Foundation

/// A temporary folder that goes with its owner.
package final class Scratch: Sendable {
    package let path: String

    /// - Parameter folder: nil is the system's place for such folders.
    package init(in folder: String? = nil) throws {
        let parent = folder.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
        path = parent.appendingPathComponent("bureau-test-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func folder(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = folder(name)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

/// The seed of everything random in tests: printed, and taken from `BUREAU_TEST_SEED` to run a failure again.
package enum TestSeed {
    package static func next() -> UInt64 {
        let seed =
            ProcessInfo.processInfo.environment["BUREAU_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...(.max))
        FileHandle.standardError.write(Data("BUREAU_TEST_SEED=\(seed)\n".utf8))
        return seed
    }
}

extension Process {
    /// True when it ended in time.
    package func waitUntilExit(upTo seconds: Double) -> Bool {
        let end = Date().addingTimeInterval(seconds)
        while isRunning, Date() < end { usleep(2000) }
        return !isRunning
    }
}
